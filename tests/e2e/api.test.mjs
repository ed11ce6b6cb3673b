// SPDX-License-Identifier: GPL-3.0-or-later
// The JavaScript API in Chromium, in Firefox and in Node: one check for each member of window.nkt, and one for each event, on window (in
// Node: on the target that was given in its place) and on nkt.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Nkt } from '../../glue/nkt.js';
import { readTypes } from '../support/examples/read.mjs';
import { HeadlessTab } from '../support/headless.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

/** Those of pages and programs: nkt fires none of them. */
const OF_OTHERS = ['nktcommand', 'nktcommandlist'];
const EVENTS = readTypes().filter(({ owner, name }) => owner === 'NktEventMap' && !OF_OTHERS.includes(name)).map(({ name }) => name);

/** What each member does, as told in the page; `bob` is the address of somebody there. True: as it should be. */
const MEMBERS = {
  ready: async () => nkt.ready instanceof Promise && (await nkt.ready) === undefined,
  init: async () => (await nkt.init({ nick: 7 }).catch((error) => error.code)) === 'NKT_E_OPTIONS' && nkt.health().running,
  mySwarm: (bob) => /^B\w{29,34}$/.test(nkt.mySwarm.address()) && nkt.mySwarm.peers[bob].addr === bob,
  userList: (bob) => {
    const user = nkt.userList[bob];
    const kinds = Object.fromEntries(Object.entries(user.toJSON()).map(([key, value]) => [key, typeof value]));
    return Object.getPrototypeOf(nkt.userList) === null && user.nick === 'Bob' && user.session === 'established' && user.links === 1
      && JSON.stringify(kinds) === JSON.stringify({ addr: 'string', nick: 'string', session: 'string', links: 'number', path: 'string',
        lastSeen: 'number', verified: 'boolean', inRoom: 'boolean', ignored: 'boolean', dontSendTo: 'boolean',
        isUnreachable: 'boolean', isKeeper: 'boolean' });
  },
  sendEncryptedMessage: async (bob) => {
    const delivery = await nkt.sendEncryptedMessage({ a: [1] }, bob);
    await delivery.settled;
    return /^[0-9a-f]{32}$/.test(delivery.id) && delivery.recipients.get(bob) === 'delivered' && !delivery.cancelled;
  },
  send: async (bob) => {
    const delivery = await nkt.send({ a: new Uint8Array([1]) }, { to: bob, bytes: new Blob(['abc']) });
    return (await delivery.settled).get(bob) === 'delivered'
      && (await nkt.send(1, { signal: AbortSignal.abort() }).catch((error) => error.code)) === 'NKT_E_CANCELLED';
  },
  sendClearMessage: async () => (await nkt.sendClearMessage('clear')).recipients.size === 0,
  sendEphemeral: async (bob) => (await nkt.sendEphemeral({ x: 1 }, bob)) === 1
    && (await nkt.sendEphemeral('x'.repeat(1000)).catch((error) => error.code)) === 'NKT_E_SIZE',
  peer: async (bob) => (await nkt.peer(bob)).nick === 'Bob' && (await nkt.peer(({ addr }) => addr === bob, { timeout: 1000 })).addr === bob
    && (await nkt.peer('nobody').catch((error) => error.code)) === 'NKT_E_ADDRESS',
  ignore: (bob) => {
    nkt.ignore(bob);
    const is = nkt.userList[bob].ignored && nkt.ignored.some(({ addr }) => addr === bob);
    nkt.unignore(bob);
    return is;
  },
  takePlaceOf: async () => {
    const names = Object.keys(nkt.plugins).join();
    const beside = await nkt.enter({ room: `${nkt.room} beside` });
    beside.takePlaceOf(nkt);
    const isMoved = Object.keys(beside.plugins).join() === names && Object.keys(nkt.plugins).length === 0;
    nkt.takePlaceOf(beside);
    await beside.close();
    return isMoved && Object.keys(nkt.plugins).join() === names;
  },
  unignore: (bob) => {
    nkt.ignore(bob);
    nkt.unignore(bob);
    return !nkt.userList[bob].ignored;
  },
  ignored: () => Array.isArray(nkt.ignored) && nkt.ignored.length === 0,
  startWebRTCClient: async (bob) => (await nkt.startWebRTCClient(bob)) === undefined,
  invite: async () => {
    const invite = await nkt.invite();
    const ended = invite.linked.catch((error) => error.code);
    invite.cancel();
    return /^[\w-]{100,1024}$/.test(invite.text) && invite.expires > Date.now() && (await ended) === 'NKT_E_CANCELLED';
  },
  acceptInvite: async () => (await nkt.acceptInvite('no invite').catch((error) => error.code)) === 'NKT_E_INVITE_TEXT',
  completeInvite: async () => (await nkt.completeInvite('no answer').catch((error) => error.code)) === 'NKT_E_INVITE_TEXT',
  register: () => nkt.register('x', () => 1)() === true,
  rpc: async (bob) => (await nkt.rpc(bob, 'double', 4)) === 8,
  rooms: () => nkt.rooms.length === 1 && nkt.rooms[0] === nkt,
  safetyNumber: (bob) => /^\d{60}$/.test(nkt.safetyNumber(bob)),
  verify: (bob) => !nkt.verify(bob, '0') && nkt.verify(bob, nkt.safetyNumber(bob)) && nkt.userList[bob].verified && nkt.verify(bob, null),
  plugin: () => nkt.plugin({ name: 'p' }).errors.length === 0,
  plugins: () => nkt.plugins.p.name === 'p' && Object.getPrototypeOf(nkt.plugins) === null,
  unplug: () => nkt.unplug('p') && !nkt.unplug('p'),
  health: () => {
    const { relays, links, sessions, dropped, storage } = nkt.health();
    return relays[0].state === 'open' && links.length > 0 && sessions > 0 && typeof dropped === 'object' && storage.state === 'ok';
  },
  relays: () => nkt.relays.length === 1 && Object.isFrozen(nkt.relays),
  trackers: () => nkt.trackers.length === 1 && Object.isFrozen(nkt.trackers),
  iceServers: () => Array.isArray(nkt.iceServers),
  room: () => nkt.room.startsWith('room-'),
  roomId: () => /^[0-9a-f]{32}$/.test(nkt.roomId),
  nick: () => {
    nkt.nick = 'Anna';
    return nkt.nick === 'Anna';
  },
  history: async () => (await nkt.history()).some(({ own, value, delivered }) => own && value === 'mine' && delivered === 1),
  clearHistory: async () => {
    await nkt.clearHistory();
    return (await nkt.history()).length === 0;
  },
  share: async (bob) => {
    const { content, delivery } = await nkt.share(new Blob(['abc']), { to: bob, name: 'mine' });
    return content.size === 3 && content.own && (await delivery.settled).get(bob) === 'delivered'
      && (await nkt.share(7).catch((error) => error.code)) === 'NKT_E_ARGUMENT';
  },
  fetch: async () => (await (await nkt.fetch(nkt.contents.find(({ name }) => name === 'mine'))).blob()).size === 3
    && (await nkt.fetch('none').catch((error) => error.code)) === 'NKT_E_CONTENT_UNKNOWN',
  contents: () => nkt.contents.some(({ name, own, from }) => name === 'mine' && own && from === null),
  drop: async () => {
    await nkt.drop(nkt.contents.find(({ name }) => name === 'mine'));
    return !nkt.contents.some(({ name }) => name === 'mine');
  },
  outbox: () => Array.isArray(nkt.outbox) && Object.isFrozen(nkt.outbox),
  enter: async () => {
    const beside = await nkt.enter({ room: `${nkt.room} beside` });
    const isSame = beside.mySwarm.address() === nkt.mySwarm.address() && beside.roomId !== nkt.roomId;
    await beside.close();
    return isSame && nkt.health().running;
  },
  exportIdentity: async () => JSON.parse(await nkt.exportIdentity('a passphrase')).kind === 'nkt identity',
  kept: async () => (await nkt.kept()).length === 0,
  keptIdentities: async () => (await nkt.keptIdentities()).length === 0,
  forgetKept: async () => (await nkt.forgetKept('nobody')) === undefined,
  verbose: () => nkt.verbose === false,
  version: () => /^\d+\.\d+\.\d+$/.test(nkt.version),
  wake: () => nkt.wake() === undefined,
  addEventListener: () => nkt instanceof EventTarget,
  close: async () => (await nkt.close()) === undefined && !nkt.health().running,
  resume: async () => (await nkt.resume()) === undefined && nkt.health().running,
};

/** In the page, before anything else: remembers the core's memory, which its entropy is drawn into, to break it. */
function rememberMemory() {
  const draw = Crypto.prototype.getRandomValues;
  Crypto.prototype.getRandomValues = function getRandomValues(view) {
    if (view.buffer.byteLength > 1 << 20) window.coreMemory = view.buffer;
    return draw.call(this, view);
  };
}

for (const place of ['chromium', 'firefox', 'node']) describe(`the API in ${place}`, { skip, timeout: 120_000 }, () => {
  /** @type {Stage} */
  let stage;
  let ann;
  let bob;
  let room;

  /** Tabs of that browser, or peers in this process. */
  async function open(count) {
    if (place !== 'node') return stage.tabs(count, { fragment: `room=${room}`, before: rememberMemory });
    return Promise.all(Array.from({ length: count }, () => HeadlessTab.open({ relays: stage.relays, trackers: stage.trackers, room })));
  }

  before(async () => {
    stage = await Stage.open({ browsers: place === 'node' ? [] : [place] });
    room = stage.newRoom();
    [ann, bob] = await open(2);
    await ann.run((types) => {
      window.told = {};
      for (const type of types) {
        const note = (where) => (event) => {
          (window.told[type] ??= []).push({ where, detail: JSON.parse(JSON.stringify(event.detail ?? null)), from: event.from, id: event.id,
            date: event.date, encrypted: event.encrypted, to: event.to, cancelable: event.cancelable });
        };
        window.addEventListener(type, note('window'));
        nkt.addEventListener(type, note('nkt'));
      }
    }, EVENTS);
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await bob.run(() => nkt.register('double', (n) => 2 * n));
    await allMeet([ann, bob]);
  });
  after(async () => {
    await HeadlessTab.closeAll();
    await stage.close();
  });

  const addresses = () => ({ ann: ann.address, bob: bob.address });
  const isMessage = (more) => ({ from, id, date, ...rest }) => from === addresses().bob && /^[0-9a-f]{32}$/.test(id)
    && Math.abs(date - Date.now()) < 60_000 && more(rest);
  const isFrame = ({ detail: { data } }) => Object.keys(data).join() === 'msgType,msgFrom,msgTo,uid,msgDate,size,fromChannel';

  /** What a telling of each event looks like. */
  const SHAPES = {
    nktnewpeer: ({ detail }) => detail.data.addr === addresses().bob,
    nktpeerleft: ({ detail }) => detail.data.addr === addresses().bob,
    nktincomingdata: isFrame,
    nktoutgoingdata: isFrame,
    nktencryptedmessagereceived: isMessage(({ detail, encrypted }) => detail === 'hello' && encrypted === true),
    nktclearmessagereceived: isMessage(({ detail, encrypted }) => detail === 'signal' && encrypted === false),
    nktephemeral: ({ detail, from, to, date }) => detail.x === 7 && from === addresses().bob && to === addresses().ann
      && Math.abs(date - Date.now()) < 60_000,
    nktcontent: isMessage(({ detail, encrypted }) => detail.name === 'a.txt' && detail.size === 3 && detail.state === 'known' && encrypted),
    nktcontentstate: ({ detail }) => detail.name === 'a.txt' && detail.state === 'complete' && detail.loaded === 3 && !detail.own,
    nktsendingmessage: ({ detail, to, encrypted, cancelable }) => detail === 'mine' && to === addresses().bob && encrypted && cancelable,
    nktwebrtcseen: ({ detail }) => detail === addresses().bob,
    nktwebrtcleft: ({ detail }) => detail === addresses().bob,
    nktsession: ({ detail }) => detail.addr === addresses().bob && detail.state === 'established',
    nktdelivery: ({ detail }) => detail.addr === addresses().bob && /^[0-9a-f]{32}$/.test(detail.id) && detail.state === 'delivered',
    nktkeychanged: ({ detail }) => detail.nick === 'Bob' && detail.previous === addresses().bob && detail.verified === false,
    nktderiving: ({ detail }) => detail.state === 'ended',
    nktrestarted: ({ detail }) => detail.ms < 2000 && detail.at > 0 && detail.message !== '',
    nktplugin: ({ detail }) => detail.plugin.name === 'bad',
    nktpluginerror: ({ detail }) => detail.name === 'bad' && detail.where === 'init',
    nktstatus: ({ detail }) => detail.running === true && detail.address === addresses().ann && Array.isArray(detail.relays),
  };

  test('each event, with its detail, on window and on nkt', async () => {
    assert.deepEqual(Object.keys(SHAPES).sort(), [...EVENTS].sort());
    await bob.run(async (addr) => {
      await nkt.sendEncryptedMessage('hello', addr);
      await nkt.sendClearMessage('signal');
    }, ann.address);
    await ann.run(async (addr) => {
      await (await nkt.sendEncryptedMessage('mine', addr)).settled;
      try {
        nkt.plugin({ name: 'bad', init() { throw new Error('no'); } });
      } catch {
        // its event is what is looked for
      }
    }, bob.address);
    await ann.run(() => nkt.addEventListener('nktcontent', ({ detail }) => { window.content = detail; }));
    await bob.run(async (to) => { await nkt.share(new Blob(['abc']), { to, name: 'a.txt', type: 'text/plain' }); }, ann.address);
    await ann.until(() => Boolean(window.content), undefined, 'what Bob shares');
    await ann.run(async () => { await (await nkt.fetch(window.content)).complete; });
    await untilTabs(async () => {
      await bob.run((to) => nkt.sendEphemeral({ x: 7 }, to), ann.address); // one may be lost
      return ann.run(() => window.told.nktephemeral?.length >= 2);
    }, 'what may be lost');
    const [eve] = await open(1);
    await eve.logIn('Bob');
    await ann.session(eve.address);
    await eve.page.close();
    await bob.run(() => nkt.close());
    await ann.run(async () => {
      await nkt.exportIdentity('a passphrase');
      new Uint8Array(window.coreMemory).fill(0xff);
      nkt.wake();
    });
    for (const [type, isRight] of Object.entries(SHAPES)) {
      for (const where of ['window', 'nkt']) {
        const told = () => ann.run((name) => window.told[name] ?? [], type);
        await untilTabs(async () => (await told()).some((one) => one.where === where && isRight(one)),
          `${type} on ${where}`);
      }
    }
    await bob.run(() => nkt.resume());
    await allMeet([ann, bob]);
    // the core began anew: its relay and its storage come when they come
    const isBack = () => nkt.health().relays[0].state === 'open' && nkt.health().storage.state === 'ok';
    await ann.until(isBack, undefined, 'its relay and its storage');
  });

  test('each member does what it says', async () => {
    const declared = Object.getOwnPropertyNames(Nkt.prototype).filter((name) => name !== 'constructor');
    assert.deepEqual(Object.keys(MEMBERS).sort(), declared.sort());
    for (const [name, check] of Object.entries(MEMBERS)) {
      assert.equal(await ann.page.evaluate(`(${check})(${JSON.stringify(bob.address)})`), true, `nkt.${name}`);
    }
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The API, headless: real core, real relay, real WebRTC.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Nkt, NktError } from '../../glue/nkt.js';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

describe('Nkt', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  let relays;
  before(async () => {
    server = await startServer('app.js');
    relays = [`${server.wsUrl}/relay`];
  });
  after(() => server.stop());
  afterEach(closePeers);

  /** Two peers that know each other and have a session. */
  async function pair(config = {}) {
    const room = newRoom();
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((nick) => startPeer(nick, { relays, room, ...config })));
    await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
    return { ann, bob };
  }

  test('options that a call does not know are refused: without its recipient a message would go to everybody', async () => {
    const { ann, bob } = await pair({ RTCPeerConnection: null });
    const { nkt } = ann;
    /** @type {Record<string, (options: any) => Promise<unknown>>} */
    const calls = {
      send: (options) => nkt.send('for bob', options),
      share: (options) => nkt.share(new Uint8Array(3), options),
      fetch: (options) => nkt.fetch('0'.repeat(32), options),
      peer: (options) => nkt.peer(bob.address, options),
      startWebRTCClient: (options) => nkt.startWebRTCClient(bob.address, options),
      rpc: (options) => nkt.rpc(bob.address, 'x', 1, options),
      invite: (options) => nkt.invite(options),
      acceptInvite: (options) => nkt.acceptInvite('', options),
      history: (options) => nkt.history(options),
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const options of [bob.address, 5000, null, [bob.address], () => {}, { recipient: bob.address }, { To: bob.address }]) {
        await assert.rejects(call(options), ({ code, message }) => code === 'NKT_E_ARGUMENT' && message.startsWith(`${name}: `));
      }
    }
    for (const name of ['send', 'share', 'fetch', 'peer', 'startWebRTCClient', 'rpc', 'invite', 'acceptInvite']) {
      for (const signal of [5, 'x', {}, { aborted: false }]) {
        await assert.rejects(calls[name]({ signal }), { code: 'NKT_E_ARGUMENT', message: `${name}: signal is an AbortSignal` });
      }
      await assert.rejects(calls[name]({ signal: new AbortController() }), { message: /controller\.signal/ });
    }
    for (const name of ['send', 'share', 'fetch']) {
      await assert.rejects(calls[name]({ onProgress: {} }), { code: 'NKT_E_ARGUMENT', message: `${name}: onProgress is a function` });
    }
    await (await nkt.sendEncryptedMessage('last')).settled;
    assert.deepEqual(bob.values(), ['last']);
    assert.deepEqual(nkt.contents, []);
  });

  describe('two peers', () => {
    test('over the relay alone: encrypted both ways, once, from the proven sender, acknowledged', async () => {
      const { ann, bob } = await pair({ RTCPeerConnection: null });
      for (const [from, to] of [[ann, bob], [bob, ann]]) {
        const value = { text: `from ${from.nkt.nick}`, list: [1, null, 'ö🦊'] };
        const delivery = await from.nkt.sendEncryptedMessage(value, to.address);
        const event = await to.seen('nktencryptedmessagereceived');
        assert.deepEqual(event.detail, value);
        assert.deepEqual([event.from, event.id, event.encrypted], [from.address, delivery.id, true]);
        assert.ok(Math.abs(event.date - Date.now()) < 60_000);
        assert.deepEqual([...(await delivery.settled)], [[to.address, 'delivered']]);
        assert.match(delivery.id, /^[0-9a-f]{32}$/);
      }
      assert.deepEqual([ann.values().length, bob.values().length], [1, 1]);
      assert.deepEqual([ann.of('nktwebrtcseen'), Object.keys(ann.nkt.mySwarm.peers)], [[], []]);
    });

    test('over WebRTC: the link is seen, listed, and left', async () => {
      const { ann, bob } = await pair();
      assert.equal((await ann.seen('nktwebrtcseen')).detail, bob.address);
      await bob.seen('nktwebrtcseen');
      assert.deepEqual(Object.keys(ann.nkt.mySwarm.peers), [bob.address]);
      assert.equal(ann.nkt.userList[bob.address].links, 1);
      const delivery = await ann.nkt.sendEncryptedMessage('hi');
      await delivery.settled;
      assert.deepEqual(bob.values(), ['hi'], 'over two ways, once');
      assert.ok(bob.of('nktincomingdata').some(({ detail }) => detail.data.fromChannel === 'webrtc'));
      await bob.nkt.close();
      assert.equal((await ann.seen('nktwebrtcleft')).detail, bob.address);
      assert.deepEqual(Object.keys(ann.nkt.mySwarm.peers), []);
    });

    test('clear messages are signed, reach all, and are not taken for encrypted ones', async () => {
      const { ann, bob } = await pair({ RTCPeerConnection: null });
      await ann.nkt.sendClearMessage({ plugin: 'x' });
      const event = await bob.seen('nktclearmessagereceived');
      assert.deepEqual([event.detail, event.from, event.encrypted], [{ plugin: 'x' }, ann.address, false]);
      assert.deepEqual(bob.of('nktencryptedmessagereceived'), []);
    });

    test('dontSendTo: nothing is sent to it, by nobody to all nor to it alone', async () => {
      const { ann, bob } = await pair({ RTCPeerConnection: null });
      ann.nkt.userList[bob.address].dontSendTo = true;
      const toAll = await ann.nkt.sendEncryptedMessage('hush');
      assert.equal((await toAll.settled).size, 0);
      await assert.rejects(ann.nkt.sendEncryptedMessage('hush', bob.address), { code: 'NKT_E_MUTED' });
      ann.nkt.userList[bob.address].dontSendTo = false;
      const delivery = await ann.nkt.sendEncryptedMessage('again');
      await delivery.settled;
      assert.deepEqual(bob.values(), ['again']);
    });

    test('values and nicks with names that mean something change nothing', async () => {
      const room = newRoom();
      const ann = await startPeer('__proto__', { relays, room, RTCPeerConnection: null });
      const bob = await startPeer('<img src=x onerror=alert(1)>', { relays, room, RTCPeerConnection: null });
      await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
      const value = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}');
      await (await ann.nkt.sendEncryptedMessage(value)).settled;
      assert.equal(/** @type {any} */ ({}).polluted, undefined);
      assert.ok(Object.hasOwn(bob.values()[0], '__proto__'));
      assert.equal(Object.getPrototypeOf(bob.nkt.userList), null);
      assert.deepEqual(Object.keys(bob.nkt.userList), [ann.address]);
      assert.equal(bob.nkt.userList[ann.address].nick, '__proto__');
      assert.equal(ann.nkt.userList[bob.address].nick, '<img src=x onerror=alert(1)>');
    });

    test('2,000 messages at full speed: all there, once, in order; the Promise holds the sender back', async () => {
      const { ann, bob } = await pair();
      await ann.seen('nktwebrtcseen');
      const count = 2000;
      const start = performance.now();
      let settled = 0;
      for (let i = 0; i < count; i++) {
        const delivery = await ann.nkt.sendEncryptedMessage({ i, pad: 'x'.repeat(900) }, bob.address);
        delivery.settled.then(() => settled++);
      }
      await until(() => bob.values().length === count && settled === count, 'all', 60_000);
      const seconds = (performance.now() - start) / 1000;
      console.log(`  ${Math.round(count / seconds)} messages/s of 900 bytes, sender and receiver in one process`);
      assert.deepEqual(bob.values().map(({ i }) => i), Array.from({ length: count }, (_, i) => i));
    });

    test('renaming is seen by the others', async () => {
      const { ann, bob } = await pair({ RTCPeerConnection: null });
      ann.nkt.nick = 'anna';
      await until(() => bob.nkt.userList[ann.address].nick === 'anna', 'the new nick');
      assert.equal(ann.nkt.nick, 'anna');
      assert.throws(() => { ann.nkt.nick = 'x'.repeat(65); }, { code: 'NKT_E_OPTIONS' });
    });
  });

  describe('nktsendingmessage', () => {
    test('replaces words in text and in objects, without touching what the caller holds; cancels', async () => {
      const { ann, bob } = await pair({ RTCPeerConnection: null });
      const seen = [];
      ann.nkt.plugin({
        name: 'words',
        listeners: {
          nktsendingmessage(event) {
            seen.push([event.to, event.encrypted]);
            if (event.detail === 'secret') event.preventDefault();
            else if (typeof event.detail === 'string') event.detail = event.detail.replace('heck', 'h**k');
            else event.detail.text = event.detail.text.toUpperCase();
          },
        },
      });
      const mine = { text: 'loud' };
      const cancelled = await ann.nkt.sendEncryptedMessage('secret');
      assert.deepEqual([cancelled.cancelled, cancelled.recipients.size], [true, 0]);
      await (await ann.nkt.sendEncryptedMessage('what the heck', bob.address)).settled;
      await (await ann.nkt.sendEncryptedMessage(mine)).settled;
      assert.deepEqual(bob.values(), ['what the h**k', { text: 'LOUD' }]);
      assert.deepEqual(mine, { text: 'loud' });
      assert.deepEqual(seen, [[null, true], [bob.address, true], [null, true]]);
      assert.equal(ann.nkt.unplug('words'), true);
    });

    test('what no listener looks at is not copied for one', async (t) => {
      const { ann } = await pair({ RTCPeerConnection: null });
      const large = new Uint8Array(40_000);
      const slice = t.mock.method(Uint8Array.prototype, 'slice');
      const copies = () => slice.mock.calls.filter(({ result }) => result.length === large.length).length;
      const seen = [];
      ann.nkt.addEventListener('nktsendingmessage', ({ to }) => seen.push(to), { once: true });
      await ann.nkt.sendEncryptedMessage({ large });
      assert.deepEqual([seen, copies()], [[null], 0]);
      ann.nkt.addEventListener('nktsendingmessage', ({ detail }) => seen.push(detail.large.length), { once: true });
      await ann.nkt.sendEncryptedMessage({ large });
      assert.deepEqual([seen, copies()], [[null, large.length], 1]);
    });
  });

  test('events have the shapes of the table', async () => {
    const { ann, bob } = await pair();
    await Promise.all([ann.seen('nktwebrtcseen'), bob.seen('nktwebrtcseen')]);
    const delivery = await ann.nkt.sendEncryptedMessage('x');
    await delivery.settled;
    assert.deepEqual((await ann.seen('nktnewpeer')).detail, { data: { addr: bob.address } });
    assert.deepEqual((await ann.seen('nktsession', ({ detail }) => detail.state === 'established')).detail,
      { addr: bob.address, state: 'established' });
    assert.deepEqual((await ann.seen('nktdelivery', ({ detail }) => detail.state === 'delivered')).detail,
      { id: delivery.id, addr: bob.address, state: 'delivered' });
    const frames = [...ann.of('nktincomingdata'), ...ann.of('nktoutgoingdata')];
    assert.ok(frames.length > 0);
    for (const { detail: { data } } of frames) {
      assert.deepEqual(Object.keys(data), ['msgType', 'msgFrom', 'msgTo', 'uid', 'msgDate', 'size', 'fromChannel']);
      assert.ok(['relay', 'webrtc'].includes(data.fromChannel) && data.size > 0 && data.msgType !== '' && /^[0-9a-f]{32}$/.test(data.uid));
    }
    const { detail: health } = await ann.seen('nktstatus');
    assert.equal(health.running, true);
    assert.equal(health.address, ann.address);
    assert.equal(health.relays[0].url, relays[0]);
  });

  describe('arguments', () => {
    const bad = [
      ['no JSON value', (nkt) => nkt.sendEncryptedMessage(undefined), 'NKT_E_VALUE'],
      ['a function', (nkt) => nkt.sendEncryptedMessage(() => 1), 'NKT_E_VALUE'],
      ['a BigInt', (nkt) => nkt.sendEncryptedMessage(1n), 'NKT_E_VALUE'],
      ['a Map inside', (nkt) => nkt.sendEncryptedMessage({ a: new Map() }), 'NKT_E_VALUE'],
      ['a Map in a clear message', (nkt) => nkt.sendClearMessage({ a: new Map() }), 'NKT_E_VALUE'],
      ['a circle', (nkt) => { const a = {}; a.a = a; return nkt.sendEncryptedMessage(a); }, 'NKT_E_VALUE'],
      ['33 levels', (nkt) => nkt.sendEncryptedMessage(JSON.parse('['.repeat(40) + ']'.repeat(40))), 'NKT_E_VALUE'],
      ['too many items', (nkt) => nkt.sendEncryptedMessage(new Array(5000).fill(1)), 'NKT_E_VALUE'],
      ['too large', (nkt) => nkt.sendEncryptedMessage('x'.repeat(60_001)), 'NKT_E_SIZE'],
      ['far too large', (nkt) => nkt.sendEncryptedMessage('x'.repeat(3_000_000)), 'NKT_E_SIZE'],
      ['no address', (nkt) => nkt.sendEncryptedMessage(1, 'bob'), 'NKT_E_ADDRESS'],
      ['null for an address', (nkt) => nkt.sendEncryptedMessage(1, null), 'NKT_E_ADDRESS'],
      ['an empty address', (nkt) => nkt.sendEncryptedMessage(1, ''), 'NKT_E_ADDRESS'],
      ['an object for an address', (nkt) => nkt.sendEncryptedMessage(1, {}), 'NKT_E_ADDRESS'],
      ['__proto__ for an address', (nkt) => nkt.sendEncryptedMessage(1, '__proto__'), 'NKT_E_ADDRESS'],
      ['the own address', (nkt) => nkt.sendEncryptedMessage(1, nkt.mySwarm.address()), 'NKT_E_SELF'],
      ['a clear message that is none', (nkt) => nkt.sendClearMessage(undefined), 'NKT_E_VALUE'],
      ['connecting to nothing', (nkt) => nkt.startWebRTCClient(), 'NKT_E_ADDRESS'],
      ['connecting to oneself', (nkt) => nkt.startWebRTCClient(nkt.mySwarm.address()), 'NKT_E_SELF'],
      ['a bad time-out', (nkt) => nkt.startWebRTCClient(nkt.mySwarm.address(), { timeout: -1 }), 'NKT_E_ARGUMENT'],
      ['a bad config', (nkt) => nkt.init({ nick: 7 }), 'NKT_E_OPTIONS'],
      ["storage 'tab' in Node", (nkt) => nkt.init({ storage: 'tab' }), 'NKT_E_STORAGE'],
      ['a passphrase', (nkt) => nkt.init({ storage: { passphrase: 'x' } }), 'NKT_E_STORAGE'],
      ['no plugin', async (nkt) => nkt.plugin({}), 'NKT_E_ARGUMENT'],
      ['no text for a nick', async (nkt) => { nkt.nick = 'a\0'; }, 'NKT_E_OPTIONS'],
      ['a number for a nick', async (nkt) => { nkt.nick = 7; }, 'NKT_E_OPTIONS'],
      ['nothing for a nick', async (nkt) => { nkt.nick = undefined; }, 'NKT_E_OPTIONS'],
      ['a module that is not there', (nkt) => nkt.init({ wasm: 'nowhere.wasm' }), 'NKT_E_WASM'],
      ['bytes that are no module', (nkt) => nkt.init({ wasm: new Uint8Array(8) }), 'NKT_E_WASM'],
      ['what is no identity', (nkt) => nkt.init({ identity: { file: 'x', passphrase: 'x' } }), 'NKT_E_FILE'],
      ['text to resume with', (nkt) => nkt.resume('tea'), 'NKT_E_OPTIONS'],
      ['a list to resume with', (nkt) => nkt.resume([]), 'NKT_E_OPTIONS'],
      ['oneself to wait for', (nkt) => nkt.peer(nkt.mySwarm.address(), { timeout: 20_000 }), 'NKT_E_SELF'],
      ...[null, '', [], true, NaN, -1, 2 ** 31, 5n, Symbol('ms'), Object.create(null)].flatMap((timeout) => [
        ['no time to wait for somebody', (nkt) => nkt.peer(undefined, { timeout }), 'NKT_E_ARGUMENT'],
        ['no time to wait for a link', (nkt) => nkt.startWebRTCClient(nkt.mySwarm.address(), { timeout }), 'NKT_E_ARGUMENT'],
        ['no time to wait for an answer', (nkt) => nkt.rpc(nkt.mySwarm.address(), 'x', 0, { timeout }), 'NKT_E_ARGUMENT'],
      ]),
      ['the place of nobody', async (nkt) => nkt.takePlaceOf({}), 'NKT_E_ARGUMENT'],
      ...['a\0.txt', '\0', 'a/b', '..', 'a\u202eb', 'a\ud800', 'x'.repeat(256), 7, 5n, () => 'x'].map((name) => (
        ['a name that no file has', (nkt) => nkt.share(new Blob(['x']), { name }), 'NKT_E_MANIFEST'])),
      ...['a/b\0', 'x', 'text/', '\ud800', 7, 5n].map((type) => (
        ['a type that is none', (nkt) => nkt.share(new Blob(['x']), { type }), 'NKT_E_MANIFEST'])),
      ['more or less sealed', (nkt) => nkt.share(new Blob(['x']), { sealed: 'no' }), 'NKT_E_ARGUMENT'],
    ];

    test('each bad one is refused by code and with words, and leaves the peer as it was', async () => {
      const { nkt, address } = await startPeer('ann', { room: newRoom() });
      for (const [what, call, code] of bad) {
        await assert.rejects(async () => call(nkt), (error) => {
          assert.ok(error instanceof NktError, what);
          assert.equal(error.code, code, what);
          assert.ok(error.message.length > 10, what);
          return true;
        }, what);
      }
      assert.equal(nkt.mySwarm.address(), address);
      assert.equal(nkt.health().running, true);
    });

    test('what is for init() is refused by the constructor; a part that is undefined is as none', async () => {
      for (const wrong of [{ nick: 'ann' }, { relays: [] }, { wsam: '' }, null, 'ann']) {
        assert.throws(() => new Nkt(wrong), ({ code, message }) => code === 'NKT_E_ARGUMENT' && message.startsWith('new Nkt(): '));
      }
      const nkt = new Nkt({ wasm: undefined, clock: undefined });
      await nkt.init({ relays: [], trackers: [] });
      await nkt.close();
    });

    test('an address that nobody has', async () => {
      const room = newRoom();
      const gone = await startPeer('gone', { room });
      const { nkt } = await startPeer('ann', { room });
      await assert.rejects(nkt.sendEncryptedMessage(1, gone.address), { code: 'NKT_E_UNKNOWN_USER' });
      await assert.rejects(nkt.startWebRTCClient(gone.address, { timeout: 300 }), /NktError/);
    });

    test('before init() and after close() everything says so', async () => {
      const fresh = new Nkt();
      const closed = (await startPeer('ann', { room: newRoom() })).nkt;
      await closed.close();
      for (const nkt of [fresh, closed]) {
        await assert.rejects(nkt.sendEncryptedMessage(1), { code: 'NKT_E_STATE' });
        await assert.rejects(nkt.sendClearMessage(1), { code: 'NKT_E_STATE' });
        await assert.rejects(nkt.startWebRTCClient('x'), { code: 'NKT_E_STATE' });
        assert.throws(() => { nkt.nick = 'x'; }, { code: 'NKT_E_STATE' });
        assert.equal(nkt.health().running, false);
        assert.equal(nkt.mySwarm.address(), '');
        nkt.wake();
        await nkt.close();
      }
    });
  });

  describe('starting and stopping', () => {
    test('init() is quick once the module is there', async () => {
      await startPeer('warm', { room: null });
      const times = [];
      for (let i = 0; i < 5; i++) {
        const start = performance.now();
        await startPeer(`p${i}`, { room: null });
        times.push(performance.now() - start);
      }
      const median = times.sort((a, b) => a - b)[2];
      console.log(`  init() to SELF: median ${median.toFixed(1)} ms`);
      assert.ok(median < 50, `${median} ms`);
    });

    test('ready, init again, close in any order', async () => {
      const nkt = new Nkt();
      const { ready } = nkt;
      await nkt.init({ room: null });
      await ready;
      const first = nkt.mySwarm.address();
      await Promise.all([nkt.init({ room: null, nick: 'two' }), nkt.init({ room: null, nick: 'three' })]);
      assert.notEqual(nkt.mySwarm.address(), first);
      assert.equal(nkt.nick, 'three');
      await Promise.all([nkt.init({ room: null }), nkt.close(), nkt.close()]);
      assert.equal(nkt.health().running, false);
      await nkt.resume();
      assert.equal(nkt.health().running, true);
      await nkt.close({ immediate: true });
    });

    test('who leaves is told of once, and as new when he is back; who is marked by hand, or ignored, is not', async () => {
      const { ann, bob } = await pair({ RTCPeerConnection: null });
      const left = () => ann.of('nktpeerleft').map(({ detail }) => detail.data.addr);
      ann.nkt.userList[bob.address].isUnreachable = true;
      ann.nkt.userList[bob.address].isUnreachable = false;
      await bob.nkt.close();
      await ann.seen('nktpeerleft');
      const before = ann.of('nktnewpeer').length;
      await bob.nkt.resume(); // in Node without a folder: somebody new
      const again = bob.nkt.mySwarm.address();
      await until(() => ann.of('nktnewpeer').length > before, 'Bob, again');
      await ann.session(again);
      ann.nkt.ignore(again);
      await bob.nkt.close();
      await until(() => ann.nkt.userList[again]?.isUnreachable || !Object.keys(ann.nkt.userList).includes(again), 'he left');
      assert.deepEqual(left(), [bob.address]);
    });

    test('what waits when it is closed gets an answer', async () => {
      const { ann, bob } = await pair();
      await bob.nkt.close();
      const delivery = await ann.nkt.sendEncryptedMessage('to nobody', bob.address).catch((error) => error);
      const connecting = ann.nkt.startWebRTCClient(bob.address).catch((error) => error.code);
      const aborted = new AbortController();
      const cancelled = ann.nkt.startWebRTCClient(bob.address, { signal: aborted.signal }).catch((error) => error.code);
      aborted.abort();
      assert.equal(await cancelled, 'NKT_E_CANCELLED');
      await ann.nkt.close();
      assert.match(String(await connecting), /^NKT_E_/);
      if (!(delivery instanceof Error)) await delivery.settled;
      assert.deepEqual(Object.keys(ann.nkt.userList), []);
    });

    test('a relay that is not there is told by health(), by URL and with its error', async () => {
      const url = 'ws://127.0.0.1:1/relay';
      const { nkt } = await startPeer('ann', { relays: [url], room: newRoom() });
      await until(() => nkt.health().relays?.[0]?.lastError, 'the error');
      assert.equal(nkt.health().relays[0].url, url);
    });

    test('a bad STUN entry costs that entry', async () => {
      const { nkt } = await startPeer('ann', { room: null, iceServers: [{ urls: 'stun:s.example?transport=udp' }, 'stun:127.0.0.1:9'] });
      assert.deepEqual(nkt.iceServers, [{ urls: ['stun:127.0.0.1:9'] }]);
      assert.equal(nkt.health().iceServers.errors[0].entry, 'stun:s.example?transport=udp');
    });

    test('a module that is not there', async () => {
      const nkt = new Nkt();
      await assert.rejects(nkt.init({ wasm: new URL('file:///nowhere.wasm') }), { code: 'NKT_E_WASM' });
      await assert.rejects(nkt.ready, { code: 'NKT_E_WASM' });
      await nkt.init({ room: null });
      await nkt.ready;
      await nkt.close();
    });
  });
});

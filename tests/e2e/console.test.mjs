// SPDX-License-Identifier: GPL-3.0-or-later
// window.nkt as a person uses it from the console of the page, or a plugin: arguments, events, flags, plugins, faults.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('the console', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  /** @type {import('../support/tab.mjs').Tab} */
  let ann;
  /** @type {import('../support/tab.mjs').Tab} */
  let bob;
  before(async () => {
    stage = await Stage.open();
    [ann, bob] = await stage.tabs(2, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
  });
  after(() => stage.close());

  /** Forgets what was received so far. */
  const forget = () => Promise.all([ann, bob].map((tab) => tab.run(() => { window.probe.messages.length = 0; })));

  test('bad arguments are refused by code and with words, and change nothing', async () => {
    const got = await ann.run(async (other) => {
      const circle = {};
      circle.circle = circle;
      const nested = (depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
      const own = nkt.mySwarm.address();
      const frame = document.body.appendChild(document.createElement('iframe')).contentWindow; // another realm
      const calls = [
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage()],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(undefined)],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(() => 1)],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(Symbol('x'))],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(10n)],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(circle)],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage({ toJSON() { throw new Error('no'); } })],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage({ a: [document.body] })],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage({ a: window })],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(new FormData())],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage({ a: new frame.Map() })],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(new frame.DOMParser())],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(nested(33))],
        ['NKT_E_VALUE', () => nkt.sendEncryptedMessage(new Array(5000).fill(0))],
        ['NKT_E_SIZE', () => nkt.sendEncryptedMessage('x'.repeat(60_001))],
        ['NKT_E_SIZE', () => nkt.sendEncryptedMessage('x'.repeat(10_000_000))],
        ['NKT_E_SIZE', () => nkt.sendClearMessage('x'.repeat(60_001))],
        ['NKT_E_VALUE', () => nkt.sendClearMessage(undefined)],
        ['NKT_E_SELF', () => nkt.sendEncryptedMessage(1, own)],
        ['NKT_E_SELF', () => nkt.startWebRTCClient(own)],
        ['NKT_E_ARGUMENT', () => nkt.startWebRTCClient(other, { timeout: NaN })],
        ['NKT_E_ARGUMENT', () => nkt.startWebRTCClient(other, { timeout: -1 })],
        ['NKT_E_OPTIONS', () => nkt.init(null)],
        ['NKT_E_OPTIONS', () => nkt.init({ nick: 7 })],
        ['NKT_E_OPTIONS', () => nkt.init({ nick: 'x'.repeat(65) })],
        ['NKT_E_OPTIONS', () => nkt.init({ relays: 'ws://localhost' })],
        ['NKT_E_OPTIONS', () => nkt.init({ relays: ['http://localhost'] })],
        ['NKT_E_OPTIONS', () => nkt.init({ trackers: new Array(9).fill('ws://a').map((url, i) => url + i) })],
        ['NKT_E_OPTIONS', () => nkt.init({ nik: 'Ann' })],
        ['NKT_E_OPTIONS', () => nkt.init({ room: {} })],
        ['NKT_E_OPTIONS', () => nkt.init({ storage: 'disk' })],
        ['NKT_E_STORAGE', () => nkt.init({ storage: { folder: 'x' } })],
        ['NKT_E_OPTIONS', () => nkt.init({ storage: { passphrase: '' } })],
        ['NKT_E_OPTIONS', async () => { nkt.nick = 'x'.repeat(65); }],
        ['NKT_E_OPTIONS', async () => { nkt.nick = 'a\0b'; }],
        ['NKT_E_ARGUMENT', async () => nkt.plugin()],
        ['NKT_E_ARGUMENT', async () => nkt.plugin({ name: '' })],
        ['NKT_E_ARGUMENT', async () => nkt.plugin({ name: 'x', listeners: { nktsession: 'no' } })],
        ['NKT_E_ARGUMENT', async () => nkt.plugin({ name: 'x', init: 1 })],
      ];
      const addresses = ['', 'Bob', null, 7, {}, [], '__proto__', 'constructor', `${other} `, other.slice(1), other.toLowerCase(),
        `${other.slice(0, -1)}${other.endsWith('a') ? 'b' : 'a'}`, 'B'.repeat(34), 'x'.repeat(100_000), '\0'.repeat(34)];
      for (const addr of addresses) {
        calls.push(['NKT_E_ADDRESS', () => nkt.sendEncryptedMessage(1, addr)]);
        calls.push(['NKT_E_ADDRESS', () => nkt.startWebRTCClient(addr)]);
      }
      const wrong = [];
      for (const [code, call] of calls) {
        const error = await (async () => call())().then(() => null, (reason) => reason);
        const isGood = error?.name === 'NktError' && error.code === code && error.message.length > 10;
        if (!isGood) wrong.push(`${call} gave ${error?.code} ${error}`);
      }
      return { wrong, isSame: nkt.mySwarm.address() === own, running: nkt.health().running, users: Object.keys(nkt.userList) };
    }, bob.address);
    assert.deepEqual(got, { wrong: [], isSame: true, running: true, users: [bob.address] });
    await ann.say('still here');
    await bob.shows('still here');
    await ann.delivered();
  });

  test('any JSON value arrives as it was, with from, id, date, encrypted', async () => {
    await forget();
    const values = [null, false, 0, -1.5e300, '', 'ö🦊\u2028\0\\"', [], {}, [[], {}, [null]],
      { a: { b: [1, { c: 'd' }] }, '': 1, 'ключ': '值' },
      JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}'), 'x'.repeat(59_000)];
    const before = Date.now();
    for (const value of values) {
      const id = await ann.say(value, bob.address);
      const heard = await bob.hears('it', (message) => message.id === id);
      assert.equal(heard.json, JSON.stringify(value));
      assert.deepEqual([heard.from, heard.encrypted], [ann.address, true]);
      assert.match(heard.id, /^[0-9a-f]{32}$/);
      assert.ok(heard.date >= before - 1000 && heard.date <= Date.now() + 1000);
    }
    assert.equal((await bob.messages()).length, values.length);
    assert.deepEqual(await bob.run(() => 'x' in {}), false);
    await ann.delivered();
  });

  test('a sender cannot dress up: what is proven is on the event, and a listener cannot change it for others', async () => {
    await forget();
    await bob.run(() => {
      window.addEventListener('nktencryptedmessagereceived', (event) => {
        try {
          event.from = 'somebody else';
        } catch {
          // a module would throw
        }
      }, { once: true, capture: true });
    });
    const id = await ann.say({ from: bob.address, msgFrom: bob.address, encrypted: false, id: 'x' }, bob.address);
    const heard = await bob.hears('it', ({ value }) => value.id === 'x');
    assert.deepEqual([heard.from, heard.id, heard.encrypted], [ann.address, id, true]);
  });

  test('sendClearMessage() is signed, marked, and never taken for an encrypted one', async () => {
    await forget();
    await ann.run(() => nkt.sendClearMessage('in the open'));
    const heard = await bob.hears('it', ({ value }) => value === 'in the open');
    assert.deepEqual([heard.from, heard.encrypted], [ann.address, false]);
    await bob.shows('in the open', '[data-clear=true]');
    assert.equal((await bob.messages()).length, 1);
  });

  test('dontSendTo: nothing goes there; isUnreachable: nothing is tried', async () => {
    await forget();
    const muted = await ann.run(async (addr) => {
      nkt.userList[addr].dontSendTo = true;
      const toAll = await nkt.sendEncryptedMessage('hush');
      await toAll.settled;
      const alone = await nkt.sendEncryptedMessage('hush', addr).catch((error) => error.code);
      const is = nkt.userList[addr].dontSendTo;
      nkt.userList[addr].dontSendTo = false;
      return { count: toAll.recipients.size, alone, is };
    }, bob.address);
    assert.deepEqual(muted, { count: 0, alone: 'NKT_E_MUTED', is: true });
    await ann.say('again');
    await bob.hears('it', ({ value }) => value === 'again');
    assert.deepEqual((await bob.messages()).map(({ value }) => value), ['again']);

    await ann.delivered(); // nothing of Bob is on its way that would count as being heard of
    const states = await ann.run(async (addr) => {
      nkt.userList[addr].isUnreachable = true;
      const delivery = await nkt.sendEncryptedMessage('later', addr);
      window.probe.deliveries.push(delivery);
      return [nkt.userList[addr].isUnreachable, ...delivery.recipients.values()];
    }, bob.address);
    assert.deepEqual(states, [true, 'queued']);
    await bob.say('I am here'); // heard of again
    await bob.hears('it', ({ value }) => value === 'later');
    await ann.delivered();
    assert.equal(await ann.run((addr) => nkt.userList[addr].isUnreachable, bob.address), false);
  });

  test('plugins: register, see, change, cancel, unplug', async () => {
    await forget();
    const said = await ann.run(async (addr) => {
      const log = [];
      nkt.plugin({
        name: 'polite',
        init: (given) => log.push(`init ${given === nkt}`),
        stop: () => log.push('stop'),
        listeners: {
          nktsendingmessage(event) {
            if (event.detail === 'rude') event.preventDefault();
            else event.detail = `${event.detail}, please`;
          },
        },
      });
      log.push(Object.keys(nkt.plugins).includes('polite'));
      const rude = await nkt.sendEncryptedMessage('rude', addr);
      log.push(`${rude.cancelled} ${rude.recipients.size}`);
      await (await nkt.sendEncryptedMessage('come', addr)).settled;
      log.push(nkt.unplug('polite'), nkt.unplug('polite'), 'polite' in nkt.plugins);
      await (await nkt.sendEncryptedMessage('rude', addr)).settled;
      return log;
    }, bob.address);
    assert.deepEqual(said, ['init true', true, 'true 0', 'stop', true, false, false]);
    assert.deepEqual((await bob.messages()).map(({ value }) => value), ['come, please', 'rude']);
  });

  test('nktdisplaymessage can be cancelled; without the display plugin nothing is shown', async () => {
    await forget();
    await bob.run(() => {
      nkt.plugin({
        name: 'censor',
        listeners: { nktdisplaymessage: (event) => { if (/heck/.test(event.detail)) event.preventDefault(); } },
      });
    });
    await ann.say('what the heck');
    await ann.say('what a pity');
    await bob.shows('what a pity');
    assert.equal(await bob.page.getByText('what the heck').count(), 0);
    await bob.run(() => { nkt.unplug('censor'); nkt.unplug('display'); });
    await ann.say('not shown');
    await bob.hears('it', ({ value }) => value === 'not shown');
    await bob.type('/load display');
    await bob.answers('Plugin display is loaded.');
    await ann.say('shown again');
    await bob.shows('shown again');
    assert.equal(await bob.page.getByText('not shown').count(), 0);
  });

  test('listeners that throw break nothing', async () => {
    await forget();
    const faults = await bob.run(() => {
      const types = ['nktencryptedmessagereceived', 'nktincomingdata', 'nktoutgoingdata', 'nktdelivery', 'nktstatus', 'nktsendingmessage'];
      const fail = () => { throw new Error('a bad listener'); };
      for (const type of types) {
        window.addEventListener(type, fail);
        nkt.addEventListener(type, fail);
      }
      nkt.plugin({ name: 'broken', listeners: Object.fromEntries(types.map((type) => [type, fail])) });
      nkt.plugin({ name: 'broken later', listeners: { nktencryptedmessagereceived: async () => fail() } });
      let initFault = '';
      try {
        nkt.plugin({ name: 'unborn', init: fail });
      } catch (error) {
        initFault = error.code;
      }
      window.stopFailing = () => {
        for (const type of types) {
          window.removeEventListener(type, fail);
          nkt.removeEventListener(type, fail);
        }
        const { errors } = nkt.plugins.broken;
        nkt.unplug('broken');
        nkt.unplug('broken later');
        return errors.length;
      };
      return { initFault, isThere: 'unborn' in nkt.plugins };
    });
    assert.deepEqual(faults, { initFault: 'NKT_E_PLUGIN', isThere: false });
    for (let i = 0; i < 5; i++) {
      await ann.say(`to ${i}`, bob.address);
      await bob.hears(`to ${i}`, ({ value }) => value === `to ${i}`);
      await bob.say(`fro ${i}`, ann.address);
      await ann.hears(`fro ${i}`, ({ value }) => value === `fro ${i}`);
    }
    await Promise.all([ann.delivered(), bob.delivered()]);
    await bob.shows('to 4');
    assert.ok((await bob.run(() => window.stopFailing())) > 0);
    assert.equal(await bob.run(() => nkt.health().traps.length), 0);
  });

  test('the global holds: no keys on it, nobody replaces it, prototypes are clean', async () => {
    const found = await ann.run(() => {
      const was = window.nkt;
      let error = '';
      try {
        (() => { 'use strict'; window.nkt = {}; })();
      } catch (reason) {
        error = reason.name;
      }
      const names = [];
      for (let at = nkt; at !== EventTarget.prototype; at = Object.getPrototypeOf(at)) names.push(...Object.getOwnPropertyNames(at));
      return {
        error,
        isSame: window.nkt === was,
        secrets: names.filter((name) => /signalStore|websocket|secret|private|seed|storeKey/i.test(name)),
        prototypes: [Object.getPrototypeOf(nkt.userList), Object.getPrototypeOf(nkt.plugins)],
        user: JSON.stringify(Object.values(nkt.userList)[0]),
      };
    });
    assert.deepEqual([found.error, found.isSame, found.secrets, found.prototypes], ['TypeError', true, [], [null, null]]);
    assert.match(found.user, /"nick":"Bob"/);
  });

  test('no violation of the content policy in all this, and eval is still forbidden', async () => {
    for (const tab of [ann, bob]) assert.deepEqual(await tab.run(() => window.probe.violations), []);
    assert.equal(await ann.run(() => {
      try {
        return document.createElement('div').innerHTML = '<b>x</b>'; // Trusted Types
      } catch (error) {
        return error.name;
      }
    }), 'TypeError');
  });

  test('close() says good-bye; everything then says that it is closed; init() goes on with the same address', async () => {
    await bob.run(() => nkt.close());
    await ann.page.locator('#users .user[data-unreachable=true], #users:empty').waitFor({ state: 'attached' });
    const codes = await bob.run(async (addr) => {
      const codeOf = (call) => (async () => call())().then(() => 'ok', (error) => error.code);
      return [await codeOf(() => nkt.sendEncryptedMessage(1)), await codeOf(() => nkt.startWebRTCClient(addr)), nkt.mySwarm.address()];
    }, ann.address);
    assert.deepEqual(codes, ['NKT_E_STATE', 'NKT_E_STATE', '']);
    await bob.run(() => nkt.resume());
    assert.equal(await bob.run(() => nkt.mySwarm.address()), bob.address);
    await allMeet([ann, bob]);
    await bob.say('back');
    await ann.hears('it', ({ value, from }) => value === 'back' && from === bob.address);
  });
});

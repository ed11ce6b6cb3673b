// SPDX-License-Identifier: GPL-3.0-or-later
// Joining by an address alone, with no room in common: from the console and by /connect.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { closePeers, startPeer } from '../glue/support/peers.mjs';
import { skip } from '../glue/support/wasm.mjs';

const CONNECT_MS = 10_000;
const TIMEOUT_MS = 1500;
const GRACE_MS = 500; // by a clock of the same tab, which is as late as it is on a machine with other work

describe('joining by address', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  /** Of somebody who was there once. */
  let nobody = '';
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
    nobody = (await startPeer('nobody', { room: null })).address;
    await closePeers();
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const ways = {
    'the tracker alone': () => ({ relays: [], trackers: stage.trackers }),
    'the relay alone': () => ({ relays: stage.relays, trackers: [] }),
    both: () => ({ relays: stage.relays, trackers: stage.trackers }),
  };

  /** startWebRTCClient(); how it ended, after how many ms, and how long after a timer of the page that was set to the same time. */
  function connect(tab, addr, timeout) {
    return tab.run(async (what) => {
      const start = performance.now();
      const timer = new Promise((resolve) => { setTimeout(() => resolve(performance.now()), what.timeout); });
      const error = await nkt.startWebRTCClient(what.addr, { timeout: what.timeout }).then(() => null, (reason) => reason);
      const { code = 'ok', message = '', name = '' } = error ?? {};
      const end = performance.now();
      return { code, message, name, ms: end - start, lateMs: code === 'ok' ? 0 : end - await timer };
    }, { addr, timeout });
  }

  /** Waits until servers that are named are there. */
  function online(tab) {
    return tab.until(() => {
      const { relays, trackers } = nkt.health();
      return [...relays, ...trackers].every(({ state }) => state === 'open');
    }, undefined, 'its servers');
  }

  async function exchange(ann, bob) {
    for (const [from, to] of [[ann, bob], [bob, ann]]) {
      await from.session(to.address);
      await from.say(`from ${from.name}`, to.address);
      assert.equal((await to.hears(from.name, ({ value }) => value === `from ${from.name}`)).from, from.address);
      await from.delivered();
    }
  }

  for (const [way, config] of Object.entries(ways)) {
    test(`startWebRTCClient() by ${way}, neither in a room`, async () => {
      const [ann, bob] = await stage.tabs(2);
      await ann.start('Ann', { room: null, ...config() });
      await bob.start('Bob', { room: null, ...config() });
      await Promise.all([online(ann), online(bob)]);
      assert.deepEqual(await ann.run(() => Object.keys(nkt.userList)), [], 'strangers without a room do not meet by themselves');
      const { code, message, ms } = await connect(ann, bob.address, CONNECT_MS);
      assert.equal(code, 'ok', message);
      print(`by ${way}: linked after ${ms.toFixed(0)} ms`);
      assert.deepEqual(await ann.run(() => Object.keys(nkt.mySwarm.peers)), [bob.address], 'linked when it resolves');
      await exchange(ann, bob);
      assert.equal((await connect(ann, bob.address, CONNECT_MS)).code, 'ok', 'again: it is there already');
    });

    test(`an address that nobody holds, by ${way}: refused with a reason, in time`, async () => {
      const [ann] = await stage.tabs(1);
      await ann.start('Ann', { room: null, ...config() });
      await online(ann);
      const { code, message, name, ms, lateMs } = await connect(ann, nobody, TIMEOUT_MS);
      assert.deepEqual([code, name], ['NKT_E_NOT_FOUND', 'NktError']);
      assert.match(message, /nobody with that address/);
      assert.ok(ms >= TIMEOUT_MS - 20 && lateMs < GRACE_MS, `${ms} ms, ${lateMs} after a timer of the page`);
    });
  }

  test('one joins the room of the other, and meets everybody there', async () => {
    const room = stage.newRoom();
    const [ann, bob, cem] = await stage.tabs(3);
    const config = { relays: stage.relays, trackers: stage.trackers };
    await ann.start('Ann', { room, ...config });
    await bob.start('Bob', { room, ...config });
    await ann.link(bob.address);
    await cem.start('Cem', { room: null, ...config, relays: [] });
    await online(cem);
    assert.equal((await connect(cem, ann.address, CONNECT_MS)).code, 'ok');
    await exchange(cem, ann);
    await exchange(cem, bob);
  });

  test('with no server at all it says so', async () => {
    const [ann] = await stage.tabs(1);
    await ann.start('Ann', { room: null, relays: [], trackers: [] });
    const { code, message } = await connect(ann, nobody, 300);
    assert.equal(code, 'NKT_E_NO_WAY');
    assert.match(message, /no relay, tracker or peer/);
  });

  test('an AbortSignal ends it, before or while it looks', async () => {
    const [ann] = await stage.tabs(1);
    await ann.start('Ann', { room: null, relays: stage.relays, trackers: stage.trackers });
    const codes = await ann.run(async (addr) => {
      const codeOf = (signal) => nkt.startWebRTCClient(addr, { signal }).then(() => 'ok', (error) => `${error.code} ${error.cause}`);
      const later = new AbortController();
      const waiting = codeOf(later.signal);
      setTimeout(() => later.abort('enough'), 50);
      return [await codeOf(AbortSignal.abort('not at all')), await waiting];
    }, nobody);
    assert.deepEqual(codes, ['NKT_E_CANCELLED not at all', 'NKT_E_CANCELLED enough']);
  });

  for (const [way, parts] of [['the tracker alone', 'relays=&trackers='], ['the relay alone', 'trackers=&relays=']]) {
    test(`/connect ADDRESS by ${way}, from a page with no room`, async () => {
      const url = parts.startsWith('relays') ? stage.trackers[0] : stage.relays[0];
      const [ann, bob] = await stage.tabs(2, { fragment: `room=&${parts}${url}` });
      await ann.logIn('Ann');
      await bob.logIn('Bob');
      await Promise.all([online(ann), online(bob)]);
      assert.equal(await ann.page.locator('#room-name').textContent(), 'no room');
      await ann.type(`/connect ${bob.address}`);
      await ann.answers(`Connected to ${bob.address}.`);
      await ann.type('found you');
      await bob.shows('found you');
      await bob.type('so you did');
      await ann.shows('so you did');
      await bob.shows('so you did', '.own[data-state=delivered]');
      await ann.type(`/connect ${nobody.slice(0, -1)}`);
      await ann.answers('not a valid address');
    });
  }
});

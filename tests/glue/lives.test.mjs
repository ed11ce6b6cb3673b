// SPDX-License-Identifier: GPL-3.0-or-later
// init(), close() and a page that goes away, one in the middle of the other: what runs afterwards, and what `ready` says of it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { Nkt } from '../../glue/nkt.js';
import { skip, wasmUrl } from './support/wasm.mjs';
import { until } from './support/until.mjs';

describe('one start in the middle of another', { skip, timeout: 180_000 }, () => {
  let folder;
  const peers = [];
  before(() => { folder = mkdtempSync(path.join(tmpdir(), 'nkt-lives-')); });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => Promise.all(peers.splice(0).map((nkt) => nkt.close())));

  const make = (platform = {}) => {
    const nkt = new Nkt({ wasm: wasmUrl, ...platform });
    peers.push(nkt);
    return nkt;
  };
  const config = (name, more) => ({ nick: name, room: null, storage: { folder: path.join(folder, name) }, ...more });
  const nowhere = () => ({ ...config('nowhere'), wasm: 'nowhere.wasm' });

  test('ready is about the last of them, whatever became of those before', async () => {
    const nkt = make();
    const failed = assert.rejects(nkt.init(nowhere()), { code: 'NKT_E_WASM' });
    const started = nkt.init(config('good'));
    const { ready } = nkt;
    await Promise.all([failed, started, ready]);
    assert.equal(nkt.health().running, true);
    const first = nkt.init(config('first'));
    const last = assert.rejects(nkt.init(nowhere()), { code: 'NKT_E_WASM' });
    const told = assert.rejects(nkt.ready, { code: 'NKT_E_WASM' });
    await Promise.all([first, last, told]);
    assert.deepEqual([nkt.nick, nkt.health().running], ['first', true], 'what was bad of it was known before anything was stopped');
  });

  test('close() in the middle of init(), at once or in good order: nothing runs afterwards, and the folder is free', async () => {
    for (const options of [undefined, { immediate: true }]) {
      const nkt = make();
      const started = nkt.init(config('closed'));
      const closed = nkt.close(options);
      const other = make();
      await Promise.all([started, closed]);
      assert.equal(nkt.health().running, false, JSON.stringify(options));
      await other.init(config('closed'));
      await other.close();
    }
  });

  test('close() twice: the second one resolves no earlier than the first', async () => {
    const nkt = make();
    await nkt.init(config('twice'));
    const order = [];
    const first = nkt.close().then(() => order.push('first'));
    await nkt.close().then(() => order.push('second'));
    assert.deepEqual([order, nkt.rooms], [['first', 'second'], []]);
    await first;
  });

  test('what is called after it begins anew all the same', async () => {
    const nkt = make();
    const calls = [nkt.init(config('a')), nkt.close({ immediate: true }), nkt.init(config('b')), nkt.close(), nkt.init(config('c'))];
    await Promise.all([...calls, nkt.ready]);
    assert.deepEqual([nkt.nick, nkt.health().running], ['c', true]);
  });

  test('a page that goes away in the middle of init(), and is back: it runs', async () => {
    const page = Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { visibilityState: 'visible' }) });
    const nkt = make({ page });
    const started = nkt.init(config('page'));
    page.dispatchEvent(new Event('pagehide'));
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    assert.equal(nkt.health().running, false, 'it is gone with the page');
    page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await started;
    assert.deepEqual([nkt.nick, nkt.health().running], ['page', true], 'it is back with it');
  });

  test('resume() goes back to what worked last, and says so where nothing did', async () => {
    const nkt = make();
    await assert.rejects(nkt.resume(), { code: 'NKT_E_STATE', message: /init\(\)/ });
    await assert.rejects(nkt.init(nowhere()), { code: 'NKT_E_WASM' });
    await assert.rejects(nkt.resume({ nick: 'x' }), { code: 'NKT_E_STATE', message: /init\(\)/ });
    assert.equal(nkt.health().running, false);
    const given = config('good', { room: 'green' });
    await nkt.init(given);
    given.room = 'blue'; // what becomes of it is the caller's
    nkt.nick = 'better';
    await assert.rejects(nkt.init(nowhere()), { code: 'NKT_E_WASM' });
    await nkt.resume({ history: false });
    assert.deepEqual([nkt.nick, nkt.room, nkt.health().running], ['better', 'green', true]);
    await assert.rejects(nkt.resume({ room: 'red', wasm: 'nowhere.wasm' }), { code: 'NKT_E_WASM' });
    await nkt.resume();
    assert.deepEqual([nkt.nick, nkt.room], ['better', 'green']);
    await Promise.all([nkt.init(config('second')), assert.rejects(nkt.init(nowhere()))]);
    await nkt.resume();
    assert.deepEqual([nkt.nick, nkt.room], ['second', null]);
    await Promise.all([nkt.init(config('third')), nkt.resume({ room: 'tea' })]); // of the one that is under way
    assert.deepEqual([nkt.nick, nkt.room], ['third', 'tea']);
  });

  test('another room beside one whose start failed is entered as what runs', async () => {
    const nkt = make();
    await nkt.init(config('runs', { history: false }));
    const other = await nkt.enter({ room: 'other' });
    peers.push(other);
    await assert.rejects(nkt.init({ ...config('wrong'), room: 'other' }), { code: 'NKT_E_IN_USE' }); // it goes on as it was
    const third = await nkt.enter({ room: 'third' });
    peers.push(third);
    assert.deepEqual([third.nick, third.mySwarm.address()], ['runs', nkt.mySwarm.address()]);
    await third.sendEncryptedMessage('kept nowhere');
    assert.deepEqual(await third.history(), []);
  });

  test('two rooms of a page that goes away while one is on its way to another: both come back, that one there', async () => {
    for (const ms of [6, 12, 18, 24, 36]) { // at most of these the way there ends in an error
      const page = Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { visibilityState: 'visible' }) });
      const nkt = make({ page });
      await nkt.init(config(`both-${ms}`, { room: 'one' }));
      const beside = await nkt.enter({ room: 'two' });
      peers.push(beside);
      const moved = beside.resume({ room: 'three' }).catch(() => {});
      await new Promise((resolve) => { setTimeout(resolve, ms); });
      page.dispatchEvent(new Event('pagehide'));
      await new Promise((resolve) => { setTimeout(resolve, 20); });
      page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
      await until(() => nkt.health().running && beside.health().running, 'both are back');
      assert.deepEqual([nkt.room, beside.room], ['one', 'three'], `${ms} ms`);
    }
  });
});

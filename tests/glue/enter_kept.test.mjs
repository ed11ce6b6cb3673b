// SPDX-License-Identifier: GPL-3.0-or-later
// Several rooms of an identity in a real Chromium: IndexedDB, Web Locks, the private file system; kept ones, and those of a tab.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openBrowser } from './support/browser.mjs';
import { skip } from './support/wasm.mjs';

describe('several rooms in a browser', { skip, timeout: 360_000 }, () => {
  /** @type {Awaited<ReturnType<typeof openBrowser>>} */
  let host;
  let context;
  before(async () => { host = await openBrowser(); });
  after(() => host.close());
  beforeEach(async () => { context = await host.browser.newContext(); });
  afterEach(() => context.close());

  async function newPage() {
    const page = await context.newPage();
    await page.goto(host.url);
    await prepare(page);
    return page;
  }
  /** @param {import('playwright-core').Page} page */
  const prepare = (page) => page.evaluate(async () => {
    const { Nkt } = await import('/glue/nkt.js');
    globalThis.config = (room, storage) => ({ nick: 'ann', room, storage, relays: [], trackers: [], wasm: '/core.wasm' });
    globalThis.start = async (room, storage) => {
      const nkt = new Nkt();
      await nkt.init(config(room, storage));
      return nkt;
    };
    globalThis.said = async (nkt) => (await nkt.history()).map(({ value }) => value).filter((value) => value !== null); // no contents
    globalThis.traces = async () => {
      const kept = (name) => name.includes('someone');
      const folders = [];
      const root = await navigator.storage.getDirectory();
      const places = await root.getDirectoryHandle('nkt-content').catch(() => null);
      for await (const name of places?.keys() ?? []) if (name.startsWith('kept-')) folders.push(name);
      const databases = (await indexedDB.databases()).map(({ name }) => name).filter(kept);
      return { databases, items: Object.keys(localStorage).filter(kept), folders };
    };
  });

  test('a kept identity: its rooms are there after a reload; who forgets it forgets all of them, and not while one is open', async () => {
    const page = await newPage();
    const first = await page.evaluate(async () => {
      const nkt = await start('x', { passphrase: 'one', name: 'someone' });
      const other = await start('x', { passphrase: 'two', name: 'someone else' });
      const all = [nkt];
      for (const room of ['y', 'z']) all.push(await nkt.enter({ room }));
      for (const one of [...all, other]) {
        await one.sendEncryptedMessage(`in ${one.room}`);
        await one.share(new Uint8Array(70_000).fill(1), { name: one.room });
      }
      await Promise.all(all.map((one) => one.close()));
      await other.close();
      return { traces: await traces() };
    });
    assert.equal(first.traces.databases.filter((name) => name.startsWith('nkt-room-someone-')).length, 2);
    assert.equal(first.traces.folders.length, 4);
    await page.reload();
    await prepare(page);
    const second = await page.evaluate(async () => {
      const beside = await start('y', { passphrase: 'one', name: 'someone', existing: true });
      const home = await beside.enter({ room: 'x' });
      const history = [await said(beside), await said(home)];
      const isSame = beside.mySwarm.address() === home.mySwarm.address();
      await home.close();
      const refused = await beside.forgetKept('someone').then(() => 'forgotten', ({ code }) => code);
      await beside.close();
      await beside.forgetKept('someone');
      return { history, isSame, refused, traces: await traces(), kept: (await beside.keptIdentities()).map(({ name }) => name) };
    });
    assert.deepEqual([second.history, second.isSame, second.refused], [[['in y'], ['in x']], true, 'NKT_E_IN_USE']);
    assert.deepEqual(second.kept, ['someone else']);
    assert.deepEqual(second.traces.databases, ['nkt-kept-someone else']);
    assert.ok(second.traces.items.every((name) => name.includes('someone else')), second.traces.items.join());
    assert.equal(second.traces.folders.length, 1);
    const other = await page.evaluate(async () => said(await start('x', { passphrase: 'two', name: 'someone else', existing: true })));
    assert.deepEqual(other, ['in x']);
  });

  test("a tab's: the same after a reload, whichever room is first; a duplicate is somebody else in all rooms", async () => {
    const page = await newPage();
    const address = await page.evaluate(async () => {
      const nkt = await start('x', 'tab');
      const beside = await nkt.enter({ room: 'y' }); // at once: its slot may not be made yet
      await nkt.sendEncryptedMessage('in x');
      await beside.sendEncryptedMessage('in y');
      return nkt.mySwarm.address();
    });
    await page.reload(); // nothing was closed in good order
    await prepare(page);
    const again = () => page.evaluate(async () => {
      const beside = globalThis.last = await start('y', undefined);
      const nkt = await beside.enter({ room: 'x' });
      return [beside.mySwarm.address(), nkt.mySwarm.address(), await said(beside), await said(nkt), nkt.health().storage.state];
    });
    assert.deepEqual(await again(), [address, address, ['in y'], ['in x'], 'ok']);
    const twin = await newPage();
    const item = await page.evaluate(() => sessionStorage.getItem('nkt-slot'));
    const others = await twin.evaluate(async (slot) => {
      sessionStorage.setItem('nkt-slot', slot);
      const nkt = await start('x', 'tab');
      const beside = await nkt.enter({ room: 'y' });
      return [nkt.mySwarm.address(), beside.mySwarm.address(), await said(beside), beside.health().storage.state];
    }, item);
    assert.equal(others[0], others[1]);
    assert.notEqual(others[0], address);
    assert.deepEqual(others.slice(2), [[], 'ok']);
    await page.reload();
    await prepare(page);
    assert.deepEqual(await again(), [address, address, ['in y'], ['in x'], 'ok']);
  });

  test('what is stored is taken away under open rooms: others are entered all the same, as the same person', async () => {
    const page = await newPage();
    const address = await page.evaluate(async () => {
      globalThis.first = await start('x', 'tab');
      await first.clearHistory(); // when that resolves all is stored, who she is as well
      await first.sendEncryptedMessage('in x');
      return first.mySwarm.address();
    });
    const cdp = await context.newCDPSession(page);
    await cdp.send('Storage.clearDataForOrigin', { origin: new URL(host.url).origin, storageTypes: 'indexeddb' }); // as a person does
    const seen = await page.evaluate(async () => {
      while (first.health().storage.state !== 'memory') await new Promise((resolve) => { setTimeout(resolve, 10); });
      const beside = await first.enter({ room: 'y' });
      await beside.sendEncryptedMessage('in y');
      const moved = await beside.enter({ room: 'z' });
      await moved.resume({ room: 'w' });
      return { who: first.rooms.map((one) => one.mySwarm.address()), said: [await said(first), await said(beside)] };
    });
    assert.deepEqual(seen, { who: [address, address, address], said: [['in x'], ['in y']] });
  });

  test('back from the cache of pages all rooms are taken up again at once, as one person', async () => {
    const page = await newPage();
    const seen = await page.evaluate(async () => {
      const results = [];
      for (const storage of ['none', 'tab', { passphrase: 'one', name: 'back' }]) {
        const nkt = await start('x', storage);
        const all = [nkt, await nkt.enter({ room: 'y' }), await nkt.enter({ room: 'z' })];
        const ready = () => Promise.all(all.map((one) => new Promise((resolve) => {
          const look = () => (one.health().running ? resolve(one.mySwarm.address()) : setTimeout(look, 10));
          look();
        })));
        const [before] = await ready();
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
        const isGone = all.every((one) => !one.health().running);
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
        const after = await ready();
        results.push([isGone, new Set(after).size, storage === 'none' || after[0] === before, nkt.rooms.length]);
        await Promise.all(all.map((one) => one.close()));
      }
      return results;
    });
    assert.deepEqual(seen, Array(3).fill([true, 1, true, 3]));
  });
});

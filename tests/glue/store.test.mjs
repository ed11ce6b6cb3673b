// SPDX-License-Identifier: GPL-3.0-or-later
// The tab's store in a real Chromium: IndexedDB, Web Locks, WebCrypto, sessionStorage.
// Alone: there is a bar of 500 ms.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { NoStore } from '../../glue/store_none.js';
import { openBrowser } from './support/browser.mjs';

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let host;
let context;
let page;

before(async () => {
  host = await openBrowser();
});
after(() => host.close());
beforeEach(async () => {
  context = await host.browser.newContext();
  page = await newPage();
});
afterEach(() => context.close());

/** A tab with `openStore()`: a store, what it gave back and what it reported. */
async function newPage() {
  const opened = await context.newPage();
  await opened.goto(host.url);
  await prepare(opened);
  return opened;
}

/** @param {import('playwright-core').Page} opened */
async function prepare(opened) {
  await opened.evaluate(async () => {
    const { TabStore } = await import('/glue/store_tab.js');
    const { platformHere } = await import('/glue/platform.js');
    /** @param {{speed?: number, wall?: number, indexedDB?: any}} options speed: divides every wait */
    globalThis.openStore = async ({ speed = 1, wall = Date.now(), ...parts } = {}) => {
      const trace = [];
      const platform = {
        ...platformHere(),
        clock: { now: () => performance.now(), wall: () => wall },
        timers: { setTimeout: (f, ms) => setTimeout(f, ms / speed), clearTimeout: (timer) => clearTimeout(timer) },
        ...parts,
      };
      const store = new TabStore({
        platform,
        onDurable: (ticket) => trace.push(`durable ${ticket}`),
        onState: () => trace.push(store.health.state),
      });
      const records = await store.open();
      const shown = () => records.map(([name, bytes]) => `${name}=${[...bytes]}`).sort();
      const hex = () => [...store.key].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      return (globalThis.last = { store, trace, records: shown(), key: hex(), slot: () => store.health.slot });
    };
    globalThis.until = async (condition) => {
      for (let i = 0; i < 500 && !(await condition()); i++) await new Promise((resolve) => setTimeout(resolve, 10));
      if (!(await condition())) throw new Error(`waited for ${condition}`);
    };
  });
}

test('a new slot is ready at once; what it wrote is there after a reload, under the same key', async () => {
  const first = await page.evaluate(async () => {
    const { store, trace, records, key } = await openStore();
    const stateAtOnce = store.health.state;
    store.put(1, 'identity', new Uint8Array([1]));
    store.put(2, 'session/x', new Uint8Array([2, 2]));
    store.put(3, 'gone', new Uint8Array([3]));
    store.put(4, 'session/x', new Uint8Array([4, 4])); // the newest wins
    store.commit();
    store.put(5, 'gone', null);
    store.commit(); // waits for the first transaction, in one of its own
    await until(() => trace.includes('durable 5'));
    return { stateAtOnce, trace, records, key, slot: store.health.slot };
  });
  assert.equal(first.stateAtOnce, 'opening');
  assert.deepEqual(first.records, []);
  // Both were there when the database was: one transaction.
  assert.deepEqual(first.trace, ['ok', 'durable 5']);

  await page.reload();
  await prepare(page);
  const second = await page.evaluate(async () => {
    const { store, records, key } = await openStore();
    return { records, key, slot: store.health.slot, state: store.health.state };
  });
  assert.deepEqual(second, { records: ['identity=1', 'session/x=4,4'], key: first.key, slot: first.slot, state: 'ok' });
});

test('puts while a transaction runs go into the next one, reported in order', async () => {
  const trace = await page.evaluate(async () => {
    const { store, trace } = await openStore();
    await until(() => store.health.state === 'ok');
    for (let ticket = 1; ticket <= 50; ticket++) {
      store.put(ticket, `r${ticket % 7}`, new Uint8Array([ticket]));
      store.commit();
      await null; // the first one is on its way
    }
    await store.flush();
    return trace;
  });
  assert.deepEqual(trace, ['ok', 'durable 1', 'durable 50']);
});

test('what nothing waits for is written in the next task, with what is said to it until then; what is waited for, at once', async () => {
  const seen = await page.evaluate(async () => {
    const { store, trace } = await openStore();
    await until(() => store.health.state === 'ok');
    const tasks = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function begin(...args) {
      tasks.push('transaction');
      return transaction.apply(this, args);
    };
    store.put(1, 'peer/a', new Uint8Array([1])); // something came in
    store.commit(false);
    for (let i = 0; i < 20; i++) await null; // a listener, and whoever awaits it, answers
    tasks.push('answered');
    store.put(2, 'peer/a', new Uint8Array([2]));
    store.commit(true); // a message waits for it
    await null;
    await null;
    tasks.push('waits');
    await until(() => trace.includes('durable 2'));
    store.put(3, 'peer/b', new Uint8Array([3])); // nobody answers
    store.commit(false);
    store.commit(false);
    await until(() => trace.includes('durable 3'));
    return { trace, tasks };
  });
  assert.deepEqual(seen.trace, ['ok', 'durable 2', 'durable 3']);
  assert.deepEqual(seen.tasks, ['answered', 'transaction', 'waits', 'transaction']);
});

test('a duplicated tab gets a slot of its own; the first one keeps its', async () => {
  const first = await page.evaluate(async () => {
    const { store, key } = await openStore();
    store.put(1, 'identity', new Uint8Array([1]));
    await store.flush();
    return { key, slot: store.health.slot };
  });
  const [twin] = await Promise.all([
    context.waitForEvent('page'),
    page.evaluate(() => void window.open(location.href)), // takes a copy of sessionStorage along
  ]);
  await twin.waitForLoadState();
  await prepare(twin);
  const second = await twin.evaluate(async () => {
    const copied = sessionStorage.getItem('nkt-slot');
    const { store, records, key } = await openStore();
    await until(() => store.health.state === 'ok');
    return { copied, records, key, slot: store.health.slot };
  });
  assert.equal(second.copied, first.slot);
  assert.deepEqual(second.records, []);
  assert.notEqual(second.slot, first.slot);
  assert.notEqual(second.key, first.key);
});

test('the key of the store lies sealed in the database, by a key that cannot be taken out', async () => {
  const found = await page.evaluate(async () => {
    const { store, key } = await openStore();
    store.put(1, 'a', new Uint8Array([1]));
    await store.flush();
    const db = await new Promise((resolve) => {
      indexedDB.open(`nkt-tab-${store.health.slot}`).onsuccess = ({ target }) => resolve(target.result);
    });
    const meta = await new Promise((resolve) => {
      db.transaction('meta').objectStore('meta').get('key').onsuccess = ({ target }) => resolve(target.result);
    });
    const hex = [...new Uint8Array(meta.sealed)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const exported = await crypto.subtle.exportKey('raw', meta.key).then(() => 'yes', (error) => error.name);
    return { keys: Object.keys(meta).sort(), extractable: meta.key.extractable, exported, isClear: hex.includes(key) };
  });
  assert.deepEqual(found, { keys: ['iv', 'key', 'sealed'], extractable: false, exported: 'InvalidAccessError', isClear: false });
});

test('storage blocked: goes on in memory, says so once, with the reason', async () => {
  const results = await page.evaluate(async () => {
    const throwing = { open: () => { throw new DOMException('denied by the person', 'SecurityError'); } };
    const all = [];
    for (const parts of [{ indexedDB: throwing }, { indexedDB: null }, { locks: null }, { crypto: { getRandomValues: (v) => v } }]) {
      sessionStorage.clear();
      const { store, trace } = await openStore(parts);
      store.put(1, 'a', new Uint8Array([1]));
      store.commit();
      await until(() => trace.includes('durable 1'));
      store.put(2, 'a', new Uint8Array([2]));
      store.commit();
      all.push({ trace, state: store.health.state, error: store.health.error });
    }
    return all;
  });
  for (const { trace, state, error } of results) {
    assert.equal(state, 'memory');
    assert.deepEqual(trace, ['memory', 'durable 1', 'durable 2']);
    assert.match(error, /denied|not available/);
  }
});

test('storage full: goes on in memory, and writes everything when there is room again', async () => {
  const cdp = await context.newCDPSession(page);
  const origin = new URL(host.url).origin;
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
  await page.evaluate(async () => {
    const { store } = await openStore({ speed: 20 });
    store.put(1, 'a', new Uint8Array([1]));
    await store.flush();
  });
  const full = await page.evaluate(async () => {
    const { store, trace } = globalThis.last;
    store.put(2, 'b', new Uint8Array(3_000_000).fill(2));
    store.commit();
    await until(() => trace.includes('durable 2'));
    store.put(3, 'c', new Uint8Array([3]));
    store.commit();
    return { trace: [...trace], health: store.health };
  });
  assert.deepEqual(full.trace, ['ok', 'durable 1', 'memory', 'durable 2', 'durable 3']);
  assert.match(full.health.error, /./);

  await cdp.send('Storage.overrideQuotaForOrigin', { origin });
  await page.evaluate(() => until(() => globalThis.last.store.health.state === 'ok'));
  await page.reload();
  await prepare(page);
  const records = await page.evaluate(async () => (await openStore()).records.map((record) => record.slice(0, 3)));
  assert.deepEqual(records, ['a=1', 'b=2', 'c=3']);
});

test('a slot whose key does not open is left as it is, and said', async () => {
  await page.evaluate(async () => {
    const { store } = await openStore();
    store.put(1, 'a', new Uint8Array([1]));
    await store.flush();
    const db = await new Promise((resolve) => {
      indexedDB.open(`nkt-tab-${store.health.slot}`).onsuccess = ({ target }) => resolve(target.result);
    });
    const tx = db.transaction('meta', 'readwrite');
    tx.objectStore('meta').get('key').onsuccess = ({ target }) => {
      new Uint8Array(target.result.sealed)[0] ^= 1;
      tx.objectStore('meta').put(target.result, 'key');
    };
    await new Promise((resolve) => (tx.oncomplete = resolve));
  });
  await page.reload();
  await prepare(page);
  const { records, health } = await page.evaluate(async () => {
    const { store, trace, records } = await openStore();
    store.put(1, 'a', new Uint8Array([9]));
    store.commit();
    await until(() => trace.includes('durable 1'));
    return { records, health: store.health };
  });
  assert.deepEqual(records, []);
  assert.equal(health.state, 'memory');
  assert.ok(health.error);
});

test('a page that goes away: what waits for the transaction that runs is written all the same', async () => {
  for (let life = 1; life <= 5; life++) {
    await page.evaluate(async (now) => {
      const { store } = await openStore();
      await until(() => store.health.state === 'ok');
      store.put(1, 'first', new Uint8Array([now]));
      await store.flush();
      const timer = setInterval(() => { // one always runs from now on
        store.put(2, 'often', new Uint8Array(100_000));
        store.commit();
      }, 0);
      addEventListener('pagehide', () => {
        clearInterval(timer);
        store.put(3, 'last', new Uint8Array([now]));
        store.close({ immediate: true });
      });
    }, life);
    await page.reload();
    await prepare(page);
    const records = await page.evaluate(async () => {
      const { store, records } = await openStore();
      await store.close();
      return records.filter((record) => !record.startsWith('often'));
    });
    assert.deepEqual(records, [`first=${life}`, `last=${life}`]);
  }
});

test('close lets go of the slot, so that a reload finds it again at once', async () => {
  const seen = await page.evaluate(async () => {
    const { store } = await openStore();
    store.put(1, 'a', new Uint8Array([1]));
    await store.close();
    const isWiped = store.key.every((byte) => byte === 0);
    const { records } = await openStore(); // a slot still held would be passed over: another one, empty
    return { isWiped, count: records.length };
  });
  assert.deepEqual(seen, { isWiped: true, count: 1 });
});

test('slots that nobody opened for a week are swept; the young and the locked stay', async () => {
  const day = 24 * 3600 * 1000;
  const make = (age) => page.evaluate(async (wall) => {
    sessionStorage.clear();
    const { store } = await openStore({ wall });
    store.put(1, 'a', new Uint8Array([1]));
    await store.flush();
    const { slot } = store.health;
    globalThis.kept = [...(globalThis.kept ?? []), store];
    return slot;
  }, Date.now() - age);
  const closeLast = () => page.evaluate(() => globalThis.kept.pop().close());
  const old = await make(8 * day);
  await closeLast();
  const young = await make(6 * day);
  await closeLast();
  const locked = await make(9 * day);
  const left = await page.evaluate(async (gone) => {
    sessionStorage.clear();
    const { store } = await openStore({ speed: 100 });
    const names = async () => (await indexedDB.databases()).map(({ name }) => name.slice('nkt-tab-'.length));
    await until(async () => !(await names()).includes(gone));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { names: await names(), own: store.health.slot };
  }, old);
  assert.deepEqual(left.names.sort(), [young, locked, left.own].sort());
});

test('rooms go with their slot: not before it, however long nobody opened them, and not after it', async () => {
  const day = 24 * 3600 * 1000;
  const room = 'b'.repeat(32);
  const make = () => page.evaluate(async ([wall, name]) => {
    sessionStorage.clear();
    const { store } = await openStore({ wall });
    await store.keep('plugin/x', new Uint8Array([1]));
    const beside = store.beside(name, { onDurable() {}, onState() {}, onPut() {} });
    await beside.open();
    await beside.keep('plugin/y', new Uint8Array([1]));
    await beside.close();
    globalThis.kept = [...(globalThis.kept ?? []), store];
    return store.health.slot;
  }, [Date.now() - 9 * day, room]);
  const old = await make();
  await page.evaluate(() => globalThis.kept.pop().close());
  const orphan = await make();
  await page.evaluate(async (slot) => {
    await globalThis.kept.pop().close();
    await new Promise((resolve) => { indexedDB.deleteDatabase(`nkt-tab-${slot}`).onsuccess = resolve; });
  }, orphan);
  const locked = await make(); // by a tab that is in another room for days
  const left = await page.evaluate(async (gone) => {
    sessionStorage.clear();
    const { store } = await openStore({ speed: 100 });
    const names = async () => (await indexedDB.databases()).map(({ name }) => name.slice('nkt-tab-'.length));
    await until(async () => !(await names()).some((name) => gone.includes(name.slice(0, 32))));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { names: await names(), own: store.health.slot };
  }, [old, orphan]);
  assert.deepEqual(left.names.sort(), [locked, `${locked}-${room}`, left.own].sort());
});

test("storage 'none': every PUT counts as done at once", async () => {
  const durable = [];
  const store = new NoStore({ onDurable: (ticket) => durable.push(ticket) });
  assert.deepEqual(await store.open(), []);
  assert.equal(store.commit(), false);
  store.put(3);
  assert.equal(store.commit(), true);
  assert.equal(store.commit(), false);
  assert.deepEqual(durable, [3]);
  assert.deepEqual([store.key, store.health], [null, { kind: 'none', state: 'off' }]);
});

test('two kept identities in two tabs that are closed at once: each finds its own rest, and none that another left', async () => {
  const open = (tab, name, stranger = false) => tab.evaluate(async ({ id, isOld }) => {
    const { KeptStore } = await import('/glue/store_kept.js');
    const { platformHere } = await import('/glue/platform.js');
    if (isOld) localStorage.setItem(`nkt-rest nkt-kept-${id}`, JSON.stringify({ slot: `nkt-kept-${id}`, id: '', records: [['old', [7]]] }));
    const derive = async () => new Uint8Array(32).fill(1); // how a key comes about is not what this is about
    const store = new KeptStore({ name: id, passphrase: 'p', derive, platform: platformHere(), onDurable: () => {} });
    const records = (await store.open()).map(([record, bytes]) => `${record}=${[...bytes]}`).sort();
    store.put(1, 'id', new TextEncoder().encode(id));
    await store.flush();
    globalThis.store = store;
    return records;
  }, { id: name, isOld: stranger });
  const names = ['ann', 'bob'];
  const tabs = [page, await newPage()];
  for (const [i, name] of names.entries()) assert.deepEqual(await open(tabs[i], name), []);
  const goAway = (tab, byte) => tab.evaluate((value) => {
    IDBDatabase.prototype.transaction = () => { throw new Error('the page is gone'); };
    store.put(2, 'last', new Uint8Array([value]));
    store.close({ immediate: true });
  }, byte);
  await Promise.all(tabs.map((tab, i) => goAway(tab, i)));
  await Promise.all(tabs.map((tab) => tab.close()));
  page = await newPage();
  const bytes = (text) => [...new TextEncoder().encode(text)];
  for (const [i, name] of names.entries()) assert.deepEqual(await open(page, name), [`id=${bytes(name)}`, `last=${i}`], name);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), [], 'taken up and written: gone');
  assert.deepEqual(await open(page, 'carl', true), [], 'a new one has no rest, whoever left one under its name');
  await page.evaluate(() => store.close());
  assert.deepEqual(await open(page, 'carl', true), [`id=${bytes('carl')}`, 'old=7'], 'of an older version');
});

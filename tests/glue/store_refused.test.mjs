// SPDX-License-Identifier: GPL-3.0-or-later
// A place that works, but for one record: all others are kept, and it is told.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Store } from '../../glue/store.js';
import { FileStore } from '../../glue/store_files.js';
import { openBrowser } from './support/browser.mjs';

const clock = { now: () => performance.now(), wall: () => Date.now() };
const soon = queueMicrotask;
const show = (records) => records.map(([name, bytes]) => `${name}=${[...bytes]}`).sort();

/** @param {Store} store @param {number} ticket @param {Record<string, number|null>} values */
function put(store, ticket, values) {
  for (const [name, value] of Object.entries(values)) store.put(ticket, name, value === null ? null : new Uint8Array([value]));
  store.commit();
}

describe('a folder in which one file cannot be written', () => {
  let root;
  before(() => { root = mkdtempSync(path.join(tmpdir(), 'nkt-refused-')); });
  after(() => rmSync(root, { recursive: true, force: true }));

  /** @param {string} folder */
  async function open(folder) {
    const told = [];
    const store = new FileStore({
      folder, derive: async () => new Uint8Array(32), onDurable: () => {}, onState: () => told.push(store.health),
      platform: { crypto: webcrypto, timers: { setTimeout, clearTimeout }, clock, soon },
    });
    return { store, told, records: await store.open() };
  }

  for (const [where, inTheWay] of [['beside its place', 'b.record.new'], ['in its place', 'b.record']]) {
    const title = `${where}: all others are kept, also later; it is told once, and kept with what comes when it can be`;
    test(title, { timeout: 20_000 }, async (t) => {
      const folder = path.join(root, where.replaceAll(' ', '-'));
      const { store, told } = await open(folder);
      t.after(() => store.close());
      await store.settle();
      mkdirSync(path.join(folder, inTheWay));
      put(store, 1, { a: 1, b: 1, c: 1 });
      await store.flush();
      put(store, 2, { b: 2 });
      await store.flush();
      put(store, 3, { b: 3, d: 3 });
      await store.flush();
      assert.deepEqual(readdirSync(folder).filter((file) => /^[a-d]\.record$/.test(file) && file !== inTheWay).sort(),
        ['a.record', 'c.record', 'd.record']);
      assert.ok(!existsSync(path.join(folder, 'commit')), 'nothing is left half done');
      assert.equal(store.health.state, 'ok');
      assert.match(store.health.error, /^b: /);
      assert.deepEqual(told.filter(({ error }) => error).length, 1, JSON.stringify(told));
      rmdirSync(path.join(folder, inTheWay));
      put(store, 4, { a: 4 });
      await store.flush();
      assert.equal(store.health.error, undefined);
      await store.close();
      const again = await open(folder);
      assert.deepEqual(show(again.records), ['a=4', 'b=3', 'c=1', 'd=3']);
      await again.store.close();
    });
  }
});

/** Over a place that refuses what refuses(name, bytes) says, in as many words. */
async function storeOver(refuses) {
  const stored = new Map();
  const told = [];
  const place = {
    kind: 'test', health: {}, isStrict: false, isThere: true,
    open: async () => ({ key: new Uint8Array(32), records: new Map() }),
    write: async (batch) => {
      for (const [name, bytes] of batch) {
        const error = refuses(name, bytes);
        if (error) throw error;
      }
      for (const [name, bytes] of batch) bytes === null ? stored.delete(name) : stored.set(name, bytes);
    },
    read: async () => stored, drop() {}, release() {},
  };
  const durable = [];
  const platform = { crypto: webcrypto, clock, timers: { setTimeout, clearTimeout }, soon };
  const store = new Store({ place, platform, onDurable: (ticket) => durable.push(ticket), onState: () => told.push(store.health.state) });
  await store.open();
  return { store, stored, told, durable };
}

test('of a session that is refused nothing older stays: no key of it would be used twice; of what else is refused it stays', async () => {
  let isRefusing = false;
  const { store, stored, durable } = await storeOver((name, bytes) => isRefusing && bytes !== null && /^peer|^pins/.test(name)
    && Object.assign(new Error('refused'), { record: name }));
  put(store, 1, { 'peer/00': 1, 'peer/11': 1, pins: 1, a: 1 });
  await store.flush();
  isRefusing = true;
  put(store, 2, { 'peer/00': 2, pins: 2, a: 2 });
  await store.flush();
  assert.deepEqual(show([...stored]), ['a=2', 'peer/11=1', 'pins=1']);
  assert.deepEqual(durable, [1, 2]);
  assert.equal(store.health.state, 'ok');
  assert.deepEqual(show([...await store.rows()]), ['a=2', 'peer/00=2', 'peer/11=1', 'pins=2'], 'who goes on has the newest of all');
  isRefusing = false;
  put(store, 3, { pins: 3 });
  await store.flush();
  assert.deepEqual(show([...stored]), ['a=2', 'peer/00=2', 'peer/11=1', 'pins=3']);
  await store.close();
});

test('where there is no room, and where all are refused, it is the place that does not work', async () => {
  const full = await storeOver(() => Object.assign(new Error('no room'), { code: 'ENOSPC' }));
  const none = await storeOver((name) => Object.assign(new Error('refused'), { record: name }));
  for (const { store, stored, told, durable } of [full, none]) {
    put(store, 1, { a: 1, b: 1, c: 1 });
    await store.flush();
    assert.deepEqual([stored.size, durable, told.at(-1)], [0, [1], 'memory']);
    await store.close();
  }
});

test('a database that refuses one record by itself: all or nothing of each write, and the others are kept', async () => {
  const host = await openBrowser();
  try {
    const context = await host.browser.newContext();
    const page = await context.newPage();
    await page.goto(host.url);
    const result = await page.evaluate(async () => {
      const { TabStore } = await import('/glue/store_tab.js');
      const { platformHere } = await import('/glue/platform.js');
      const told = [];
      const platform = { ...platformHere(), clock: { now: () => performance.now(), wall: () => Date.now() } };
      const open = async () => {
        const store = new TabStore({ platform, onDurable: () => {}, onState: () => told.push(store.health.error ?? store.health.state) });
        return { store, records: await store.open() };
      };
      const { store } = await open();
      store.put(1, 'a', new Uint8Array([1]));
      store.put(1, 'b', () => {}); // cannot be cloned
      store.put(1, 'c', new Uint8Array([1]));
      await store.flush();
      store.put(2, 'd', new Uint8Array([2]));
      await store.flush();
      const { state, error } = store.health;
      await store.close();
      const again = await open();
      const records = again.records.map(([name, bytes]) => `${name}=${[...bytes]}`).sort();
      await again.store.close();
      return { state, error, told, records };
    });
    assert.deepEqual(result.records, ['a=1', 'c=1', 'd=2']);
    assert.equal(result.state, 'ok');
    assert.match(result.error, /^b: /);
    await context.close();
  } finally {
    await host.close();
  }
});

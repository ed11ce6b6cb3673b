// SPDX-License-Identifier: GPL-3.0-or-later
// What a browser holds of somebody, half gone, spoilt or of another version: whoever is kept is who he was, or it is said why not; a tab
// as well, or it is somebody new, in a place that works, or in memory with the reason. Nothing is a fault of the page, and nothing hangs.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openBrowser } from './support/browser.mjs';
import { skip } from './support/wasm.mjs';

const REFUSED = {
  damaged: ['NKT_E_STORAGE', /stored identity is damaged or gone/], gone: ['NKT_E_STORAGE', /records of this identity are gone/],
  keyless: ['NKT_E_STORAGE', /key of this identity is gone/], spoilt: ['NKT_E_STORAGE', /sealed key is damaged/],
  newer: ['NKT_E_NEWER', /stored by a newer version/], foreign: ['NKT_E_STORAGE', /cannot be opened: /],
};

/** In the page: life(storage) is one visit, edit(change) changes what it left. */
function prepare() {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  window.life = async (storage) => {
    const { Nkt } = await import('/glue/nkt.js');
    const nkt = new Nkt();
    try {
      await nkt.init({ nick: 'ann', room: 'one', relays: [], trackers: [], wasm: '/core.wasm', storage });
    } catch ({ code, message }) {
      return { code, message };
    }
    const history = await nkt.history();
    await nkt.sendEncryptedMessage('said');
    const health = async () => {
      const { storage: told } = nkt.health();
      if (told.state !== 'opening') return told;
      await new Promise((resolve) => { setTimeout(resolve, 10); });
      return health();
    };
    const { state, error = '' } = await health();
    const address = nkt.mySwarm.address();
    await nkt.close();
    return { address, state, error, past: history.length };
  };
  window.place = async () => (await indexedDB.databases()).find(({ name }) => /^nkt-(?:tab-[0-9a-f]{32}|kept-)$/.test(name)).name;
  window.changes = {
    records: async (records, meta, names) => { for (const name of names) records.delete(name); },
    noRecords: (records) => records.clear(),
    noMeta: (records, meta) => meta.clear(),
    key: (records, meta, value) => meta.put(value, 'key'),
    values: async (records, meta, value) => {
      for (const name of await done(records.getAllKeys())) if (name !== 'spare') records.put(value, name);
    },
    names: (records) => {
      for (const name of [7, '', 'x'.repeat(500), 'drafts/1', ['a', 1]]) records.put(new Uint8Array(3), name);
    },
  };
  window.edit = async ({ change, arg }) => {
    const name = await window.place();
    if (change === 'version') return (await done(indexedDB.open(name, 2))).close();
    if (change === 'stores') {
      await done(indexedDB.deleteDatabase(name));
      return (await done(indexedDB.open(name, 1))).close();
    }
    if (change === 'rest') {
      const left = typeof arg === 'string' ? arg : JSON.stringify({ slot: name, id: 'x', records: arg });
      return (name.startsWith('nkt-tab-') ? sessionStorage : localStorage).setItem(`nkt-rest ${name}`, left);
    }
    const db = await done(indexedDB.open(name));
    const tx = db.transaction(['records', 'meta'], 'readwrite');
    await window.changes[change](tx.objectStore('records'), tx.objectStore('meta'), arg);
    await new Promise((resolve) => { tx.oncomplete = resolve; });
    return db.close();
  };
}

describe('half of a store in a browser', { skip, timeout: 240_000 }, () => {
  let host;
  let context;
  let page;
  let faults;
  before(async () => { host = await openBrowser(); });
  after(() => host.close());
  beforeEach(async () => {
    context = await host.browser.newContext();
    await context.addInitScript(prepare);
    page = await context.newPage();
    faults = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(host.url);
  });
  afterEach(() => context.close());

  const TAB = 'tab';
  const KEPT = { passphrase: 'open sesame' };
  const visit = async (storage) => {
    await page.goto(host.url);
    return page.evaluate((given) => window.life(given), storage);
  };

  /** What was changed, how, with what; a tab: 'same', 'new' (and kept), or what is said in memory; who is kept: 'same', or why not. */
  const ROWS = [
    ['one record of the identity gone', 'records', ['identity'], 'same', 'same'],
    ['both gone', 'records', ['identity', 'spare'], 'new', 'damaged'],
    ['the history gone', 'records', ['log/00000001'], 'same', 'same'],
    ['all records gone', 'noRecords', null, 'new', 'gone'],
    ['the key gone', 'noMeta', null, 'new', 'keyless'],
    ['a key that is none', 'key', 5, /decrypt/, 'spoilt'],
    ['a key of a newer version', 'key', { version: 2 }, /decrypt/, 'newer'],
    ['a database of a newer version', 'version', null, /stored by a newer version/, 'newer'],
    ['a database of somebody else', 'stores', null, /object stores was not found/, 'foreign'],
    ['numbers for records', 'values', 5, 'same', 'same'],
    ['records with names that are none', 'names', null, 'same', 'same'],
    ['a rest that is no JSON', 'rest', '{', 'same', 'same'],
    ['a rest of numbers', 'rest', [[1, [300]], [2, null]], 'same', 'same'],
    ['a rest of nonsense', 'rest', [['identity', [1]], ['log/00000001', 'abc']], 'same', 'same'],
  ];
  for (const [what, change, arg, tab, kept] of ROWS) {
    for (const [storage, wanted] of [[TAB, tab], [KEPT, kept]]) {
      test(`${what}: ${storage === TAB ? 'a tab' : 'who is kept'}`, async () => {
        const first = await visit(storage);
        assert.equal(first.state, 'ok', first.message);
        await page.evaluate((given) => window.edit(given), { change, arg });
        const second = await visit(storage);
        if (typeof wanted === 'string' && wanted in REFUSED) {
          const [code, message] = REFUSED[wanted];
          assert.equal(second.code, code, second.message);
          assert.match(second.message, message);
        } else {
          const third = await visit(storage); // what the second did is sound
          assert.equal(second.address === first.address, wanted === 'same', second.message);
          assert.equal(second.state, wanted instanceof RegExp ? 'memory' : 'ok');
          if (wanted instanceof RegExp) assert.match(second.error, wanted);
          else assert.deepEqual([third.address, third.state, third.past], [second.address, 'ok', second.past + 1]);
        }
        assert.deepEqual(faults, []);
      });
    }
  }

  test('another tab would have its database deleted, or of a new version: it goes on, and keeps what is said', async () => {
    const { address } = await visit(KEPT);
    const other = await context.newPage();
    await other.goto(host.url);
    await page.goto(host.url);
    const seen = await page.evaluate(async (storage) => {
      const { Nkt } = await import('/glue/nkt.js');
      window.nkt = new Nkt();
      await window.nkt.init({ nick: 'ann', room: 'one', relays: [], trackers: [], wasm: '/core.wasm', storage });
      return window.nkt.mySwarm.address();
    }, KEPT);
    assert.equal(seen, address);
    const asked = await other.evaluate(async () => {
      const request = indexedDB.open(await window.place(), 2);
      return new Promise((resolve) => { for (const name of ['blocked', 'success']) request.addEventListener(name, () => resolve(name)); });
    });
    assert.equal(asked, 'blocked');
    const state = await page.evaluate(async () => {
      await window.nkt.sendEncryptedMessage('meanwhile');
      const { length } = await window.nkt.history();
      const { state: told } = window.nkt.health().storage;
      await window.nkt.close();
      return `${told} ${length}`;
    });
    assert.equal(state, 'ok 2');
    const { code } = await visit(KEPT); // it is as the other tab wanted it, by now
    assert.equal(code, 'NKT_E_NEWER');
    assert.deepEqual(faults, []);
  });
});

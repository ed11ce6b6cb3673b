// SPDX-License-Identifier: GPL-3.0-or-later
// Storage that fails under the whole page: full, blocked, damaged. It goes on, says so once, and nobody becomes somebody else in silence.
// Alone: how soon one talks though the storage is silent is measured.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { fault, print } from '../support/figures.mjs';
import { slowly } from '../support/slow.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, clean } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const HEAL_MS_MAX = slowly(5000);
const SILENT_MS_MAX = slowly(5000); // from the login until the first message is delivered
const REFUSED_MS_MAX = slowly(20_000); // START_MS of glue/patience.js, and what four tabs take beside it
const CALM_MS_MAX = slowly(90_000); // twice CALM_MS of glue/store.js and more: it may have failed before, and then has to work for a while
const QUOTA_SIZE = 300_000;
const LARGE_SIZE = 20_000; // of a message

describe('storage', { skip, timeout: slowly(180_000) }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const pair = (options) => stage.people(['Ann', 'Bob'], options);

  /** Both ways, delivered. */
  async function talk(ann, bob, about) {
    for (const [from, to] of [[ann, bob], [bob, ann]]) {
      const text = `${from.name} ${about}`;
      await from.type(text);
      await to.shows(text);
      await from.shows(text, '.own[data-state=delivered]');
    }
  }

  const stores = (tab, state, ms) => tab.until((wanted) => nkt.health().storage.state === wanted, state, `storage: ${state}`, ms);
  const saidOf = (tab, text) => tab.page.locator('#messages .note', { hasText: text }).count();

  test('full: goes on in memory, says so once, also where that is known late; with room again all of it is kept', async () => {
    const { origin } = new URL(stage.app.url);
    let devtools;
    const [ann, bob] = await pair({
      before: () => { // a busy machine tells the first failure when nobody waits for it any more
        let lateMs = 3000;
        Object.defineProperty(IDBTransaction.prototype, 'onabort', {
          set(tell) {
            this.addEventListener('abort', (event) => {
              setTimeout(() => tell(event), lateMs);
              lateMs = 0;
            });
          },
        });
      },
      async prepare([tab]) { // before anything is stored: the browser looks up only now and then how much room there is
        devtools = await tab.page.context().newCDPSession(tab.page);
        await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: QUOTA_SIZE });
      },
    });
    await talk(ann, bob, 'before');
    await stores(ann, 'ok');
    for (let i = 0; i < 10; i++) await bob.say({ large: 'x'.repeat(LARGE_SIZE), i });
    await bob.delivered();
    for (let i = 0; i < 3; i++) await talk(ann, bob, `with a full disk, ${i}`);
    await ann.answers('Storage is full or blocked');
    await stores(ann, 'memory');
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    await stores(ann, 'ok', CALM_MS_MAX);
    await ann.answers('Storage works again');
    assert.equal(await saidOf(ann, 'Storage is full or blocked'), 1);
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await ann.shows('Bob with a full disk, 2');
    await allMeet([ann, bob]);
    assert.equal(await ann.run(() => nkt.mySwarm.address()), ann.address);
    await talk(ann, bob, 'after');
    assert.equal((await ann.run(() => nkt.history())).filter(({ value }) => value.large).length, 10);
    for (const tab of [ann, bob]) {
      const heard = (await tab.messages()).map(({ json }) => json);
      assert.equal(new Set(heard).size, heard.length, 'nothing twice');
    }
    await clean(ann, bob);
  });

  test('taken away by the browser, which lost its connection to it: found again, with what was said meanwhile', async () => {
    const [ann, bob] = await pair({
      before: () => {
        const { open } = IDBFactory.prototype;
        const databases = [];
        IDBFactory.prototype.open = function openNoted(...given) {
          if (window.isDown) throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
          const request = open.apply(this, given);
          request.addEventListener('success', () => databases.push(request.result));
          return request;
        };
        window.lose = (isDown) => { // as WebKit does with pages in the background
          window.isDown = isDown;
          for (const db of databases.splice(0)) {
            db.close();
            db.dispatchEvent(new Event('close'));
          }
        };
      },
    });
    await talk(ann, bob, 'before');
    await ann.run(() => window.lose(false));
    await stores(ann, 'ok');
    await talk(ann, bob, 'after a moment');
    assert.equal(await saidOf(ann, 'Storage is full or blocked'), 0, 'of a moment nothing is said');

    await ann.run(() => window.lose(true));
    await ann.answers('Storage is full or blocked');
    await talk(ann, bob, 'without it');
    await ann.run(() => { window.isDown = false; });
    await ann.answers('Storage works again');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    for (const about of ['before', 'after a moment', 'without it']) await ann.shows(`Bob ${about}`);
    await allMeet([ann, bob]);
    assert.equal(await ann.run(() => nkt.mySwarm.address()), ann.address);
    await talk(ann, bob, 'after');
    for (const tab of [ann, bob]) {
      const heard = (await tab.messages()).map(({ json }) => json);
      assert.equal(new Set(heard).size, heard.length, 'nothing twice');
    }
    await clean(ann, bob);
  });

  test('blocked: says that the next reload makes one somebody else', async () => {
    const [ann, bob] = await pair({
      before: () => { IDBFactory.prototype.open = () => { throw new DOMException('denied by the person', 'SecurityError'); }; },
    });
    assert.match(await ann.answers('Storage is full or blocked'), /nothing is kept.*denied by the person/);
    await talk(ann, bob, 'without any storage');
    await stores(ann, 'memory');
    await ann.page.reload();
    await ann.until(() => nkt.mySwarm.address(), undefined, 'an address');
    await ann.answers('Storage is full or blocked');
    assert.notEqual(await ann.run(() => nkt.mySwarm.address()), ann.address);
    await clean(ann, bob);
  });

  /** What a browser looks like whose storage hangs, at one place or the other. */
  const SILENT = {
    'IndexedDB is not opened': () => { IDBFactory.prototype.open = () => new EventTarget(); },
    'transactions do not end': () => {
      Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set() {} });
    },
    'locks are neither granted nor refused': () => { LockManager.prototype.request = () => new Promise(() => {}); },
    'WebCrypto does not answer': () => { SubtleCrypto.prototype.generateKey = () => new Promise(() => {}); },
  };
  for (const [name, before] of Object.entries(SILENT)) {
    test(`silent (${name}): what was said leaves, it is said once that nothing is kept, no tick comes too early`, async () => {
      const fragment = `room=${stage.newRoom()}`;
      const [ann] = await stage.tabs(1, { fragment, before });
      const [bob] = await stage.tabs(1, { fragment });
      await bob.logIn('Bob');
      const begun = Date.now();
      await ann.logIn('Ann');
      await ann.session(bob.address, SILENT_MS_MAX);
      await ann.type('is anybody there?');
      await bob.shows('is anybody there?');
      const ms = Date.now() - begun;
      print(`${name}: talking ${ms} ms after the login`);
      assert.ok(ms <= SILENT_MS_MAX, `${ms} ms`);
      await talk(ann, bob, 'without storage that answers');
      assert.match(await ann.answers('Storage does not answer'), /nothing is kept/);
      assert.equal(await saidOf(ann, 'Storage does not answer'), 1);
      await stores(ann, 'memory');
      await clean(ann, bob);
    });
  }

  test('silent at any of them: a passphrase is refused, by who starts with it and would rather have waited', async () => {
    const importing = () => { SubtleCrypto.prototype.importKey = () => new Promise(() => {}); };
    await Promise.all(Object.entries(SILENT).map(async ([name, before]) => { // at a time: they wait
      const [ann] = await stage.tabs(1, { before: name.startsWith('WebCrypto') ? importing : before });
      const seen = await ann.run(async () => {
        const begun = performance.now();
        const storage = { passphrase: 'correct horse battery' };
        const error = await nkt.init({ nick: 'Ann', storage }).then(() => null, (reason) => reason);
        return { code: error?.code, message: error?.message, ms: performance.now() - begun, isRunning: nkt.health().running };
      });
      assert.equal(seen.code, 'NKT_E_STORAGE', `${name}: ${seen.message}`);
      assert.match(seen.message, /does not answer/, name);
      assert.ok(seen.ms <= REFUSED_MS_MAX, `${name}: ${seen.ms} ms`);
      assert.equal(seen.isRunning, false, name);
    }));
  });

  test('one byte flipped in each record but the keys: same address, sessions heal, what can be read is there', async () => {
    const [ann, bob] = await pair();
    await talk(ann, bob, 'before');
    await ann.run(() => nkt.history()); // so that it is written
    await ann.page.goto('about:blank');
    await ann.page.goto(`${stage.app.url}/favicon.svg`); // of the same origin, and nothing runs there
    const flipped = await ann.run(async () => {
      const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const [{ name }] = (await indexedDB.databases()).filter((one) => one.name.startsWith('nkt-tab-'));
      const db = await done(indexedDB.open(name));
      const store = db.transaction('records', 'readwrite').objectStore('records');
      const names = (await done(store.getAllKeys())).filter((key) => key !== 'spare'); // the identity is there twice
      for (const key of names) {
        const bytes = await done(store.get(key));
        bytes[Math.floor(bytes.length / 2)] ^= 1;
        await done(store.put(bytes, key));
      }
      db.close();
      return names;
    });
    assert.ok(flipped.includes('identity') && flipped.some((name) => name.startsWith('peer/')) && flipped.length >= 3, flipped.join());
    const begun = Date.now();
    await ann.page.goto(`${stage.app.url}/?nick=Ann&auto=1${new URL(bob.page.url()).hash}`);
    await ann.until(() => nkt.mySwarm.address(), undefined, 'an address');
    assert.equal(await ann.run(() => nkt.mySwarm.address()), ann.address);
    await ann.session(bob.address);
    await talk(ann, bob, 'after');
    const healedMs = Date.now() - begun;
    print(`${flipped.length} records damaged, talking again after ${healedMs} ms`);
    fault('one byte flipped in a stored record', { healedMs });
    assert.ok(healedMs <= HEAL_MS_MAX, `${healedMs} ms`);
    await ann.until((count) => nkt.health().counters.recordsQuarantined >= count, flipped.length, 'each of them found');
    assert.equal(await ann.run(() => nkt.health().counters.recordsQuarantined), flipped.length);
    await clean(ann, bob);
  });
});

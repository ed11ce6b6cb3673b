// SPDX-License-Identifier: GPL-3.0-or-later
// Where contents lie in a browser: a worker that ends midway, what is left by those who are gone or forgotten.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { slowly } from '../support/slow.mjs';
import { Stage } from '../support/stage.mjs';
import { skip } from '../glue/support/wasm.mjs';

const SIZE = 12_000_000;

describe('places of contents', { skip, timeout: slowly(120_000) }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Before the page's scripts: its workers are in window.workers, and may be ended as by a browser that has no memory left. */
  function watchWorkers() {
    window.workers = [];
    window.Worker = class extends Worker {
      constructor(url, options) {
        super(url, options);
        if (String(url).includes('content_worker')) window.workers.push(this);
      }

      postMessage(data, ...rest) {
        if (Array.isArray(data.args[1])) {
          const { count, most } = window.asked?.[data.act] ?? { count: 0, most: 0 };
          window.asked = { ...window.asked, [data.act]: { count: count + 1, most: Math.max(most, data.args[1].length) } };
        }
        super.postMessage(data, ...rest);
      }
    };
    window.endWorker = () => {
      const last = window.workers.at(-1);
      last.terminate();
      last.dispatchEvent(new ErrorEvent('error', { message: 'out of memory', cancelable: true }));
    };
  }

  /** The sum of its bytes, so that what came can be compared. */
  const share = (tab) => tab.run(async (size) => {
    const bytes = new Uint8Array(size).map((_, i) => (i * 31 + (i >> 9)) & 255);
    await nkt.share(bytes, { name: 'large.bin' });
    return bytes.reduce((sum, byte, i) => (sum * 33 + byte + i) >>> 0, 5);
  }, SIZE);

  const offered = (tab) => tab.run(() => {
    nkt.addEventListener('nktcontent', ({ detail }) => { window.offered = detail; });
  });

  test('its worker ends while a content is shared and while it is fetched: another one is asked, nothing is lost', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: watchWorkers });
    await offered(bob);
    await ann.run(() => nkt.share(new Uint8Array(3))); // the worker is there
    await ann.run(() => { setTimeout(window.endWorker, 20); });
    const sum = await share(ann);
    await bob.until(() => window.offered?.size > 3, undefined, 'it is offered');
    const got = await bob.run(async () => {
      let ends = 0;
      const fetched = await nkt.fetch(window.offered, { onProgress: ({ loaded }) => {
        if (loaded > ends * 4e6 + 1e6 && ends < 2 && ++ends) window.endWorker();
      } });
      const bytes = new Uint8Array(await fetched.arrayBuffer());
      return { ends, sum: bytes.reduce((all, byte, i) => (all * 33 + byte + i) >>> 0, 5), workers: window.workers.length };
    });
    assert.ok(got.ends >= 1); // of how much came one is told now and then
    assert.deepEqual(got, { ends: got.ends, sum, workers: 1 + got.ends });
    assert.equal(await ann.run(() => window.workers.length), 2);
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  test('pieces go to its worker, and come from it, several in one message', async () => {
    const PIECE_SIZE = 65_520;
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: watchWorkers });
    await offered(bob);
    const sum = await share(ann);
    await bob.until(() => window.offered, undefined, 'it is offered');
    const got = await bob.run(async () => {
      const fetched = await nkt.fetch(window.offered);
      await fetched.complete;
      const { write } = window.asked;
      const bytes = new Uint8Array(await fetched.arrayBuffer());
      return { write, sum: bytes.reduce((all, byte, i) => (all * 33 + byte + i) >>> 0, 5) };
    });
    const { write, read } = await ann.run(() => window.asked);
    assert.equal(got.sum, sum);
    const pieces = Math.ceil(SIZE / PIECE_SIZE);
    for (const [what, { count, most }] of Object.entries({ write, read, 'write of who fetches': got.write })) {
      // how many come together is a matter of how quick this machine is
      assert.ok(most >= 2 && count < pieces, `${what}: ${pieces} pieces in ${count} messages, at most ${most} in one`);
    }
  });

  test('a worker that does not start again: what waits is told so by name', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: watchWorkers });
    await offered(bob);
    await share(ann);
    await bob.until(() => window.offered, undefined, 'it is offered');
    const error = await bob.run(async () => {
      await nkt.fetch(window.offered);
      window.Worker = class extends EventTarget {
        constructor() {
          super();
          setTimeout(() => this.onerror(new ErrorEvent('error', { message: 'no memory', cancelable: true })));
        }

        postMessage() {}

        terminate() {}
      };
      window.endWorker();
      return nkt.share(new Uint8Array(10)).then(() => 'shared', ({ code, message }) => `${code} ${message}`);
    });
    assert.match(error, /^NKT_E_STORAGE .*no memory/);
  });

  const folders = (tab) => tab.run(async () => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('nkt-content', { create: true });
    const names = [];
    for await (const name of root.keys()) names.push(name);
    return names;
  });

  test('an identity that is forgotten leaves nothing of its contents', async () => {
    const [tab] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await tab.run(async () => {
      await nkt.close();
      await nkt.init({ nick: 'Ann', storage: { passphrase: 'correct horse battery', name: 'ann' } });
      await nkt.share(new Uint8Array(100_000), { name: 'x.bin' });
    });
    const [folder, ...others] = await folders(tab);
    assert.match(folder, /^kept-/);
    assert.deepEqual(others, []);
    await tab.run(async () => {
      await nkt.close();
      await nkt.forgetKept('ann');
    });
    assert.deepEqual(await folders(tab), []);
    assert.deepEqual(await tab.run(() => Object.keys(localStorage).filter((item) => item.startsWith('nkt-contents'))), []);
  });

  test('in IndexedDB: places of pages that are gone go, those of tabs after a week, others never', async () => {
    const [ann] = await stage.people(['Ann'], { before: () => {
      delete StorageManager.prototype.getDirectory;
      const { setTimeout: later } = window;
      window.setTimeout = (run, ms, ...rest) => later(run, ms === 10_000 ? 300 : ms, ...rest); // SWEEP_AFTER_MS
    } });
    await ann.run(async () => {
      const WEEK_MS = 7 * 24 * 3600 * 1000;
      const make = (name, usedAt) => new Promise((resolve, reject) => {
        const opening = indexedDB.open(`nkt-content-${name}`, 1);
        opening.onerror = reject;
        opening.onupgradeneeded = () => {
          for (const store of ['pieces', 'records']) opening.result.createObjectStore(store);
        };
        opening.onsuccess = () => {
          const tx = opening.result.transaction(['records'], 'readwrite');
          tx.objectStore('records').put(usedAt, ['used', 'at']);
          tx.oncomplete = () => { opening.result.close(); resolve(); };
        };
      });
      const now = Date.now();
      await make('none-1', now);
      await make('tab-new', now);
      await make('tab-old', now - WEEK_MS - 1000);
      for (const name of ['kept-1', 'none-held']) await make(name, 0);
      await new Promise((taken) => { navigator.locks.request('nkt-content/none-held', () => { taken(); return new Promise(() => {}); }); });
      await nkt.share(new Uint8Array(10));
    });
    const left = () => ann.run(async () => (await indexedDB.databases()).map(({ name }) => name)
      .filter((name) => /^nkt-content-/.test(name)).map((name) => name.slice('nkt-content-'.length).replace(/[0-9a-f]{9,}/, 'own'))
      .sort());
    await ann.until(async () => (await indexedDB.databases()).every(({ name }) => name !== 'nkt-content-tab-old'), undefined, 'swept');
    assert.deepEqual(await left(), ['kept-1', 'none-held', 'tab-new', 'tab-own']);
    assert.equal(await ann.run(() => nkt.contents.length), 1, 'the note of its last use is no content');
  });

  for (const kind of ['opfs', 'indexeddb']) {
    test(`${kind}: the browser takes away what is kept while the page is there: it goes on, and what is gone comes again`, async () => {
      const hide = kind === 'opfs' ? () => {} : () => { delete StorageManager.prototype.getDirectory; };
      const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: hide });
      await offered(bob);
      const sum = await share(ann);
      await bob.until(() => window.offered, undefined, 'it is offered');
      await bob.run(async () => {
        await (await nkt.fetch(window.offered)).complete;
        await nkt.share(new Uint8Array(300_000), { name: 'own' });
      });
      const devtools = await bob.page.context().newCDPSession(bob.page);
      const { origin } = new URL(bob.page.url());
      await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'file_systems,indexeddb' });
      const got = await bob.run(async (size) => {
        await Promise.all([1, 2, 3].map((i) => nkt.share(new Uint8Array(i * 100_000), { name: `new ${i}` })));
        const bytes = new Uint8Array(await (await nkt.fetch(window.offered)).arrayBuffer());
        const states = nkt.contents.map(({ name, state }) => `${name}: ${state}`).filter((one) => !one.startsWith('own'));
        return { kind: nkt.health().contents.kind, is: bytes.length === size, states,
          sum: bytes.reduce((all, byte, i) => (all * 33 + byte + i) >>> 0, 5) };
      }, SIZE);
      assert.deepEqual(got, { kind, is: true, sum,
        states: ['large.bin', 'new 1', 'new 2', 'new 3'].map((name) => `${name}: complete`) });
      assert.deepEqual(await bob.faults(), []);
    });
  }
});

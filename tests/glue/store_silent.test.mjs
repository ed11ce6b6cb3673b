// SPDX-License-Identifier: GPL-3.0-or-later
// Storage that never answers, at each place where it is asked; Chromium's own, held back by gates that a test may open later.
// Long: it waits for what never comes
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openBrowser } from './support/browser.mjs';

const ANSWER_MS_MAX = 3000; // from open() until what was put counts as done
const REFUSED_MS_MAX = 4000; // until a promise that cannot be held is refused, with timers four times as quick

/** Runs in the page: `gated(point)` gives the parts of a platform that hold back what is asked there until `open()` is called. */
async function installGates() {
  const { TabStore } = await import('/glue/store_tab.js');
  const kept = await import('/glue/store_kept.js');
  const { platformHere } = await import('/glue/platform.js');
  const never = () => new Promise(() => {});

  globalThis.gated = (point) => {
    const calls = { transactions: 0 };
    let open;
    const gate = new Promise((resolve) => { open = resolve; });
    const at = (...points) => points.includes(point);
    /** A request whose end is told when the gate is open. */
    const held = (request, { isBlocked = false } = {}) => {
      const shown = {
        get result() { return request.result; },
        get error() { return request.error; },
      };
      const tell = async (event, name) => {
        await gate;
        shown[name]?.(event);
      };
      request.onsuccess = (event) => tell(event, 'onsuccess');
      request.onerror = (event) => tell(event, 'onerror');
      request.onupgradeneeded = (event) => shown.onupgradeneeded?.(event);
      if (isBlocked) setTimeout(() => shown.onblocked?.(new Event('blocked')));
      return shown;
    };
    const later = (ask) => { // asked itself only when the gate is open
      const shown = { result: undefined, error: null };
      gate.then(() => {
        const request = ask();
        const pass = (name) => (event) => {
          shown.result = request.result;
          shown[name]?.(event);
        };
        for (const name of ['onsuccess', 'onerror', 'onupgradeneeded']) request[name] = pass(name);
      });
      return shown;
    };
    const store = (real) => ({
      get: (key) => (at('get') ? held(real.get(key)) : real.get(key)),
      getAll: () => (at('read') ? held(real.getAll()) : real.getAll()),
      getAllKeys: () => real.getAllKeys(),
      put: (value, key) => real.put(value, key),
      delete: (key) => real.delete(key),
    });
    const transaction = (real) => {
      calls.transactions++;
      const shown = {
        objectStore: (name) => store(real.objectStore(name)), commit: () => real.commit(), get error() { return real.error; },
      };
      real.oncomplete = async () => {
        if (at('commit')) await gate;
        shown.oncomplete?.();
      };
      real.onabort = () => shown.onabort?.();
      return shown;
    };
    const database = (real) => ({
      transaction: (...args) => transaction(real.transaction(...args)),
      createObjectStore: (name) => real.createObjectStore(name),
      close: () => real.close(),
    });
    const wrapped = (request) => {
      const { result: _, ...shown } = {};
      Object.defineProperty(shown, 'result', { get: () => database(request.result) });
      Object.defineProperty(shown, 'error', { get: () => request.error });
      for (const name of ['onsuccess', 'onerror', 'onupgradeneeded', 'onblocked']) {
        Object.defineProperty(shown, name, { set: (f) => { request[name] = f; } });
      }
      return shown;
    };
    const factory = {
      open: (name, version) => {
        const ask = () => indexedDB.open(name, version);
        if (at('open')) return wrapped(later(ask));
        if (at('upgrade', 'blocked')) return wrapped(held(ask(), { isBlocked: at('blocked') }));
        return wrapped(ask());
      },
      deleteDatabase: (name) => (at('delete') ? later(() => indexedDB.deleteDatabase(name)) : indexedDB.deleteDatabase(name)),
      databases: () => (at('databases') ? never() : indexedDB.databases()),
    };
    const locks = {
      request: (name, options, f) => (at('lock') ? gate : Promise.resolve())
        .then(() => navigator.locks.request(name, at('lock') ? {} : options, f)),
    };
    const subtle = Object.fromEntries(['generateKey', 'encrypt', 'decrypt', 'importKey'].map((name) => [name,
      (...args) => (at(name) ? gate.then(() => crypto.subtle[name](...args)) : crypto.subtle[name](...args))]));
    const session = {
      getItem: (name) => {
        if (at('getItem')) throw new DOMException('denied', 'SecurityError');
        return sessionStorage.getItem(name);
      },
      setItem: (name, value) => {
        if (at('setItem')) throw new DOMException('full', 'QuotaExceededError');
        sessionStorage.setItem(name, value);
      },
      removeItem: (name) => sessionStorage.removeItem(name),
    };
    const parts = {
      indexedDB: factory, locks, session, persist: at('persist') ? never : () => {},
      crypto: { subtle, getRandomValues: (view) => crypto.getRandomValues(view) },
    };
    return { parts, open, calls };
  };

  const start = async (make) => {
    const trace = [];
    const begun = performance.now();
    const store = make({
      onDurable: (ticket) => trace.push({ durable: ticket, ms: performance.now() - begun }),
      onState: () => trace.push({ state: store.health.state }),
    });
    const started = { store, trace, begun, states: () => trace.flatMap(({ state }) => state ?? []) };
    started.done = (ticket) => trace.find(({ durable }) => durable >= ticket)?.ms;
    return started;
  };
  globalThis.openTab = async (parts) => {
    const started = await start((told) => new TabStore({ platform: { ...platformHere(), ...parts }, ...told }));
    started.records = (await started.store.open()).map(([name, bytes]) => `${name}=${[...bytes]}`).sort();
    return started;
  };
  const derive = async ({ passphrase }) => {
    await new Promise((resolve) => { setTimeout(resolve, globalThis.deriveMs ?? 0); });
    return new Uint8Array(32).fill(passphrase.length);
  };
  globalThis.openKept = async (parts, name = 'ann') => {
    const timers = { setTimeout: (f, ms) => setTimeout(f, ms / 4), clearTimeout: (timer) => clearTimeout(timer) };
    const platform = { ...platformHere(), timers, ...parts };
    const started = await start((told) => new kept.KeptStore({ platform, name, passphrase: 'open', derive, ...told }));
    started.records = (await started.store.open()).map(([id, bytes]) => `${id}=${[...bytes]}`).sort();
    return started;
  };
  globalThis.kept = await import('/glue/kept.js');
  globalThis.platformHere = platformHere;
  globalThis.until = async (condition, ms = 6000) => {
    const end = performance.now() + ms;
    while (!(await condition())) {
      if (performance.now() > end) throw new Error(`waited for ${condition}`);
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  };
}

describe('storage that does not answer', { timeout: 360_000 }, () => {
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

  async function newPage() {
    const opened = await context.newPage();
    await opened.goto(host.url);
    await opened.evaluate(installGates);
    return opened;
  }

  for (const point of ['open', 'upgrade', 'blocked', 'lock', 'generateKey', 'encrypt', 'commit']) {
    test(`a new slot, silent at ${point}: in memory within 3 s, told once; when it answers all is kept, the newest last`, async () => {
      const seen = await page.evaluate(async (where) => {
        const { parts, open, calls } = gated(where);
        const { store, trace, states, done } = await openTab(parts);
        store.put(1, 'a', new Uint8Array([1]));
        store.put(2, 'gone', new Uint8Array([1]));
        store.commit();
        await until(() => done(2));
        const { error } = store.health;
        for (let ticket = 3; ticket < 9; ticket++) { // in memory, each at once
          store.put(ticket, 'a', new Uint8Array([ticket]));
          store.commit();
        }
        store.put(9, 'gone', null);
        store.commit();
        const isAtOnce = trace.at(-1).durable === 9;
        const before = { states: states(), transactions: calls.transactions };
        open();
        await until(() => store.health.state === 'ok' && states().length > 1);
        store.put(10, 'b', new Uint8Array([10]));
        store.commit();
        await until(() => done(10));
        await store.close();
        const slots = [sessionStorage.getItem('nkt-slot'), store.health.slot];
        return { ms: done(2), error, before, isAtOnce, after: states(), slots };
      }, point);
      assert.ok(seen.ms <= ANSWER_MS_MAX, `${seen.ms} ms`);
      assert.deepEqual(seen.before.states.filter((state) => state === 'memory'), ['memory']);
      assert.ok(seen.before.transactions <= 1, 'nothing else is begun meanwhile');
      assert.match(seen.error, /does not answer/);
      assert.ok(seen.isAtOnce);
      assert.deepEqual(seen.after.filter((state) => state !== 'closed').slice(-2), ['memory', 'ok']);
      assert.equal(seen.slots[0], seen.slots[1]);
      const again = await page.evaluate(async () => (await openTab({})).records);
      assert.deepEqual(again, ['a=8', 'b=10']);
    });
  }

  for (const point of ['open', 'get', 'read', 'lock', 'decrypt']) {
    test(`a slot with somebody in it, silent at ${point}: goes on as another; who was there is there after a reload`, async () => {
      await page.evaluate(async () => {
        const { store } = await openTab({});
        store.put(1, 'identity', new Uint8Array([1]));
        await store.flush();
        await store.close();
      });
      const seen = await page.evaluate(async (where) => {
        const slot = sessionStorage.getItem('nkt-slot');
        const { parts, open } = gated(where);
        const { store, records, states, done } = await openTab(parts);
        store.put(1, 'identity', new Uint8Array([2]));
        store.commit();
        await until(() => done(1));
        const said = { ms: done(1), records, states: states() };
        open();
        await until(() => /too late/.test(store.health.error));
        store.put(2, 'identity', new Uint8Array([3])); // still in memory alone
        store.commit();
        await store.flush();
        const held = (await navigator.locks.query()).held.length;
        const { state } = store.health;
        store.put(3, 'identity', new Uint8Array([4]));
        store.close({ immediate: true }); // as on pagehide: nothing of ours may come to lie over who was there
        return { ...said, held, isSame: sessionStorage.getItem('nkt-slot') === slot, state };
      }, point);
      assert.ok(seen.ms <= ANSWER_MS_MAX, `${seen.ms} ms`);
      assert.deepEqual([seen.records, seen.states, seen.state], [[], ['memory'], 'memory']);
      assert.deepEqual([seen.held, seen.isSame], [0, true], 'nobody is in the way of the next page');
      await page.reload();
      await page.evaluate(installGates);
      assert.deepEqual(await page.evaluate(async () => (await openTab({})).records), ['identity=1']);
    });
  }

  test('a transaction that does not end, later on: what came after it is written after it, in one', async () => {
    const seen = await page.evaluate(async () => {
      const gates = gated('');
      const { store, states, done } = await openTab(gates.parts);
      store.put(1, 'ratchet', new Uint8Array([1]));
      await store.flush();
      const slow = gated('commit');
      const other = await openTab({ ...slow.parts, session: { getItem: () => null, setItem() {}, removeItem() {} } });
      other.store.put(1, 'ratchet', new Uint8Array([1]));
      other.store.commit();
      await until(() => other.done(1));
      const begun = slow.calls.transactions;
      for (let n = 2; n < 50; n++) {
        other.store.put(n, 'ratchet', new Uint8Array([n]));
        other.store.commit();
        await new Promise((resolve) => { setTimeout(resolve, 5); });
      }
      const during = slow.calls.transactions;
      slow.open();
      await until(() => other.store.health.state === 'ok');
      await other.store.close();
      const db = await new Promise((resolve) => {
        indexedDB.open(`nkt-tab-${other.store.health.slot}`).onsuccess = ({ target }) => resolve(target.result);
      });
      const ratchet = await new Promise((resolve) => {
        db.transaction('records').objectStore('records').get('ratchet').onsuccess = ({ target }) => resolve([...target.result]);
      });
      return { begun, during, ratchet, first: states(), done: done(1) > 0 };
    });
    assert.deepEqual([seen.begun, seen.during], [1, 1]);
    assert.deepEqual(seen.ratchet, [49]);
    assert.deepEqual([seen.first, seen.done], [['ok'], true]);
  });

  test('sessionStorage that throws, persist() that hangs: the former in memory at once, the latter costs nothing', async () => {
    for (const [point, expected] of [['getItem', 'memory'], ['setItem', 'memory'], ['persist', 'ok']]) {
      const { ms, states } = await page.evaluate(async (where) => {
        sessionStorage.clear();
        const { store, done, states: told } = await openTab(gated(where).parts);
        store.put(1, 'a', new Uint8Array([1]));
        store.commit();
        await until(() => done(1));
        const result = { ms: done(1), states: told() };
        await store.close();
        return result;
      }, point);
      assert.deepEqual(states, [expected], point);
      assert.ok(ms < ANSWER_MS_MAX - 500, `${point}: ${ms} ms: as long as waiting for it would take`);
    }
  });

  test('close() ends all the same; the lock is let go when nothing can be written any more', async () => {
    const seen = await page.evaluate(async () => {
      const { parts, open } = gated('commit');
      const { store, done } = await openTab(parts);
      store.put(1, 'a', new Uint8Array([1]));
      store.commit();
      await until(() => done(1));
      const begun = performance.now();
      await store.close();
      const ms = performance.now() - begun;
      const held = async () => (await navigator.locks.query()).held.length;
      const before = await held();
      open();
      await until(async () => (await held()) === 0);
      return { ms, before };
    });
    assert.ok(seen.ms < ANSWER_MS_MAX, `${seen.ms} ms`);
    assert.equal(seen.before, 1, 'not while the old transaction may still be carried out');
  });

  for (const point of ['lock', 'open', 'upgrade', 'get', 'read', 'importKey', 'encrypt', 'commit']) {
    test(`under a passphrase, silent at ${point}: refused by name, and nothing is left in the way`, async () => {
      const seen = await page.evaluate(async (where) => {
        const { parts, open } = gated(where);
        const begun = performance.now();
        const error = await openKept(parts).then(({ store }) => {
          store.put(1, 'a', new Uint8Array([1]));
          return store.settle().finally(() => store.close());
        }).then(() => null, ({ code, message }) => ({ code, message }));
        const ms = performance.now() - begun;
        open();
        await until(async () => (await navigator.locks.query()).held.length === 0);
        return { error, ms };
      }, point);
      assert.equal(seen.error?.code, 'NKT_E_STORAGE');
      assert.match(seen.error.message, /does not answer/);
      assert.ok(seen.ms <= REFUSED_MS_MAX, `${seen.ms} ms`);
      const again = await page.evaluate(async () => {
        const { store } = await openKept({});
        store.put(1, 'a', new Uint8Array([1]));
        await store.settle();
        return store.health.state;
      });
      assert.equal(again, 'ok');
    });
  }

  test('under a passphrase: a key that takes 4 s to be derived is waited for; a first write that does not end is not', async () => {
    const seen = await page.evaluate(async () => {
      globalThis.deriveMs = 4000;
      const first = await openKept({});
      first.store.put(1, 'identity', new Uint8Array([1]));
      await first.store.settle();
      await first.store.close();
      globalThis.deriveMs = 0;
      const { store } = await openKept(gated('commit').parts); // reads well, and writes nothing
      store.put(1, 'identity', new Uint8Array([2]));
      const begun = performance.now();
      const code = await store.settle().catch((error) => error.code);
      return { state: first.store.health.state, code, ms: performance.now() - begun };
    });
    assert.equal(seen.code, 'NKT_E_STORAGE');
    assert.ok(seen.ms <= REFUSED_MS_MAX, `${seen.ms} ms`);
  });

  for (const point of ['open', 'upgrade', 'read', 'commit']) {
    test(`under a passphrase, busy at ${point} for twice as long as anybody is waited for later on: waited for, and kept`, async () => {
      const seen = await page.evaluate(async (where) => {
        const { parts, open } = gated(where);
        setTimeout(open, 5000 / 4);
        const { store, states } = await openKept(parts);
        store.put(1, 'identity', new Uint8Array([1]));
        await store.settle();
        const state = store.health.state;
        await store.close();
        return { state, last: states().filter((one) => one !== 'closed').at(-1), again: (await openKept({})).records };
      }, point);
      assert.deepEqual(seen, { state: 'ok', last: 'ok', again: ['identity=1'] });
    });
  }

  test('forgetKept() rejects by name', async () => {
    const codes = await page.evaluate(async () => {
      const { store } = await openKept({});
      await store.close();
      const of = (point, ask) => ask({ ...platformHere(), ...gated(point).parts }).then(() => 'done', ({ code }) => code);
      return Promise.all([
        of('lock', (platform) => kept.forgetKept(platform, 'ann')),
        of('delete', (platform) => kept.forgetKept(platform, 'ann')),
      ]);
    });
    assert.deepEqual(codes, ['NKT_E_STORAGE', 'NKT_E_STORAGE']);
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The store port: keeps the records that the core hands out, each already encrypted by the core, and the key they are
 * encrypted with. A slot is one identity; it lives in one tab at a time.
 */
import { idbDelete, idbDone, idbOpen, idbResult } from './idb.js';

const STORE_KEY_SIZE = 32;

/** One database per slot, so that tabs do not wait for each other's transactions. Also the name of its lock. */
const PREFIX = 'nkt-tab-';

/** Where the tab remembers its slot across reloads. */
const SESSION_ITEM = 'nkt-slot';

/** What a page that went away had not written yet: sessionStorage takes it at once, a transaction may come too late. */
const REST_ITEM = 'nkt-rest';

const RECORDS = 'records';
const META = 'meta';

/** After a reload the old page may hold the lock for a moment; a duplicated tab's twin holds it for good. In ms. */
const LOCK_WAIT_MS = 1000;

/** Slots nobody opened for so long are deleted, in ms. */
const SLOT_AGE_MS_MAX = 7 * 24 * 3600 * 1000;

/** Sweeping waits until the tab has other things behind it, in ms. */
const SWEEP_AFTER_MS = 10_000;

/** How often writing is tried again after it failed, in ms. */
const RETRY_MS = 10_000;

/** The longest that closing waits for the last transaction, in ms. */
const FLUSH_MS = 2000;

/** storage: 'none'. The core asks for no PUT then; should one come it counts as done. */
export class NoStore {
  #onDurable;
  #ticket = 0;
  key = null;

  /** @param {{onDurable: (ticket: number) => void}} parts */
  constructor({ onDurable }) {
    this.#onDurable = onDurable;
  }

  get health() {
    return { kind: 'none', state: 'off' };
  }

  /** @returns {Promise<Array<[string, Uint8Array]>>} */
  async open() {
    return [];
  }

  /** @param {number} ticket */
  put(ticket) {
    this.#ticket = ticket;
  }

  commit() {
    if (this.#ticket === 0) return false;
    const ticket = this.#ticket;
    this.#ticket = 0;
    this.#onDurable(ticket);
    return true;
  }

  async flush() {}

  async close() {}
}

/** storage: 'tab'. */
export class TabStore {
  #platform;
  #onDurable;
  #onState;

  /** 32 bytes for the core, null until open() is done. @type {Uint8Array|null} */
  key = null;

  /** @type {'opening'|'ok'|'memory'|'closed'} */
  #state = 'opening';
  #error = '';
  #slot = '';
  /** @type {IDBDatabase|null} */
  #db = null;
  /** A new slot's database and sealed key are being made; writes wait. @type {Promise<void>} */
  #made = Promise.resolve();
  /** Goes into the first transaction: the sealed key of a new slot, the time of use. @type {Map<string, unknown>} */
  #meta = new Map();
  #unlock = () => {};

  /** What the next transaction writes, newest wins; null deletes. @type {Map<string, Uint8Array|null>} */
  #pending = new Map();
  #ticket = 0;
  /** @type {Promise<void>|null} */
  #writing = null;
  /** What the transaction under way writes. @type {Map<string, Uint8Array|null>} */
  #inFlight = new Map();
  /** Whether the rest that an earlier page left is still to be written. */
  #hasRest = false;
  /** @type {Set<any>} */
  #running = new Set();

  /**
   * @param {object} parts
   * @param {object} parts.platform {indexedDB, locks, session, crypto, timers, clock, persist}
   * @param {(ticket: number) => void} parts.onDurable this PUT and all before it are durable
   * @param {() => void} [parts.onState] health changed
   */
  constructor({ platform, onDurable, onState = () => {} }) {
    this.#platform = /** @type {any} */ (platform);
    this.#onDurable = onDurable;
    this.#onState = onState;
  }

  get health() {
    const health = { kind: 'tab', state: this.#state, slot: this.#slot };
    return this.#error === '' ? health : { ...health, error: this.#error };
  }

  /**
   * Finds the tab's slot, or takes a new one. A new one is ready at once, while its database is still being made.
   * @returns {Promise<Array<[string, Uint8Array]>>} the records; never rejects
   */
  async open() {
    const { crypto } = this.#platform;
    let records = [];
    try {
      this.#checkPlatform();
      records = await this.#resume();
    } catch (error) {
      this.#dropDatabase(); // what is in it stays as it is
      this.#toMemory(error);
    }
    if (this.key === null) {
      this.key = crypto.getRandomValues(new Uint8Array(STORE_KEY_SIZE));
      if (this.#state === 'opening') this.#makeSlot(this.#slot);
    }
    return records;
  }

  /**
   * Collects a record for the next commit(); null deletes.
   * @param {number} ticket @param {string} name @param {Uint8Array|null} bytes
   */
  put(ticket, name, bytes) {
    this.#pending.set(name, bytes);
    this.#ticket = ticket;
  }

  /**
   * Writes what was collected, in one transaction; the next one waits for its end.
   * @returns {boolean} whether a PUT_DONE came of it at once
   */
  commit() {
    if (this.#ticket === 0 || this.#writing !== null) return false;
    if (this.#state === 'memory' || this.#state === 'closed') return this.#commitToMemory();
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      this.commit();
    });
    return false;
  }

  /** When everything collected is durable, or after FLUSH_MS. @returns {Promise<void>} */
  async flush() {
    this.commit();
    if (this.#writing === null) return;
    let isLate = false;
    const end = new Promise((resolve) => {
      this.#later(FLUSH_MS, () => resolve(isLate = true));
    });
    while (this.#writing !== null && !isLate) await Promise.race([this.#writing, end]);
  }

  /**
   * Writes what is left and lets go of the slot.
   * @param {{immediate?: boolean}} [options] immediate: the page is going away, and nothing that takes time may come to its end
   */
  async close({ immediate = false } = {}) {
    if (this.#state === 'closed') return;
    if (immediate) this.#leaveRest();
    await this.flush();
    this.#state = 'closed';
    for (const timer of this.#running) this.#platform.timers.clearTimeout(timer);
    this.#running.clear();
    this.#dropDatabase();
    this.key?.fill(0);
    this.#unlock();
  }

  #checkPlatform() {
    const { indexedDB, locks, session, crypto } = this.#platform;
    const missing = [
      [indexedDB, 'IndexedDB'], [session, 'sessionStorage'], [locks, 'Web Locks'], [crypto?.subtle, 'WebCrypto'],
    ].filter(([part]) => !part).map(([, name]) => name);
    if (missing.length > 0) {
      throw new Error(`${missing.join(', ')} not available (blocked, or the page is neither https nor localhost)`);
    }
  }

  /** Reads the slot that the tab had before it was reloaded. @returns {Promise<Array<[string, Uint8Array]>>} */
  async #resume() {
    const slot = this.#platform.session.getItem(SESSION_ITEM) ?? '';
    if (!/^[0-9a-f]{32}$/.test(slot)) return [];
    if (!(await this.#lock(slot, LOCK_WAIT_MS))) return []; // a duplicated tab: its twin has this identity
    this.#db = await this.#openDatabase(slot);
    const tx = this.#db.transaction([META, RECORDS]);
    const [meta, restId, names, values] = await Promise.all([
      idbResult(tx.objectStore(META).get('key')),
      idbResult(tx.objectStore(META).get('rest')),
      idbResult(tx.objectStore(RECORDS).getAllKeys()),
      idbResult(tx.objectStore(RECORDS).getAll()),
    ]);
    this.#slot = slot;
    if (!meta) return []; // the tab was reloaded before its slot was made
    const { key, iv, sealed } = meta;
    this.key = new Uint8Array(await this.#platform.crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed));
    this.#setState('ok');
    this.#begin();
    this.#takeRest(restId);
    const records = new Map(names.map((name, i) => [String(name), values[i]]));
    for (const [name, bytes] of this.#pending) {
      if (bytes === null) records.delete(name);
      else records.set(name, bytes);
    }
    return [...records];
  }

  /** Makes a slot in the background. @param {string} resumed the tab's slot if it is locked and open but empty */
  #makeSlot(resumed) {
    this.#made = (async () => {
      if (resumed === '') await this.#takeSlot();
      this.#meta.set('key', await this.#sealKey());
      this.#setState('ok');
      this.#begin();
      this.#platform.persist?.();
    })();
    this.#made.catch((error) => {
      this.#dropDatabase();
      this.#toMemory(error);
    });
  }

  /** Takes a new slot. */
  async #takeSlot() {
    const bytes = this.#platform.crypto.getRandomValues(new Uint8Array(16));
    this.#slot = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    this.#platform.session.setItem(SESSION_ITEM, this.#slot);
    await this.#lock(this.#slot, 0);
    this.#db = await this.#openDatabase(this.#slot);
  }

  /** The key, sealed by one that never leaves WebCrypto. */
  async #sealKey() {
    const { subtle } = this.#platform.crypto;
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const iv = this.#platform.crypto.getRandomValues(new Uint8Array(12));
    const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, this.key);
    return { key, iv, sealed };
  }

  /** The slot is in use: marks it with the first transaction, and sweeps old ones when there is time. */
  #begin() {
    this.#meta.set('usedAt', this.#platform.clock.wall());
    this.#later(SWEEP_AFTER_MS, () => this.#sweep());
  }

  /** One transaction with everything collected so far. */
  async #write() {
    let batch = new Map();
    let ticket = 0;
    try {
      await this.#made;
      batch = this.#pending;
      ticket = this.#ticket;
      this.#pending = new Map();
      this.#ticket = 0;
      this.#inFlight = batch;
      const tx = this.#transaction();
      const store = tx.objectStore(RECORDS);
      for (const [name, value] of this.#meta) tx.objectStore(META).put(value, name);
      for (const [name, bytes] of batch) {
        if (bytes === null) store.delete(name);
        else store.put(bytes, name);
      }
      await idbDone(tx);
      this.#dropRest();
      this.#meta.clear();
      if (this.#state === 'memory') this.#setState('ok'); // it works again
    } catch (error) {
      for (const [name, bytes] of batch) if (!this.#pending.has(name)) this.#pending.set(name, bytes);
      this.#toMemory(error);
      ticket = Math.max(ticket, this.#ticket);
      this.#ticket = 0;
    }
    this.#inFlight = new Map();
    if (ticket !== 0) this.#onDurable(ticket);
  }

  /** Leaves what is not in the database for certain to the page that comes after this one. */
  #leaveRest() {
    const rest = new Map([...this.#inFlight, ...this.#pending]);
    if (rest.size === 0 || this.#slot === '' || this.#meta.has('key')) return; // without its key it is of no use
    const id = String(this.#platform.crypto.getRandomValues(new Uint32Array(2)));
    const records = [...rest].map(([name, bytes]) => [name, bytes && [...bytes]]);
    try {
      this.#platform.session.setItem(REST_ITEM, JSON.stringify({ slot: this.#slot, id, records }));
    } catch {
      // full or blocked: what came in the last milliseconds is forgotten
    }
  }

  /** Takes up what the page before this one left. @param {string|undefined} writtenId of the rest that is in the database already */
  #takeRest(writtenId) {
    try {
      const rest = JSON.parse(this.#platform.session.getItem(REST_ITEM) ?? 'null');
      if (rest?.slot !== this.#slot || rest.id === writtenId) return;
      for (const [name, bytes] of rest.records) this.#pending.set(name, bytes && new Uint8Array(bytes));
      this.#meta.set('rest', rest.id);
      this.#hasRest = true;
    } catch {
      // no rest of ours
    }
  }

  #dropRest() {
    if (this.#hasRest) this.#platform.session.removeItem(REST_ITEM);
    this.#hasRest = false;
  }

  /** Storage is blocked or full: what is collected stays collected, and life goes on. @returns {boolean} */
  #commitToMemory() {
    const ticket = this.#ticket;
    this.#ticket = 0;
    if (this.#db === null) this.#pending.clear(); // nowhere to write it to, ever
    this.#onDurable(ticket);
    return true;
  }

  /** @param {unknown} error */
  #toMemory(error) {
    if (this.#state === 'closed') return;
    const isNews = this.#state !== 'memory';
    this.#error = /** @type {Error} */ (error)?.message || String(error);
    this.#made = Promise.resolve();
    if (isNews) this.#setState('memory', this.#error);
    if (this.#db !== null) this.#later(RETRY_MS, () => this.#retry());
  }

  #retry() {
    if (this.#state !== 'memory' || this.#writing !== null) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      this.commit();
    });
  }

  /** @param {'ok'|'memory'} state @param {string} [error] */
  #setState(state, error = '') {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#error = error;
    this.#onState();
  }

  /** @param {string} slot @returns {Promise<IDBDatabase>} */
  async #openDatabase(slot) {
    const db = await idbOpen(this.#platform.indexedDB, PREFIX + slot, [RECORDS, META]);
    db.onclose = () => { // the person cleared the site's data
      this.#db = null;
      this.#toMemory(new Error('the database was closed by the browser'));
    };
    return db;
  }

  #dropDatabase() {
    this.#db?.close();
    this.#db = null;
  }

  /** @returns {IDBTransaction} */
  #transaction() {
    if (this.#db === null) throw new Error('no database');
    return this.#db.transaction([RECORDS, META], 'readwrite', { durability: 'strict' });
  }

  /**
   * Takes the lock of a slot and keeps it until #unlock().
   * @param {string} slot @param {number} waitMs how long it may be held elsewhere; 0: as long as it takes
   * @returns {Promise<boolean>} whether it is ours
   */
  #lock(slot, waitMs) {
    const { locks } = this.#platform;
    const abort = new AbortController();
    const timer = waitMs > 0 ? this.#later(waitMs, () => abort.abort()) : null;
    return new Promise((resolve) => {
      locks.request(PREFIX + slot, { signal: abort.signal }, () => {
        if (timer !== null) this.#cancel(timer);
        resolve(true);
        return new Promise((unlock) => {
          this.#unlock = () => unlock(undefined);
          if (this.#state === 'closed') unlock(undefined);
        });
      }).catch(() => resolve(false));
    });
  }

  /** Deletes slots that no tab holds and that nobody opened for long. Best effort. */
  async #sweep() {
    const { indexedDB, locks, clock } = this.#platform;
    const databases = (await indexedDB.databases?.().catch(() => [])) ?? [];
    for (const { name } of databases) {
      if (!name?.startsWith(PREFIX) || name === PREFIX + this.#slot || this.#state === 'closed') continue;
      await locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock === null) return;
        const db = await idbOpen(indexedDB, name, [RECORDS, META]);
        const usedAt = await idbResult(db.transaction([META]).objectStore(META).get('usedAt'));
        db.close();
        if (!(clock.wall() - usedAt < SLOT_AGE_MS_MAX)) await idbDelete(indexedDB, name);
      }).catch(() => {});
    }
  }

  /** @param {number} ms @param {() => void} f */
  #later(ms, f) {
    const timer = this.#platform.timers.setTimeout(() => {
      this.#running.delete(timer);
      f();
    }, ms);
    this.#running.add(timer);
    return timer;
  }

  /** @param {any} timer */
  #cancel(timer) {
    this.#platform.timers.clearTimeout(timer);
    this.#running.delete(timer);
  }
}

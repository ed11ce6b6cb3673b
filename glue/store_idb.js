// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A place in IndexedDB: one database for one identity, one Web Lock of the same name, and a note that a page leaves to the
 * next one with what it had not written. What tabs and kept identities have in common.
 */
import { idbDone, idbOpen, idbResult } from './idb.js';
import { Patience } from './patience.js';

const RECORDS = 'records';
const META = 'meta';

/** How often a database that the browser closed is opened again, where that fails, in ms. */
const AGAIN_MS = 10_000;

/**
 * What a page that went away had not written yet: web storage takes it at once, a transaction may come too late. Each database has
 * an item of its own: two identities may be left at once.
 */
const restItem = (/** @type {string} */ name) => `nkt-rest ${name}`;

/** Whatever else somebody put there is left as it is. @param {[string, any]} entry */
const isRecord = ([, bytes]) => bytes instanceof Uint8Array;

/** @typedef {{indexedDB: any, locks: any, crypto: any, timers: any, clock: any}} IdbPlatform */

export class IdbPlace {
  #platform;
  #notes;
  /** @type {IDBDatabase|null} */
  #db = null;
  #name = '';
  #unlock = () => {};
  #isReleased = false;
  #onLost = (/** @type {Error} */ _error) => {};
  #onBack = () => {};
  /** The browser closed it. */
  #isLost = false;
  /** It is being opened again. @type {Promise<void>|null} */
  #again = null;
  /** Goes into the first transaction. @type {Map<string, unknown>} */
  #meta = new Map();
  #hasRest = false;

  /** @param {IdbPlatform} platform @param {Storage|null} notes where a page leaves what it had not written */
  constructor(platform, notes) {
    this.#platform = platform;
    this.#notes = notes;
  }

  get isThere() {
    return (this.#db ?? this.#again) !== null;
  }

  /** @param {(error: Error) => void} onLost @param {() => void} onBack */
  onLost(onLost, onBack) {
    this.#onLost = onLost;
    this.#onBack = onBack;
  }

  /** What a browser must have. @param {Array<[unknown, string]>} parts @throws {Error} naming what is missing */
  static check(parts) {
    const missing = parts.filter(([part]) => !part).map(([, name]) => name);
    if (missing.length > 0) {
      throw new Error(`${missing.join(', ')} not available (blocked, or the page is neither https nor localhost)`);
    }
  }

  /** Opens the database of that name. @param {string} name @returns {Promise<void>} */
  async attach(name) {
    this.#name = name;
    const db = await idbOpen(this.#platform.indexedDB, name, [RECORDS, META]);
    if (this.#isReleased) { // nobody waited any longer
      db.close();
      throw new Error('the database was opened too late');
    }
    this.#take(db);
  }

  /** @param {IDBDatabase} db */
  #take(db) {
    db.onclose = () => { // the person cleared the site's data, or the browser lost its process for databases (WebKit, in the background)
      this.#db = null;
      this.#isLost = true;
      this.#again = this.#openAgain();
    };
    this.#db = db;
  }

  /** Unless it was cleared: what a person deleted stays so. What is asked of it meanwhile waits. */
  async #openAgain() {
    const { indexedDB, timers } = this.#platform;
    try {
      const db = await idbOpen(indexedDB, this.#name, null);
      if (!this.#isLost) return db.close();
      this.#isLost = false;
      this.#again = null;
      this.#take(db);
      return this.#onBack();
    } catch (error) {
      this.#again = null;
      if (!this.#isLost) return undefined;
      if (/** @type {any} */ (error)?.name !== 'AbortError') {
        timers.setTimeout(() => { if (this.#isLost) this.#again = this.#openAgain(); }, AGAIN_MS);
      }
      return this.#onLost(new Error('the database was closed by the browser'));
    }
  }

  /** @param {string[]} keys of what is kept beside the records @returns {Promise<any[]>} */
  meta(...keys) {
    const store = this.#database().transaction([META]).objectStore(META);
    return Promise.all(keys.map((key) => idbResult(store.get(key))));
  }

  /** To be written with the first records. @param {string} key @param {unknown} value */
  setMeta(key, value) {
    this.#meta.set(key, value);
  }

  /** @returns {Promise<Map<string, Uint8Array>>} */
  async read() {
    await this.#again;
    const store = this.#database().transaction([RECORDS]).objectStore(RECORDS);
    const [names, values] = await Promise.all([idbResult(store.getAllKeys()), idbResult(store.getAll())]);
    return new Map(names.map((name, i) => /** @type {[string, any]} */ ([String(name), values[i]])).filter(isRecord));
  }

  /** One transaction, strictly durable. @param {Map<string, Uint8Array|null>} batch @returns {Promise<void>} */
  async write(batch) {
    const tx = this.#database().transaction([RECORDS, META], 'readwrite', { durability: 'strict' });
    const store = tx.objectStore(RECORDS);
    for (const [name, value] of this.#meta) tx.objectStore(META).put(value, name);
    for (const [name, bytes] of batch) {
      try {
        if (bytes === null) store.delete(name);
        else store.put(bytes, name);
      } catch (/** @type {any} */ error) {
        tx.abort(); // or it takes what was put before
        error.record = name;
        throw error;
      }
    }
    await idbDone(tx);
    this.#meta.clear();
    if (this.#hasRest) IdbPlace.dropRest(this.#notes, this.#name);
    this.#hasRest = false;
  }

  /** Leaves what is not in the database for certain to the page that comes after this one. @param {Map<string, Uint8Array|null>} rest */
  leaveRest(rest) {
    if (this.#name === '' || this.#meta.has('key')) return; // without its key it is of no use
    const id = String(this.#platform.crypto.getRandomValues(new Uint32Array(2)));
    const records = [...rest].map(([name, bytes]) => [name, bytes && [...bytes]]);
    try {
      this.#notes?.setItem(restItem(this.#name), JSON.stringify({ slot: this.#name, id, records }));
    } catch {
      // full or blocked: what came in the last milliseconds is forgotten
    }
  }

  /**
   * Takes up what the page before this one left.
   * @param {string|undefined} writtenId of the rest that is in the database already
   * @returns {Map<string, Uint8Array|null>}
   */
  takeRest(writtenId) {
    const rest = new Map();
    try {
      const left = JSON.parse(this.#notes?.getItem(restItem(this.#name)) ?? 'null');
      if (left?.slot !== this.#name || left.id === writtenId) return rest;
      for (const [name, bytes] of left.records) rest.set(String(name), bytes && new Uint8Array(bytes));
      this.#meta.set('rest', left.id);
      this.#hasRest = true;
    } catch {
      // no rest of ours
    }
    return rest;
  }

  /** Forgets what a page left for that database, which is gone. @param {Storage|null} notes @param {string} name */
  static dropRest(notes, name) {
    try {
      notes?.removeItem(restItem(name));
    } catch {
      // blocked by now: its id is in the database, so it is not taken up again
    }
  }

  /**
   * Takes the lock of that name and keeps it until release().
   * @param {string} name @param {number} waitMs how long it may be held elsewhere; 0: as long as it takes
   * @returns {Promise<boolean>} whether it is ours
   */
  lock(name, waitMs) {
    const { locks, timers } = this.#platform;
    const abort = new AbortController();
    const asked = new Promise((resolve) => {
      locks.request(name, { signal: abort.signal }, () => {
        resolve(true);
        return new Promise((unlock) => {
          this.#unlock = () => unlock(undefined);
          if (this.#isReleased) unlock(undefined);
        });
      }).catch(() => resolve(false));
    });
    if (waitMs > 0) new Patience(timers).wait(asked, waitMs).catch(() => abort.abort());
    return asked;
  }

  /**
   * The place of another room.
   * @param {string} database @param {Uint8Array} key of its records @returns {BesidePlace}
   */
  besideIn(database, key) {
    return new BesidePlace(this, this.#platform, this.#notes, database, key);
  }

  drop() {
    this.#isLost = false;
    this.#db?.close();
    this.#db = null;
  }

  release() {
    this.#isReleased = true;
    this.#unlock();
  }

  /** @returns {IDBDatabase} */
  #database() {
    if (this.#db === null) throw new Error('no database');
    return this.#db;
  }
}

/** After a reload the old page may hold the lock for a moment, in ms. */
const LOCK_WAIT_MS = 1500;

/** Of a room, beside the home: the identity is held by who has that one, and its key opens both. */
class BesidePlace extends IdbPlace {
  #home;
  #clock;
  #database;
  #key;

  /** @param {any} home @param {IdbPlatform} platform @param {Storage|null} notes @param {string} database @param {Uint8Array} key */
  constructor(home, platform, notes, database, key) {
    super(platform, notes);
    this.#home = home;
    this.#clock = platform.clock;
    this.#database = database;
    this.#key = key;
  }

  get kind() {
    return this.#home.kind;
  }

  get isStrict() {
    return this.#home.isStrict;
  }

  get health() {
    return this.#home.health;
  }

  async open() {
    if (!this.#home.isThere) throw new Error('storage does not work');
    if (!(await this.lock(this.#database, LOCK_WAIT_MS))) throw new Error('the records of this room are open in another tab');
    await this.attach(this.#database);
    const [restId] = await this.meta('rest');
    this.setMeta('usedAt', this.#clock.wall());
    return { key: this.#key, records: await this.read(), rest: this.takeRest(restId) };
  }

  async make() {} // it was made by opening it
}

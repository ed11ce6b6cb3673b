// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents in a browser without a private file system: one database, one record for each piece. */
import { placeDatabase, placeLock } from './content_note.js';
import { Bits, SWEEP_AFTER_MS, TAB_AGE_MS_MAX } from './content_slots.js';
import { idbDelete, idbDone, idbOpen, idbResult } from './idb.js';

const PIECES = 'pieces';
const RECORDS = 'records';
/** When a place was opened last, in Unix ms. */
const USED = ['used', 'at'];

/** @typedef {import('./content_keep.js').Place} Place */
/** @implements {Place} */
export class IdbContentPlace {
  kind = 'indexeddb';
  sizeMax = Infinity;
  #platform;
  #place;
  #name;
  #isTemporary;
  #unlock = () => {};
  /** @type {any} */
  #sweeping = null;
  /** null: to be opened. @type {Promise<IDBDatabase>|null} */
  #db = null;
  #isClosed = false;

  /** @param {any} platform @param {string} place @param {boolean} isTemporary it goes when this peer does */
  constructor(platform, place, isTemporary) {
    this.#platform = platform;
    this.#place = place;
    this.#name = placeDatabase(place);
    this.#isTemporary = isTemporary;
  }

  async open() {
    const { locks, timers } = this.#platform;
    locks?.request(placeLock(this.#place), () => new Promise((resolve) => { // shows that somebody is there
      this.#unlock = () => resolve(undefined);
    })).catch(() => {});
    await this.#database();
    if (locks) this.#sweeping = timers.setTimeout(() => sweep(this.#platform, this.#place).catch(() => {}), SWEEP_AFTER_MS);
  }

  async list() {
    const keys = await this.#read(RECORDS, (store) => store.getAllKeys());
    return [...new Set(keys.map((key) => String(/** @type {any} */ (key)[0])))].filter((name) => name !== USED[0]);
  }

  /** @param {string} name @param {string} record @param {Uint8Array} bytes */
  put(name, record, bytes) {
    return this.#write((tx) => tx.objectStore(RECORDS).put(bytes, [name, record]));
  }

  /** @param {string} name @param {string} record @returns {Promise<Uint8Array|null>} */
  async get(name, record) {
    return await this.#read(RECORDS, (store) => store.get([name, record])) ?? null;
  }

  /** @param {string} name @param {number} index @param {Uint8Array} bytes */
  write(name, index, bytes) {
    const own = bytes.slice(); // of a view all that is behind it would be stored
    return this.#write((tx) => tx.objectStore(PIECES).put(own, [name, index]));
  }

  /** @param {string} name @param {number} index @param {(bytes: Uint8Array|null) => void} use */
  async read(name, index, use) {
    use(await this.#read(PIECES, (store) => store.get([name, index])) ?? null);
  }

  /** @param {string} name @param {number} count */
  async held(name, count) {
    const bits = new Bits(count);
    const keys = await this.#read(PIECES, (store) => store.getAllKeys(all(name)));
    for (const key of keys) if (/** @type {any} */ (key)[1] < count) bits.set(/** @type {any} */ (key)[1]);
    return bits.bytes;
  }

  /** @param {string} name */
  remove(name) {
    return this.#write((tx) => {
      tx.objectStore(PIECES).delete(all(name));
      tx.objectStore(RECORDS).delete(all(name));
    });
  }

  async close() {
    this.#platform.timers.clearTimeout(this.#sweeping);
    this.#isClosed = true;
    (await this.#db?.catch(() => null))?.close();
    if (this.#isTemporary) await idbDelete(this.#platform.indexedDB, this.#name);
    this.#unlock();
  }

  /** @template T @param {string} from @param {(store: IDBObjectStore) => IDBRequest<T>} ask @returns {Promise<T>} */
  async #read(from, ask) {
    return idbResult(ask((await this.#database()).transaction([from]).objectStore(from)));
  }

  /** @param {(tx: IDBTransaction) => void} change */
  async #write(change) {
    const tx = (await this.#database()).transaction([PIECES, RECORDS], 'readwrite', { durability: 'relaxed' });
    change(tx);
    await idbDone(tx);
  }

  /** Another one where the browser took it away: what was in it is fetched again. @returns {Promise<IDBDatabase>} */
  async #database() {
    if (this.#isClosed) throw new Error('the database of contents is closed');
    this.#db ??= this.#opened();
    return this.#db;
  }

  async #opened() {
    const { indexedDB, clock } = this.#platform;
    try {
      const db = await idbOpen(indexedDB, this.#name, [PIECES, RECORDS]);
      db.onclose = () => { this.#db = null; };
      const tx = db.transaction([RECORDS], 'readwrite');
      tx.objectStore(RECORDS).put(clock.wall(), USED);
      await idbDone(tx);
      return db;
    } catch (error) {
      this.#db = null; // whoever is next tries again
      throw error;
    }
  }
}

/** @param {string} name @returns {IDBKeyRange} */
function all(name) {
  return IDBKeyRange.bound([name], [name, []]); // an array is above every number and text
}

/** Places of tabs and pages that are gone. @param {any} platform @param {string} own */
async function sweep({ indexedDB, locks, clock }, own) {
  const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
  for (const name of names) {
    const place = name.slice(placeDatabase('').length);
    if (name !== placeDatabase(place) || place === own || !/^(tab|none)-/.test(place)) continue;
    await locks.request(placeLock(place), { ifAvailable: true }, async (/** @type {Lock|null} */ lock) => {
      if (lock === null) return;
      const used = place.startsWith('tab-') ? await usedAt(indexedDB, name) : 0;
      if (!(clock.wall() - used < TAB_AGE_MS_MAX)) await idbDelete(indexedDB, name);
    });
  }
}

/** @param {IDBFactory} indexedDB @param {string} name @returns {Promise<number>} Unix ms */
async function usedAt(indexedDB, name) {
  const db = await idbOpen(indexedDB, name, [PIECES, RECORDS]);
  try {
    return Number(await idbResult(db.transaction([RECORDS]).objectStore(RECORDS).get(USED)));
  } finally {
    db.close();
  }
}

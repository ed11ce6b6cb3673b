// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents in a browser without a private file system: one database, one record for each piece. */
import { Bits } from './content_slots.js';
import { idbDelete, idbDone, idbOpen, idbResult } from './idb.js';

const PIECES = 'pieces';
const RECORDS = 'records';

/** @typedef {import('./content_keep.js').Place} Place */
/** @implements {Place} */
export class IdbContentPlace {
  kind = 'indexeddb';
  sizeMax = Infinity;
  #indexedDB;
  #name;
  #isTemporary;
  /** @type {IDBDatabase|null} */
  #db = null;

  /** @param {IDBFactory} indexedDB @param {string} name of the database @param {boolean} isTemporary it goes when this peer does */
  constructor(indexedDB, name, isTemporary) {
    this.#indexedDB = indexedDB;
    this.#name = name;
    this.#isTemporary = isTemporary;
  }

  async open() {
    this.#db = await idbOpen(this.#indexedDB, this.#name, [PIECES, RECORDS]);
    this.#db.onclose = () => { this.#db = null; };
  }

  async list() {
    const keys = await this.#read(RECORDS, (store) => store.getAllKeys());
    return [...new Set(keys.map((key) => String(/** @type {any} */ (key)[0])))];
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
    this.#db?.close();
    this.#db = null;
    if (this.#isTemporary) await idbDelete(this.#indexedDB, this.#name);
  }

  /** @template T @param {string} from @param {(store: IDBObjectStore) => IDBRequest<T>} ask @returns {Promise<T>} */
  async #read(from, ask) {
    return idbResult(ask(this.#database().transaction([from]).objectStore(from)));
  }

  /** @param {(tx: IDBTransaction) => void} change */
  async #write(change) {
    const tx = this.#database().transaction([PIECES, RECORDS], 'readwrite', { durability: 'relaxed' });
    change(tx);
    await idbDone(tx);
  }

  #database() {
    if (this.#db === null) throw new Error('the database of contents is closed');
    return this.#db;
  }
}

/** @param {string} name @returns {IDBKeyRange} */
function all(name) {
  return IDBKeyRange.bound([name], [name, []]); // an array is above every number and text
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * storage: {passphrase}, in a browser: an identity that is kept when the tab is closed. One tab at a time has it.
 */
import { NktError } from './errors.js';
import { idbDelete } from './idb.js';
import { openKey, sealKey } from './seal_key.js';
import { Store } from './store.js';
import { IdbPlace } from './store_idb.js';

/** Of the database of an identity, and of its lock. */
const PREFIX = 'nkt-kept-';

/** After a reload the old page may hold the lock for a moment, in ms. */
const LOCK_WAIT_MS = 1500;

class KeptPlace extends IdbPlace {
  kind = 'kept';
  isStrict = true;
  #platform;
  #name;
  #passphrase;
  #derive;

  /** @param {any} platform @param {string} name @param {string} passphrase @param {import('./seal_key.js').Derive} derive */
  constructor(platform, name, passphrase, derive) {
    super(platform, platform.local);
    this.#platform = platform;
    this.#name = name;
    this.#passphrase = passphrase;
    this.#derive = derive;
  }

  get health() {
    return { name: this.#name };
  }

  async open() {
    const { indexedDB, locks, crypto } = this.#platform;
    try {
      IdbPlace.check([[indexedDB, 'IndexedDB'], [locks, 'Web Locks'], [crypto?.subtle, 'WebCrypto']]);
    } catch (error) {
      throw new NktError('NKT_E_STORAGE', /** @type {Error} */ (error).message);
    }
    const database = PREFIX + this.#name;
    if (!(await this.lock(database, LOCK_WAIT_MS))) {
      throw new NktError('NKT_E_IN_USE', 'this identity is open in another tab: close it there first');
    }
    await this.attach(database).catch((error) => {
      throw new NktError('NKT_E_STORAGE', `the storage of this browser cannot be opened: ${error.message}`, { cause: error });
    });
    const [sealed, restId] = await this.meta('key', 'rest');
    if (sealed?.version > 1) throw new NktError('NKT_E_NEWER', 'this identity was stored by a newer version of nkt');
    const records = await this.read();
    if (sealed === undefined) {
      if (records.size > 0) throw new NktError('NKT_E_STORAGE', 'the key of this identity is gone from storage');
      return { key: null, records };
    }
    const key = await openKey({ sealed, passphrase: this.#passphrase, crypto, derive: this.#derive });
    this.#platform.persist?.();
    return { key, records, rest: this.takeRest(restId) };
  }

  /** @param {Uint8Array} key */
  async make(key) {
    const { crypto } = this.#platform;
    const sealed = await sealKey({ key, passphrase: this.#passphrase, crypto, derive: this.#derive });
    this.setMeta('key', { version: 1, ...sealed });
    await this.write(new Map()); // now: what is sent waits for nothing that a person can abort
    this.#platform.persist?.();
  }
}

export class KeptStore extends Store {
  /**
   * @param {object} parts
   * @param {string} [parts.name] one of several on this device @param {string} parts.passphrase
   * @param {import('./seal_key.js').Derive} parts.derive @param {any} parts.platform
   * @param {(ticket: number) => void} parts.onDurable @param {() => void} [parts.onState]
   */
  constructor({ name = '', passphrase, derive, platform, ...rest }) {
    super({ place: new KeptPlace(platform, name, passphrase, derive), platform, ...rest });
  }
}

/** Names of what is kept in this browser. @param {any} platform @returns {Promise<string[]>} */
export async function keptNames({ indexedDB }) {
  const databases = (await indexedDB?.databases?.().catch(() => [])) ?? [];
  return databases.map(({ name }) => name ?? '').filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)).sort();
}

/** Deletes a kept identity for good. @param {any} platform @param {string} name rejects with NKT_E_IN_USE */
export async function forgetKept({ indexedDB, locks }, name) {
  if (!indexedDB || !locks) return; // here nothing is kept in this way
  const isFree = await locks.request(PREFIX + name, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await idbDelete(indexedDB, PREFIX + name);
    return lock !== null;
  });
  if (!isFree) throw new NktError('NKT_E_IN_USE', 'this identity is open in a tab: close it there first');
}

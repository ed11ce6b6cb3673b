// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * storage: {passphrase}, in a browser: an identity that is kept when the tab is closed. One tab at a time has it.
 */
import { NktError } from './errors.js';
import { idbDelete, NEWER } from './idb.js';
import { aboutItem, besidePrefix, KEPT_PREFIX, roomItem } from './kept.js';
import { openKey, sealKey, tellingDerive } from './seal_key.js';
import { Store } from './store.js';
import { IdbPlace } from './store_idb.js';

/** After a reload the old page may hold the lock for a moment, in ms. */
const LOCK_WAIT_MS = 1500;

class KeptPlace extends IdbPlace {
  kind = 'kept';
  isStrict = true;
  #platform;
  #name;
  #passphrase;
  #existing;
  #derive;
  /** Who it is, once known. @type {{address: string, nick: string}|null} */
  #self = null;
  /** Whether its key is in the database for certain. */
  #isMade = false;
  #onDeriving = (/** @type {boolean} */ _isDeriving) => {};

  /**
   * @param {any} platform
   * @param {{name: string, passphrase: string, existing: boolean}} choice @param {import('./seal_key.js').Derive} derive
   */
  constructor(platform, { name, passphrase, existing }, derive) {
    super(platform, platform.local);
    this.#platform = platform;
    this.#name = name;
    this.#passphrase = passphrase;
    this.#existing = existing;
    this.#derive = tellingDerive(derive, (isDeriving) => this.#onDeriving(isDeriving));
  }

  /** @param {(isDeriving: boolean) => void} onDeriving */
  onDeriving(onDeriving) {
    this.#onDeriving = onDeriving;
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
    const database = KEPT_PREFIX + this.#name;
    if (!(await this.lock(database, LOCK_WAIT_MS))) {
      throw new NktError('NKT_E_IN_USE', 'this identity is open in another tab: close it there first');
    }
    const { sealed, restId, records } = await this.#readAll(database).catch((error) => {
      if (error instanceof NktError) throw error;
      throw new NktError('NKT_E_STORAGE', `the storage of this browser cannot be opened: ${error.message}`, { cause: error });
    });
    if (sealed?.version > 1) throw new NktError('NKT_E_NEWER', NEWER);
    if (sealed === undefined) {
      if (records.size > 0) throw new NktError('NKT_E_STORAGE', 'the key of this identity is gone from storage');
      if (this.#existing) await this.#refuseNew(database);
      return { key: null, records };
    }
    if (records.size === 0) throw new NktError('NKT_E_STORAGE', 'the records of this identity are gone from storage');
    const key = await openKey({ sealed, passphrase: this.#passphrase, crypto, derive: this.#derive });
    this.#isMade = true;
    this.#platform.persist?.();
    return { key, records, rest: this.takeRest(restId) };
  }

  /** @param {string} database */
  async #readAll(database) {
    await this.attach(database);
    const [sealed, restId] = await this.meta('key', 'rest');
    return { sealed, restId, records: await this.read() };
  }

  /** Written with the first records, so that a key without any tells that they are gone. @param {Uint8Array} key */
  async make(key) {
    const { crypto } = this.#platform;
    const sealed = await sealKey({ key, passphrase: this.#passphrase, crypto, derive: this.#derive });
    this.setMeta('key', { version: 1, ...sealed });
  }

  /** @param {Map<string, Uint8Array|null>} batch */
  async write(batch) {
    if (!this.#isMade && ![...batch.values()].some(Boolean)) return; // a key does not go alone
    await super.write(batch);
    if (this.#isMade) return;
    this.#isMade = true;
    this.#tellAbout();
    this.#platform.persist?.();
  }

  /** @param {string} room @param {Uint8Array} key */
  beside(room, key) {
    const database = `${besidePrefix(this.#name)}${room}`;
    try {
      this.#platform.local?.setItem(roomItem(database), ''); // for browsers that do not list what they have
    } catch {
      // full or blocked: most do
    }
    return this.besideIn(database, key);
  }

  /** Who is kept here: for keptIdentities(). @param {{address: string, nick: string}} self */
  about(self) {
    this.#self = self;
    this.#tellAbout();
  }

  #tellAbout() {
    if (this.#self === null || !this.#isMade) return;
    try {
      const text = JSON.stringify({ ...this.#self, usedAt: this.#platform.clock.wall() });
      this.#platform.local?.setItem(aboutItem(KEPT_PREFIX + this.#name), text);
    } catch {
      // full or blocked: it is listed by its name alone
    }
  }

  /** Nobody is made where somebody was looked for. @param {string} database empty, made by looking @returns {Promise<never>} */
  async #refuseNew(database) {
    this.drop();
    await idbDelete(this.#platform.indexedDB, database);
    this.#platform.local?.removeItem(aboutItem(database));
    throw new NktError('NKT_E_STORAGE', 'nobody is kept here under that name');
  }
}

export class KeptStore extends Store {
  /**
   * @param {object} parts
   * @param {string} [parts.name] one of several on this device @param {string} parts.passphrase
   * @param {boolean} [parts.existing] nobody is to be made: NKT_E_STORAGE when there is no such one
   * @param {import('./seal_key.js').Derive} parts.derive @param {any} parts.platform
   * @param {(ticket: number) => void} parts.onDurable @param {() => void} [parts.onState]
   */
  constructor({ name = '', passphrase, existing = false, derive, platform, ...rest }) {
    super({ place: new KeptPlace(platform, { name, passphrase, existing }, derive), platform, ...rest });
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * storage: 'tab'. A slot is one identity; it lives in one tab at a time, survives reloads, and is gone with the tab.
 */
import { hexOf } from './hex.js';
import { idbDelete, idbOpen, idbResult } from './idb.js';
import { Store } from './store.js';
import { IdbPlace } from './store_idb.js';

/** One database per slot, so that tabs do not wait for each other's transactions. Also the name of its lock. */
const PREFIX = 'nkt-tab-';

/** Where the tab remembers its slot across reloads. */
const SESSION_ITEM = 'nkt-slot';

/** After a reload the old page may hold the lock for a moment; a duplicated tab's twin holds it for good. In ms. */
const LOCK_WAIT_MS = 1000;

/** Slots nobody opened for so long are deleted, in ms. */
const SLOT_AGE_MS_MAX = 7 * 24 * 3600 * 1000;

/** Sweeping waits until the tab has other things behind it, in ms. */
const SWEEP_AFTER_MS = 10_000;

class TabPlace extends IdbPlace {
  kind = 'tab';
  isStrict = false; // a tab's identity is made for the tab: another one is told of as 'memory'
  #platform;
  #slot = '';
  #sweepTimer = null;

  /** @param {any} platform */
  constructor(platform) {
    super(platform, platform.session);
    this.#platform = platform;
  }

  get health() {
    return { slot: this.#slot };
  }

  /** Finds the slot that the tab had before it was reloaded. */
  async open() {
    const { indexedDB, locks, session, crypto } = this.#platform;
    const none = { key: null, records: new Map() };
    IdbPlace.check([[indexedDB, 'IndexedDB'], [session, 'sessionStorage'], [locks, 'Web Locks'], [crypto?.subtle, 'WebCrypto']]);
    const slot = session.getItem(SESSION_ITEM) ?? '';
    if (!/^[0-9a-f]{32}$/.test(slot)) return none;
    if (!(await this.lock(PREFIX + slot, LOCK_WAIT_MS))) return none; // a duplicated tab: its twin has this identity
    await this.attach(PREFIX + slot);
    this.#slot = slot;
    const [meta, restId] = await this.meta('key', 'rest');
    if (!meta) return none; // the tab was reloaded before its slot was made
    const { key, iv, sealed } = meta;
    const opened = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed));
    const records = await this.read();
    this.#begin();
    return { key: opened, records, rest: this.takeRest(restId) };
  }

  /** @param {Uint8Array} key */
  async make(key) {
    if (this.#slot === '') await this.#takeSlot();
    this.setMeta('key', await this.#sealKey(key));
    this.#platform.session.setItem(SESSION_ITEM, this.#slot); // not before there is something: it may name an earlier one that is good
    this.#begin();
    this.#platform.persist?.();
  }

  /** @param {string} room @param {Uint8Array} key */
  beside(room, key) {
    return this.besideIn(`${PREFIX}${this.#slot}-${room}`, key);
  }

  release() {
    if (this.#sweepTimer !== null) this.#platform.timers.clearTimeout(this.#sweepTimer);
    super.release();
  }

  /** Takes a new slot. */
  async #takeSlot() {
    const bytes = this.#platform.crypto.getRandomValues(new Uint8Array(16));
    this.#slot = hexOf(bytes);
    await this.lock(PREFIX + this.#slot, 0);
    await this.attach(PREFIX + this.#slot);
  }

  /** The key, sealed by one that never leaves WebCrypto. @param {Uint8Array} storeKey */
  async #sealKey(storeKey) {
    const { subtle } = this.#platform.crypto;
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const iv = this.#platform.crypto.getRandomValues(new Uint8Array(12));
    return { key, iv, sealed: await subtle.encrypt({ name: 'AES-GCM', iv }, key, storeKey) };
  }

  /** The slot is in use: marks it with the first transaction, and sweeps old ones when there is time. */
  #begin() {
    this.setMeta('usedAt', this.#platform.clock.wall());
    this.#sweepTimer = this.#platform.timers.setTimeout(() => {
      this.#sweepTimer = null;
      this.#sweep();
    }, SWEEP_AFTER_MS);
  }

  /** Deletes slots that no tab holds and that nobody opened for long, with their rooms. Best effort. */
  async #sweep() {
    const { indexedDB, locks, clock } = this.#platform;
    const names = ((await indexedDB.databases?.().catch(() => [])) ?? []).map(({ name }) => name ?? '');
    for (const slot of new Set(names.map(slotOf).filter((one) => one !== '' && one !== PREFIX + this.#slot))) {
      await locks.request(slot, { ifAvailable: true }, async (lock) => {
        if (lock === null) return;
        if (names.includes(slot) && clock.wall() - await usedAt(indexedDB, slot) < SLOT_AGE_MS_MAX) return;
        for (const name of names) if (name !== slot && slotOf(name) === slot) await idbDelete(indexedDB, name);
        await idbDelete(indexedDB, slot); // last: what is left of it is found by it
      }).catch(() => {});
    }
  }
}

/** The slot that a database is of, or of a room of; '': none. @param {string} name */
function slotOf(name) {
  return /^nkt-tab-[0-9a-f]{32}(?=$|-)/.exec(name)?.[0] ?? '';
}

/** @param {any} indexedDB @param {string} name @returns {Promise<number>} NaN: never */
async function usedAt(indexedDB, name) {
  const db = await idbOpen(indexedDB, name, ['records', 'meta']);
  const at = await idbResult(db.transaction(['meta']).objectStore('meta').get('usedAt'));
  db.close();
  return Number(at);
}

export class TabStore extends Store {
  /**
   * @param {object} parts
   * @param {object} parts.platform {indexedDB, locks, session, crypto, timers, clock, persist}
   * @param {(ticket: number) => void} parts.onDurable @param {() => void} [parts.onState]
   */
  constructor({ platform, ...rest }) {
    super({ place: new TabPlace(platform), platform: /** @type {any} */ (platform), ...rest });
  }
}

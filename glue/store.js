// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The store port: keeps the records that the core hands out, each already encrypted by the core, and the key they are
 * encrypted with. Where they are kept is a place: store_tab.js, store_kept.js, store_files.js.
 */

/** Of the key that the core seals records with, in bytes. */
export const STORE_KEY_SIZE = 32;

/** How often writing is tried again after it failed, in ms. */
const RETRY_MS = 10_000;

/** The longest that closing waits for the last write, in ms. */
const FLUSH_MS = 2000;

/** storage: 'none'. The core asks for no PUT then; should one come it counts as done. */
export class NoStore {
  #onDurable;
  #ticket = 0;
  key = null;
  isStrict = false;

  /** @param {{onDurable: (ticket: number) => void}} parts */
  constructor({ onDurable }) {
    this.#onDurable = onDurable;
  }

  get health() {
    return { kind: 'none', state: 'off' };
  }

  about() {}

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

/**
 * Where records are kept.
 * @typedef {object} Place
 * @property {string} kind
 * @property {{[key: string]: unknown}} health
 * @property {boolean} isStrict whether open() must not fail: nobody is to become somebody else without being asked
 * @property {boolean} isThere whether it can be written to, now or after a while
 * @property {() => Promise<{key: Uint8Array|null, records: Map<string, Uint8Array>, rest?: Map<string, Uint8Array|null>}>} open
 *   key null: it is new, and make() is called. rest: what the page before this one had not written
 * @property {(key: Uint8Array) => Promise<void>} make in the background; what is written waits for it
 * @property {(batch: Map<string, Uint8Array|null>) => Promise<void>} write all of it or nothing, durably; null deletes
 * @property {() => Promise<Map<string, Uint8Array>>} read what was written
 * @property {(rest: Map<string, Uint8Array|null>) => void} [leaveRest] at once: the page goes away
 * @property {(self: {address: string, nick: string}) => void} [about] who it is
 * @property {() => void} drop what is there stays as it is
 * @property {() => Promise<void>|void} release somebody else may have it
 * @property {((onLost: (error: Error) => void) => void)} [onLost] when it is taken away
 */

/**
 * Writes behind the core's back: one write at a time, the newest value per name; what comes meanwhile goes into the next. A place
 * writes all of it or nothing, so after a crash it is as it was after one of the core's PUTs, never between two.
 */
export class Store {
  #place;
  #platform;
  #onDurable;
  #onState;

  /** 32 bytes for the core, null until open() is done. @type {Uint8Array|null} */
  key = null;

  /** @type {'opening'|'ok'|'memory'|'closed'} */
  #state = 'opening';
  #error = '';
  /** A new place is being made; writes wait. @type {Promise<void>} */
  #made = Promise.resolve();

  /** What the next write takes along, newest wins; null deletes. @type {Map<string, Uint8Array|null>} */
  #pending = new Map();
  #ticket = 0;
  /** @type {Promise<void>|null} */
  #writing = null;
  /** What the write under way takes along. @type {Map<string, Uint8Array|null>} */
  #inFlight = new Map();
  /** Counts cores: a write begun for the last one tells the next one nothing. */
  #life = 0;
  /** What would be stored, where there is no place to. @type {Map<string, Uint8Array|null>} */
  #shadow = new Map();
  /** @type {Set<any>} */
  #running = new Set();

  /**
   * @param {object} parts
   * @param {Place} parts.place
   * @param {{crypto: any, timers: {setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}}} parts.platform
   * @param {(ticket: number) => void} parts.onDurable this PUT and all before it are durable
   * @param {() => void} [parts.onState] health changed
   */
  constructor({ place, platform, onDurable, onState = () => {} }) {
    this.#place = place;
    this.#platform = platform;
    this.#onDurable = onDurable;
    this.#onState = onState;
  }

  /** Whether nobody is to become somebody else here without being asked. */
  get isStrict() {
    return this.#place.isStrict;
  }

  get health() {
    const health = { kind: this.#place.kind, state: this.#state, ...this.#place.health };
    return this.#error === '' ? health : { ...health, error: this.#error };
  }

  /**
   * A new place is ready at once, while it is still being made.
   * @returns {Promise<Array<[string, Uint8Array]>>} the records; rejects only where the place is strict
   */
  async open() {
    const place = this.#place;
    let records = new Map();
    try {
      place.onLost?.((error) => this.#toMemory(error));
      const opened = await place.open();
      records = opened.records;
      this.key = opened.key;
      this.#pending = new Map(opened.rest ?? []);
      if (this.key !== null) this.#setState('ok');
    } catch (error) {
      place.drop();
      if (place.isStrict) {
        await place.release();
        this.#state = 'closed';
        throw error;
      }
      this.#toMemory(error);
    }
    if (this.key === null) {
      this.key = this.#platform.crypto.getRandomValues(new Uint8Array(STORE_KEY_SIZE));
      if (this.#state === 'opening') this.#make(/** @type {Uint8Array} */ (this.key));
    }
    return [...overlay(records, this.#pending)];
  }

  /** The records as they are now, for a core that starts again: its tickets begin anew. @returns {Promise<Array<[string, Uint8Array]>>} */
  async reopen() {
    await this.flush();
    this.#life++;
    this.#ticket = 0;
    const stored = this.#place.isThere ? await this.#place.read().catch(() => new Map()) : new Map();
    return [...overlay(overlay(overlay(stored, this.#shadow), this.#inFlight), this.#pending)];
  }

  /** Who is stored here. @param {{address: string, nick: string}} self */
  about(self) {
    this.#place.about?.(self);
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
   * Writes what was collected, at once; the next write waits for its end.
   * @returns {boolean} whether a PUT_DONE came of it at once
   */
  commit() {
    if (this.#ticket === 0 || this.#writing !== null) return false;
    if (this.#state === 'memory' || this.#state === 'closed') return this.#commitToMemory();
    this.#writeNow();
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
   * Writes what is left and lets go of the place.
   * @param {{immediate?: boolean}} [options] immediate: the page is going away, and nothing that takes time may come to its end
   */
  async close({ immediate = false } = {}) {
    if (this.#state === 'closed') return;
    const rest = new Map([...this.#inFlight, ...this.#pending]);
    if (immediate && rest.size > 0) this.#place.leaveRest?.(rest);
    await this.flush();
    this.#state = 'closed';
    for (const timer of this.#running) this.#platform.timers.clearTimeout(timer);
    this.#running.clear();
    this.#place.drop();
    this.key?.fill(0);
    await this.#place.release();
  }

  /** Makes a new place in the background. @param {Uint8Array} key */
  #make(key) {
    this.#made = this.#place.make(key).then(() => this.#setState('ok'));
    this.#made.catch((error) => {
      this.#place.drop();
      this.#toMemory(error);
    });
  }

  #writeNow() {
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      this.commit();
    });
  }

  /** One write with everything collected so far. */
  async #write() {
    let batch = new Map();
    let ticket = 0;
    const life = this.#life;
    try {
      await this.#made;
      batch = this.#pending;
      ticket = this.#ticket;
      this.#pending = new Map();
      this.#ticket = 0;
      this.#inFlight = batch;
      await this.#place.write(batch);
      if (this.#state === 'memory') this.#setState('ok'); // it works again
    } catch (error) {
      for (const [name, bytes] of batch) if (!this.#pending.has(name)) this.#pending.set(name, bytes);
      this.#toMemory(error);
      ticket = Math.max(ticket, this.#ticket);
      this.#ticket = 0;
    }
    this.#inFlight = new Map();
    if (ticket !== 0 && life === this.#life) this.#onDurable(ticket);
  }

  /** Storage is blocked or full: what is collected stays collected, and life goes on. @returns {boolean} */
  #commitToMemory() {
    const ticket = this.#ticket;
    this.#ticket = 0;
    if (!this.#place.isThere) { // nowhere to write it to, ever
      for (const [name, bytes] of this.#pending) this.#shadow.set(name, bytes);
      this.#pending.clear();
    }
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
    if (this.#place.isThere) this.#later(RETRY_MS, () => this.#retry());
  }

  #retry() {
    if (this.#state === 'memory' && this.#writing === null) this.#writeNow();
  }

  /** @param {'ok'|'memory'} state @param {string} [error] */
  #setState(state, error = '') {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#error = error;
    this.#onState();
  }

  /** @param {number} ms @param {() => void} f */
  #later(ms, f) {
    const timer = this.#platform.timers.setTimeout(() => {
      this.#running.delete(timer);
      f();
    }, ms);
    this.#running.add(timer);
  }
}

/** @param {Map<string, Uint8Array|null>} records @param {Map<string, Uint8Array|null>} newer @returns {Map<string, any>} */
function overlay(records, newer) {
  const all = new Map(records);
  for (const [name, bytes] of newer) {
    if (bytes === null) all.delete(name);
    else all.set(name, bytes);
  }
  return all;
}

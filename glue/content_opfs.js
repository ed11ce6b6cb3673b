// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents in the private file system of a browser: what is asked of content_worker.js. */
import { bytesIn, SLOT_SIZE, slotOf } from './content_slots.js';
import { NktError } from './errors.js';
import { Patience } from './patience.js';
import { trustedUrl } from './trusted.js';

/** A worker says that it is there, and opens its folder; one that has not by then, in ms, is done without. */
const READY_MS = 5000;

/** A worker that answers nothing for so long while it is asked something is gone, in ms. Looked at in thirds: sleep is no silence. */
const SILENT_MS = 30_000;
const SILENT_LOOKS = 3;

/** What ended so many workers is not asked again; and one that ends so often before it has its folder is not started again. */
const DEATH_COUNT_MAX = 3;

/**
 * So many pieces go to the worker, or come back, in one message, since to wake a thread costs more than what it does with a piece. What is
 * written waits so long for others, in ms, unless nothing else of its content is under way.
 */
const RUN_COUNT = 8;
const GATHER_MS = 50;

/** So many slots are kept to be used again: as many as are on their way at once, see NKT_BLOB_WRITING_COUNT_MAX, and what is in them. */
const SPARE_COUNT_MAX = 32;

/**
 * @typedef {object} Asked
 * @property {() => void} post asks it, of the worker that there is now
 * @property {number} deaths workers that ended before they answered it
 * @property {(result: any) => void} resolve @property {(error: Error) => void} reject
 */

/**
 * @typedef {object} Piece that is on its way to the worker, or from it
 * @property {number} index @property {() => void} resolve @property {(error: Error) => void} reject
 */
/** @typedef {Piece & {slot: Uint8Array, size: number}} Written kept until it is stored: what goes to the worker ends with it */
/** @typedef {Piece & {use: (bytes: Uint8Array|null) => void}} Read */

/** @typedef {import('./content_keep.js').Place} Place */
/** @implements {Place} */
export class OpfsPlace {
  kind = 'opfs';
  sizeMax = Infinity;
  #url;
  #name;
  #isTemporary;
  #timers;
  #patience;
  /** @type {Worker} */
  #worker;
  /** It has the folder: what is asked goes to it at once. */
  #isUp = false;
  #isClosed = false;
  /** Why there is none any more. @type {NktError|null} */
  #fault = null;
  #silentLooks = 0;
  /** @type {any} */
  #look = null;
  #number = 0;
  /** Slots that went to the worker and back: memory that is new costs a browser more than what is done with it. @type {Uint8Array[]} */
  #spare = [];
  /** By name of the content: what is to be written, and read, next. @type {Map<string, Written[]>} */
  #writes = new Map();
  /** @type {Map<string, Read[]>} */
  #reads = new Map();
  #writeCount = 0;
  /** @type {any} */
  #writeTimer = null;
  /** By number of the question, in the order in which they came. @type {Map<number, Asked>} */
  #asked = new Map();

  /**
   * @param {string|null} url of the worker, for a page that lets scripts in by a policy; null: beside this file
   * @param {string} name of the folder @param {boolean} isTemporary it goes when this peer does @param {any} timers
   */
  constructor(url, name, isTemporary, timers) {
    this.#url = url;
    this.#name = name;
    this.#isTemporary = isTemporary;
    this.#timers = timers;
    this.#patience = new Patience(timers);
    this.#worker = this.#made();
  }

  /** @throws {Error} there are no such files here, or no worker */
  async open() {
    try {
      await this.#begin();
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  list() {
    return this.#ask('list', []);
  }

  /** @param {string} name @param {string} record @param {Uint8Array} bytes */
  put(name, record, bytes) {
    return this.#ask('put', [name, record, bytes]);
  }

  /** @param {string} name @param {string} record */
  get(name, record) {
    return this.#ask('get', [name, record]);
  }

  /** @param {string} name @param {number} index @param {Uint8Array} bytes lent @param {boolean} [isLast] @returns {Promise<void>} */
  write(name, index, bytes, isLast = false) {
    const slot = this.#slot();
    const size = slotOf(bytes, slot).length;
    return new Promise((resolve, reject) => {
      gather(this.#writes, name, { index, slot, size, resolve, reject });
      if (++this.#writeCount >= RUN_COUNT || isLast) this.#writeAll();
      else this.#writeTimer ??= this.#timers.setTimeout(() => this.#writeAll(), GATHER_MS);
    });
  }

  /** @param {string} name @param {number} index @param {(bytes: Uint8Array|null) => void} use @returns {Promise<void>} */
  read(name, index, use) {
    if (this.#writes.get(name)?.some((piece) => piece.index === index)) this.#writeAll();
    return new Promise((resolve, reject) => {
      if (this.#reads.size === 0) queueMicrotask(() => this.#readAll()); // with the others that this step of the core wants
      gather(this.#reads, name, { index, use, resolve, reject });
    });
  }

  /** @param {string} name @param {number} count */
  held(name, count) {
    return this.#ask('held', [name, count]);
  }

  /** @param {string} name */
  remove(name) {
    return this.#ask('remove', [name]);
  }

  async close() {
    await this.#patience.wait(this.#ask(this.#isTemporary ? 'erase' : 'close', []), READY_MS).catch(() => {});
    this.#end();
  }

  #slot() {
    return this.#spare.pop() ?? new Uint8Array(SLOT_SIZE);
  }

  /** @param {Uint8Array} slot */
  #putAway(slot) {
    if (this.#spare.length < SPARE_COUNT_MAX) this.#spare.push(slot);
  }

  // ---- pieces ----

  #writeAll() {
    const writes = [...this.#writes];
    this.#writes.clear();
    this.#writeCount = 0;
    if (this.#writeTimer !== null) this.#timers.clearTimeout(this.#writeTimer);
    this.#writeTimer = null;
    for (const [name, pieces] of writes) this.#write(name, pieces);
  }

  /** @param {string} name @param {Written[]} pieces */
  async #write(name, pieces) {
    const [indices, sizes] = [pieces.map(({ index }) => index), pieces.map(({ size }) => size)];
    try {
      const { slots, count, error } = await this.#asking((number) => {
        const given = pieces.map(({ slot, size }) => {
          const copy = this.#slot();
          copy.set(slot.subarray(0, size));
          return copy;
        });
        this.#worker.postMessage({ number, act: 'write', args: [name, indices, given, sizes] }, given.map(({ buffer }) => buffer));
      });
      for (const slot of slots) this.#putAway(slot);
      for (const { slot } of pieces) this.#putAway(slot);
      for (const { resolve } of pieces.slice(0, count)) resolve();
      for (const { reject } of pieces.slice(count)) reject(new NktError('NKT_E_STORAGE', error));
    } catch (error) {
      for (const { reject } of pieces) reject(/** @type {Error} */ (error));
    }
  }

  #readAll() {
    const reads = [...this.#reads];
    this.#reads.clear();
    for (const [name, pieces] of reads) {
      for (let at = 0; at < pieces.length; at += RUN_COUNT) this.#read(name, pieces.slice(at, at + RUN_COUNT));
    }
  }

  /** @param {string} name @param {Read[]} pieces */
  async #read(name, pieces) {
    const indices = pieces.map(({ index }) => index);
    try {
      const { slots } = await this.#asking((number) => {
        const given = pieces.map(() => this.#slot());
        this.#worker.postMessage({ number, act: 'read', args: [name, indices, given] }, given.map(({ buffer }) => buffer));
      });
      for (const [i, { use, resolve }] of pieces.entries()) {
        use(bytesIn(slots[i]));
        this.#putAway(slots[i]);
        resolve();
      }
    } catch (error) {
      for (const { reject } of pieces) reject(/** @type {Error} */ (error));
    }
  }

  // ---- questions ----

  /** What is asked later is done later. @param {string} act @param {any[]} args @returns {Promise<any>} */
  #ask(act, args) {
    this.#writeAll();
    return this.#asking((number) => this.#worker.postMessage({ number, act, args }));
  }

  /** @param {(number: number) => void} post may be called again, with another worker @returns {Promise<any>} */
  #asking(post) {
    if (this.#fault !== null) return Promise.reject(this.#fault);
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#asked.set(number, { post: () => post(number), deaths: 0, resolve, reject });
      if (!this.#isUp) return; // asked when it is
      post(number);
      this.#listen();
    });
  }

  /** @param {{number: number, result?: any, error?: string}} said */
  #answered({ number, result, error }) {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    this.#silentLooks = 0;
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new NktError('NKT_E_STORAGE', error));
  }

  /** @param {NktError} error */
  #fail(error) {
    for (const { reject } of [...this.#asked.values(), ...[...this.#writes.values()].flat()]) reject(error);
    this.#asked.clear();
    this.#writes.clear();
  }

  // ---- the worker ----

  // The second one is written so that bundlers make a worker of it.
  #made() {
    return this.#url !== null ? new Worker(trustedUrl(this.#url), { type: 'module' })
      : new Worker(new URL('./content_worker.js', import.meta.url), { type: 'module' });
  }

  /** The worker is there, and has the folder. @throws {Error} */
  async #begin() {
    const worker = this.#worker;
    const opened = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (worker !== this.#worker) return;
        if (data.number > 0) this.#answered(data);
        else if (data.act !== 'open') worker.postMessage({ number: 0, act: 'open', args: [this.#name] });
        else if (data.error === undefined) resolve(undefined);
        else reject(new NktError('NKT_E_STORAGE', data.error));
      };
      worker.onerror = (event) => {
        event.preventDefault(); // it is done without, or with another one
        const error = new NktError('NKT_E_STORAGE', event.message || 'the worker failed');
        reject(error);
        if (worker === this.#worker && this.#isUp) this.#died(error);
      };
    });
    await this.#patience.wait(opened, READY_MS);
    this.#isUp = true;
    for (const { post } of [...this.#asked.values()]) post();
    this.#listen();
  }

  /**
   * It ended midway, of lack of memory or whatever: another one is asked what waits for an answer.
   * @param {NktError} error @returns {Promise<void>}
   */
  async #died(error) {
    this.#isUp = false;
    this.#worker.terminate();
    for (const [number, asked] of this.#asked) {
      if (++asked.deaths < DEATH_COUNT_MAX) continue;
      this.#asked.delete(number);
      asked.reject(error);
    }
    let why = error;
    for (let tries = 0; tries < DEATH_COUNT_MAX && !this.#isClosed; tries++) {
      this.#worker = this.#made();
      try {
        await this.#begin();
        return;
      } catch (again) {
        this.#worker.terminate();
        why = /** @type {NktError} */ (again);
      }
    }
    if (this.#isClosed) return;
    this.#fault = new NktError('NKT_E_STORAGE', `what keeps contents ended, and does not start again: ${why.message}`, { cause: why });
    this.#fail(this.#fault);
  }

  /** Some end without a word. */
  #listen() {
    if (this.#look !== null || this.#asked.size === 0 || this.#isClosed) return;
    this.#look = this.#timers.setTimeout(() => {
      this.#look = null;
      if (this.#asked.size === 0 || !this.#isUp) this.#silentLooks = 0;
      else if (++this.#silentLooks >= SILENT_LOOKS) {
        this.#silentLooks = 0;
        this.#died(new NktError('NKT_E_STORAGE', 'the worker does not answer'));
      }
      this.#listen();
    }, SILENT_MS / SILENT_LOOKS);
  }

  #end() {
    this.#isClosed = true;
    this.#isUp = false;
    if (this.#look !== null) this.#timers.clearTimeout(this.#look);
    this.#look = null;
    if (this.#writeTimer !== null) this.#timers.clearTimeout(this.#writeTimer);
    this.#writeTimer = null;
    this.#worker.terminate();
    this.#fault = new NktError('NKT_E_STORAGE', 'the place of contents is closed');
    this.#fail(this.#fault);
  }
}

/** @template T @param {Map<string, T[]>} into @param {string} name @param {T} piece */
function gather(into, name, piece) {
  const pieces = into.get(name);
  if (pieces) pieces.push(piece);
  else into.set(name, [piece]);
}

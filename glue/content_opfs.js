// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents in the private file system of a browser: what is asked of content_worker.js. */
import { bytesIn, SLOT_SIZE, slotOf } from './content_slots.js';
import { NktError } from './errors.js';
import { Patience } from './patience.js';
import { trustedUrl } from './trusted.js';

/** A worker says that it is there, and opens its folder; one that has not by then, in ms, is done without. */
const READY_MS = 5000;

/** So many slots are kept to be used again: as many as are on their way at once, see NKT_BLOB_WRITING_COUNT_MAX. */
const SPARE_COUNT_MAX = 16;

/** @typedef {import('./content_keep.js').Place} Place */
/** @implements {Place} */
export class OpfsPlace {
  kind = 'opfs';
  sizeMax = Infinity;
  #worker;
  #name;
  #isTemporary;
  #patience;
  #number = 0;
  /** Slots that went to the worker and back: memory that is new costs a browser more than what is done with it. @type {Uint8Array[]} */
  #spare = [];
  /** By number of the question. @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
  #asked = new Map();

  /**
   * @param {string|null} url of the worker, for a page that lets scripts in by a policy; null: beside this file
   * @param {string} name of the folder @param {boolean} isTemporary it goes when this peer does @param {any} timers
   */
  constructor(url, name, isTemporary, timers) {
    this.#name = name;
    this.#isTemporary = isTemporary;
    this.#patience = new Patience(timers);
    // The second one is written so that bundlers make a worker of it.
    this.#worker = url !== null ? new Worker(trustedUrl(url), { type: 'module' })
      : new Worker(new URL('./content_worker.js', import.meta.url), { type: 'module' });
  }

  /** @throws {Error} there are no such files here, or no worker */
  async open() {
    const ready = this.#answer(0);
    this.#worker.onmessage = ({ data }) => this.#answered(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // it is done without, which is nobody's concern
      this.#fail(event.message || 'the worker failed');
    };
    try {
      await this.#patience.wait(ready.then(() => this.#ask('open', [this.#name])), READY_MS);
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

  /** @param {string} name @param {number} index @param {Uint8Array} bytes lent */
  write(name, index, bytes) {
    const slot = this.#slot();
    const { length } = slotOf(bytes, slot);
    return this.#ask('write', [name, index, slot, length], [slot.buffer]).then((back) => this.#putAway(back));
  }

  /** @param {string} name @param {number} index @param {(bytes: Uint8Array|null) => void} use */
  read(name, index, use) {
    const slot = this.#slot();
    return this.#ask('read', [name, index, slot], [slot.buffer]).then((back) => {
      use(bytesIn(back));
      this.#putAway(back);
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

  /** @param {string} act @param {any[]} args @param {ArrayBufferLike[]} [given] @returns {Promise<any>} */
  #ask(act, args, given = []) {
    const number = ++this.#number;
    const answer = this.#answer(number);
    this.#worker.postMessage({ number, act, args }, /** @type {any} */ (given));
    return answer;
  }

  /** @param {number} number @returns {Promise<any>} */
  #answer(number) {
    return new Promise((resolve, reject) => this.#asked.set(number, { resolve, reject }));
  }

  /** @param {{number: number, result?: any, error?: string}} said */
  #answered({ number, result, error }) {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new NktError('NKT_E_STORAGE', error));
  }

  /** @param {string} message */
  #fail(message) {
    for (const { reject } of this.#asked.values()) reject(new NktError('NKT_E_STORAGE', message));
    this.#asked.clear();
  }

  #end() {
    this.#worker.terminate();
    this.#fail('the place of contents is closed');
  }
}

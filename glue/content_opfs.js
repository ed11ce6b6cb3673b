// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents in the private file system of a browser: what is asked of content_worker.js. */
import { NktError } from './errors.js';
import { Patience } from './patience.js';
import { trustedUrl } from './trusted.js';

/** A worker says that it is there, and opens its folder; one that has not by then, in ms, is done without. */
const READY_MS = 5000;

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

  /** @param {string} name @param {number} index @param {Uint8Array} bytes given away */
  write(name, index, bytes) {
    return this.#ask('write', [name, index, bytes], [bytes.buffer]);
  }

  /** @param {string} name @param {number} index */
  read(name, index) {
    return this.#ask('read', [name, index]);
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

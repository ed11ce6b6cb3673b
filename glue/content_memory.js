// SPDX-License-Identifier: GPL-3.0-or-later
/** Where contents are kept when there is nowhere else: in memory, and not much. */
import { Bits } from './content_slots.js';

/** Of all contents, in bytes. */
export const MEMORY_SIZE_MAX = 64e6;

/** @typedef {import('./content_keep.js').Place} Place */
/** @implements {Place} */
export class MemoryPlace {
  kind = 'memory';
  sizeMax = MEMORY_SIZE_MAX;
  /** @type {Map<string, {records: Map<string, Uint8Array>, pieces: Map<number, Uint8Array>}>} */
  #all = new Map();

  async open() {}

  async list() {
    return [...this.#all.keys()];
  }

  /** @param {string} name @param {string} record @param {Uint8Array} bytes */
  async put(name, record, bytes) {
    this.#one(name).records.set(record, bytes);
  }

  /** @param {string} name @param {string} record */
  async get(name, record) {
    return this.#all.get(name)?.records.get(record) ?? null;
  }

  /** @param {string} name @param {number} index @param {Uint8Array} bytes */
  async write(name, index, bytes) {
    this.#one(name).pieces.set(index, bytes.slice());
  }

  /** @param {string} name @param {number} index @param {(bytes: Uint8Array|null) => void} use */
  async read(name, index, use) {
    use(this.#all.get(name)?.pieces.get(index) ?? null);
  }

  /** @param {string} name @param {number} count */
  async held(name, count) {
    const bits = new Bits(count);
    for (const index of this.#all.get(name)?.pieces.keys() ?? []) if (index < count) bits.set(index);
    return bits.bytes;
  }

  /** @param {string} name */
  async remove(name) {
    this.#all.delete(name);
  }

  async close() {
    this.#all.clear();
  }

  /** @param {string} name */
  #one(name) {
    let one = this.#all.get(name);
    if (!one) this.#all.set(name, one = { records: new Map(), pieces: new Map() });
    return one;
  }
}

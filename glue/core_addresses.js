// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Addresses in both forms, 20 bytes for the module and Base58Check for people: the module translates, what it said is remembered.
 */
const ADDRESS_SIZE = 20;
const TEXT_SIZE = 36; // terminated

/** Kept in both forms; more users than a swarm remembers. */
const CACHE_COUNT = 4096;

const encoder = new TextEncoder();

export class Addresses {
  #exports;
  #memory;
  /** Room for one address, and for its text behind it. */
  #room;
  /**
   * By the first 32 bits of the address; a collision costs only the older entry's place.
   * @type {Map<number, {bytes: Uint8Array, text: string}>}
   */
  #texts = new Map();
  /** @type {Map<string, Uint8Array>} */
  #bytes = new Map();

  /** @param {any} exports of the instance @param {import('./core_memory.js').Memory} memory */
  constructor(exports, memory) {
    this.#exports = exports;
    this.#memory = memory;
    this.#room = memory.alloc(ADDRESS_SIZE + TEXT_SIZE);
  }

  /** Whether the text is an address. @param {string} text @returns {boolean} */
  isAddress(text) {
    return this.#parse(text) !== null;
  }

  /** An address for the next call into the module. @param {string} text @returns {number} its offset; 0: it is no address */
  lend(text) {
    const raw = this.#parse(text);
    if (raw === null) return 0;
    this.#memory.u8.set(raw, this.#room);
    return this.#room;
  }

  /** @param {number} at offset of 20 bytes, aligned to 4 @returns {string|null} null when all are zero */
  textAt(at) {
    const { u32, u8 } = this.#memory;
    const word = at >> 2;
    const key = u32[word];
    const cached = this.#texts.get(key);
    if (cached && isEqual(u8, at, cached.bytes)) return cached.text;
    if ((key | u32[word + 1] | u32[word + 2] | u32[word + 3] | u32[word + 4]) === 0) return null;
    const textAt = this.#room + ADDRESS_SIZE;
    this.#exports.nkt_wasm_address_format(at, textAt);
    const text = this.#memory.terminated(textAt);
    remember(this.#texts, key, { bytes: u8.slice(at, at + ADDRESS_SIZE), text });
    return text;
  }

  /** @param {string} text @returns {Uint8Array|null} 20 bytes */
  #parse(text) {
    const cached = this.#bytes.get(text);
    if (cached) return cached;
    if (typeof text !== 'string' || text.length === 0 || text.length >= TEXT_SIZE) return null; // of whoever called without types
    const at = this.#room + ADDRESS_SIZE;
    const { read, written } = encoder.encodeInto(text, this.#memory.u8.subarray(at, at + TEXT_SIZE));
    if (read !== text.length) return null;
    if (this.#exports.nkt_wasm_address_parse(at, written, this.#room) !== 0) return null;
    const bytes = this.#memory.u8.slice(this.#room, this.#room + ADDRESS_SIZE);
    remember(this.#bytes, text, bytes);
    return bytes;
  }
}

/** @param {Uint8Array} u8 @param {number} at @param {Uint8Array} bytes @returns {boolean} */
function isEqual(u8, at, bytes) {
  for (let i = 0; i < bytes.length; i++) if (u8[at + i] !== bytes[i]) return false;
  return true;
}

/** Adds to a bounded cache; the oldest entry makes room. @template K, V @param {Map<K, V>} cache @param {K} key @param {V} value */
function remember(cache, key, value) {
  if (cache.size >= CACHE_COUNT) cache.delete(/** @type {K} */ (cache.keys().next().value));
  cache.set(key, value);
}

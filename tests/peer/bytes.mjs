// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes, and the one way in which they are joined: every number is big-endian, every part has its length before it where lengths vary.

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @param {string} text */
export const utf8 = (text) => new TextEncoder().encode(text);
/** @param {Uint8Array} bytes throws where they are no UTF-8 */
export const text = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
/** @param {Uint8Array} bytes */
export const hex = (bytes) => Buffer.from(bytes).toString('hex');
/** @param {string} digits */
export const unhex = (digits) => Uint8Array.from(Buffer.from(digits, 'hex'));
/** @param {Uint8Array} a @param {Uint8Array} b */
export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
/** @param {Uint8Array} a @param {Uint8Array} b as numbers, big-endian: below 0 if a is less */
export const compare = (a, b) => Buffer.compare(a, b);
/** @param {number} size */
export const zeros = (size) => new Uint8Array(size);
export const isZero = (bytes) => bytes.every((byte) => byte === 0);

/** @param {number} value @param {number} size of 1, 2 or 4 */
function unsigned(value, size) {
  const bytes = new Uint8Array(size);
  for (let i = size - 1; i >= 0; i--, value = Math.floor(value / 256)) bytes[i] = value % 256;
  return bytes;
}
export const u8 = (value) => unsigned(value, 1);
export const u16 = (value) => unsigned(value, 2);
export const u32 = (value) => unsigned(value, 4);
/** @param {bigint} value */
export function u64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** Reads from the front; throws where it ends too soon. */
export class Reader {
  #bytes;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  get left() {
    return this.#bytes.length - this.#at;
  }

  /** @param {number} size */
  take(size) {
    if (size > this.left) throw new Refused('length', `${size} bytes of ${this.left}`);
    return this.#bytes.slice(this.#at, this.#at += size);
  }

  /** @param {number} size of 1, 2 or 4 */
  number(size = 1) {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  rest() {
    return this.take(this.left);
  }
}

/** What came from outside is not as the document says. `why` is one word, for counts and tests. */
export class Refused extends Error {
  /** @param {string} why @param {string} [detail] */
  constructor(why, detail = '') {
    super(detail ? `${why}: ${detail}` : why);
    this.name = 'Refused';
    this.why = why;
  }
}

/** @param {unknown} condition @param {string} why @param {string} [detail] @returns {asserts condition} */
export function demand(condition, why, detail) {
  if (!condition) throw new Refused(why, detail);
}

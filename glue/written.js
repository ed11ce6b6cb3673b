// SPDX-License-Identifier: GPL-3.0-or-later
/** A value that was written: JSON in which {"$":0}, {"$":1} ... stand for what holds bytes, until these are read. */
import { inline, inlineSize, madeOf } from './carriers.js';
import { messageOf, NktError } from './errors.js';
import { Patience } from './patience.js';
import { mayCarry, restore } from './reading.js';

/** @typedef {import('./carriers.js').Given} Given */

/** A Blob (of a network's file, perhaps) that does not give its bytes for so long, in ms, gives none. */
const READ_MS = 30_000;

/** Only what stands for bytes looks like this: the caller's own such keys have a sign more, and no text in JSON has a bare quote within. */
const MARKS = /\{"\$":(\d+)\}/g;

/** What stands for the part of that number. @param {number} i */
export const mark = (i) => `{"$":${i}}`;

export class Written {
  /** @type {Given[]} */
  parts;
  #text;
  #hasBeside;
  /** By part. @type {string[]} */
  #carriers = [];

  /** @param {string} text with marks @param {Given[]} parts @param {boolean} hasBeside the last part is beside the value, in no mark */
  constructor(text, parts, hasBeside) {
    this.#text = text;
    this.#hasBeside = hasBeside;
    this.parts = parts;
  }

  /** Whether nothing has to be waited for. */
  get isRead() {
    return this.parts.every(({ source }) => source instanceof Uint8Array);
  }

  /** Bytes that it carries. */
  get byteCount() {
    return this.parts.reduce((sum, { size }) => sum + size, 0);
  }

  /** In bytes of JSON that has all in itself; no Base64 is made to know it. */
  get size() {
    return this.parts.reduce((sum, part, i) => sum - mark(i).length + this.sizeOf(i), sizeOf(this.#whole));
  }

  /** The same of one carrier. @param {number} i */
  sizeOf(i) {
    return inlineSize(this.parts[i]);
  }

  /** @param {number} i @param {string} carrier that stands for that part in json() */
  put(i, carrier) {
    this.#carriers[i] = carrier;
  }

  /** What it was made of, as a listener may change it: bytes are copied, Blobs cannot change. @returns {{value: any, bytes: any}} */
  copy() {
    const copyOf = (part) => (part.source instanceof Uint8Array ? madeOf(part, bytesOf(part).slice()) : part.source);
    const copy = { value: JSON.parse(this.#text), bytes: this.#hasBeside ? copyOf(this.parts[this.parts.length - 1]) : null };
    if (mayCarry(this.#text)) restore(copy, 'value', ({ $: i }) => copyOf(this.parts[i]));
    return copy;
  }

  /** It is sent later: what the caller does to his bytes until then is his affair. */
  hold() {
    for (const part of this.parts) if (part.source instanceof Uint8Array) part.source = bytesOf(part).slice();
  }

  /**
   * Blobs become bytes.
   * @param {any} timers @param {Promise<any>} [over] settled: nobody waits for it any more
   * @returns {Promise<void>} rejects with NKT_E_VALUE and the path of one that cannot be read, or as `over`
   */
  async read(timers, over = new Promise(() => {})) {
    const given = over.then(() => { throw new NktError('NKT_E_CANCELLED', 'cancelled'); });
    given.catch(() => {}); // there may be nothing to be read
    for (const part of this.parts) {
      if (part.source instanceof Uint8Array) continue;
      try {
        const reading = Promise.race([part.source.arrayBuffer(), given]);
        part.source = new Uint8Array(await new Patience(timers).wait(reading, READ_MS));
      } catch (error) {
        throw error instanceof NktError ? error : unreadable(part, messageOf(error), error);
      }
      bytesOf(part);
    }
  }

  /** @returns {string} when it isRead, but for what was put() */
  json() {
    if (this.parts.length === 0) return this.#text;
    return this.#whole.replace(MARKS, (_, i) => this.#carriers[i] ?? inline(this.parts[i], bytesOf(this.parts[i])));
  }

  get #whole() {
    return this.#hasBeside ? `{"$":"beside","v":${this.#text},"b":${mark(this.parts.length - 1)}}` : this.#text;
  }
}

/** What listeners may look at and change, which is not the caller's: made when one of them asks. */
export class Draft {
  #written;
  /** @type {{value: any, bytes: any}|null} */
  #copy = null;

  /** @param {Written} written */
  constructor(written) {
    this.#written = written;
  }

  /** Whether it may be another by now. */
  get isAsked() {
    return this.#copy !== null;
  }

  get #asked() {
    this.#copy ??= this.#written.copy();
    return this.#copy;
  }

  get value() {
    return this.#asked.value;
  }

  set value(value) {
    this.#asked.value = value;
  }

  get bytes() {
    return this.#asked.bytes;
  }

  set bytes(bytes) {
    this.#asked.bytes = bytes;
  }
}

/** @param {Given} part that is read @returns {Uint8Array} as many as there were when it was written */
function bytesOf(part) {
  if (part.source.length !== part.size) throw unreadable(part, 'it changed meanwhile');
  return part.source;
}

/** @param {Given} part @param {string} why @param {unknown} [cause] */
function unreadable({ path }, why, cause) {
  return Object.assign(new NktError('NKT_E_VALUE', `${path}: reading it failed: ${why}`, { cause }), { path });
}

/** @param {string} text well-formed @returns {number} bytes of UTF-8 */
export function sizeOf(text) {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) size += 2;
    else if (unit >= 0x80) size += 1; // half of the four bytes of a pair
  }
  return size;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What others ask for: all that they lack, in parts that an answer holds.
 */
import { hash, missingOf, VECTOR_SIZE_MAX } from './update.js';

/** Of a part, in bytes: as Base64url within the 60,000 of an answer. */
export const PART_SIZE_MAX = 44_000;

/** What is being fetched in parts, kept until nobody has asked for so long, in ms; so many, and so many bytes, beside the newest. */
const KEPT_MS = 30_000;
const KEPT_COUNT_MAX = 8;
const KEPT_SIZE_MAX = 32 << 20;

/** What is missing somewhere is a walk over the document: of one user so often at once, and a second. */
const ASKED_BURST = 10;
const ASKED_PER_S = 2;
const ASKED_COUNT_MAX = 1024; // users that are remembered; a swarm knows so many

export class Serving {
  #doc;
  /** By id, the one asked for longest ago first. @type {Map<string, {bytes: Uint8Array, timer: any}>} */
  #kept = new Map();
  /** @type {Map<string, {tokens: number, at: number}>} */
  #asked = new Map();

  /** @param {import('yjs').Doc} doc */
  constructor(doc) {
    this.#doc = doc;
  }

  /**
   * @param {unknown} vector what is there @param {string} from @param {{version: number, digest: string}} state of the document
   * @param {unknown} at in bytes
   * @returns what is missing there: the part from there on, of so many bytes, and by which id the others are asked for
   */
  pull(vector, from, { version, digest }, at) {
    if (!(vector instanceof Uint8Array) || vector.length > VECTOR_SIZE_MAX) throw new Error('no state vector');
    const id = `${version}.${hash(vector)}`;
    const bytes = this.#kept.get(id)?.bytes ?? this.#missing(vector, from);
    if (bytes.length > PART_SIZE_MAX || at !== 0) this.#keep(id, bytes);
    return { d: digest, s: bytes.length, id, p: partOf(bytes, at) };
  }

  /** @param {Uint8Array} vector @param {string} from @returns {Uint8Array} */
  #missing(vector, from) {
    if (!this.#mayAsk(from)) throw new Error('too often');
    const bytes = missingOf(this.#doc, vector);
    if (bytes === null) throw new Error('no state vector');
    return bytes;
  }

  /** @param {unknown} id @param {unknown} at in bytes */
  more(id, at) {
    const kept = typeof id === 'string' ? this.#kept.get(id) : undefined;
    if (!kept) throw new Error('not kept');
    this.#keep(/** @type {string} */ (id), kept.bytes);
    return { p: partOf(kept.bytes, at) };
  }

  stop() {
    for (const id of this.#kept.keys()) this.#drop(id);
    this.#asked.clear();
  }

  /** @param {string} id @param {Uint8Array} bytes */
  #keep(id, bytes) {
    this.#drop(id);
    this.#kept.set(id, { bytes, timer: setTimeout(() => this.#drop(id), KEPT_MS) });
    let size = 0;
    for (const one of this.#kept.values()) size += one.bytes.length;
    for (const [old, one] of this.#kept) {
      if (old === id || (size <= KEPT_SIZE_MAX && this.#kept.size <= KEPT_COUNT_MAX)) return;
      size -= one.bytes.length;
      this.#drop(old);
    }
  }

  /** @param {string} id */
  #drop(id) {
    clearTimeout(this.#kept.get(id)?.timer);
    this.#kept.delete(id);
  }

  /** @param {string} from */
  #mayAsk(from) {
    const now = performance.now();
    const rate = this.#asked.get(from) ?? { tokens: ASKED_BURST, at: now };
    const tokens = Math.min(ASKED_BURST, rate.tokens + (now - rate.at) / 1000 * ASKED_PER_S);
    this.#asked.delete(from);
    this.#asked.set(from, { tokens: Math.max(0, tokens - 1), at: now });
    if (this.#asked.size > ASKED_COUNT_MAX) this.#asked.delete(/** @type {string} */ (this.#asked.keys().next().value));
    return tokens >= 1;
  }
}

/** @param {Uint8Array} bytes @param {unknown} at of somebody else */
function partOf(bytes, at) {
  if (!Number.isSafeInteger(at) || Number(at) < 0) throw new Error('no place');
  return bytes.slice(Number(at), Number(at) + PART_SIZE_MAX);
}

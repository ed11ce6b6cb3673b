// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is lent to the module for one call, bytes or text, in one buffer that is re-used.
 */

/** Largest argument lent to the module, in bytes: the leaves of the largest content. All else is far below; this bounds memory. */
export const ARGUMENT_SIZE_MAX = 8 << 20;

/** First size of the buffer, in bytes: most frames fit, a larger one makes it grow once. */
const SIZE_START = 16 << 10;

const encoder = new TextEncoder();

export class Arguments {
  #memory;
  #size = 0;
  /** Where the buffer lies; another place after lend(). */
  at = 0;

  /** @param {import('./core_memory.js').Memory} memory */
  constructor(memory) {
    this.#memory = memory;
    this.#reserve(SIZE_START, 0);
  }

  /**
   * Copies an argument into the buffer, text as UTF-8.
   * @param {number} from offset in the buffer @param {Uint8Array|string|null|undefined} what
   * @returns {number} its size, or -1 if it is too large
   */
  lend(from, what) {
    if (what === undefined || what === null) return 0;
    if (what.length > ARGUMENT_SIZE_MAX) return -1;
    if (typeof what === 'string') {
      this.#reserve(from + what.length * 3, from); // the most that UTF-8 can need
      return encoder.encodeInto(what, this.#memory.u8.subarray(this.at + from, this.at + this.#size)).written;
    }
    this.#reserve(from + what.length, from);
    this.#memory.u8.set(what, this.at + from);
    return what.length;
  }

  /** What was lent is secret. @param {number} size of it */
  wipe(size) {
    this.#memory.u8.fill(0, this.at, this.at + size);
  }

  /** The buffer is not needed any more. */
  release() {
    this.#memory.release(this.at, this.#size);
  }

  /** Makes the buffer at least so large, keeping its first bytes. @param {number} size @param {number} kept */
  #reserve(size, kept) {
    if (size <= this.#size) return;
    const old = this.at;
    const wanted = Math.max(size, this.#size * 2);
    const at = this.#memory.alloc(wanted);
    if (kept > 0) this.#memory.u8.copyWithin(at, old, old + kept);
    if (old !== 0) this.#memory.release(old, this.#size);
    this.at = at;
    this.#size = wanted;
  }
}

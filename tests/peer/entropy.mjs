// SPDX-License-Identifier: GPL-3.0-or-later
// Where chance comes from: the system, or a seed, so that a test that failed can be run again.
import { randomBytes } from 'node:crypto';
import { concat, u32, utf8 } from './bytes.mjs';
import { hash } from './primitives.mjs';

export class Entropy {
  #seed;
  #count = 0;

  /** @param {string} [seed] none: real entropy */
  constructor(seed) {
    this.#seed = seed === undefined ? null : utf8(seed);
  }

  /** @param {number} size */
  bytes(size) {
    if (this.#seed === null) return Uint8Array.from(randomBytes(size));
    const blocks = [];
    for (let have = 0; have < size; have += 64) blocks.push(hash(64, concat(u32(this.#count++), this.#seed)));
    return concat(...blocks).slice(0, size);
  }

  /** @param {number} end @returns {number} an integer from 0 to below it */
  below(end) {
    return Number(new DataView(this.bytes(4).buffer).getUint32(0)) % end;
  }

  /** @param {number} chance of 1 */
  happens(chance) {
    return this.below(1_000_000) < chance * 1_000_000;
  }
}

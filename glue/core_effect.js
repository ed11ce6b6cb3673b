// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What the core answers, as wasm/exports.c lays it out (nkt_wasm_effect_t): read where it lies.
 */

import { HOLDER_SIZE } from './constants.js';

const EFFECT_SIZE = 104; // sizeof(nkt_wasm_effect_t)
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/**
 * One effect, read from linear memory as it is asked for: what nobody looks at costs nothing. Valid until the next call of
 * next() or step(); the same object serves every effect.
 */
export class Effect {
  /** Name without prefix, such as 'SEND'. */
  kind = '';
  /** Where it lies, in bytes, and in words of 4. */
  at;
  #word;
  #memory;
  #addresses;

  /** @param {import('./core_memory.js').Memory} memory @param {import('./core_addresses.js').Addresses} addresses */
  constructor(memory, addresses) {
    this.#memory = memory;
    this.#addresses = addresses;
    this.at = memory.alloc(EFFECT_SIZE);
    this.#word = this.at >> 2;
  }

  get link() {
    return this.#memory.u32[this.#word + 1];
  }

  get ticket() {
    return this.#memory.u32[this.#word + 2];
  }

  get flags() {
    return this.#memory.u32[this.#word + 3];
  }

  get value() {
    return this.#memory.u32[this.#word + 4] | 0;
  }

  /** Bytes, copied; null when there are none. @returns {Uint8Array|null} */
  get bytes() {
    const { u8, u32 } = this.#memory;
    const at = u32[this.#word + 5];
    return at === 0 ? null : u8.slice(at, at + u32[this.#word + 6]);
  }

  /** The same where they lie: to be read before anything else is asked of the core. @returns {Uint8Array|null} */
  get view() {
    const { u8, u32 } = this.#memory;
    const at = u32[this.#word + 5];
    return at === 0 ? null : u8.subarray(at, at + u32[this.#word + 6]);
  }

  get bytesSize() {
    return this.#memory.u32[this.#word + 6];
  }

  /** Of CONTENT: who knows it, and how many pieces he has. @returns {Array<{addr: string, pieces: number}>} */
  get holders() {
    const { u8, u32 } = this.#memory;
    const holders = [];
    for (let at = u32[this.#word + 5], end = at + this.bytesSize; at + HOLDER_SIZE <= end; at += HOLDER_SIZE) {
      const addr = this.#addresses.textAt(at);
      if (addr !== null) holders.push({ addr, pieces: new DataView(u8.buffer, at + HOLDER_SIZE - 4).getUint32(0) });
    }
    return holders;
  }

  /** The bytes as text. @returns {string} */
  get bytesText() {
    const { u32 } = this.#memory;
    return this.#memory.text(u32[this.#word + 5], u32[this.#word + 6]);
  }

  /** @returns {string} empty when there is none */
  get text() {
    const { u32 } = this.#memory;
    return this.#memory.text(u32[this.#word + 7], u32[this.#word + 8]);
  }

  get time() {
    return this.#memory.f64[(this.at + 40) >> 3];
  }

  /** @returns {string|null} Base58Check; null for nobody or everybody */
  get address() {
    return this.#addresses.textAt(this.at + 48);
  }

  /** @returns {string|null} */
  get peer() {
    return this.#addresses.textAt(this.at + 68);
  }

  /** Message id in hex. @returns {string} */
  get id() {
    const { u8 } = this.#memory;
    let id = '';
    for (let i = this.at + 88; i < this.at + EFFECT_SIZE; i++) id += HEX[u8[i]];
    return id;
  }
}

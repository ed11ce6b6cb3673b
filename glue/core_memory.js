// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Linear memory of an instance: its views, renewed when it has grown, and text in it.
 */
import { NktError } from './errors.js';

/** Texts up to this many bytes are decoded by hand when they are ASCII: quicker than a TextDecoder. */
const SHORT_TEXT_SIZE = 24;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class Memory {
  #exports;
  u8 = new Uint8Array(0);
  u32 = new Uint32Array(0);
  f64 = new Float64Array(0);

  /** @param {any} exports of the instance */
  constructor(exports) {
    this.#exports = exports;
    this.refresh();
  }

  /** To be called after every call into the module: growing detaches all views. */
  refresh() {
    if (this.u8.length !== 0) return;
    const { buffer } = this.#exports.memory;
    this.u8 = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** @param {number} size @returns {number} offset; throws NKT_E_MEMORY */
  alloc(size) {
    const at = this.#exports.nkt_wasm_alloc(size);
    this.refresh();
    if (at === 0) throw new NktError('NKT_E_MEMORY', 'out of memory');
    return at;
  }

  /** @param {number} at @param {number} size as it was asked for; wiped */
  release(at, size) {
    this.#exports.nkt_wasm_release(at, size);
  }

  /** @param {number} at @param {number} size @returns {string} */
  text(at, size) {
    if (size <= SHORT_TEXT_SIZE) {
      let text = '';
      let i = at;
      for (; i < at + size && this.u8[i] < 0x80; i++) text += String.fromCharCode(this.u8[i]);
      if (i === at + size) return text;
    }
    return decoder.decode(this.u8.subarray(at, at + size));
  }

  /** Terminated text. @param {number} at @returns {string} */
  terminated(at) {
    return at === 0 ? '' : this.text(at, this.u8.indexOf(0, at) - at);
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Long texts as bytes beside the heap, in memory that is used again when their message is gone. As strings they grew old in the heap:
// behind 70 that were shown lay tens of megabytes of those before them. Pure, tested in Node (tests/glue/held.test.mjs).

const LENGTH_MIN = 2000; // letters: below it bytes take as much as they save
const SCRATCH_SIZE = 3 << 16; // bytes: what a message of 64 KiB may need
const SPARE_COUNT_MAX = 100; // a few more than the longest messages that are shown at once

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const spare = []; // buffers
let scratch; // in which a text is written first: it takes a third of what it might

/** @typedef {string | Held | null} Kept what textOf() reads */

/** A text that is read by String(), as often as one likes, until it is forgotten: then it is empty. */
class Held {
  #bytes;
  #size;

  /** @param {string} text */
  constructor(text) {
    this.length = text.length;
    const most = 3 * text.length; // that UTF-8 can need
    const written = most > SCRATCH_SIZE ? new Uint8Array(most) : (scratch ??= new Uint8Array(SCRATCH_SIZE));
    const size = this.#size = encoder.encodeInto(text, written).written;
    const at = spare.findIndex(({ length }) => length >= size && length < 4 * size);
    this.#bytes = at < 0 ? new Uint8Array(size) : spare.splice(at, 1)[0];
    this.#bytes.set(written.subarray(0, size));
    written.fill(0, 0, size);
  }

  toString() {
    return decoder.decode(this.#bytes.subarray(0, this.#size));
  }

  forget() {
    if (this.#size && spare.length < SPARE_COUNT_MAX) spare.push(this.#bytes.fill(0, 0, this.#size));
    this.#bytes = new Uint8Array(this.#size = 0);
  }
}

/** What is kept of a text in its place: half a sign is none in UTF-8, so who wrote one, or an old browser, keeps the text. */
export const hold = (text) => (text?.length >= LENGTH_MIN && text.isWellFormed?.() ? new Held(text) : text);

/** The text again; null if there is none. */
export const textOf = (held) => held?.toString() ?? null;

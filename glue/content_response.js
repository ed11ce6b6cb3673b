// SPDX-License-Identifier: GPL-3.0-or-later
/** What fetch() gives: a content that is on its way, or here, to be read as one reads a Response. */
import { abortable } from './abort.js';
import { PIECE_PLAIN_SIZE } from './constants.js';
import { NktError } from './errors.js';
import { optionsOf } from './options.js';

/** Pieces that are asked for ahead of the one being read. */
const AHEAD_COUNT = 8;

/** Pieces that become a part of a Blob at once: 4 MiB, which browsers may put on a disk. */
const PART_COUNT = 64;

/** @typedef {import('./types.d.ts').FetchedContent} Declared */
/** @implements {Declared} */
export class FetchedContent {
  #item;
  #content;
  #signal;

  /** @param {import('./content_item.js').Item} item @param {import('./content.js').Content} content @param {AbortSignal} [signal] */
  constructor(item, content, signal) {
    this.#item = item;
    this.#content = content;
    this.#signal = signal;
  }

  get content() {
    return this.#content;
  }

  get size() {
    return this.#content.size;
  }

  get type() {
    return this.#content.type;
  }

  /** When all of it is here. Nobody has to listen. @returns {Promise<void>} */
  get complete() {
    const whole = this.#abortable(this.#item.whole(this.#signal));
    whole.catch(() => {});
    return whole;
  }

  /**
   * In order, as pieces come: those that are read next are fetched first.
   * @param {{start?: number, end?: number}} [part] in bytes; end: the one behind the last @returns {ReadableStream<Uint8Array>}
   * @throws {NktError} NKT_E_ARGUMENT
   */
  stream(part) {
    const { start = 0, end = this.size } = optionsOf('stream', part);
    if (![start, end].every(Number.isInteger) || start < 0 || start > end || end > this.size) {
      throw new NktError('NKT_E_ARGUMENT', `stream: no part of ${this.size} bytes`);
    }
    const over = new AbortController();
    const pieces = this.#pieces(start, end, over.signal);
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else if (value.length > 0) controller.enqueue(value);
        else controller.close();
      },
      cancel: () => over.abort(), // not by return(): that would wait for the piece that is awaited, which nobody may have
    }, { highWaterMark: 0 });
  }

  /** Of its type, which is what the sender says: to be saved, not to be trusted. @returns {Promise<Blob>} */
  async blob() {
    await this.complete;
    /** @type {any[]} */
    const parts = [];
    /** @type {any[]} */
    let some = [];
    for await (const piece of this.#pieces()) {
      some.push(piece);
      if (some.length < PART_COUNT) continue;
      parts.push(new Blob(some));
      some = [];
    }
    return new Blob([...parts, ...some], { type: this.type });
  }

  /** @returns {Promise<ArrayBuffer>} */
  async arrayBuffer() {
    await this.complete;
    const all = new Uint8Array(this.size);
    let at = 0;
    for await (const piece of this.#pieces()) {
      all.set(piece, at);
      at += piece.length;
    }
    return all.buffer;
  }

  /** As UTF-8. @returns {Promise<string>} */
  async text() {
    return new TextDecoder().decode(await this.arrayBuffer());
  }

  /** @param {number} [start] in bytes @param {number} [end] @param {AbortSignal} [over] @returns {AsyncGenerator<Uint8Array, void>} */
  async* #pieces(start = 0, end = this.size, over = undefined) {
    const count = Math.ceil(end / PIECE_PLAIN_SIZE);
    let index = Math.floor(start / PIECE_PLAIN_SIZE);
    /** @type {Promise<Uint8Array>[]} */
    const ahead = [];
    const leave = () => {
      for (const piece of ahead.splice(0)) this.#item.leave(index++, piece); // else others would wait until these have come
    };
    const signals = [over, this.#signal];
    for (const signal of signals) signal?.addEventListener('abort', leave);
    try {
      for (let asked = index; index < count;) {
        for (; asked < count && asked < index + AHEAD_COUNT; asked++) {
          const piece = this.#item.piece(asked);
          piece.catch(() => {}); // told when its turn comes
          ahead.push(piece);
        }
        const bytes = await abortable(this.#abortable(ahead[0]), over);
        const at = index++ * PIECE_PLAIN_SIZE;
        ahead.shift();
        yield bytes.subarray(Math.max(0, start - at), end - at);
      }
    } finally {
      for (const signal of signals) signal?.removeEventListener('abort', leave);
      leave();
    }
  }

  /** @template T @param {Promise<T>} promise @returns {Promise<T>} */
  #abortable(promise) {
    return abortable(promise, this.#signal);
  }
}

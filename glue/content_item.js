// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One content that is open in the core: what the core wants stored and read goes to where contents are kept, what readers want of it is
 * asked of the core.
 */
import {
  BLOB_GET_COUNT_MAX, CONTENT_CLEAR, CONTENT_ENOUGH, CONTENT_FAILED, CONTENT_RELAYED, CONTENT_STATES, PIECE_PLAIN_SIZE,
} from './constants.js';
import { deferred } from './deferred.js';
import { NktError } from './errors.js';

/** Pieces that are being stored while a content is shared: the next one waits. Twice as many as go to the worker in one message. */
const WRITING_COUNT_MAX = 16;

/**
 * @typedef {object} Ports
 * @property {(kind: string, fields: object) => number} step the core's answer; below 0: an error
 * @property {(code: number) => NktError} error
 * @property {import('./content_keep.js').Keep} keep
 * @property {(item: Item) => void} changed it has come further, or not
 */

/** @typedef {{piece: (index: number) => Promise<Uint8Array>, leaves: Uint8Array|null}} Lent leaves: once it is shared */
/** @typedef {{piece: Promise<Uint8Array>, resolve: (bytes: Uint8Array) => void, reject: (error: Error) => void}} Waiting */

export class Item {
  /** The core's name of it, and that of the place. */
  ticket;
  name;
  /** What is kept about it; null while it is being shared. @type {import('./content_keep.js').About|null} */
  about = null;
  /** @type {import('./content.js').Progress} */
  progress = { state: 'waiting', loaded: 0, relayed: false, holders: Object.freeze([]) };
  /** Those who want all of it. @type {Set<object>} */
  users = new Set();
  /** Done when it is open in the core. @type {Promise<void>} */
  opening = Promise.resolve();
  isOpening = false;
  /** Done when it can be read, which it could not be. @type {Promise<void>|undefined} */
  unsealing;
  /** It is not stored here, but read where it lies, anew for each who wants a piece. @type {Lent|null} */
  lent = null;

  #ports;
  #size = 0;
  #isClosed = false;
  /** It was closed for that. @type {Error|null} */
  #why = null;
  #ended = deferred();
  /** What is stored at the moment. */
  #writing = 0;
  /** @type {Error|null} */
  #writeError = null;
  #room = deferred();
  /** While it is shared: the leaves are stored, and the manifest is there. @type {Promise<void>} */
  #leaves = Promise.resolve();
  #made = /** @type {{id: string, manifest: Uint8Array}|null} */ (null);
  /** Pieces that readers wait for. @type {Map<number, Waiting[]>} */
  #waiting = new Map();
  /** Those that the core is not asked for yet, the oldest first; and those that it is. @type {Set<number>} */
  #unasked = new Set();
  /** @type {Set<number>} */
  #asked = new Set();
  /** Those who wait for all of it. @type {Set<{resolve: () => void, reject: (error: Error) => void}>} */
  #whole = new Set();

  /** @param {number} ticket @param {string} name @param {number} size -1: not known yet @param {Ports} ports */
  constructor(ticket, name, size, ports) {
    this.ticket = ticket;
    this.name = name;
    this.#size = size;
    this.#ports = ports;
  }

  get isBusy() {
    return this.users.size > 0 || this.about === null || this.isOpening || this.about.unsaid === true || (this.about.said?.length ?? 0) > 0;
  }

  get isWhole() {
    return this.progress.state === 'complete';
  }

  /** Rejects when it is closed, with why. @returns {Promise<void>} */
  get ended() {
    return this.#ended.promise;
  }

  // ---- what the core tells ----

  /** CONTENT_WRITE. @param {number} index @param {Uint8Array} bytes to be read before this returns @param {boolean} isLast */
  write(index, bytes, isLast) {
    this.#writing++;
    const { keep } = this.#ports;
    const writing = this.lent ? Promise.reject(new Error('the file is not what it was')) : keep.write(this.name, index, bytes, isLast);
    writing.then(() => 0, (error) => {
      this.#writeError = error;
      return CONTENT_FAILED;
    }).then((flags) => {
      this.#writing--;
      this.#room.resolve();
      if (!this.#isClosed) this.#ports.step('CONTENT_WRITTEN', { ticket: this.ticket, value: index, flags });
    });
  }

  /** CONTENT_READ. @param {number} index */
  read(index) {
    const give = (bytes, flags = 0) => {
      if (!this.#isClosed) this.#ports.step('CONTENT_PIECE', { ticket: this.ticket, value: index, bytes, flags });
    };
    const reading = this.lent ? this.lent.piece(index).then((bytes) => give(bytes, CONTENT_CLEAR))
      : this.#ports.keep.read(this.name, index, give);
    reading.catch(() => give(null));
  }

  /** CONTENT_TEXT. @param {number} index @param {Uint8Array|null} bytes null: it is empty */
  text(index, bytes) {
    const waiting = this.#waiting.get(index) ?? [];
    this.#waiting.delete(index);
    this.#asked.delete(index);
    for (const { resolve } of waiting) resolve(bytes ?? new Uint8Array(0));
    this.#ask();
  }

  /** CONTENT_KEEP_LEAVES. @param {Uint8Array} bytes */
  keepLeaves(bytes) {
    if (this.lent) {
      this.lent.leaves = bytes;
      return;
    }
    this.#leaves = this.#ports.keep.leaves(this.name, bytes);
    this.#leaves.catch(() => {}); // see shared()
  }

  /** CONTENT_MADE. @param {string} id @param {Uint8Array} manifest */
  made(id, manifest) {
    this.#made = { id, manifest };
  }

  /** CONTENT. @param {number} held pieces @param {number} flags @param {Array<{addr: string, pieces: number}>} holders */
  told(held, flags, holders) {
    const state = CONTENT_STATES[flags & 0x7f] ?? 'waiting';
    const bytes = (pieces) => Math.min(this.#size, pieces * PIECE_PLAIN_SIZE);
    this.progress = {
      state, loaded: bytes(held), relayed: (flags & CONTENT_RELAYED) !== 0,
      holders: Object.freeze(holders.map(({ addr, pieces }) => Object.freeze({ addr, loaded: bytes(pieces) }))),
    };
    if (state === 'complete') for (const { resolve } of this.#whole) resolve();
    if (state === 'full') this.#fail(new NktError('NKT_E_QUOTA', `there is no room: ${this.#writeError?.message ?? 'nothing was stored'}`));
    this.#ports.changed(this);
  }

  // ---- being shared ----

  /** The next piece of it. @param {number} index @param {Uint8Array} bytes @param {number} flags */
  async plain(index, bytes, flags) {
    while (this.#writing >= WRITING_COUNT_MAX) {
      this.#room = deferred();
      await this.#room.promise;
    }
    if (this.#writeError !== null) throw this.#storageError();
    if (this.#isClosed) throw this.#why ?? gone();
    this.#check(this.#ports.step('CONTENT_PLAIN', { ticket: this.ticket, value: index, bytes, flags }));
  }

  /** All of it is with the core: when it is stored as well. @param {number} size @returns {Promise<{id: string, manifest: Uint8Array}>} */
  async shared(size) {
    this.#size = size;
    while (this.#writing > 0) {
      this.#room = deferred();
      await this.#room.promise;
    }
    await this.#leaves;
    if (this.#writeError !== null) throw this.#storageError();
    if (this.#made === null) throw this.#why ?? gone();
    this.progress = { ...this.progress, state: 'complete', loaded: size };
    return this.#made;
  }

  // ---- being read ----

  /** @param {number} index @returns {Promise<Uint8Array>} its plaintext, when it is here */
  piece(index) {
    if (this.#isClosed) return Promise.reject(gone());
    const one = /** @type {Waiting} */ ({});
    one.piece = new Promise((resolve, reject) => Object.assign(one, { resolve, reject }));
    const waiting = this.#waiting.get(index);
    this.#waiting.set(index, [...waiting ?? [], one]);
    if (!waiting) this.#unasked.add(index);
    this.#ask();
    return one.piece;
  }

  /**
   * Who waited for it does not any more: others come sooner, and it never settles.
   * @param {number} index @param {Promise<Uint8Array>} piece
   */
  leave(index, piece) {
    const waiting = this.#waiting.get(index)?.filter((one) => one.piece !== piece) ?? [];
    if (waiting.length > 0) this.#waiting.set(index, waiting);
    else if (this.#waiting.delete(index)) this.#unask(index);
  }

  /** @param {number} index */
  #unask(index) {
    this.#unasked.delete(index);
    if (!this.#asked.delete(index) || this.#isClosed) return;
    this.#ports.step('CONTENT_GET', { ticket: this.ticket, value: index, flags: CONTENT_ENOUGH });
    this.#ask();
  }

  /**
   * @param {AbortSignal} [signal] once it is given up nobody waits: nothing is kept of him, and it does not settle
   * @returns {Promise<void>} when all of it is here
   */
  whole(signal) {
    if (this.isWhole) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      const end = (settle) => {
        this.#whole.delete(one);
        signal?.removeEventListener('abort', one.resolve);
        settle();
      };
      const one = { resolve: () => end(signal?.aborted ? () => {} : resolve), reject: (error) => end(() => reject(error)) };
      this.#whole.add(one);
      if (signal?.aborted) one.resolve();
      else signal?.addEventListener('abort', one.resolve);
    });
  }

  /** It is not open any more. @param {Error} [error] */
  close(error = gone()) {
    this.#isClosed = true;
    this.#why = error;
    this.#ended.reject(error);
    this.#room.resolve();
    this.#fail(error);
  }

  #ask() {
    for (const index of this.#unasked) {
      if (this.#asked.size >= BLOB_GET_COUNT_MAX || this.#isClosed) return;
      this.#unasked.delete(index);
      this.#asked.add(index);
      const code = this.#ports.step('CONTENT_GET', { ticket: this.ticket, value: index });
      if (code >= 0) continue;
      this.#asked.delete(index);
      for (const { reject } of this.#waiting.get(index) ?? []) reject(this.#ports.error(code));
      this.#waiting.delete(index);
    }
  }

  /** @param {Error} error */
  #fail(error) {
    for (const { reject } of this.#whole) reject(error);
    if (!this.#isClosed && this.progress.state !== 'full') return;
    const all = [...this.#waiting];
    this.#waiting.clear();
    this.#unasked.clear();
    for (const [index, waiting] of all) {
      this.#unask(index);
      for (const { reject } of waiting) reject(error);
    }
  }

  #storageError() {
    const message = /** @type {Error} */ (this.#writeError).message;
    return new NktError('NKT_E_QUOTA', `it cannot be stored: ${message}`, { cause: this.#writeError });
  }

  /** @param {number} code */
  #check(code) {
    if (code < 0) throw this.#ports.error(code);
  }
}

/** @param {number} size of a content @returns {number} */
export const pieceCountOf = (size) => Math.max(1, Math.ceil(size / PIECE_PLAIN_SIZE));

function gone() {
  return new NktError('NKT_E_CANCELLED', 'the content is not kept here any more');
}

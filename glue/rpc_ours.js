// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Calls of ours: what rpc() waits for.
 */
import { GLUE_ERRORS, NktError } from './errors.js';
import { checkSize, write } from './json.js';
import { checkName, ERROR_TEXT_MAX } from './rpc_theirs.js';
import { Turns } from './turns.js';
import { sizeOf } from './written.js';

/** Calls of ours without an answer yet. */
const PENDING_COUNT_MAX = 256;

const TIMEOUT_MS = 30_000;

/** What may go wrong at the other side, as rpc() rejects. */
const REMOTE_ERRORS = Object.freeze({
  NKT_E_UNREGISTERED: GLUE_ERRORS.NKT_E_UNREGISTERED,
  NKT_E_REMOTE: GLUE_ERRORS.NKT_E_REMOTE,
  NKT_E_BUSY: GLUE_ERRORS.NKT_E_BUSY,
  NKT_E_RATE: 'more calls than are allowed there',
  NKT_E_SIZE: 'the answer is larger than the size limit',
  NKT_E_VALUE: 'the answer cannot be sent',
  NKT_E_TIMEOUT: 'the function called did not come to an end',
});

/**
 * @typedef {object} Pending
 * @property {string} to
 * @property {number} ticket
 * @property {(value: any) => void} resolve
 * @property {(error: NktError) => void} reject
 */

export class OurCalls {
  #wire;
  #timers;
  #crypto;
  /** By their id. @type {Map<string, Pending>} */
  #pending = new Map();
  #turns = new Turns();
  /** The same, by ticket. @type {Map<number, Pending>} */
  #travelling = new Map();

  /** @param {{wire: import('./rpc.js').Wire, timers: any, crypto: any}} parts */
  constructor({ wire, timers, crypto }) {
    this.#wire = wire;
    this.#timers = timers;
    this.#crypto = crypto;
  }

  /**
   * @param {string} to @param {string} name @param {unknown} value @param {{timeout?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<any>} the answer; rejects with NktError
   */
  async call(to, name, value, { timeout = TIMEOUT_MS, signal } = {}) {
    if (!this.#wire.isAddress(to)) throw new NktError('NKT_E_ADDRESS', 'the first argument of rpc() is an address');
    checkName(name);
    if (this.#wire.isIgnored(to)) throw new NktError('NKT_E_IGNORED', GLUE_ERRORS.NKT_E_IGNORED);
    if (timeout === 0) throw new NktError('NKT_E_ARGUMENT', 'timeout is a number of milliseconds above 0');
    const cancelled = () => new NktError('NKT_E_CANCELLED', `${name}: cancelled`, { cause: signal?.reason });
    if (signal?.aborted) throw cancelled();
    if (this.#pending.size >= PENDING_COUNT_MAX) {
      throw new NktError('NKT_E_BUSY', `${PENDING_COUNT_MAX} calls have no answer yet`);
    }
    const id = this.#newId();
    const head = `{"call":"${id}","name":${JSON.stringify(name)},"value":`;
    const written = write(value ?? null);
    checkSize(sizeOf(head) + written.size + 1, 'the call');
    const ticket = this.#wire.ticket();
    const giveUp = (error) => this.#giveUp(id, error);
    const onAbort = () => giveUp(cancelled());
    const timer = this.#timers.setTimeout(() => giveUp(new NktError('NKT_E_TIMEOUT', `${name}: no answer in ${timeout} ms`)), timeout);
    signal?.addEventListener('abort', onAbort);
    try {
      const answered = new Promise((resolve, reject) => {
        const pending = { to, ticket, resolve, reject };
        this.#pending.set(id, pending);
        this.#travelling.set(ticket, pending);
      });
      const say = () => this.#wire.say(ticket, to, `${head}${written.json()}}`);
      if (written.isRead && this.#turns.isFree) say();
      else this.#sayInTurn(id, written, say, answered).catch((error) => this.#pending.get(id)?.reject(error));
      return await answered;
    } finally {
      this.#pending.delete(id);
      this.#travelling.delete(ticket);
      this.#timers.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Calls leave in their order, also when a Blob has to be read; one that is given up keeps nobody.
   * @param {string} id @param {import('./written.js').Written} written @param {() => void} say @param {Promise<any>} answered
   */
  #sayInTurn(id, written, say, answered) {
    written.hold();
    return this.#turns.take(async () => {
      await written.read(this.#timers, answered);
      if (this.#pending.has(id)) say(); // else given up meanwhile
    });
  }

  /** A delivery state of a ticket changed. @param {number} ticket @param {string} state @param {string} reason
   * @returns {boolean} whether it is one of these */
  delivery(ticket, state, reason) {
    const pending = this.#travelling.get(ticket);
    if (pending === undefined) return false;
    if (state === 'failed') {
      this.#travelling.delete(ticket);
      pending.reject(new NktError('NKT_E_UNDELIVERED', reason || 'not delivered'));
    }
    return true;
  }

  /** An answer: only of whom was asked, and only the first. @param {string} from @param {any} message */
  answered(from, message) {
    const pending = this.#pending.get(message.answer);
    if (!pending || pending.to !== from) return; // late, or not asked for
    const { error } = message;
    if (error === undefined) {
      pending.resolve(message.value);
      return;
    }
    const code = Object.hasOwn(REMOTE_ERRORS, error?.code) ? error.code : 'NKT_E_REMOTE';
    const said = typeof error?.message === 'string' && error.message !== '' ? error.message.slice(0, ERROR_TEXT_MAX) : REMOTE_ERRORS[code];
    pending.reject(new NktError(code, said));
  }

  /** The peer stopped: nothing that waits gets an answer. @param {NktError} error */
  reset(error) {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#travelling.clear();
  }

  #newId() {
    let id = '';
    for (const byte of this.#crypto.getRandomValues(new Uint8Array(12))) id += byte.toString(16).padStart(2, '0');
    return id;
  }

  /** @param {string} id @param {NktError} error */
  #giveUp(id, error) {
    const pending = this.#pending.get(id);
    if (!pending) return;
    pending.reject(error);
    this.#wire.cancel(pending.ticket, pending.to); // so that it does not run when nobody waits for it
  }
}

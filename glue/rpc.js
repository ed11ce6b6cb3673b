// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Remote calls: register() and rpc(). Calls and answers travel as encrypted messages that carry NKT_SAY_CALL inside the encryption;
 * they are no messages to people, and no message can be taken for one. The core delivers each at most once.
 */
import { OurCalls } from './rpc_ours.js';
import { TheirCalls } from './rpc_theirs.js';

/**
 * @typedef {object} Wire how calls travel
 * @property {() => number} ticket a new one
 * @property {(ticket: number, to: string, text: string) => void} say throws NktError
 * @property {(ticket: number, to: string) => void} cancel
 * @property {(text: string) => boolean} isAddress throws NktError when the peer does not run
 * @property {(addr: string) => boolean} isMuted
 * @property {(addr: string) => boolean} isIgnored nothing of it is heard, so no answer
 */

export class Calls {
  #ours;
  #theirs;

  /** @param {{wire: Wire, clock: {now(): number}, timers: any, crypto: any}} parts */
  constructor(parts) {
    this.#ours = new OurCalls(parts);
    this.#theirs = new TheirCalls(parts);
  }

  /** @param {string} name @param {(value: any, context: import('./rpc_theirs.js').CallContext) => any} fn @returns {() => boolean} */
  register(name, fn) {
    return this.#theirs.register(name, fn);
  }

  /** @param {string} to @param {string} name @param {unknown} value @param {{timeout?: number, signal?: AbortSignal}} [options] */
  call(to, name, value, options) {
    return this.#ours.call(to, name, value, options);
  }

  /** A message with NKT_SAY_CALL came. @param {string} from @param {any} message @returns {boolean} whether it is well-formed */
  receive(from, message) {
    if (message === null || typeof message !== 'object') return false;
    if (isId(message.answer)) this.#ours.answered(from, message);
    else if (isId(message.call) && typeof message.name === 'string' && Object.hasOwn(message, 'value')) this.#theirs.called(from, message);
    else return false;
    return true;
  }

  /** A delivery state of a ticket changed. @param {number} ticket @param {string} state @param {string} reason
   * @returns {boolean} whether it is one of a call or an answer */
  delivery(ticket, state, reason) {
    return this.#ours.delivery(ticket, state, reason) || this.#theirs.delivery(ticket, state);
  }

  /** The peer stopped: nothing that waits gets an answer. @param {import('./errors.js').NktError} error */
  reset(error) {
    this.#ours.reset(error);
    this.#theirs.reset();
  }
}

/** @param {any} id */
function isId(id) {
  return typeof id === 'string' && /^[0-9a-f]{24}$/.test(id);
}

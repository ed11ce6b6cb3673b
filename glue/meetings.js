// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What peer() waits for: somebody who is there and whom a session is established with.
 */
import { cancelled, throwIfAborted } from './abort.js';
import { NktError } from './errors.js';

/** setTimeout knows no more. */
const TIMEOUT_MS_MAX = 0x7fffffff;

/** @typedef {import('./user.js').User} User */

export class Meetings {
  /** @type {Set<{isMeant: (user: User) => boolean, resolve: (user: User) => void, reject: (error: unknown) => void}>} */
  #waiting = new Set();
  #users;
  #timers;
  #wall;
  /** Unix ms: who was heard only before this is not there for all we know. */
  #startMs = 0;
  /** Why nobody will come any more. @type {NktError|null} */
  #ended = null;

  /** @param {{users: Record<string, User>, timers: any, wall: () => number}} parts */
  constructor({ users, timers, wall }) {
    this.#users = users;
    this.#timers = timers;
    this.#wall = wall;
  }

  /** A peer begins to run. */
  start() {
    this.#startMs = this.#wall();
    this.#ended = null;
  }

  /**
   * @param {{isAddress(text: string): boolean}} core
   * @param {string|((user: User) => boolean)|undefined} filter an address, or who is meant; none: anybody
   * @param {{timeout?: number, signal?: AbortSignal}} options ms; none: for ever
   * @returns {Promise<User>}
   */
  wait(core, filter, { timeout, signal }) {
    if (typeof filter === 'string' && !core.isAddress(filter)) throw new NktError('NKT_E_ADDRESS', `${filter} is no address`);
    if (filter !== undefined && typeof filter !== 'string' && typeof filter !== 'function') {
      throw new NktError('NKT_E_ARGUMENT', 'an address or a function is wanted, which is given each user');
    }
    if (timeout !== undefined && !(timeout >= 0 && timeout <= TIMEOUT_MS_MAX)) {
      throw new NktError('NKT_E_ARGUMENT', 'timeout is a number of milliseconds');
    }
    const isMeant = typeof filter === 'function' ? filter : (user) => filter === undefined || user.addr === filter;
    throwIfAborted(signal);
    if (this.#ended !== null) throw this.#ended; // in the very moment
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(one);
        signal?.removeEventListener('abort', abort);
        if (timer !== null) this.#timers.clearTimeout(timer);
      };
      const one = {
        isMeant,
        resolve: (user) => { end(); resolve(user); },
        reject: (error) => { end(); reject(error); },
      };
      const abort = () => one.reject(cancelled(signal));
      const late = () => one.reject(new NktError('NKT_E_TIMEOUT', `nobody who is meant was there within ${timeout} ms`));
      const timer = timeout === undefined ? null : this.#timers.setTimeout(late, timeout);
      signal?.addEventListener('abort', abort);
      this.#waiting.add(one);
      for (const user of Object.values(this.#users)) this.#offer(one, user);
    });
  }

  /** Something about a user changed. @param {string} addr */
  look(addr) {
    const user = this.#users[addr];
    if (this.#waiting.size === 0 || user === undefined) return;
    for (const one of [...this.#waiting]) this.#offer(one, user);
  }

  /** Nobody will come any more. @param {NktError} error */
  forget(error) {
    this.#ended = error;
    for (const one of [...this.#waiting]) one.reject(error);
  }

  #offer(one, user) {
    const isHere = user.path === 'forwarded' ? user.lastSeen >= this.#startMs : user.path !== 'none';
    if (!this.#waiting.has(one) || user.session !== 'established' || !isHere) return;
    try {
      if (one.isMeant(user)) one.resolve(user);
    } catch (error) {
      one.reject(error);
    }
  }
}

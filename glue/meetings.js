// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What peer() waits for: somebody who is there and whom a session is established with.
 */
import { cancelled, throwIfAborted } from './abort.js';
import { NktError } from './errors.js';

/** Letters of what is no address, in an error. */
const ADDRESS_SHOWN_MAX = 40;

/**
 * In a crowd sessions begin when something is said. So many who are meant are asked for one, and as many more each time that so long, in
 * ms, nobody of them has answered: some may be gone, or silent on purpose; to ask all would cost as many sessions.
 */
const CALLED_COUNT = 4;
const CALLED_MS = 5000;

/** @typedef {import('./user.js').User} User */

/**
 * @typedef {object} Waiting
 * @property {(user: User) => boolean} isMeant @property {(user: User) => void} resolve @property {(error: unknown) => void} reject
 * @property {Set<string>} called who was asked for a session @property {number} calledMax @property {any} timer until there may be more
 */

export class Meetings {
  /** @type {Set<Waiting>} */
  #waiting = new Set();
  #talk;
  #users;
  #timers;
  #wall;
  /** Unix ms: who was heard only before this is not there for all we know. */
  #startMs = 0;
  /** Why nobody will come any more. @type {NktError|null} */
  #ended = null;

  /**
   * @param {object} parts
   * @param {Record<string, User>} parts.users @param {any} parts.timers @param {() => number} parts.wall
   * @param {(addr: string, isWanted: boolean) => void} parts.talk a session with that user is wanted, or not any more
   */
  constructor({ users, timers, wall, talk }) {
    this.#talk = talk;
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
   * @param {import('./core.js').Core} core
   * @param {string|((user: User) => boolean)|undefined} filter an address, or who is meant; none: anybody
   * @param {{timeout?: number, signal?: AbortSignal}} options ms; none: for ever
   * @param {string} [self] the own address @returns {Promise<User>}
   */
  wait(core, filter, { timeout, signal }, self = '') {
    if (typeof filter === 'string' && !core.isAddress(filter)) {
      throw new NktError('NKT_E_ADDRESS', `${filter.slice(0, ADDRESS_SHOWN_MAX)} is no address`);
    }
    if (filter === self) throw core.error(core.errorCode('NKT_E_SELF'));
    if (filter !== undefined && typeof filter !== 'string' && typeof filter !== 'function') {
      throw new NktError('NKT_E_ARGUMENT', 'an address or a function is wanted, which is given each user');
    }
    const isMeant = typeof filter === 'function' ? filter : (user) => filter === undefined || user.addr === filter;
    throwIfAborted(signal);
    if (this.#ended !== null) throw this.#ended; // in the very moment
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(one);
        signal?.removeEventListener('abort', abort);
        if (timer !== null) this.#timers.clearTimeout(timer);
        if (one.timer !== null) this.#timers.clearTimeout(one.timer);
        const { called } = one;
        one.called = new Set();
        for (const addr of called) this.#uncall(addr);
      };
      /** @type {Waiting} */
      const one = {
        isMeant,
        resolve: (user) => { end(); resolve(user); },
        reject: (error) => { end(); reject(error); },
        called: new Set(), calledMax: CALLED_COUNT, timer: null,
      };
      const abort = () => one.reject(cancelled(signal));
      const late = () => one.reject(new NktError('NKT_E_TIMEOUT', `nobody who is meant was there within ${timeout} ms`));
      const timer = timeout === undefined ? null : this.#timers.setTimeout(late, timeout);
      signal?.addEventListener('abort', abort);
      this.#waiting.add(one);
      this.#offerAll(one);
    });
  }

  get isAwaited() {
    return this.#waiting.size > 0;
  }

  /** Something about a user changed. @param {string} addr */
  look(addr) {
    const user = this.#users[addr];
    for (const one of [...this.#waiting]) {
      if (user !== undefined) this.#offer(one, user);
      else one.called.delete(addr);
    }
  }

  /** Nobody will come any more. @param {NktError} error */
  forget(error) {
    this.#ended = error;
    for (const one of [...this.#waiting]) one.reject(error);
  }

  /** Those with whom there is a session before those who would have to be asked for one. @param {Waiting} one */
  #offerAll(one) {
    const all = Object.values(this.#users);
    const isReady = ({ session }) => session === 'established';
    for (const user of [...all.filter(isReady), ...all.filter((user) => !isReady(user))]) this.#offer(one, user);
  }

  /** @param {Waiting} one @param {User} user */
  #offer(one, user) {
    const isHere = user.path === 'forwarded' ? user.lastSeen >= this.#startMs : user.path !== 'none';
    const isReady = user.session === 'established';
    if (!isHere && one.called.delete(user.addr)) this.#uncall(user.addr); // another one has his place
    if (!this.#waiting.has(one) || !isHere || (!isReady && one.called.size >= one.calledMax)) return;
    try {
      const isMeant = /** @type {any} */ (one.isMeant(user));
      if (typeof isMeant?.then === 'function') { // would be anybody
        isMeant.then(undefined, () => {});
        throw new NktError('NKT_E_ARGUMENT', 'peer: the function has to say at once whether a user is meant; it gave a promise');
      }
      if (!isMeant) return;
    } catch (error) {
      one.reject(error);
      return;
    }
    if (isReady) one.resolve(user);
    else if (this.#waiting.has(one)) this.#call(one, user.addr);
  }

  /** @param {Waiting} one @param {string} addr */
  #call(one, addr) {
    if (one.called.has(addr)) return;
    one.called.add(addr);
    this.#talk(addr, true);
    one.timer ??= this.#timers.setTimeout(() => {
      one.timer = null;
      one.calledMax += CALLED_COUNT;
      this.#offerAll(one);
    }, CALLED_MS);
  }

  /** Unless somebody else waits for him. @param {string} addr */
  #uncall(addr) {
    if (![...this.#waiting].some(({ called }) => called.has(addr))) this.#talk(addr, false);
  }
}

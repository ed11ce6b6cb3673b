// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Joining with no server: what invite(), acceptInvite() and completeInvite() wait for. The texts are the core's.
 */
import { throwIfAborted } from './abort.js';
import { orRefuse } from './given.js';

/** @typedef {{told: (invite: object) => void, done: (address: string) => void, fail: (error: NktError) => void}} Waiting */
/** @typedef {import('./errors.js').NktError} NktError */

/** An Invite is its text. @param {string} call @param {unknown} given @returns {string} */
const textOf = (call, given) => orRefuse('NKT_E_ARGUMENT', call, () => String(given));

/** @typedef {import('./types.d.ts').Invite} Declared */
/** A text to be passed on by hand. @implements {Declared} */
class Invite {
  #cancel;

  /** @param {{text: string, expires: number, linked: Promise<string>, cancel: () => void, addr?: string, nick?: string}} parts */
  constructor({ text, expires, linked, cancel, addr, nick }) {
    /** The invite, or the answer to give back. */
    this.text = text;
    /** Unix ms until which it can be used. */
    this.expires = expires;
    /** Resolves to the address of the other side when the link is authenticated. */
    this.linked = linked;
    if (addr) {
      /** Who invited. */
      this.addr = addr;
      /** What the invite calls him: a label, nothing is proven yet. */
      this.nick = nick;
    }
    this.#cancel = cancel;
    Object.freeze(this);
  }

  /** Gives it up: `linked` rejects with NKT_E_CANCELLED. */
  cancel() {
    this.#cancel();
  }

  toString() {
    return this.text;
  }
}

export class Invites {
  /** By ticket. @type {Map<number, Waiting>} */
  #waiting = new Map();
  #current;

  /** @param {import('./current.js').Current} current */
  constructor(current) {
    this.#current = current;
  }

  /**
   * @param {import('./driver.js').Driver} driver @param {'INVITE'|'ACCEPT'} kind @param {unknown} [given] @param {AbortSignal} [signal]
   * @returns {Promise<Invite>}
   */
  async make(driver, kind, given, signal) {
    const text = kind === 'INVITE' ? undefined : textOf('acceptInvite', given);
    const ticket = this.#current.nextTicket();
    const cancel = () => driver.step('CANCEL', { ticket });
    throwIfAborted(signal);
    /** @type {(address: string) => void} */
    let done = () => {};
    /** @type {(error: NktError) => void} */
    let lost = () => {};
    const linked = new Promise((resolve, reject) => {
      done = resolve;
      lost = reject;
    });
    const settled = linked.catch(() => {}).then(() => signal?.removeEventListener('abort', cancel)); // nobody has to listen
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise((resolve, reject) => {
        const told = (fields) => resolve(new Invite({ ...fields, linked, cancel }));
        const fail = (error) => {
          reject(error);
          lost(error);
        };
        this.#waiting.set(ticket, { told, done, fail });
        driver.step(kind, { ticket, text }, (code) => {
          if (code < 0) this.#end(ticket)?.fail(this.#current.error(code));
        });
      });
    } catch (error) {
      await settled;
      throw error;
    }
  }

  /** @param {import('./driver.js').Driver} driver @param {unknown} given @returns {Promise<string>} the address, once linked */
  async complete(driver, given) {
    const text = textOf('completeInvite', given);
    const ticket = this.#current.nextTicket();
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { told: () => {}, done: resolve, fail: reject });
      driver.step('COMPLETE', { ticket, text }, (code) => {
        if (code < 0) this.#end(ticket)?.fail(this.#current.error(code));
      });
    });
  }

  /** INVITED. @param {any} fx */
  told(fx) {
    const from = fx.address ? { addr: fx.address, nick: fx.bytesText } : {};
    this.#waiting.get(fx.ticket)?.told({ text: fx.text, expires: fx.time, ...from });
  }

  /** CONNECTED. @param {any} fx @returns {boolean} whether it was about one of these */
  connected(fx) {
    const waiting = this.#end(fx.ticket);
    if (!waiting) return false;
    if (fx.value === 0) waiting.done(fx.address);
    else waiting.fail(this.#current.error(fx.value, fx.text));
    return true;
  }

  /** Nothing will come of those that wait. @param {NktError} error */
  forget(error) {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { fail } of all) fail(error);
  }

  /** @param {number} ticket */
  #end(ticket) {
    const waiting = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    return waiting;
  }
}

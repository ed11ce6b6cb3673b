// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What startWebRTCClient() waits for.
 */
import { cancelled, throwIfAborted } from './abort.js';
import { NktError } from './errors.js';

export class Connects {
  /** By ticket. @type {Map<number, {resolve: () => void, reject: (error: NktError) => void}>} */
  #waiting = new Map();
  #current;

  /** @param {import('./current.js').Current} current */
  constructor(current) {
    this.#current = current;
  }

  /**
   * @param {import('./run.js').Run} run @param {string} addr
   * @param {{signal?: AbortSignal, timeout?: number}} options @returns {Promise<void>}
   */
  async make({ core, driver }, addr, { signal, timeout = 0 }) {
    core.checkAddress(addr);
    throwIfAborted(signal);
    this.#current.linking(); // or there is no use in looking for anybody
    const ticket = this.#current.nextTicket();
    const cancel = () => {
      this.#waiting.get(ticket)?.reject(cancelled(signal));
      driver.step('CANCEL', { ticket });
    };
    try {
      await new Promise((resolve, reject) => {
        this.#waiting.set(ticket, { resolve: () => resolve(undefined), reject });
        signal?.addEventListener('abort', cancel);
        driver.step('CONNECT', { ticket, address: addr, value: Math.round(timeout) }, (code) => {
          if (code < 0) reject(this.#current.error(code));
        });
      });
    } finally {
      this.#waiting.delete(ticket);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** CONNECTED. @param {{ticket: number, value: number, text: string}} fx */
  connected({ ticket, value, text }) {
    const waiting = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    if (value === 0) waiting?.resolve();
    else waiting?.reject(this.#current.error(value, text));
  }

  /** There will be no answers any more. @param {NktError} error */
  forget(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What was said and heard, as the core keeps it: PAST effects gathered into the answer of one history().
 */
import { PAST_FAILED_SHIFT, PAST_SAID } from './constants.js';

/** @typedef {import('./types.d.ts').HistoryEntry} HistoryEntry */

export class Histories {
  /** By ticket. @type {Map<number, {entries: HistoryEntry[], count: number, resolve: (entries: HistoryEntry[]) => void}>} */
  #asked = new Map();

  /**
   * @param {number} ticket
   * @param {(done: (code: number) => void) => void} step reports HISTORY with that ticket; done: the number of entries, or an error
   * @param {(code: number) => Error} refusal
   * @returns {Promise<HistoryEntry[]>} the oldest first
   */
  ask(ticket, step, refusal) {
    return new Promise((resolve, reject) => {
      const asked = { entries: [], count: -1, resolve };
      this.#asked.set(ticket, asked);
      step((code) => {
        if (code < 0) {
          this.#asked.delete(ticket);
          reject(refusal(code));
        } else {
          asked.count = code;
          this.#look(ticket);
        }
      });
    });
  }

  /**
   * A PAST effect.
   * @param {any} fx @param {string} self own address
   * @param {(id: string) => import('./delivery.js').Delivery|null} delivery if it is not settled
   */
  past(fx, self, delivery) {
    const asked = this.#asked.get(fx.ticket);
    if (!asked) return;
    const { id, flags, address } = fx;
    const isOwn = (flags & PAST_SAID) !== 0;
    const entry = {
      id, date: fx.time, from: isOwn ? self : address, to: isOwn ? address : self, value: JSON.parse(fx.bytesText), own: isOwn,
    };
    if (isOwn) {
      const counts = { recipients: fx.link, delivered: fx.value, failed: flags >>> PAST_FAILED_SHIFT };
      Object.assign(entry, counts, { delivery: delivery(id) });
    }
    asked.entries.push(/** @type {HistoryEntry} */ (entry));
    this.#look(fx.ticket);
  }

  /** There is nobody to answer any more. */
  forget() {
    for (const { entries, resolve } of this.#asked.values()) resolve(entries);
    this.#asked.clear();
  }

  /** @param {number} ticket */
  #look(ticket) {
    const asked = this.#asked.get(ticket);
    if (!asked || asked.entries.length < asked.count || asked.count < 0) return;
    this.#asked.delete(ticket);
    asked.resolve(asked.entries);
  }
}

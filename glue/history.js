// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What was said and heard, as the core keeps it: PAST effects gathered into the answer of one history().
 */
import { NktError } from './errors.js';
import { PAST_CONTENT, PAST_FAILED_SHIFT, PAST_SAID } from './constants.js';
import { whereOf } from './events.js';
import { lookAll } from './large.js';
import { readMessage } from './reading.js';

/** @typedef {import('./types.d.ts').HistoryEntry} HistoryEntry */

/**
 * @typedef {object} Parts
 * @property {import('./current.js').Current} current
 * @property {() => string} self own address
 * @property {(id: string) => import('./delivery.js').Delivery|null} delivery if it is not settled
 * @property {(addr: string) => boolean} isIgnored nothing of what he said is told
 * @property {(value: any, whose: {from: string, own: boolean}) => Promise<import('./content.js').Content|null>} look at what a content is
 */

export class Histories {
  #parts;
  /** By ticket. @type {Map<number, {entries: HistoryEntry[], count: number, resolve: (entries: HistoryEntry[]) => void}>} */
  #asked = new Map();
  /** Entries whose value names a content. @type {WeakSet<object>} */
  #contents = new WeakSet();
  /** How the values of those were read that name some. @type {WeakMap<object, import('./reading.js').Read>} */
  #large = new WeakMap();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {import('./run.js').Run} run @param {number} count the newest so many; 0: all
   * @returns {Promise<HistoryEntry[]>} the oldest first
   */
  async ask(run, count) {
    if (!Number.isInteger(count) || count < 0 || count > 0x7fffffff) throw new NktError('NKT_E_ARGUMENT', 'count is a whole number');
    const { current, isIgnored, look } = this.#parts;
    const ticket = current.nextTicket();
    /** @type {HistoryEntry[]} */
    const entries = await new Promise((resolve, reject) => {
      const asked = { entries: [], count: -1, resolve };
      this.#asked.set(ticket, asked);
      run.driver.step('HISTORY', { ticket, value: count }, (code) => {
        if (code < 0) {
          this.#asked.delete(ticket);
          reject(current.errorOf(run, code));
        } else {
          asked.count = code;
          this.#look(ticket);
        }
      });
    });
    const heard = entries.filter(({ own, from }) => own || !isIgnored(from));
    return Promise.all(heard.map(async (entry) => {
      const read = this.#large.get(entry);
      if (read && await lookAll({ look }, read, entry)) return { ...entry, ...said(read) };
      const content = this.#contents.has(entry) ? await look(entry.value, entry) : null;
      return content ? { ...entry, value: null, content } : entry;
    }));
  }

  /** A PAST effect. @param {any} fx */
  past(fx) {
    const asked = this.#asked.get(fx.ticket);
    if (!asked) return;
    const { id, flags, address } = fx;
    const self = this.#parts.self();
    const { to, room } = whereOf(fx);
    const isOwn = (flags & PAST_SAID) !== 0;
    const isContent = (flags & PAST_CONTENT) !== 0;
    const read = isContent ? null : readMessage(fx.bytesText);
    const entry = {
      id, date: fx.time, from: isOwn ? self : address, to: isOwn ? address : to, room, own: isOwn,
      ...(read ? said(read) : { value: JSON.parse(fx.bytesText) }),
    };
    if (read && read.coming.length > 0) this.#large.set(entry, read);
    if (isOwn) {
      const counts = { recipients: fx.link, delivered: fx.value, failed: flags >>> PAST_FAILED_SHIFT };
      Object.assign(entry, counts, { delivery: this.#parts.delivery(id) });
    }
    if (isContent) this.#contents.add(entry);
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

/** @param {import('./reading.js').Read} read @returns {{value: any, bytes?: any}} */
function said({ value, bytes }) {
  return bytes === null ? { value } : { value, bytes };
}

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

/** What is kept of a PAST effect until it is read. @typedef {{entry: any, text: string, isContent: boolean, isHidden: boolean}} Kept */

/**
 * @typedef {object} Parts
 * @property {import('./current.js').Current} current
 * @property {(run: () => void) => void} soon see Platform
 * @property {() => string} self own address
 * @property {(id: string) => import('./delivery.js').Delivery|null} delivery if it is not settled
 * @property {(addr: string) => boolean} isIgnored nothing of what he said is told
 * @property {(value: any, whose: {from: string, own: boolean}) => Promise<import('./content.js').Content|null>} look at what a content is
 */

/** Entries that are read in one task: all 2,000 kept everything else waiting. What they say is 1 MiB at most, whatever their number. */
const SLICE_COUNT = 100;

export class Histories {
  #parts;
  /** By ticket. @type {Map<number, {kept: Kept[], count: number, resolve: (kept: Kept[]) => void}>} */
  #asked = new Map();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * As it is when it is asked, whatever becomes of it, or of the run, while it is being read.
   * @param {import('./run.js').Run} run @param {number} count the newest so many; 0: all
   * @returns {Promise<HistoryEntry[]>} the oldest first
   */
  async ask(run, count) {
    if (!Number.isInteger(count) || count < 0 || count > 0x7fffffff) throw new NktError('NKT_E_ARGUMENT', 'count is a whole number');
    const { current, soon } = this.#parts;
    const ticket = current.nextTicket();
    /** @type {Kept[]} */
    const kept = await new Promise((resolve, reject) => {
      const asked = { kept: [], count: -1, resolve };
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
    const told = kept.filter(({ isHidden }) => !isHidden);
    /** @type {HistoryEntry[]} */
    const entries = [];
    for (const one of told) {
      const entry = this.#read(one);
      entries.push(entry instanceof Promise ? await entry : entry);
      if (entries.length % SLICE_COUNT === 0) await new Promise((resolve) => { soon(() => resolve(null)); });
    }
    return entries;
  }

  /** A PAST effect: no more than has to be while the core waits. @param {any} fx */
  past(fx) {
    const asked = this.#asked.get(fx.ticket);
    if (!asked) return;
    const { id, flags, address } = fx;
    const { self, delivery, isIgnored } = this.#parts;
    const { to, room } = whereOf(fx);
    const own = (flags & PAST_SAID) !== 0;
    const entry = { id, date: fx.time, from: own ? self() : address, to: own ? address : to, room, own };
    if (own) {
      const counts = { recipients: fx.link, delivered: fx.value, failed: flags >>> PAST_FAILED_SHIFT };
      Object.assign(entry, counts, { delivery: delivery(id) });
    }
    asked.kept.push({ entry, text: fx.bytesText, isContent: (flags & PAST_CONTENT) !== 0, isHidden: !own && isIgnored(address) });
    this.#look(fx.ticket);
  }

  /** There is nobody to answer any more. */
  forget() {
    for (const { kept, resolve } of this.#asked.values()) resolve(kept);
    this.#asked.clear();
  }

  /** @param {Kept} kept @returns {HistoryEntry|Promise<HistoryEntry>} a promise where it names contents */
  #read({ entry, text, isContent }) {
    const { look } = this.#parts;
    if (isContent) {
      const value = JSON.parse(text);
      return look(value, entry).then((content) => Object.assign(entry, content ? { value: null, content } : { value }));
    }
    const read = readMessage(text);
    const done = () => Object.assign(entry, { value: read.value }, read.bytes !== null && { bytes: read.bytes });
    return read.coming.length > 0 ? lookAll({ look }, read, entry).then(done) : done();
  }

  /** @param {number} ticket */
  #look(ticket) {
    const asked = this.#asked.get(ticket);
    if (!asked || asked.kept.length < asked.count || asked.count < 0) return;
    this.#asked.delete(ticket);
    asked.resolve(asked.kept);
  }
}

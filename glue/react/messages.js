// SPDX-License-Identifier: GPL-3.0-or-later
/** What is said: what was said before, what comes, and what is said here. */
import { NktError } from '../errors.js';
import { PeerView } from './view.js';

/** @type {readonly any[]} */
export const NO_MESSAGES = Object.freeze([]);

export const COUNT = 200;
const COUNT_MAX = 5000; // what history() keeps, and more that came since

const TYPES = ['nktencryptedmessagereceived', 'nktclearmessagereceived', 'nktcontent', 'nktdelivery', 'nktrestarted', 'nktstatus'];

/** An id is its author's choice. @param {{id: string, from: string}} message */
const keyOf = ({ id, from }) => `${id} ${from}`;

/** @extends {PeerView<readonly any[]>} */
export class MessagesView extends PeerView {
  #count;
  /** at: when it was heard, for the order; what dates say, and clocks that were set, push out nothing. @type {Map<string, any>} */
  #messages = new Map();
  /** The last such time. */
  #at = 0;
  #wasRunning = false;
  #isAsking = false;
  #address = '';

  /** @param {import('../types.d.ts').Nkt<any>|null} nkt @param {number} count the newest so many */
  constructor(nkt, count) {
    super(nkt, TYPES, NO_MESSAGES);
    this.#count = Math.min(Math.max(1, Math.trunc(count) || COUNT), COUNT_MAX);
  }

  /** @param {unknown} value @param {import('../types.d.ts').SendOptions} [options] */
  async send(value, options = {}) {
    if (this.nkt === null) throw new NktError('NKT_E_STATE', 'useMessages: there is no peer yet');
    const delivery = await this.nkt.send(/** @type {any} */ (value), options);
    if (delivery.cancelled) return delivery;
    const { to = null, bytes } = options;
    const from = this.nkt.mySwarm.address();
    const room = this.nkt.roomId;
    const date = Date.now();
    this.#add({ id: delivery.id, date, from, to, room, value, ...(bytes && { bytes }), own: true, encrypted: true, delivery });
    return delivery;
  }

  /** @override */
  look() {
    const isRunning = Boolean(this.nkt?.health().running);
    if (isRunning && (!this.#wasRunning || this.nkt?.mySwarm.address() !== this.#address)) this.#ask();
    this.#wasRunning = isRunning;
  }

  /** @override What comes until somebody looks again is asked for then (a part of the page that is hidden, and shown again). */
  end() {
    super.end();
    this.#wasRunning = false;
  }

  /** @override @param {any} event */
  heard(event) {
    if (event.type === 'nktdelivery') {
      const from = this.nkt?.mySwarm.address() ?? '';
      if (!this.#messages.has(keyOf({ id: event.detail.id, from }))) this.#ask(); // said elsewhere, and perhaps a message
    } else if (event.type === 'nktstatus' || event.type === 'nktrestarted') this.look();
    else this.#came(event);
  }

  #came({ type, id, date, from, to, room, encrypted, detail, bytes }) {
    const what = type === 'nktcontent' ? { value: null, content: detail } : { value: detail, ...(bytes && { bytes }) };
    this.#add({ id, date, from, to, room, own: false, encrypted, ...what });
  }

  /** What is kept, of here and of earlier lives. */
  async #ask() {
    const { nkt } = this;
    const address = nkt?.mySwarm.address() ?? '';
    if (this.#isAsking || nkt === null || address === '') return;
    if (this.#address !== '' && this.#address !== address) this.#messages.clear(); // somebody else now
    this.#address = address;
    this.#isAsking = true;
    const entries = await nkt.history({ count: this.#count }).catch(() => []); // closed meanwhile
    this.#isAsking = false;
    if (nkt.mySwarm.address() !== address) {
      this.look();
      return;
    }
    let before = 0;
    for (const entry of entries) {
      const known = this.#messages.get(keyOf(entry));
      before = known?.at ?? Math.max(before, Math.min(entry.date, Date.now()));
      this.#put({ encrypted: true, ...known?.message, ...entry }, before);
    }
    this.#tell();
  }

  /** @param {any} message */
  #add(message) {
    const known = this.#messages.get(keyOf(message));
    this.#put({ ...message, ...known?.message }, known?.at ?? Math.max(this.#at, Date.now()));
    this.#tell();
  }

  /** @param {any} message @param {number} at */
  #put(message, at) {
    this.#at = Math.max(this.#at, at);
    this.#messages.set(keyOf(message), { message: Object.freeze(message), at });
  }

  #tell() {
    const all = [...this.#messages.values()].sort((a, b) => a.at - b.at).map(({ message }) => message);
    for (const old of all.splice(0, Math.max(0, all.length - this.#count))) this.#messages.delete(keyOf(old));
    this.change(Object.freeze(all));
  }
}

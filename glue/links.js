// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The core's links: which port carries each, and what waits on it for a record to be durable. What was sent before goes out first, so all
 * behind it waits as well, and a link that is to be closed is closed after it. Parts of contents wait for nothing: no record is of them,
 * and their queue is another; were they held here, more than that may hold would go into it at once.
 */

/**
 * @typedef {object} Port carries links
 * @property {(link: number, bytes: Uint8Array, isText: boolean, isBulk: boolean) => void} send isBulk: LINK_QUEUED is to be told
 * @property {(link: number, view: Uint8Array) => void} [sendLossy] what may be lost, and overtake others; to be read before it returns
 * @property {boolean} [copies] what it is given to send is its own when send() returns: it may be a view
 * @property {(link: number) => void} close
 * @property {(immediate?: boolean) => void} closeAll
 */

export class Links {
  #onFault;
  /** Which port carries a link. @type {Map<number, Port>} */
  #ports = new Map();
  /**
   * What waits for its ticket, per link, in order; without bytes: the link is to be closed then.
   * @type {Map<number, Array<{ticket: number, bytes: Uint8Array|null, isText: boolean}>>}
   */
  #held = new Map();
  /** Those that the core closed, and that wait for what is held. @type {Set<number>} */
  #closing = new Set();
  /** The newest that a SEND was held for. */
  #heldTicket = 0;
  #durableTicket = 0;

  /** @param {(error: Error) => void} onFault of a port: the others go on */
  constructor(onFault) {
    this.#onFault = onFault;
  }

  get isWaiting() {
    return this.#held.size > 0;
  }

  /** What is held by now, is held for this ticket or an older one. */
  get heldTicket() {
    return this.#heldTicket;
  }

  /** Whether all that was held for that ticket has left. @param {number} ticket */
  hasLeft(ticket) {
    return this.#held.size === 0 || ticket <= this.#durableTicket;
  }

  /** @param {number} link @param {Port} port */
  open(link, port) {
    this.#ports.set(link, port);
  }

  /** Whether it is one of the core's: what a port tells of one that the core closed is too late. @param {number} link */
  isOpen(link) {
    return this.#ports.has(link) && !this.#closing.has(link);
  }

  /** It is down. @param {number} link */
  forget(link) {
    this.#closing.delete(link);
    this.#ports.delete(link);
    this.#held.delete(link);
  }

  /** @param {import('./core_effect.js').Effect} fx SEND; its ticket: the PUT that it waits for @param {boolean} isText */
  send(fx, isText) {
    const { link, ticket } = fx;
    const port = this.#ports.get(link);
    if (!port) return;
    const held = this.#held.get(link);
    if (held) held.push({ ticket, bytes: fx.bytes, isText });
    else if (ticket > this.#durableTicket) this.#held.set(link, [{ ticket, bytes: fx.bytes, isText }]);
    else port.send(link, /** @type {Uint8Array} */ (port.copies ? fx.view : fx.bytes), isText, false);
    this.#heldTicket = Math.max(this.#heldTicket, ticket);
  }

  /** A part of a content: channels copy what they get. @param {number} link @param {Uint8Array} view to be read before this returns */
  sendBulk(link, view) {
    this.#ports.get(link)?.send(link, view, false, true);
  }

  /** What may be lost waits for nothing. @param {number} link @param {Uint8Array} view to be read before this returns */
  sendLossy(link, view) {
    this.#ports.get(link)?.sendLossy?.(link, view);
  }

  /** @param {number} link */
  close(link) {
    const held = this.#held.get(link);
    if (held) {
      held.push({ ticket: 0, bytes: null, isText: false });
      this.#closing.add(link);
      return;
    }
    const port = this.#ports.get(link);
    this.#ports.delete(link);
    port?.close(link);
  }

  /** This PUT and all before it are durable: sends what waited. @param {number} ticket @returns {boolean} whether that is news */
  durable(ticket) {
    if (ticket <= this.#durableTicket) return false;
    this.#durableTicket = ticket;
    for (const link of [...this.#held.keys()]) this.#release(link);
    return true;
  }

  /** The page is going away. What waits for a record will never be sent; what only waits behind it, such as the good-bye, goes. */
  sendRest() {
    for (const [link, held] of this.#held) {
      for (const one of held) {
        if (one.ticket === 0 && one.bytes !== null) this.#transmit(link, one.bytes, one.isText);
      }
    }
  }

  /** There are none any more. */
  clear() {
    this.#held.clear();
    this.#closing.clear();
    this.#ports.clear();
  }

  /** @param {number} link */
  #release(link) {
    const held = this.#held.get(link) ?? [];
    let count = 0;
    while (count < held.length && held[count].ticket <= this.#durableTicket) {
      const one = held[count++];
      if (one.bytes !== null) {
        this.#transmit(link, one.bytes, one.isText);
        continue;
      }
      const port = this.#ports.get(link);
      this.forget(link);
      port?.close(link);
      return;
    }
    if (count === held.length) this.#held.delete(link);
    else held.splice(0, count);
  }

  /** @param {number} link @param {Uint8Array} bytes @param {boolean} isText */
  #transmit(link, bytes, isText) {
    try {
      this.#ports.get(link)?.send(link, bytes, isText, false);
    } catch (error) {
      this.#onFault(/** @type {Error} */ (error)); // the others still go out
    }
  }
}

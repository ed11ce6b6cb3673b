// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Deliveries at work: of what is being said, of what is said and not settled, and of what a core said that is gone, for the
 * next one to go on with.
 */
import { DELIVERY_STATES } from './constants.js';
import { Delivery } from './delivery.js';

export class Deliveries {
  /** Until SAID, by ticket. @type {Map<number, Delivery>} */
  #saying = new Map();
  /** Until settled, by message id. @type {Map<string, Delivery>} */
  #open = new Map();
  /** Their core is gone: the next one may go on with them. @type {Map<string, Delivery>} */
  #orphans = new Map();
  #dispatcher;

  /** @param {import('./events.js').Dispatcher} dispatcher is told nktdelivery */
  constructor(dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** @param {number} ticket of a SAY @returns {Delivery} */
  begin(ticket) {
    const delivery = new Delivery();
    this.#saying.set(ticket, delivery);
    return delivery;
  }

  /** The SAY was refused. @param {number} ticket */
  drop(ticket) {
    this.#saying.delete(ticket);
  }

  /** SAID. @param {number} ticket 0: in an earlier life @param {string} id @param {number} count of recipients */
  said(ticket, id, count) {
    if (ticket === 0) {
      this.#open.set(id, this.#orphans.get(id) ?? Delivery.resumed(id, count));
      this.#orphans.delete(id);
      return;
    }
    const delivery = this.#saying.get(ticket);
    this.#saying.delete(ticket);
    if (delivery && !Delivery.said(delivery, id, count)) this.#open.set(id, delivery);
  }

  /** DELIVERY. @param {{id: string, ticket: number, address: string, value: number, text: string}} fx */
  update({ id, ticket, address: addr, value, text: reason }) {
    const delivery = this.#open.get(id) ?? this.#saying.get(ticket);
    if (delivery && Delivery.update(delivery, addr, value)) this.#open.delete(id);
    if (!this.#dispatcher.isHeard('nktdelivery')) return;
    const state = DELIVERY_STATES[value] ?? 'failed';
    this.#dispatcher.queueDetail('nktdelivery', Object.freeze(reason === '' ? { id, addr, state } : { id, addr, state, reason }));
  }

  /** @param {string} id @returns {Delivery|null} */
  get(id) {
    return this.#open.get(id) ?? null;
  }

  /** Those that are not settled. */
  list() {
    return [...this.#open.values()];
  }

  /** The core is gone, and another will be there soon. */
  orphan() {
    this.#orphans = this.#open;
    this.#open = new Map();
  }

  /** The other one knows nothing of these. */
  endOrphans() {
    for (const delivery of this.#orphans.values()) Delivery.end(delivery);
    this.#orphans.clear();
  }

  /** Nothing will be heard of them any more. */
  end() {
    for (const delivery of [...this.#saying.values(), ...this.#open.values()]) Delivery.end(delivery);
    this.#saying.clear();
    this.#open.clear();
  }
}

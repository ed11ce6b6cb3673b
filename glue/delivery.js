// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What sendEncryptedMessage() resolves to: who gets it and how far it has come, updated live.
 */
import { DELIVERY_STATES } from './constants.js';

/** @typedef {import('./types.d.ts').Delivery} Declared */
/** @typedef {import('./types.d.ts').DeliveryState} State */
/** @implements {Declared} */
export class Delivery {
  #id = '';
  #isCancelled;
  /** @type {Map<string, State>} */
  #recipients = new Map();
  /** Recipients that the core named when it took the message; -1: not yet. */
  #count = -1;
  /** Recipients that are neither delivered nor failed. */
  #openCount = 0;
  #isSettled = false;
  /** @type {Promise<ReadonlyMap<string, State>>|null} made when somebody asks */
  #settled = null;
  #settle = () => {};

  /** @param {boolean} [isCancelled] by preventDefault() on nktsendingmessage: it has no recipients */
  constructor(isCancelled = false) {
    this.#isCancelled = isCancelled;
    this.#isSettled = isCancelled;
  }

  /** Message id, 32 hexadecimal digits; empty if it was cancelled. */
  get id() {
    return this.#id;
  }

  get cancelled() {
    return this.#isCancelled;
  }

  /** Address to 'queued', 'sent', 'delivered' or 'failed'. */
  get recipients() {
    return this.#recipients;
  }

  /** Resolves with `recipients` when each one is delivered or failed, or the peer was closed. Never rejects. */
  get settled() {
    this.#settled ??= new Promise((resolve) => {
      this.#settle = () => resolve(this.#recipients);
      if (this.#isSettled) this.#settle();
    });
    return this.#settled;
  }

  toJSON() {
    return { id: this.#id, recipients: Object.fromEntries(this.#recipients), cancelled: this.#isCancelled };
  }

  /**
   * The core took it.
   * @param {Delivery} delivery @param {string} id @param {number} count of recipients
   * @returns {boolean} whether all are settled
   */
  static said(delivery, id, count) {
    delivery.#id = id;
    delivery.#count = count;
    delivery.#look();
    return delivery.#isSettled;
  }

  /**
   * @param {Delivery} delivery @param {string} addr @param {number} state nkt_delivery_state
   * @returns {boolean} whether all are settled
   */
  static update(delivery, addr, state) {
    const recipients = delivery.#recipients;
    const before = recipients.get(addr);
    const name = DELIVERY_STATES[state] ?? 'failed';
    recipients.set(addr, name);
    delivery.#openCount += (isOpen(name) ? 1 : 0) - (before !== undefined && isOpen(before) ? 1 : 0);
    delivery.#look();
    return delivery.#isSettled;
  }

  #look() {
    if (this.#count >= 0 && this.#recipients.size >= this.#count && this.#openCount === 0) Delivery.end(this);
  }

  /** Goes on in another life of the peer: recipients are told anew. @param {string} id @param {number} count @returns {Delivery} */
  static resumed(id, count) {
    const delivery = new Delivery();
    Delivery.said(delivery, id, count);
    return delivery;
  }

  /** Nothing more will come. @param {Delivery} delivery */
  static end(delivery) {
    delivery.#isSettled = true;
    delivery.#settle();
  }
}

/** @param {string} state @returns {boolean} */
function isOpen(state) {
  return state === 'queued' || state === 'sent';
}

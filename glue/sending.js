// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is said: from the value that a caller gives to the core that takes it.
 */
import { EPHEMERAL_SIZE_MAX, SAY_CLEAR, SAY_CONTENT } from './constants.js';
import { Delivery } from './delivery.js';
import { NktError } from './errors.js';
import { NktSendingEvent } from './events.js';
import { Gate } from './gate.js';
import { checkSize, toJson } from './json.js';

export class Sending {
  #current;
  #dispatcher;
  #deliveries;
  /** Shut while the outbox is above its high-water mark. */
  #gate = new Gate();

  /**
   * @param {object} parts
   * @param {import('./current.js').Current} parts.current @param {import('./events.js').Dispatcher} parts.dispatcher
   * @param {import('./deliveries.js').Deliveries} parts.deliveries
   */
  constructor({ current, dispatcher, deliveries }) {
    this.#current = current;
    this.#dispatcher = dispatcher;
    this.#deliveries = deliveries;
  }

  /** @param {import('./run.js').Run} run @param {unknown} value @param {string} [to] none: everybody @returns {Promise<Delivery>} */
  async encrypted({ core }, value, to) {
    if (to !== undefined && !core.isAddress(to)) throw core.error(core.errorCode('NKT_E_ADDRESS'));
    let text = toJson(value);
    if (this.#dispatcher.isHeard('nktsendingmessage')) {
      const isObject = typeof value === 'object' && value !== null;
      const holder = { value: isObject ? JSON.parse(text) : value }; // what listeners change is not the caller's
      const build = () => new NktSendingEvent(holder, to ?? null, true);
      if (!this.#dispatcher.dispatch('nktsendingmessage', build)) return new Delivery(true);
      if (isObject || holder.value !== value) text = toJson(holder.value);
    }
    return this.#say(text, to, 0);
  }

  /** To everybody, signed only. @param {unknown} value @returns {Promise<Delivery>} */
  async clear(value) {
    this.#current.running();
    return this.#say(toJson(value), undefined, SAY_CLEAR);
  }

  /**
   * What may be lost: waits for nothing, and no listener of nktsendingmessage is asked.
   * @param {unknown} value @param {string} [to] none: everybody @returns {Promise<number>} to how many it left
   */
  async ephemeral(value, to) {
    const run = this.#current.running();
    if (to !== undefined && !run.core.isAddress(to)) throw run.core.error(run.core.errorCode('NKT_E_ADDRESS'));
    const bytes = checkSize(toJson(value), 'what may be lost', EPHEMERAL_SIZE_MAX);
    const code = await new Promise((resolve) => this.#current.running().driver.step('EPHEMERAL', { address: to, bytes }, resolve));
    if (code < 0) throw this.#current.errorOf(run, code);
    return code;
  }

  /** Tells of a content. @param {import('./run.js').Run} run that it is of @param {string} text @param {string} [to] */
  async content(run, text, to) {
    if (this.#current.running() !== run) throw new NktError('NKT_E_STOPPED', 'the peer was started anew meanwhile');
    return this.#say(text, to, SAY_CONTENT);
  }

  /** PRESSURE. @param {{value: number}} fx 1: who sends waits */
  pressure({ value }) {
    this.#gate.set(value === 1);
  }

  /** There is no outbox any more. */
  forget() {
    this.#gate.set(false);
  }

  /** @param {string} text JSON @param {string|undefined} to @param {number} flags @returns {Promise<Delivery>} */
  async #say(text, to, flags) {
    checkSize(text, 'the message');
    const run = this.#current.running(); // a listener may have closed it
    const ticket = this.#current.nextTicket();
    const delivery = this.#deliveries.begin(ticket);
    const fields = { ticket, address: to, bytes: text, flags };
    const code = await new Promise((resolve) => run.driver.step('SAY', fields, resolve));
    if (code < 0) {
      this.#deliveries.drop(ticket);
      throw this.#current.errorOf(run, code);
    }
    await this.#gate.pass();
    return delivery;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is said: from the value that a caller gives to the core that takes it.
 */
import { abortable, cancelled, throwIfAborted } from './abort.js';
import { BYTES_SIZE_MAX } from './carriers.js';
import { EPHEMERAL_SIZE_MAX, SAY_CLEAR, SAY_CONTENT, VALUE_SIZE_MAX } from './constants.js';
import { deferred } from './deferred.js';
import { Delivery } from './delivery.js';
import { NktError } from './errors.js';
import { NktSendingEvent } from './events.js';
import { Gate } from './gate.js';
import { checkSize, write } from './json.js';
import { Turns } from './turns.js';
import { Draft } from './written.js';

/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./written.js').Written} Written */
/** @typedef {{bytes?: any, signal?: AbortSignal, onProgress?: (progress: any) => void}} Options */
/** @typedef {(text: string) => Promise<Delivery>} Say */
/** Of what is read. @typedef {(run: Run, written: Written, options: Options, say: Say) => Promise<Delivery>} SayLarge */

export class Sending {
  #current;
  #dispatcher;
  #deliveries;
  #timers;
  #large;
  /** Shut while the outbox is above its high-water mark. */
  #gate = new Gate();
  /** Messages leave in the order of the calls: who has no Blob to be read waits for who has. */
  #turns = new Turns();
  /** Blobs that are being read. @type {Set<ReturnType<typeof deferred>>} */
  #readings = new Set();

  /**
   * @param {object} parts
   * @param {import('./current.js').Current} parts.current @param {import('./events.js').Dispatcher} parts.dispatcher
   * @param {import('./deliveries.js').Deliveries} parts.deliveries @param {any} parts.timers
   * @param {SayLarge} parts.large says what is above the limit
   */
  constructor({ current, dispatcher, deliveries, timers, large }) {
    this.#current = current;
    this.#dispatcher = dispatcher;
    this.#deliveries = deliveries;
    this.#timers = timers;
    this.#large = large;
  }

  /**
   * @param {Run} run @param {unknown} value @param {string} [to] none: everybody @param {Options} [options]
   * @returns {Promise<Delivery>}
   */
  async encrypted(run, value, to, { bytes, ...options } = {}) {
    const { core } = run;
    throwIfAborted(options.signal);
    if (to !== undefined) core.checkAddress(to);
    let written = write(value, 'value', bytes);
    checkBytes(written);
    if (this.#dispatcher.isHeard('nktsendingmessage')) {
      const draft = new Draft(written);
      const build = () => new NktSendingEvent(draft, to ?? null, true);
      if (!this.#dispatcher.dispatch('nktsendingmessage', build)) return new Delivery(true);
      if (draft.isAsked) {
        written = write(draft.value, 'value', draft.bytes);
        checkBytes(written);
      }
    }
    return this.#inTurn(run, written, to, 0, options);
  }

  /** To everybody, signed only. @param {unknown} value @returns {Promise<Delivery>} */
  async clear(value) {
    const run = this.#current.running();
    return this.#inTurn(run, write(value), undefined, SAY_CLEAR, {});
  }

  /**
   * What may be lost: waits for nothing but a Blob, and no listener of nktsendingmessage is asked.
   * @param {unknown} value @param {string} [to] none: everybody @returns {Promise<number>} to how many it left
   */
  async ephemeral(value, to) {
    const run = this.#current.running();
    if (to !== undefined) run.core.checkAddress(to);
    const written = write(value);
    checkSize(written.size, 'what may be lost', EPHEMERAL_SIZE_MAX);
    if (!written.isRead) await this.#read(written);
    const bytes = written.json();
    const code = await new Promise((resolve) => this.#current.running().driver.step('EPHEMERAL', { address: to, bytes }, resolve));
    if (code < 0) throw this.#current.errorOf(run, code);
    return code;
  }

  /** Tells of a content. @param {Run} run that it is of @param {string} text @param {string} [to] */
  async content(run, text, to) {
    this.#checkRun(run);
    return this.#pass(await this.#say(text, to, SAY_CONTENT));
  }

  /** PRESSURE. @param {{value: number}} fx 1: who sends waits */
  pressure({ value }) {
    this.#gate.set(value === 1);
  }

  /** There is no outbox any more. @param {NktError} error */
  forget(error) {
    for (const over of this.#readings) over.reject(error);
    this.#gate.set(false);
  }

  /**
   * When it is its turn, and what it holds is read.
   * @param {Run} run @param {Written} written @param {string|undefined} to @param {number} flags @param {Options} options
   */
  async #inTurn(run, written, to, flags, options) {
    const isLarge = flags === 0 && written.parts.length > 0 && written.size > VALUE_SIZE_MAX;
    if (!isLarge) {
      checkSize(written.size, 'the message');
      if (written.isRead && this.#turns.isFree) return this.#pass(await this.#say(written.json(), to, flags));
    }
    written.hold();
    const { signal } = options;
    const said = this.#turns.take(async () => {
      this.#checkRun(run);
      await this.#read(written, signal);
      throwIfAborted(signal);
      const say = (text) => {
        throwIfAborted(signal);
        this.#checkRun(run);
        return this.#say(text, to, flags);
      };
      return isLarge ? this.#large(run, written, options, say) : say(written.json());
    });
    return this.#pass(await abortable(said, signal));
  }

  /** Until it is given up, or there is no outbox any more. @param {Written} written @param {AbortSignal} [signal] */
  async #read(written, signal) {
    const over = deferred();
    const stop = () => over.reject(cancelled(signal));
    this.#readings.add(over);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    try {
      await written.read(this.#timers, over.promise);
    } finally {
      this.#readings.delete(over);
      signal?.removeEventListener('abort', stop);
    }
  }

  /** @param {Run} run */
  #checkRun(run) {
    if (this.#current.run !== run) throw new NktError('NKT_E_STOPPED', 'the peer was stopped, or started anew, meanwhile');
  }

  /** @param {Delivery} delivery */
  async #pass(delivery) {
    await this.#gate.pass();
    return delivery;
  }

  /** @param {string} text JSON @param {string|undefined} to @param {number} flags @returns {Promise<Delivery>} */
  async #say(text, to, flags) {
    const run = this.#current.running(); // a listener may have closed it
    const ticket = this.#current.nextTicket();
    const delivery = this.#deliveries.begin(ticket);
    const fields = { ticket, address: to, bytes: text, flags };
    const code = await new Promise((resolve) => run.driver.step('SAY', fields, resolve));
    if (code < 0) {
      this.#deliveries.drop(ticket);
      throw this.#current.errorOf(run, code);
    }
    return delivery;
  }
}

/** @param {Written} written */
function checkBytes(written) {
  if (written.byteCount <= BYTES_SIZE_MAX) return;
  throw new NktError('NKT_E_SIZE', `the message: more than ${BYTES_SIZE_MAX >> 20} MiB of bytes in one value: share() is for more`);
}

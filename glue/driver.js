// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Drives the core: reports facts, carries out effects, arms one timer.
 */

import { DATA_SIZE_MAX, DELIVERY_STATES, RTC_PATIENT, SEND_BULK, SEND_LOSSY, SEND_TEXT } from './constants.js';
import { Links } from './links.js';
import { isNode } from './platform.js';

/** The clocks drift apart by more than this, in ms, only when the machine slept. */
const SLEEP_MS_MIN = 15_000;

/** The longest that a timer can wait, in ms. */
const TIMER_MS_MAX = 0x7fffffff;

const DELIVERY_SENT = DELIVERY_STATES.indexOf('sent');

/** What ports tell of their links. */
const OF_LINKS = new Set(['LINK_UP', 'LINK_DOWN', 'LINK_DATA', 'LINK_PRESSURE', 'LINK_QUEUED', 'LINK_SUSPECT', 'RTC_LOCAL']);

/** Facts waiting while effects are carried out. A port that reports endlessly from within is a fault. */
const FACT_COUNT_MAX = 100_000;

export class Driver {
  /** Called with every fact ('fact') and effect ('effect') when set. @type {((what: string, kind: string, detail: any) => void)|null} */
  trace = null;

  #core;
  #clock;
  #timers;
  #sockets;
  #rtc;
  #store;
  #onEffect;
  #onDrained;
  #onFault;

  #isDraining = false;
  #isStopping = false;
  #isStopped = false;
  /** @type {Array<{kind: string, fields: any, done: ((code: number) => void)|undefined}>} */
  #facts = [];
  #links;
  /**
   * DELIVERYs that say 'sent', until what they speak of has left: by message and recipient; ticket: what they wait for, 0: not known yet.
   * @type {Map<string, {fx: any, ticket: number}>}
   */
  #sent = new Map();

  #timer = null;
  #timerAt = Infinity;
  #clockDifference = 0;

  /**
   * @param {object} parts
   * @param {import('./core.js').Core} parts.core
   * @param {{now(): number, wall(): number}} parts.clock monotonic and Unix milliseconds
   * @param {{setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}} parts.timers
   * @param {import('./socket.js').Sockets} parts.sockets
   * @param {import('./rtc.js').Peers} parts.rtc
   * @param {import('./run.js').AnyStore} parts.store
   * @param {(fx: any) => void} parts.onEffect effects for the application; must read what it needs before it returns
   * @param {() => void} [parts.onDrained] all effects were carried out: listeners may be called now
   * @param {(error: Error, isFatal: boolean) => void} [parts.onFault] fatal: the core trapped or cannot go on
   */
  constructor({ core, clock, timers, sockets, rtc, store, onEffect, onDrained = () => {}, onFault = () => {} }) {
    this.#core = core;
    this.#clock = clock;
    this.#timers = timers;
    this.#sockets = sockets;
    this.#rtc = rtc;
    this.#store = store;
    this.#onEffect = onEffect;
    this.#onDrained = onDrained;
    this.#onFault = onFault;
    this.#clockDifference = clock.wall() - clock.now();
    this.#links = new Links((error) => onFault(error, false));
  }

  get isStopped() {
    return this.#isStopped;
  }

  /**
   * Reports a fact and carries out what follows. While effects are being carried out the fact waits for its turn.
   * @param {string} kind
   * @param {object} [fields] see Core.step()
   * @param {(code: number) => void} [done] told the core's answer, once: before step() returns unless the fact waits
   */
  step(kind, fields, done) {
    if (this.#isStopped) {
      done?.(this.#core.errorCode('NKT_E_STATE'));
      return;
    }
    if (this.#isDraining) {
      if (this.#facts.length < FACT_COUNT_MAX) this.#facts.push({ kind, fields, done });
      else done?.(this.#core.errorCode('NKT_E_OUTBOX_FULL')); // nothing must wait for an answer that never comes
      return;
    }
    this.#isDraining = true;
    try {
      this.#report(kind, fields, done);
      this.#drain();
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
    } finally {
      this.#isDraining = false;
    }
    try {
      this.#onDrained(); // somebody waits for it, the next deadline is later
    } finally {
      if (!this.#isStopped) this.#arm();
    }
  }

  /** As step(). @param {string} kind @param {object} [fields] @returns {number} the core's answer; 0 as well while the fact waits */
  ask(kind, fields) {
    let answer = 0;
    this.step(kind, fields, (code) => {
      answer = code;
    });
    return answer;
  }

  /** The store has written this PUT and all before it. @param {number} ticket */
  durable(ticket) {
    if (this.#links.durable(ticket)) this.step('PUT_DONE', { ticket });
  }

  /** The platform was frozen or offline and is back. */
  wake() {
    this.step('WAKE');
  }

  /**
   * Says good-bye, closes every link, wipes the core. Everything happens before the first await when `immediate`.
   * @param {{immediate?: boolean}} [options] immediate: the page is going away
   */
  async stop({ immediate = false } = {}) {
    if (this.#isStopping || this.#isStopped) return;
    this.#isStopping = true;
    this.step('STOP');
    this.#disarm();
    if (this.#isStopped) return; // trapped on the way
    this.#isStopped = true;
    if (immediate) this.#links.sendRest();
    else if (this.#links.isWaiting) await this.#store.flush(); // durable() releases what waits
    const ended = this.#end(immediate);
    this.#core.free();
    if (isNode && !immediate) await ended; // a process may end now: what was said last would not leave
  }

  /** @param {string} kind @param {any} fields @param {((code: number) => void)|undefined} done */
  #report(kind, fields, done) {
    const now = this.#clock.now();
    const wall = this.#clock.wall();
    const difference = wall - now;
    if (difference - this.#clockDifference > SLEEP_MS_MIN) this.#core.step('WAKE', now, wall);
    this.#clockDifference = difference;

    const isTooLate = OF_LINKS.has(kind) && !this.#links.isOpen(fields.link);
    if (kind === 'LINK_DOWN') this.#links.forget(fields.link);
    if (isTooLate) {
      done?.(this.#core.errorCode('NKT_E_LINK'));
      return;
    }
    if (kind === 'LINK_DATA' && fields.bytes.length > DATA_SIZE_MAX) {
      kind = 'DROPPED';
      fields = { value: 'NKT_E_FRAME_LENGTH' };
    }
    /** @type {number|undefined} */
    let code;
    try {
      code = this.#core.step(kind, now, wall, fields);
    } finally {
      done?.(code ?? this.#core.errorCode('NKT_E_STATE')); // it trapped
    }
    if (this.trace !== null) this.trace('fact', kind, { ...fields, code });
    if (code <= -300 && code > -400) throw this.#core.error(code);
  }

  /** Carries out effects and reports waiting facts until there are no more of either. */
  #drain() {
    for (;;) {
      for (let fx = this.#core.next(); fx !== null; fx = this.#core.next()) this.#carryOut(fx);
      const fact = this.#facts.shift();
      if (fact) this.#report(fact.kind, fact.fields, fact.done);
      else if (!this.#store.commit(this.#links.isWaiting) && this.#facts.length === 0) break;
    }
    this.#tellSent();
  }

  /** A fault of a port or of the application must not keep the other effects from being carried out. @param {any} fx */
  #carryOut(fx) {
    if (this.trace !== null) this.trace('effect', fx.kind, fx);
    try {
      this.#dispatch(fx);
    } catch (error) {
      this.#onFault(/** @type {Error} */ (error), false);
    }
  }

  /** @param {any} fx */
  #dispatch(fx) {
    switch (fx.kind) {
      case 'SEND':
        if ((fx.flags & SEND_BULK) !== 0) this.#links.sendBulk(fx.link, fx.view);
        else if ((fx.flags & SEND_LOSSY) !== 0) this.#links.sendLossy(fx.link, fx.view);
        else this.#links.send(fx, (fx.flags & SEND_TEXT) !== 0);
        return;
      case 'LINK_CLOSE':
        this.#links.close(fx.link);
        return;
      case 'PUT':
        this.#store.put(fx.ticket, fx.text, fx.bytes);
        return;
      case 'SOCKET_OPEN':
        this.#links.open(fx.link, this.#sockets);
        this.#sockets.open(fx.link, fx.text);
        return;
      case 'RTC_OFFER':
        this.#links.open(fx.link, this.#rtc);
        this.#rtc.offer(fx.link, fx.value, (fx.flags & RTC_PATIENT) !== 0);
        return;
      case 'RTC_ANSWER':
        this.#links.open(fx.link, this.#rtc);
        this.#rtc.answer(fx.link, fx.text, fx.value, (fx.flags & RTC_PATIENT) !== 0);
        return;
      case 'RTC_RESTART':
        this.#rtc.restart(fx.link, fx.value);
        return;
      case 'RTC_ACCEPT':
        this.#rtc.accept(fx.link, fx.text);
        return;
      case 'DELIVERY':
        this.#deliver(fx);
        return;
      default:
        this.#onEffect(fx);
    }
  }

  /** What is held is not sent yet. What comes after it tells more. @param {any} fx */
  #deliver(fx) {
    const { kind, ticket, id, address, value, text } = fx;
    const key = id + address;
    if (value === DELIVERY_SENT) this.#sent.set(key, { fx: { kind, ticket, id, address, value, text }, ticket: 0 });
    else this.#sent.delete(key);
    if (value !== DELIVERY_SENT) this.#onEffect(fx);
  }

  /** All effects are carried out: what is held by now, is held for some ticket. */
  #tellSent() {
    for (const [key, sent] of this.#sent) {
      sent.ticket ||= this.#links.heldTicket;
      if (!this.#links.hasLeft(sent.ticket)) continue;
      this.#sent.delete(key);
      try {
        this.#onEffect(sent.fx);
      } catch (error) {
        this.#onFault(/** @type {Error} */ (error), false);
      }
    }
  }

  #arm() {
    const deadline = this.#core.deadline();
    if (deadline >= this.#timerAt) return; // fires early, then looks again: cheaper than a new timer per message
    this.#disarm();
    if (deadline === Infinity) return;
    const wait = Math.max(0, Math.ceil(deadline - this.#clock.now()));
    this.#timerAt = deadline;
    this.#timer = this.#timers.setTimeout(() => this.#tick(), Math.min(wait, TIMER_MS_MAX));
  }

  #tick() {
    this.#timer = null;
    this.#timerAt = Infinity;
    if (this.#isStopped) return;
    if (this.#core.deadline() <= this.#clock.now()) this.step('TIME');
    else this.#arm();
  }

  #disarm() {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  /** The core is beyond use. @param {Error} error */
  #fail(error) {
    this.#isStopped = true;
    const facts = this.#facts;
    this.#facts = [];
    for (const { done } of facts) done?.(this.#core.errorCode('NKT_E_STATE'));
    this.#disarm();
    this.#end(true);
    this.#core.free();
    this.#onFault(error, true);
  }

  /** @param {boolean} immediate @returns {Promise<void>} when no connection is open any more */
  #end(immediate) {
    this.#links.clear();
    this.#sent.clear();
    this.#sockets.closeAll();
    return this.#rtc.closeAll(immediate);
  }
}

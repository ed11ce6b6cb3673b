// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Calls of others: what register() lets them call, and the limits that keep one of them from taking everything.
 */
import { messageOf, NktError } from './errors.js';
import { checkSize, write } from './json.js';
import { sizeOf } from './written.js';

/** Calls of others at work here, until their answers are delivered: in all, and of one user. Above: refused with NKT_E_BUSY. So
 * answers that nobody takes never fill the outbox. */
const WORKING_COUNT_MAX = 128;
const WORKING_PER_USER_MAX = 16;
/** And so many more, one of each user who has none: eight who take no answers do not shut out everybody. */
const WORKING_SPARE_COUNT = 64;

/** A function that has no answer by then, in ms, is not waited for any more. */
const WORKING_MS = 120_000;

/** Calls that one user may begin: at once, and a second. Above: refused with NKT_E_RATE ... */
const RATE_BURST = 100;
const RATE_PER_S = 50;

/** ... as often as this a second; then in silence, for an answer costs more than a call. */
const REFUSAL_PER_S = 10;

/** Users whose rate is remembered; a swarm knows 1024. */
const RATE_USER_COUNT_MAX = 1024;

const NAME_SIZE_MAX = 64; // bytes of UTF-8
const REGISTERED_COUNT_MAX = 256;
export const ERROR_TEXT_MAX = 500; // characters of what a function threw that travel

/** An answer that could not be delivered for so long, in ms, is given up: nobody waits for it any more. */
const ANSWER_MS = 30_000;

const encoder = new TextEncoder();

/**
 * @typedef {object} CallContext what a registered function is told beside the value
 * @property {string} from the proven caller
 * @property {string} name
 *
 * @typedef {object} Answer
 * @property {any} timer
 * @property {() => void} done
 *
 * @typedef {object} Rate
 * @property {number} tokens
 * @property {number} refusals
 * @property {number} at ms
 */

export class TheirCalls {
  #wire;
  #clock;
  #timers;
  /** @type {Map<string, (value: any, context: CallContext) => any>} */
  #registered = new Map();
  /** Answers until they are delivered or given up, by ticket. @type {Map<number, Answer>} */
  #travelling = new Map();
  /** At work, by user. @type {Map<string, number>} */
  #working = new Map();
  #workingCount = 0;
  /** Ends the waiting for each of those functions. @type {Set<() => void>} */
  #stops = new Set();
  /** @type {Map<string, Rate>} */
  #rates = new Map();
  /** Raised by reset(): what was begun before is answered to nobody. */
  #life = 0;

  /** @param {{wire: import('./rpc.js').Wire, clock: {now(): number}, timers: any}} parts */
  constructor({ wire, clock, timers }) {
    this.#wire = wire;
    this.#clock = clock;
    this.#timers = timers;
  }

  /**
   * Lets others call fn(value, {from, name}); what it returns, or its promise resolves to, is the answer. One of the same name is
   * replaced.
   * @param {string} name @param {(value: any, context: CallContext) => any} fn
   * @returns {() => boolean} takes it back; false if it was replaced or taken back already
   */
  register(name, fn) {
    checkName(name);
    if (typeof fn !== 'function') throw new NktError('NKT_E_ARGUMENT', 'register: a function is wanted');
    if (!this.#registered.has(name) && this.#registered.size >= REGISTERED_COUNT_MAX) {
      throw new NktError('NKT_E_ARGUMENT', `register: at most ${REGISTERED_COUNT_MAX} names`);
    }
    const own = (value, context) => fn(value, context); // two registrations of one function are two
    this.#registered.set(name, own);
    return () => this.#registered.get(name) === own && this.#registered.delete(name);
  }

  /** A call: carried out, refused, or passed over. @param {string} from @param {{call: string, name: string, value: any}} message */
  async called(from, { call: id, name, value }) {
    if (this.#wire.isMuted(from)) return; // nothing is sent to it, so nothing is done for it
    const life = this.#life;
    const rate = this.#rateOf(from);
    const fn = this.#registered.get(name);
    let refusal = '';
    if (rate.tokens < 1) refusal = 'NKT_E_RATE';
    else if (this.#isBusy(from)) refusal = 'NKT_E_BUSY';
    else if (!fn) refusal = 'NKT_E_UNREGISTERED';
    rate.tokens = Math.max(0, rate.tokens - 1);
    if (refusal !== '' || !fn) {
      if (rate.refusals < 1) return;
      rate.refusals--;
      this.#answer(from, id, refused(refusal), () => {});
      return;
    }
    this.#work(from, 1);
    const answer = await this.#run(() => fn(value, { from, name }));
    if (life === this.#life) this.#answer(from, id, answer, () => this.#work(from, -1));
  }

  /** @param {string} from */
  #isBusy(from) {
    const own = this.#working.get(from) ?? 0;
    return own >= WORKING_PER_USER_MAX || this.#workingCount >= WORKING_COUNT_MAX + (own === 0 ? WORKING_SPARE_COUNT : 0);
  }

  /** @param {() => any} call @returns {Promise<string>} the answer's part of a message. Never rejects */
  async #run(call) {
    /** @type {() => void} */
    let stop = () => {};
    const late = new Promise((resolve) => {
      const timer = this.#timers.setTimeout(() => resolve(refused('NKT_E_TIMEOUT')), WORKING_MS);
      stop = () => {
        this.#timers.clearTimeout(timer);
        this.#stops.delete(stop);
        resolve('');
      };
    });
    this.#stops.add(stop);
    const run = async () => {
      let value;
      try {
        value = await call();
      } catch (error) {
        return refused('NKT_E_REMOTE', messageOf(error, ERROR_TEXT_MAX));
      }
      try {
        const written = write(value ?? null, 'answer');
        if (written.parts.length > 0) checkSize(written.size, 'the answer'); // before it is read, and becomes text
        await written.read(this.#timers, late);
        return `"value":${written.json()}`;
      } catch (error) {
        const { code, message } = /** @type {NktError} */ (error);
        return refused(code, message.slice(0, ERROR_TEXT_MAX));
      }
    };
    const answer = await Promise.race([run(), late]);
    stop();
    return answer;
  }

  /** @param {string} from @param {number} change */
  #work(from, change) {
    const count = (this.#working.get(from) ?? 0) + change;
    if (count > 0) this.#working.set(from, count);
    else this.#working.delete(from);
    this.#workingCount += change;
  }

  /** Refilled to this moment. @param {string} from @returns {Rate} */
  #rateOf(from) {
    const now = this.#clock.now();
    const rate = this.#rates.get(from) ?? { tokens: RATE_BURST, refusals: REFUSAL_PER_S, at: now };
    const seconds = (now - rate.at) / 1000;
    rate.tokens = Math.min(RATE_BURST, rate.tokens + seconds * RATE_PER_S);
    rate.refusals = Math.min(REFUSAL_PER_S, rate.refusals + seconds * REFUSAL_PER_S);
    rate.at = now;
    this.#rates.delete(from);
    this.#rates.set(from, rate); // the one heard longest ago comes first
    if (this.#rates.size > RATE_USER_COUNT_MAX) this.#rates.delete(/** @type {string} */ (this.#rates.keys().next().value));
    return rate;
  }

  /** A delivery state of a ticket changed. @param {number} ticket @param {string} state @returns {boolean} whether it is one of these */
  delivery(ticket, state) {
    if (!this.#travelling.has(ticket)) return false;
    if (state === 'failed' || state === 'delivered') this.#forget(ticket);
    return true;
  }

  /** The peer stopped: nobody gets an answer. */
  reset() {
    this.#life++;
    for (const ticket of [...this.#travelling.keys()]) this.#forget(ticket);
    for (const stop of [...this.#stops]) stop();
    this.#working.clear();
    this.#workingCount = 0;
    this.#rates.clear();
  }

  /** @param {number} ticket */
  #forget(ticket) {
    const one = this.#travelling.get(ticket);
    this.#travelling.delete(ticket);
    if (one === undefined) return;
    this.#timers.clearTimeout(one.timer);
    one.done();
  }

  /** @param {string} to @param {string} id @param {string} answer @param {() => void} done delivered or given up */
  #answer(to, id, answer, done) {
    const ticket = this.#wire.ticket();
    const timer = this.#timers.setTimeout(() => {
      this.#forget(ticket);
      this.#wire.cancel(ticket, to);
    }, ANSWER_MS);
    this.#travelling.set(ticket, { timer, done });
    try {
      const text = `{"answer":"${id}",${answer}}`;
      checkSize(sizeOf(text), 'the answer');
      this.#wire.say(ticket, to, text);
    } catch (error) {
      this.#forget(ticket); // gone, or muted meanwhile: the caller's time-out tells
      const { code, message } = /** @type {NktError} */ (error);
      if (code === 'NKT_E_SIZE') this.#answer(to, id, refused(code, message), () => {});
    }
  }
}

/** @param {string} code @param {string} [message] @returns {string} the answer's part of a message */
function refused(code, message) {
  return `"error":${JSON.stringify({ code, message })}`;
}

/** @param {any} name */
export function checkName(name) {
  if (typeof name !== 'string' || name === '' || encoder.encode(name).length > NAME_SIZE_MAX) {
    throw new NktError('NKT_E_ARGUMENT', `the name of a call is text of 1 to ${NAME_SIZE_MAX} bytes`);
  }
}

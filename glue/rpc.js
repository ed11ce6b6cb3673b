// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Remote calls: register() and rpc(). Calls and answers travel as encrypted messages that carry NKT_SAY_CALL inside the encryption;
 * they are no messages to people, and no message can be taken for one. The core delivers each at most once.
 */
import { GLUE_ERRORS, NktError } from './errors.js';
import { checkSize, toJson } from './json.js';

/** Calls of ours without an answer yet. */
const PENDING_COUNT_MAX = 256;

/** Calls of others at work here, until their answers are delivered: in all, and of one user. Above: refused with NKT_E_BUSY. So
 * answers that nobody takes never fill the outbox. */
const WORKING_COUNT_MAX = 128;
const WORKING_PER_USER_MAX = 16;

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
const ERROR_TEXT_MAX = 500; // characters of what a function threw that travel
const TIMEOUT_MS = 30_000;
const TIMEOUT_MS_MAX = 0x7fffffff;

/** An answer that could not be delivered for so long, in ms, is given up: nobody waits for it any more. */
const ANSWER_MS = 30_000;

/** What may go wrong at the other side, as rpc() rejects. */
const REMOTE_ERRORS = Object.freeze({
  NKT_E_UNREGISTERED: GLUE_ERRORS.NKT_E_UNREGISTERED,
  NKT_E_REMOTE: GLUE_ERRORS.NKT_E_REMOTE,
  NKT_E_BUSY: GLUE_ERRORS.NKT_E_BUSY,
  NKT_E_RATE: 'more calls than are allowed there',
  NKT_E_SIZE: 'the answer is larger than the size limit',
  NKT_E_VALUE: 'the answer is no JSON value',
  NKT_E_TIMEOUT: 'the function called did not come to an end',
});

const encoder = new TextEncoder();

/**
 * @typedef {object} CallContext what a registered function is told beside the value
 * @property {string} from the proven caller
 * @property {string} name
 *
 * @typedef {object} Pending
 * @property {string} to
 * @property {number} ticket
 * @property {(value: any) => void} resolve
 * @property {(error: NktError) => void} reject
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

/**
 * @typedef {object} Wire how calls travel
 * @property {() => number} ticket a new one
 * @property {(ticket: number, to: string, text: string) => void} say throws NktError
 * @property {(ticket: number, to: string) => void} cancel
 * @property {(text: string) => boolean} isAddress throws NktError when the peer does not run
 * @property {(addr: string) => boolean} isMuted
 * @property {(addr: string) => boolean} isIgnored nothing of it is heard, so no answer
 */

export class Calls {
  #wire;
  #clock;
  #timers;
  #crypto;
  /** @type {Map<string, (value: any, context: CallContext) => any>} */
  #registered = new Map();
  /** Ours, by their id. @type {Map<string, Pending>} */
  #pending = new Map();
  /** Those, and answers until they are delivered or given up, by ticket. @type {Map<number, Pending|Answer>} */
  #travelling = new Map();
  /** Calls of others at work, by user. @type {Map<string, number>} */
  #working = new Map();
  #workingCount = 0;
  /** Ends the waiting for each of those functions. @type {Set<() => void>} */
  #stops = new Set();
  /** @type {Map<string, Rate>} */
  #rates = new Map();
  /** Raised by reset(): what was begun before is answered to nobody. */
  #life = 0;

  /** @param {{wire: Wire, clock: {now(): number}, timers: any, crypto: any}} parts */
  constructor({ wire, clock, timers, crypto }) {
    this.#wire = wire;
    this.#clock = clock;
    this.#timers = timers;
    this.#crypto = crypto;
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

  /**
   * @param {string} to @param {string} name @param {unknown} value @param {{timeout?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<any>} the answer; rejects with NktError
   */
  async call(to, name, value, { timeout = TIMEOUT_MS, signal } = {}) {
    if (!this.#wire.isAddress(to)) throw new NktError('NKT_E_ADDRESS', 'the first argument of rpc() is an address');
    checkName(name);
    if (this.#wire.isIgnored(to)) throw new NktError('NKT_E_IGNORED', GLUE_ERRORS.NKT_E_IGNORED);
    if (!Number.isFinite(timeout) || timeout <= 0 || timeout > TIMEOUT_MS_MAX) {
      throw new NktError('NKT_E_ARGUMENT', 'timeout is a number of milliseconds above 0');
    }
    const cancelled = () => new NktError('NKT_E_CANCELLED', `${name}: cancelled`, { cause: signal?.reason });
    if (signal?.aborted) throw cancelled();
    if (this.#pending.size >= PENDING_COUNT_MAX) {
      throw new NktError('NKT_E_BUSY', `${PENDING_COUNT_MAX} calls have no answer yet`);
    }
    const id = this.#newId();
    const text = checkSize(`{"call":"${id}","name":${JSON.stringify(name)},"value":${toJson(value ?? null)}}`, 'the call');
    const ticket = this.#wire.ticket();
    const giveUp = (error) => this.#giveUp(id, error);
    const onAbort = () => giveUp(cancelled());
    const timer = this.#timers.setTimeout(() => giveUp(new NktError('NKT_E_TIMEOUT', `${name}: no answer in ${timeout} ms`)), timeout);
    signal?.addEventListener('abort', onAbort);
    try {
      return await new Promise((resolve, reject) => {
        const pending = { to, ticket, resolve, reject };
        this.#pending.set(id, pending);
        this.#travelling.set(ticket, pending);
        this.#wire.say(ticket, to, text);
      });
    } finally {
      this.#pending.delete(id);
      this.#travelling.delete(ticket);
      this.#timers.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** A message with NKT_SAY_CALL came. @param {string} from @param {any} message @returns {boolean} whether it is well-formed */
  receive(from, message) {
    if (message === null || typeof message !== 'object') return false;
    if (isId(message.answer)) return this.#answered(from, message);
    if (!isId(message.call) || typeof message.name !== 'string' || !Object.hasOwn(message, 'value')) return false;
    this.#called(from, message);
    return true;
  }

  /** A delivery state of a ticket changed. @param {number} ticket @param {string} state @param {string} reason
   * @returns {boolean} whether it is one of a call or an answer */
  delivery(ticket, state, reason) {
    const one = this.#travelling.get(ticket);
    if (one === undefined) return false;
    if (state === 'failed' && 'reject' in one) one.reject(new NktError('NKT_E_UNDELIVERED', reason || 'not delivered'));
    if (state === 'failed' || (state === 'delivered' && 'timer' in one)) this.#forget(ticket);
    return true;
  }

  /** The peer stopped: nothing that waits gets an answer. @param {NktError} error */
  reset(error) {
    this.#life++;
    for (const { reject } of this.#pending.values()) reject(error);
    for (const ticket of [...this.#travelling.keys()]) this.#forget(ticket);
    for (const stop of [...this.#stops]) stop();
    this.#working.clear();
    this.#workingCount = 0;
    this.#rates.clear();
  }

  #newId() {
    let id = '';
    for (const byte of this.#crypto.getRandomValues(new Uint8Array(12))) id += byte.toString(16).padStart(2, '0');
    return id;
  }

  /** @param {number} ticket */
  #forget(ticket) {
    const one = this.#travelling.get(ticket);
    this.#travelling.delete(ticket);
    if (one === undefined || !('timer' in one)) return;
    this.#timers.clearTimeout(one.timer);
    one.done();
  }

  /** @param {string} id @param {NktError} error */
  #giveUp(id, error) {
    const pending = this.#pending.get(id);
    if (!pending) return;
    pending.reject(error);
    this.#wire.cancel(pending.ticket, pending.to); // so that it does not run when nobody waits for it
  }

  /** An answer: only of whom was asked, and only the first. @param {string} from @param {any} message */
  #answered(from, message) {
    const pending = this.#pending.get(message.answer);
    if (!pending || pending.to !== from) return true; // late, or not asked for
    const { error } = message;
    if (error === undefined) {
      pending.resolve(message.value);
      return true;
    }
    const code = Object.hasOwn(REMOTE_ERRORS, error?.code) ? error.code : 'NKT_E_REMOTE';
    const said = typeof error?.message === 'string' && error.message !== '' ? error.message.slice(0, ERROR_TEXT_MAX) : REMOTE_ERRORS[code];
    pending.reject(new NktError(code, said));
    return true;
  }

  /** @param {string} from @param {{call: string, name: string, value: any}} message */
  async #called(from, { call: id, name, value }) {
    if (this.#wire.isMuted(from)) return; // nothing is sent to it, so nothing is done for it
    const life = this.#life;
    const rate = this.#rateOf(from);
    const fn = this.#registered.get(name);
    let refusal = '';
    if (rate.tokens < 1) refusal = 'NKT_E_RATE';
    else if (this.#workingCount >= WORKING_COUNT_MAX || (this.#working.get(from) ?? 0) >= WORKING_PER_USER_MAX) refusal = 'NKT_E_BUSY';
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
        return refused('NKT_E_REMOTE', String(/** @type {any} */ (error)?.message ?? error).slice(0, ERROR_TEXT_MAX));
      }
      try {
        return `"value":${toJson(value ?? null, 'answer')}`;
      } catch (error) {
        return refused('NKT_E_VALUE', /** @type {NktError} */ (error).message.slice(0, ERROR_TEXT_MAX));
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

  /** @param {string} to @param {string} id @param {string} answer @param {() => void} done delivered or given up */
  #answer(to, id, answer, done) {
    const ticket = this.#wire.ticket();
    const timer = this.#timers.setTimeout(() => {
      this.#forget(ticket);
      this.#wire.cancel(ticket, to);
    }, ANSWER_MS);
    this.#travelling.set(ticket, { timer, done });
    try {
      this.#wire.say(ticket, to, checkSize(`{"answer":"${id}",${answer}}`, 'the answer'));
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
function checkName(name) {
  if (typeof name !== 'string' || name === '' || encoder.encode(name).length > NAME_SIZE_MAX) {
    throw new NktError('NKT_E_ARGUMENT', `the name of a call is text of 1 to ${NAME_SIZE_MAX} bytes`);
  }
}

/** @param {any} id */
function isId(id) {
  return typeof id === 'string' && /^[0-9a-f]{24}$/.test(id);
}

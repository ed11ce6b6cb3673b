// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The run at work, if there is one: what everything else asks of it, and why it refused.
 */
import { GLUE_ERRORS, NktError } from './errors.js';

/** @typedef {import('./run.js').Run} Run */

export class Current {
  /** @type {Run|null} */
  #run = null;
  /** What ended the last run, if a fault did. @type {NktError|null} */
  #fault = null;
  #ticket = 0;

  /** @returns {Run|null} */
  get run() {
    return this.#run;
  }

  /** @param {Run} run */
  begin(run) {
    this.#run = run;
    this.#fault = null;
  }

  /** @param {NktError|null} [fault] what ended it, if something did */
  end(fault = null) {
    this.#run = null;
    this.#fault = fault ?? this.#fault;
  }

  /** @returns {Run} throws NKT_E_STATE */
  running() {
    if (this.#run === null) throw notRunning();
    return this.#run;
  }

  /** One that can make links. @returns {Run} throws NKT_E_STATE, NKT_E_NO_WEBRTC */
  linking() {
    const run = this.running();
    if (!run.rtc.isPossible) throw new NktError('NKT_E_NO_WEBRTC', GLUE_ERRORS.NKT_E_NO_WEBRTC);
    return run;
  }

  /** A number for the core to answer under; never 0. */
  nextTicket() {
    this.#ticket = (this.#ticket + 1) >>> 0 || 1;
    return this.#ticket;
  }

  /** Steps; throws what the core refuses. @param {string} kind @param {object} fields */
  request(kind, fields) {
    const run = this.running();
    const answer = run.driver.ask(kind, fields);
    if (answer < 0) throw this.errorOf(run, answer);
  }

  /** Why a call had no success. @param {number} code @param {string} [reason] @returns {NktError} */
  error(code, reason) {
    return this.errorOf(this.#run, code, reason);
  }

  /** The same of a run that may have ended meanwhile. @param {Run|null} run @param {number} code @param {string} [reason] */
  errorOf(run, code, reason) {
    if (this.#run === null && this.#fault !== null) return this.#fault;
    return run === null ? notRunning() : run.core.error(code, reason);
  }
}

function notRunning() {
  return new NktError('NKT_E_STATE', 'not running: call init(), and wait for it');
}

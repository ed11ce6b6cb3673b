// SPDX-License-Identifier: GPL-3.0-or-later
// A token bucket that may be overdrawn: what is spent was already read, so the question is how long
// to read nothing more.

export class Budget {
  /** Bytes of work left; negative: debt. */
  credit;
  #creditMs;

  /** @param {number} burst @param {number} nowMs */
  constructor(burst, nowMs) {
    this.credit = burst;
    this.#creditMs = nowMs;
  }

  /**
   * @param {number} work bytes
   * @param {number} rate bytes a second @param {number} burst bytes
   * @param {number} nowMs
   * @returns {number} what is left; negative: debt
   */
  spend(work, rate, burst, nowMs) {
    if (nowMs > this.#creditMs) {
      this.credit = Math.min(burst, this.credit + ((nowMs - this.#creditMs) * rate) / 1000);
      this.#creditMs = nowMs;
    }
    this.credit -= work;
    return this.credit;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A token bucket that may be overdrawn: what is spent was already read, so the question is how long
// to read nothing more. It lives in two fields of its owner (there are 10,000 of them), whole numbers
// both: V8 keeps others on the heap.

/**
 * @typedef {object} Budget
 * @property {number} credit bytes of work left; negative: debt
 * @property {number} creditMs when that was so
 */

/**
 * @param {Budget} owner
 * @param {number} work bytes
 * @param {number} rate bytes a second @param {number} burst bytes
 * @param {number} nowMs
 * @returns {number} what is left; negative: debt
 */
export function spend(owner, work, rate, burst, nowMs) {
  const passedMs = Math.floor(nowMs) - owner.creditMs;
  if (passedMs > 0) {
    owner.credit = Math.min(burst, owner.credit + Math.floor((passedMs * rate) / 1000));
    owner.creditMs += passedMs;
  }
  owner.credit -= Math.ceil(work);
  return owner.credit;
}

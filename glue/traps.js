// SPDX-License-Identifier: GPL-3.0-or-later
/** Faults that ended a core: remembered for health(), counted so that a fault that comes back does not start it for ever. */

/** Remembered at most. */
const COUNT_MAX = 5;

/** Started again at most so often within so many ms. */
const RESTART_COUNT_MAX = 3;
const RESTART_MS = 60_000;

export class Traps {
  /** @type {Array<{at: number, message: string}>} */
  #list = [];
  /** When those were, by the clock that nobody sets: the newest last. @type {number[]} */
  #times = [];

  get list() {
    return [...this.#list];
  }

  /** @param {number} at Unix ms, for people @param {string} message @param {number} now monotonic ms */
  add(at, message, now) {
    const trap = { at, message };
    this.#list.push(trap);
    this.#times.push(now);
    if (this.#list.length > COUNT_MAX) this.#list.shift();
    if (this.#times.length > COUNT_MAX) this.#times.shift();
    return trap;
  }

  /** Whether the last one may be answered by starting again. @param {number} now monotonic ms @returns {boolean} */
  mayRestart(now) {
    return this.#times.filter((at) => at > now - RESTART_MS).length <= RESTART_COUNT_MAX;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A gate: who comes while it is shut waits until it opens.
 */
export class Gate {
  #isShut = false;
  /** @type {Array<() => void>} */
  #waiting = [];

  /** @param {boolean} isShut */
  set(isShut) {
    this.#isShut = isShut;
    if (isShut) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** @returns {Promise<void>|null} null: it is open */
  pass() {
    return this.#isShut ? new Promise((resolve) => this.#waiting.push(() => resolve(undefined))) : null;
  }
}

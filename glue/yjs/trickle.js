// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * When to tell what one has: the Trickle algorithm (RFC 6206). Often after a change, seldom when all have the same, and not at all
 * when others have just said it.
 */

/** Of an interval, in ms: after a change, and at rest, after which a loss that nobody noticed is found. */
const INTERVAL_MIN_MS = 500;
const INTERVAL_MAX_MS = 30_000;

/** Who has heard the same from so many in an interval need not say it. */
const REDUNDANCY = 2;

export class Trickle {
  #tell;
  #interval = INTERVAL_MIN_MS;
  #heard = 0;
  #isRunning = false;
  /** @type {any} */
  #timer;

  /** @param {() => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  start() {
    this.#isRunning = true;
    this.#interval = INTERVAL_MIN_MS;
    this.#begin();
  }

  stop() {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  /** Somebody has the same. */
  agree() {
    this.#heard++;
  }

  /** Something changed here, or somebody has something else. */
  disagree() {
    if (!this.#isRunning || this.#interval === INTERVAL_MIN_MS) return;
    this.start();
  }

  /** It could not be told now: in the next interval, which is as short. */
  again() {
    if (this.#isRunning) this.#begin();
  }

  #begin() {
    clearTimeout(this.#timer);
    this.#heard = 0;
    const wait = this.#interval * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => {
        this.#interval = Math.min(2 * this.#interval, INTERVAL_MAX_MS);
        this.#begin();
      }, this.#interval - wait);
      if (this.#heard < REDUNDANCY) this.#tell();
    }, wait);
  }
}

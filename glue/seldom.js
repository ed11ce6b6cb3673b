// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Something that is done at most once in a while, and after the last time it was asked for.
 */
export class Seldom {
  #timer = null;
  #doneAt = -Infinity;
  #parts;

  /**
   * @param {{timers: {setTimeout(f: () => void, ms: number): any}, clock: {now(): number}, waitMs: number, run: () => void}} parts
   *   waitMs: between two runs
   */
  constructor(parts) {
    this.#parts = parts;
  }

  ask() {
    const { timers, clock, waitMs, run } = this.#parts;
    if (this.#timer !== null) return;
    this.#timer = timers.setTimeout(() => {
      this.#timer = null;
      this.#doneAt = clock.now();
      run();
    }, Math.max(0, this.#doneAt + waitMs - clock.now()));
  }
}

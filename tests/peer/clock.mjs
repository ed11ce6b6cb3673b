// SPDX-License-Identifier: GPL-3.0-or-later
// A peer's own time (docs/protocol.md, section 6): begun at its wall clock, never going back.

export class OwnTime {
  #wall;
  #last = 0;

  /** @param {() => number} [wall] Unix time in ms */
  constructor(wall = Date.now) {
    this.#wall = wall;
  }

  /** Unix time as the machine has it. */
  get wallMs() {
    return this.#wall();
  }

  get nowMs() {
    return (this.#last = Math.max(this.#last, this.#wall()));
  }

  /** Later than all that it was asked before: for sequences and epochs. */
  nextMs() {
    return (this.#last = Math.max(this.#last + 1, this.#wall()));
  }
}

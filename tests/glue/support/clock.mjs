// SPDX-License-Identifier: GPL-3.0-or-later
// Virtual time: a clock and its timers.

export class VirtualTime {
  nowMs = 1000;
  wallMs = 1_700_000_000_000;
  #timers = new Map();
  #last = 0;

  clock = { now: () => this.nowMs, wall: () => this.wallMs };

  timers = {
    setTimeout: (f, ms) => {
      this.#timers.set(++this.#last, { at: this.nowMs + ms, f });
      return this.#last;
    },
    clearTimeout: (timer) => this.#timers.delete(timer),
  };

  get timerCount() {
    return this.#timers.size;
  }

  /** Passes time and fires what is due, in order. @param {number} ms */
  pass(ms) {
    const end = this.nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#move(Math.max(this.nowMs, due[1].at));
      due[1].f();
    }
    this.#move(end);
  }

  #move(nowMs) {
    this.wallMs += nowMs - this.nowMs;
    this.nowMs = nowMs;
  }
}

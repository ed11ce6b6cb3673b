// SPDX-License-Identifier: GPL-3.0-or-later
// How late this process is: whoever waits for a frame waits as long. Of the last one to two minutes, whoever asks and however often.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const LOOK_MS = 20; // a timer of it is what is measured: 50 looks a second are a thousandth of a processor
const WINDOW_MS = 60_000;

/** @typedef {{p50: number, p99: number, max: number}} Lateness in seconds */

export class Lag {
  #now = monitorEventLoopDelay({ resolution: LOOK_MS });
  #before = monitorEventLoopDelay({ resolution: LOOK_MS }); // of the window before this one; not enabled any more

  constructor() {
    this.#now.enable();
    setInterval(() => this.#turn(), WINDOW_MS).unref();
  }

  #turn() {
    this.#now.disable();
    [this.#before, this.#now] = [this.#now, this.#before];
    this.#now.reset();
    this.#now.enable();
  }

  /** The worse of the two windows. @returns {Lateness} */
  look() {
    const both = [this.#now, this.#before].filter(({ count }) => count > 0);
    const worst = (/** @type {(window: import('node:perf_hooks').IntervalHistogram) => number} */ read) =>
      Math.max(0, ...both.map((window) => read(window) / 1e9 - LOOK_MS / 1000));
    return { p50: worst((one) => one.percentile(50)), p99: worst((one) => one.percentile(99)), max: worst(({ max }) => max) };
  }
}

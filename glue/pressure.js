// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Watches how much a socket or data channel has queued, and says when it is too much and when it has drained.
 */

/** Above this many queued bytes a link is under pressure. Chromium's send() throws above 16 MiB. */
export const PRESSURE_SIZE_HIGH = 1 << 20;

/** Below this many it is free again. */
export const PRESSURE_SIZE_LOW = 64 << 10;

/** How often to look while under pressure, in ms. WebSocket and the Node WebRTC have no event for it. */
const LOOK_MS = 25;

export class Pressure {
  #queued;
  #timers;
  #report;
  #timer = null;

  /**
   * @param {() => number} queued bytes
   * @param {{setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}} timers
   * @param {(value: 0|1) => void} report
   */
  constructor(queued, timers, report) {
    this.#queued = queued;
    this.#timers = timers;
    this.#report = report;
  }

  /** To be called after every send. */
  sent() {
    if (this.#timer !== null || this.#queued() <= PRESSURE_SIZE_HIGH) return;
    this.#wait();
    this.#report(1);
  }

  /** Looks now. */
  look() {
    if (this.#timer === null) return;
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#queued() > PRESSURE_SIZE_LOW) this.#wait();
    else this.#report(0);
  }

  close() {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait() {
    this.#timer = this.#timers.setTimeout(() => this.look(), LOOK_MS);
  }
}

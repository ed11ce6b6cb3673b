// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Watches how much a socket or data channel has queued: says when it is too much and when it has drained, and, of what goes out in
 * bulk, when there is room for more. The only owner of a channel's threshold: one event serves both.
 */
import { BULK_LOW_SIZE } from './constants.js';

/** Above this many queued bytes a link is under pressure. Chromium's send() throws above 16 MiB. */
export const PRESSURE_SIZE_HIGH = 1 << 20;

/** Below this many it is free again. */
export const PRESSURE_SIZE_LOW = 64 << 10;

/** How often to look while under pressure, in ms. WebSocket and the Node WebRTC have no event for it. */
const LOOK_MS = 25;

/** The same while a content goes out: what has drained by then is the line's to fill. A channel with the event is not waited for so. */
const BULK_LOOK_MS = 4;

/** Less than this is told of when nothing is left, in bytes. */
const BULK_STEP_MIN = 32 << 10;

/**
 * @typedef {object} Parts
 * @property {() => number} queued bytes
 * @property {{setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}} timers
 * @property {(value: 0|1) => void} report LINK_PRESSURE
 * @property {(size: number) => void} [reportQueued] LINK_QUEUED
 * @property {(size: number) => void} [aim] asks for look() when so many bytes are left; none: there is no such event
 */

export class Pressure {
  #parts;
  #timer = null;
  #waitMs = 0;
  #isPressed = false;
  /** What was sent in bulk: waited for until so many bytes are left; -1: nothing is waited for. */
  #bulk = -1;
  #isAsked = false;
  #aimed = -1;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** To be called after every send. @param {boolean} [isBulk] part of a content: it is told when there is room for more */
  sent(isBulk = false) {
    const { queued, report } = this.#parts;
    if (isBulk) this.#askSoon();
    if (this.#isPressed || queued() <= PRESSURE_SIZE_HIGH) return;
    this.#isPressed = true;
    this.#wait();
    report(1);
  }

  /** Looks now. */
  look() {
    if (this.#isPressed) this.#lookAtPressure();
    if (this.#bulk >= 0) this.#lookAtBulk();
    this.#wait();
  }

  close() {
    if (this.#timer !== null) this.#parts.timers.clearTimeout(this.#timer);
    this.#timer = null;
    this.#isPressed = false;
    this.#bulk = -1;
  }

  #lookAtPressure() {
    if (this.#parts.queued() > PRESSURE_SIZE_LOW) return;
    this.#isPressed = false;
    this.#parts.report(0);
  }

  /** When all that is sent in this step is. */
  #askSoon() {
    this.#bulk = BULK_LOW_SIZE;
    if (this.#isAsked) return;
    this.#isAsked = true;
    queueMicrotask(() => {
      this.#isAsked = false;
      if (this.#bulk >= 0) this.look();
    });
  }

  /** As soon as little is left, then half of that, and when nothing is. */
  #lookAtBulk() {
    const size = this.#parts.queued();
    if (size > this.#bulk) return;
    this.#bulk = size > 0 ? (size > BULK_STEP_MIN ? size >> 1 : 0) : -1;
    this.#parts.reportQueued?.(size);
  }

  #wait() {
    const { timers, aim } = this.#parts;
    const threshold = this.#bulk >= 0 ? this.#bulk : PRESSURE_SIZE_LOW;
    if (aim && threshold !== this.#aimed) aim(threshold);
    this.#aimed = threshold;
    const isWaiting = this.#isPressed || this.#bulk >= 0;
    const ms = this.#bulk >= 0 && !aim ? BULK_LOOK_MS : LOOK_MS;
    if (this.#timer !== null && isWaiting && ms >= this.#waitMs) return; // it looks, and waits on: cheaper than a timer for each part
    if (this.#timer !== null) timers.clearTimeout(this.#timer);
    this.#timer = null;
    if (!isWaiting) return;
    this.#waitMs = ms;
    this.#timer = timers.setTimeout(() => {
      this.#timer = null;
      this.look();
    }, ms);
  }
}

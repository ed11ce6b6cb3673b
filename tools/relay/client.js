// SPDX-License-Identifier: GPL-3.0-or-later
import { Outlet } from './outlet.js';

/** One connected socket. There are 10,000 of these: what every one has is paid 10,000 times. */
export class Client extends Outlet {
  /** @type {string | null} null until HELLO */
  address = null;
  missedPings = 0;
  isPaused = false;
  /** It said HELLO while other relays could not be reached. */
  isUnheard = false;

  /**
   * @param {import('./relay.js').Relay} relay
   * @param {import('ws').WebSocket} ws
   * @param {import('node:net').Socket} socket the one under it
   * @param {import('./visitors.js').Visitor} visitor
   * @param {number} credit
   * @param {number} nowMs
   */
  constructor(relay, ws, socket, visitor, credit, nowMs) {
    super(relay, ws, socket);
    this.visitor = visitor;
    this.credit = credit;
    this.creditMs = Math.floor(nowMs);
  }

  cutOff() {
    this.relay.counters.stalled += 1;
    super.cutOff();
  }

  /** Is not read for a while: what it sends waits in its own socket. @param {number} ms */
  pause(ms) {
    if (this.isPaused) return;
    this.isPaused = true;
    this.ws.pause();
    setTimeout(() => {
      this.isPaused = false;
      this.ws.resume();
    }, ms).unref();
  }
}

/**
 * What a frame costs, in bytes: reading it, and writing it to so many.
 * @param {number} size
 * @param {number} receiverCount
 * @param {typeof import('./limits.js').limits} limits
 */
export function workOf(size, receiverCount, { frameWork, writeDiscount }) {
  return frameWork + size + (size * receiverCount) / writeDiscount;
}

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
  /** It has proved its address. */
  isProven = false;
  /** It was asked for a sign of life and gave none yet. */
  isAsked = false;
  /** What it waits for. @type {import('./claims.js').Claim | null} */
  claim = null;

  /**
   * @param {import('./relay.js').Relay} relay
   * @param {import('ws').WebSocket} ws
   * @param {import('node:net').Socket} socket the one under it
   * @param {import('./visitors.js').Visitor} visitor
   * @param {number} number which no other has or had
   * @param {number} credit
   * @param {number} nowMs
   */
  constructor(relay, ws, socket, visitor, number, credit, nowMs) {
    super(relay, ws, socket);
    this.visitor = visitor;
    this.number = number;
    this.credit = credit;
    this.creditMs = Math.floor(nowMs);
  }

  /** It lives. */
  heard() {
    this.missedPings = 0;
    this.isAsked = false;
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

// SPDX-License-Identifier: GPL-3.0-or-later

/** One connected socket. */
export class Client {
  /** @type {string | null} */
  room = null;
  /** @type {string | null} null until HELLO */
  address = null;
  missedPings = 0;

  /**
   * @param {import('ws').WebSocket} ws
   * @param {import('./outlet.js').Outlet} outlet
   */
  constructor(ws, outlet) {
    this.ws = ws;
    this.outlet = outlet;
  }
}

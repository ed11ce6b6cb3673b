// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * WebSockets, for relays and trackers: opens, sends, reports.
 */
import { DATA_SIZE_MAX, SEND_TEXT } from './constants.js';
import { Pressure } from './pressure.js';

/** For the constructor of the package ws; others ignore it. No compression: sizes must stay what they are. */
const WS_OPTIONS = Object.freeze({ maxPayload: DATA_SIZE_MAX, perMessageDeflate: false });

const OPEN = 1;

const decoder = new TextDecoder();

export class Sockets {
  #WebSocket;
  #timers;
  #report;
  /** @type {Map<number, {socket: WebSocket, pressure: Pressure, reason: string}>} */
  #sockets = new Map();

  /**
   * @param {object} parts
   * @param {any} parts.WebSocket constructor; null where there is none: every link fails with a reason
   * @param {{setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}} parts.timers
   * @param {(kind: string, fields: object) => void} parts.report facts for the core
   */
  constructor({ WebSocket, timers, report }) {
    this.#WebSocket = WebSocket;
    this.#timers = timers;
    this.#report = report;
  }

  get count() {
    return this.#sockets.size;
  }

  /** @param {number} link @param {string} url */
  open(link, url) {
    let socket;
    try {
      if (!this.#WebSocket) throw new Error('no WebSocket here: init() needs one in its config');
      socket = new this.#WebSocket(url, [], WS_OPTIONS);
    } catch (error) {
      this.#report('LINK_DOWN', { link, text: /** @type {Error} */ (error).message });
      return;
    }
    const pressure = new Pressure({
      queued: () => socket.bufferedAmount, timers: this.#timers, report: (value) => this.#report('LINK_PRESSURE', { link, value }),
    });
    const entry = { socket, pressure, reason: '' };
    this.#sockets.set(link, entry);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#report('LINK_UP', { link });
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#report('LINK_DATA', { link, bytes: data, flags: SEND_TEXT });
      else this.#report('LINK_DATA', { link, bytes: new Uint8Array(data) });
    };
    socket.onerror = (event) => {
      entry.reason = event?.message || ''; // browsers tell nothing
    };
    socket.onclose = (event) => {
      this.#forget(link);
      this.#report('LINK_DOWN', { link, value: event?.code ?? 0, text: entry.reason || closeReason(event) });
    };
  }

  /** @param {number} link @param {Uint8Array} bytes @param {boolean} isText */
  send(link, bytes, isText) {
    const entry = this.#sockets.get(link);
    if (!entry || entry.socket.readyState !== OPEN) return;
    entry.socket.send(isText ? decoder.decode(bytes) : bytes);
    entry.pressure.sent();
  }

  /** Closes and forgets; reports nothing. @param {number} link */
  close(link) {
    const entry = this.#sockets.get(link);
    if (!entry) return;
    this.#forget(link);
    try {
      entry.socket.close();
    } catch {
      // closed already
    }
  }

  closeAll() {
    for (const link of [...this.#sockets.keys()]) this.close(link);
  }

  /** @param {number} link */
  #forget(link) {
    const entry = this.#sockets.get(link);
    this.#sockets.delete(link);
    entry?.pressure.close();
    if (!entry) return;
    const { socket } = entry;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {}; // ws throws what nobody listens to
  }
}

/** @param {{code?: number, reason?: string}|undefined} event @returns {string} for people */
function closeReason(event) {
  if (event?.reason) return event.reason;
  if (event?.code === 1006 || event?.code === undefined) return 'no connection';
  return `closed by the other side (code ${event.code})`;
}

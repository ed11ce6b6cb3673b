// SPDX-License-Identifier: GPL-3.0-or-later
// Who is refused, counted by reason. Pages that may not use this relay are named to the operator as well, who may have forgotten one
// of his own. What is logged was chosen by strangers: short, printable, and seldom.

const TEXT_SIZE_MAX = 100;

/** @param {string | undefined} text a header @returns {string} */
const shown = (text) => (text ?? 'none').replace(/[^\x20-\x7e]/g, '?').slice(0, TEXT_SIZE_MAX);

/** Why a connection, a request or a socket is refused, and what the operator reads beside it. */
export const reasons = Object.freeze({
  busy: 'an IP address opens connections, or asks for files, faster than it may',
  displaced: 'others have more right to its address',
  flood: 'far over its budget',
  full: 'as many sockets as there may be',
  handshake: 'no handshake of WebSocket',
  ip: 'its IP address has as many connections as it may',
  late: 'it did not say HELLO, or prove its address, in time',
  malformed: 'frames or messages that are none',
  origin: 'a page of another origin',
  proof: 'a proof of its address that is none',
  rooms: 'as many rooms as there may be',
  size: 'a message that is too large',
  version: 'another version of the protocol',
});

export class Refusals {
  /** @type {Record<keyof typeof reasons, number>} */
  byReason = /** @type {any} */ (Object.fromEntries(Object.keys(reasons).map((reason) => [reason, 0])));
  /** When each was told of last. @type {Map<string, number>} */
  #toldMs = new Map();
  /** @type {Set<string>} */
  #hints = new Set();
  #limits;
  #log;

  /** @param {{refusalLogMs: number, refusalCountMax: number}} limits @param {(line: string) => void} log */
  constructor(limits, log) {
    this.#limits = limits;
    this.#log = log;
  }

  /** @param {keyof typeof reasons} reason */
  count(reason) {
    this.byReason[reason] += 1;
  }

  /** What is wrong with how this is run, said once. @param {string | null} text of ours alone */
  hint(text) {
    if (text === null || this.#hints.has(text)) return;
    this.#hints.add(text);
    this.#log(text);
  }

  /** @param {{origin?: string, host?: string}} headers @param {string} cure what the operator may do @param {number} [nowMs] */
  note({ origin, host }, cure, nowMs = performance.now()) {
    this.count('origin');
    const key = shown(origin);
    const told = this.#toldMs.get(key);
    if (told !== undefined && nowMs - told < this.#limits.refusalLogMs) return;
    if (told === undefined && this.#toldMs.size >= this.#limits.refusalCountMax) {
      for (const [one, ms] of this.#toldMs) if (nowMs - ms >= this.#limits.refusalLogMs) this.#toldMs.delete(one);
      if (this.#toldMs.size >= this.#limits.refusalCountMax) return; // somebody makes them up: the counter tells
    }
    this.#toldMs.set(key, nowMs);
    this.#log(`refused a page of ${key} (it asked for ${shown(host)}). ${cure}`);
  }
}

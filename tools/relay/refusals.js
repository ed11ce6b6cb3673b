// SPDX-License-Identifier: GPL-3.0-or-later
// Pages that may not use this relay: counted, and named to the operator, who may have forgotten one of his own. What is
// logged was chosen by strangers: short, printable, and seldom.

const TEXT_SIZE_MAX = 100;

/** @param {string | undefined} text a header @returns {string} */
const shown = (text) => (text ?? 'none').replace(/[^\x20-\x7e]/g, '?').slice(0, TEXT_SIZE_MAX);

export class Refusals {
  count = 0;
  /** When each was told of last. @type {Map<string, number>} */
  #toldMs = new Map();
  #limits;
  #log;

  /** @param {{refusalLogMs: number, refusalCountMax: number}} limits @param {(line: string) => void} log */
  constructor(limits, log) {
    this.#limits = limits;
    this.#log = log;
  }

  /** @param {{origin?: string, host?: string}} headers @param {string} cure what the operator may do @param {number} [nowMs] */
  note({ origin, host }, cure, nowMs = performance.now()) {
    this.count += 1;
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

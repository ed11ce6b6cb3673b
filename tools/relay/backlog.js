// SPDX-License-Identifier: GPL-3.0-or-later
// How much waits in all sockets together. Each reader alone may let a megabyte wait; many that read nothing would take
// as many megabytes, and the process with them. So would many that begin a message and never end it.

export class Backlog {
  /** Those for whom something waited when it was last looked, and how much. @type {Map<Outlet, number>} */
  #waiting = new Map();
  #size = 0;
  #sizeMax;
  #sizeOf;

  /** @param {number} sizeMax bytes @param {(outlet: any) => number} [sizeOf] what waits for one; 0 once it is closed */
  constructor(sizeMax, sizeOf = (outlet) => outlet.waitingSize) {
    this.#sizeMax = sizeMax;
    this.#sizeOf = sizeOf;
  }

  /** Bytes, as of the last look at each; at most what really waits and what was written since. */
  get size() {
    return this.#size;
  }

  /** Something was written, or came. @param {Outlet} outlet */
  note(outlet) {
    this.#set(outlet, this.#sizeOf(outlet));
    if (this.#size > this.#sizeMax) this.#lighten();
  }

  /** It is gone. @param {Outlet} outlet */
  forget(outlet) {
    this.#set(outlet, 0);
  }

  #set(outlet, size) {
    const before = this.#waiting.get(outlet) ?? 0;
    if (before === size) return;
    this.#size += size - before;
    if (size > 0) this.#waiting.set(outlet, size);
    else this.#waiting.delete(outlet);
  }

  /** What was read meanwhile does not count; then those with the most go. */
  #lighten() {
    for (const outlet of [...this.#waiting.keys()]) this.#set(outlet, this.#sizeOf(outlet));
    if (this.#size <= this.#sizeMax) return;
    const most = [...this.#waiting].sort(([, a], [, b]) => b - a);
    for (const [outlet] of most) {
      if (this.#size <= this.#sizeMax) return;
      this.forget(outlet);
      outlet.cutOff();
    }
  }
}

/** @typedef {import('./outlet.js').Outlet} Outlet */

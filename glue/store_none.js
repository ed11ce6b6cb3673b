// SPDX-License-Identifier: GPL-3.0-or-later
/** storage: 'none'. The core asks for no PUT then; should one come it counts as done. */
export class NoStore {
  #onDurable;
  #ticket = 0;
  key = null;
  isStrict = false;

  /** @param {{onDurable: (ticket: number) => void}} parts */
  constructor({ onDurable }) {
    this.#onDurable = onDurable;
  }

  get health() {
    return { kind: 'none', state: 'off' };
  }

  about() {}

  /** @returns {Promise<Array<[string, Uint8Array]>>} */
  async open() {
    return [];
  }

  /** @param {number} ticket */
  put(ticket) {
    this.#ticket = ticket;
  }

  commit() {
    if (this.#ticket === 0) return false;
    const ticket = this.#ticket;
    this.#ticket = 0;
    this.#onDurable(ticket);
    return true;
  }

  /** @returns {Promise<Array<[string, Uint8Array]>>} */
  async reopen() {
    return [];
  }

  /** @returns {Promise<Map<string, Uint8Array>>} */
  async rows() {
    return new Map();
  }

  /** Of another room. @param {string} _room @param {{onDurable: (ticket: number) => void}} told */
  beside(_room, told) {
    return new NoStore(told);
  }

  async keep() {}

  async settle() {}

  async flush() {}

  async close() {}
}

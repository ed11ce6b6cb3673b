// SPDX-License-Identifier: GPL-3.0-or-later
// Which positions of a stream were heard: each is shown once (docs/protocol.md, section 9.2).

const SIZE = 4096n;

export class Window {
  #top = 0n;
  #heard = new Set();

  /** @param {bigint} position @returns {boolean} whether it is new */
  take(position) {
    if (position < 1n || position + SIZE <= this.#top || this.#heard.has(position)) return false;
    this.#heard.add(position);
    if (position > this.#top) {
      this.#top = position;
      for (const old of this.#heard) if (old + SIZE <= this.#top) this.#heard.delete(old);
    }
    return true;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Who speaks: what the connections know of how loud it is, so that no sound is decoded twice.

const EVERY_MS = 250;
const LOUD = 0.02; // of 1: above a room's noise, below quiet words
const HOLD_MS = 800; // between words it goes on

export class Levels {
  #onLevels;
  #timer = null;
  #call = null;
  #own = '';
  #heard = new Map(); // address -> when it was loud last

  /** onLevels(Map of address -> whether somebody speaks) */
  constructor(onLevels) {
    this.#onLevels = onLevels;
  }

  watch(call, own) {
    this.#call = call;
    this.#own = own;
    if (call && this.#timer === null) this.#timer = setInterval(() => this.#look(), EVERY_MS);
    if (call) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#heard.clear();
  }

  async #look() {
    const members = [...this.#call?.members.values() ?? []];
    await Promise.all(members.map(async ({ addr, peer, state }) => {
      const { heard, own } = await peer.sound(state.mic || state.camera || state.screen);
      if (heard > LOUD) this.#heard.set(addr, performance.now());
      if (own > LOUD) this.#heard.set(this.#own, performance.now());
    })).catch(() => {}); // one of them is closed
    const now = performance.now();
    this.#onLevels(new Map([...this.#heard].map(([addr, at]) => [addr, now - at < HOLD_MS])));
  }
}

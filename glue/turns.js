// SPDX-License-Identifier: GPL-3.0-or-later
/** One after the other, in the order in which they came: a failure is its own caller's. */
export class Turns {
  /** Of the last one; null: nobody is at work. @type {Promise<void>|null} */
  #last = null;

  get isFree() {
    return this.#last === null;
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} as the work */
  take(work) {
    const turn = this.#last === null ? work() : this.#last.then(work);
    const end = () => {
      if (this.#last === last) this.#last = null;
    };
    const last = turn.then(end, end);
    this.#last = last;
    return turn;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a stage prints, in the order of the stages though they run at the same time.

export class Sheet {
  #lines = [];
  #isShown = false;

  /** @param {string} text */
  write(text) {
    if (this.#isShown) process.stdout.write(text);
    else this.#lines.push(text);
  }

  /** What there is, and from now on everything at once. */
  show() {
    this.#isShown = true;
    for (const text of this.#lines.splice(0)) process.stdout.write(text);
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What becomes of the page that a peer lives in: it goes away, with a good-bye; it may come back as it was (back/forward cache); it was
 * hidden, frozen or offline, and has to look what is still there. In workers and in Node there is nothing of it.
 */

import { deferred } from './deferred.js';
import { closedMeanwhile } from './errors.js';

/** A page hidden for less than this, in ms, has nothing to check on its return. */
const HIDDEN_MS_MIN = 5000;

/**
 * @typedef {object} Parts
 * @property {(EventTarget & {document: Document})|null} page the window
 * @property {() => number} now monotonic ms
 * @property {() => boolean} isRunning
 * @property {() => void} leave at once: nothing that waits comes to its end any more
 * @property {() => Promise<void>} comeBack
 * @property {() => void} wake
 * @property {(error: unknown) => void} failed to come back
 */

export class PageLife {
  #parts;
  /** Takes the listeners away. @type {AbortController|null} */
  #following = null;
  /** Left with the page going away, to be taken up again if it comes back. */
  #isLeft = false;
  /** From then on, until it runs again. @type {ReturnType<typeof deferred>|null} */
  #back = null;
  #hiddenAt = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** The peer is to live as the page does. */
  follow() {
    const { page, now, isRunning, leave, comeBack, wake, failed } = this.#parts;
    if (page === null || this.#following !== null) return;
    this.#following = new AbortController();
    const { signal } = this.#following;
    page.addEventListener('pagehide', () => {
      this.#isLeft = isRunning();
      if (this.#isLeft) this.#back ??= deferred();
      leave();
    }, { signal });
    page.addEventListener('pageshow', (event) => {
      if (!(/** @type {PageTransitionEvent} */ (event)).persisted || !this.#isLeft) return;
      this.#isLeft = false;
      const back = this.#back;
      const end = (/** @type {() => void} */ tell) => {
        if (back !== this.#back || this.#isLeft) return; // closed, or away once more
        this.#back = null;
        tell();
      };
      comeBack().then(() => end(() => back?.resolve()), (error) => end(() => {
        failed(error);
        back?.reject(error);
      }));
    }, { signal });
    page.addEventListener('online', wake, { signal });
    page.document.addEventListener('resume', wake, { signal }); // the browser had frozen the page
    page.document.addEventListener('visibilitychange', () => {
      if (page.document.visibilityState === 'hidden') this.#hiddenAt = now();
      else if (now() - this.#hiddenAt >= HIDDEN_MS_MIN) wake();
    }, { signal });
  }

  /** The peer has left by itself: the page is no concern of it any more. */
  release() {
    this.#following?.abort();
    this.#following = null;
    this.#isLeft = false;
    this.#back?.reject(closedMeanwhile());
    this.#back = null;
  }

  /** What the page cut short by going away is through when it is back. @param {() => Promise<void>} start @returns {Promise<void>} */
  async through(start) {
    const earlier = this.#back;
    const isCut = () => ![null, earlier].includes(this.#back);
    try {
      await start();
    } catch (error) {
      if (!isCut()) throw error;
    }
    if (isCut()) await this.#back?.promise;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A limit on waiting for what may never answer. IndexedDB, Web Locks, WebCrypto and network file systems all have states in which
 * a request is neither granted nor refused: nobody is to wait for that without an end.
 */

/** Storage that does not answer for so long is not waited for any more, in ms: what is said leaves within 3 s. */
export const ANSWER_MS = 2500;

/**
 * So long where whoever starts would rather wait than be refused, in ms: a card or a disk that is busy (a computer that just started, a
 * backup) takes 3 to 10 s for one synchronous write. Nobody has said anything yet that would wait.
 */
export const START_MS = 12_000;

/**
 * In so many parts is waited: a timer that comes late, since the machine slept or had others' work to do, comes before what was answered
 * meanwhile, and would call storage silent that is not.
 */
const LOOK_COUNT = 3;

/** What wait() rejects with. What was waited for may still come: it is not taken back. */
export class LateError extends Error {
  constructor(message = 'storage does not answer') {
    super(message);
  }

  get name() {
    return 'LateError';
  }
}

export class Patience {
  #timers;
  #isBusy = false;
  /** Begins each wait anew. @type {Set<() => void>} */
  #waits = new Set();

  /** @param {{setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}} timers */
  constructor(timers) {
    this.#timers = timers;
  }

  /** While something is computed here, which takes as long as it takes, no time passes; each wait begins anew after it. */
  set isBusy(isBusy) {
    this.#isBusy = isBusy;
    for (const begin of this.#waits) begin();
  }

  /**
   * @template T @param {Promise<T>|T} operation @param {number} ms
   * @returns {Promise<T>} as the operation; rejects with a LateError when it does not answer in that time
   */
  wait(operation, ms) {
    return new Promise((resolve, reject) => {
      let timer = null;
      const stop = () => {
        if (timer !== null) this.#timers.clearTimeout(timer);
        timer = null;
      };
      const look = (left) => {
        if (left === 0) end(() => reject(new LateError()));
        else timer = this.#timers.setTimeout(() => look(left - 1), ms / LOOK_COUNT);
      };
      const begin = () => {
        stop();
        if (!this.#isBusy) look(LOOK_COUNT);
      };
      const end = (/** @type {() => void} */ settle) => {
        stop();
        this.#waits.delete(begin);
        settle();
      };
      this.#waits.add(begin);
      begin();
      Promise.resolve(operation).then((value) => end(() => resolve(value)), (error) => end(() => reject(error)));
    });
  }
}

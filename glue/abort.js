// SPDX-License-Identifier: GPL-3.0-or-later
/** Giving up, by an AbortSignal: NKT_E_CANCELLED. */
import { NktError } from './errors.js';

/** @param {AbortSignal} [signal] */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw cancelled(signal);
}

/** As the promise, unless it is given up. @template T @param {Promise<T>} promise @param {AbortSignal} [signal] @returns {Promise<T>} */
export function abortable(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(cancelled(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** @param {AbortSignal} [signal] */
export function cancelled(signal) {
  return new NktError('NKT_E_CANCELLED', 'cancelled', { cause: signal?.reason });
}

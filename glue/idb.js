// SPDX-License-Identifier: GPL-3.0-or-later
/** IndexedDB's requests as promises. */
import { NktError } from './errors.js';

export const NEWER = 'this was stored by a newer version of nkt';

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export function idbResult(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Asks for the end of a transaction and waits until it is durable. @param {IDBTransaction} tx @returns {Promise<void>} */
export function idbDone(tx) {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new Error('the transaction was aborted'));
    tx.commit?.();
  });
}

/**
 * @param {IDBFactory} indexedDB @param {string} name
 * @param {string[]|null} stores made when missing; null: nothing is made, and where there is no such database it rejects with an AbortError
 * @returns {Promise<IDBDatabase>} rejects with NKT_E_NEWER too
 */
export function idbOpen(indexedDB, name, stores) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      if (stores === null) request.transaction?.abort();
      for (const store of stores ?? []) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => { // 'blocked' is no end: whoever is in the way is about to go
      const { error } = request;
      reject(error?.name === 'VersionError' ? new NktError('NKT_E_NEWER', NEWER) : error);
    };
  });
}

/** @param {IDBFactory} indexedDB @param {string} name @returns {Promise<unknown>} */
export function idbDelete(indexedDB, name) {
  return idbResult(indexedDB.deleteDatabase(name));
}

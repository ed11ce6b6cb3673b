// SPDX-License-Identifier: GPL-3.0-or-later
/** Values as JSON, promises with their handles. */
import { NktError } from './errors.js';

/** @param {unknown} value @returns {string} JSON */
export function stringify(value) {
  let text;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new NktError('NKT_E_VALUE', `not a JSON value: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
  if (text === undefined) throw new NktError('NKT_E_VALUE', `not a JSON value: ${typeof value}`);
  return text;
}

/** A promise with its handles; nobody has to listen to its rejection. */
export function deferred() {
  const self = { isSettled: false, resolve: () => {}, reject: (/** @type {any} */ _error) => {}, promise: Promise.resolve() };
  self.promise = new Promise((resolve, reject) => {
    self.resolve = () => {
      self.isSettled = true;
      resolve();
    };
    self.reject = (error) => {
      self.isSettled = true;
      reject(error);
    };
  });
  self.promise.catch(() => {});
  return self;
}

// SPDX-License-Identifier: GPL-3.0-or-later
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

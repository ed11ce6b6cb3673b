// SPDX-License-Identifier: GPL-3.0-or-later
/** Modules that are fetched when they are first wanted. */

/** As browsers say that one did not come; Firefox, which is meant here, with its address. */
const UNFETCHED = /dynamically imported module\W+(https?:\/\/\S+)/;

let count = 0;

/**
 * Firefox keeps a module that did not come as one that is not there, however long its server was away: it is asked for by another address
 * then, from where this one is.
 * @template T @param {() => Promise<T>} begin import() of it @returns {Promise<T>}
 */
export async function fetched(begin) {
  try {
    return await begin();
  } catch (error) {
    const address = UNFETCHED.exec(/** @type {Error} */ (error)?.message)?.[1];
    if (address === undefined || new URL(address).origin !== new URL(import.meta.url).origin) throw error;
    return import(/* webpackIgnore: true */ /* @vite-ignore */ `${address.split('?')[0]}?again=${++count}`);
  }
}

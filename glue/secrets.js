// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The secret of the room that a peer is in, for the page of nkt itself: its address and its links have to lead back there. Of the package
 * nothing tells it: whoever is given a peer, such as a plugin, is not given the secret with it.
 */

/** @type {WeakMap<object, () => string|null>} */
const secrets = new WeakMap();

/** @param {object} nkt @param {() => string|null} secret in force */
export function keepSecret(nkt, secret) {
  secrets.set(nkt, secret);
}

/** @param {object} nkt @returns {string|null} */
export const secretOf = (nkt) => secrets.get(nkt)?.() ?? null;

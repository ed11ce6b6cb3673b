// SPDX-License-Identifier: GPL-3.0-or-later
// Who may open a WebSocket to this relay: pages of its own, and programs (they send no Origin). Any
// other page in the same browser may not.

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @param {string | undefined} host a Host header @returns {string | null} null when it is none */
export function hostnameOf(host) {
  const found = /^([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i.exec(host ?? '');
  return found ? found[1].toLowerCase() : null;
}

/**
 * @param {{origin?: string, host?: string}} headers
 * @param {{allowed: string[], isOpen: boolean}} policy allowed: origins, or '*'. isOpen: the relay
 *   listens beyond loopback, so any name may be its own. On loopback only loopback names are: else a
 *   foreign page could give its name our address and count as ours.
 */
export function isOriginAllowed({ origin, host }, { allowed, isOpen }) {
  if (origin === undefined) return true;
  if (allowed.includes('*') || allowed.includes(origin)) return true;
  const hostname = hostnameOf(host);
  if (hostname === null || !(isOpen || LOOPBACK.has(hostname))) return false;
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** Whether a page comes from this machine, or there is no page. @param {string} [origin] */
export function isOriginLocal(origin) {
  return origin === undefined || (URL.canParse(origin) && LOOPBACK.has(new URL(origin).hostname));
}

/** @param {string | undefined} text origins, comma separated; * for all */
export function readAllowedOrigins(text = '') {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

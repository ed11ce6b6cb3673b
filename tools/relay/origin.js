// SPDX-License-Identifier: GPL-3.0-or-later
// Who may open a WebSocket to this relay: pages of its own, and programs (they send no Origin). Any
// other page in the same browser may not.

import { withoutSecrets } from '../log.js';
import { listOf } from '../settings.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @param {string | undefined} host a Host header @returns {string | null} null when it is none */
export function hostnameOf(host) {
  const found = /^([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i.exec(host ?? '');
  return found ? found[1].toLowerCase() : null;
}

/** Ports that a Host header leaves out. */
const DEFAULT_PORTS = [80, 443];

/** Came through a reverse proxy: no page can put these into a WebSocket's request. */
const isProxied = (headers) =>
  ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'].some((name) => headers[name] !== undefined);

/** The name that the page was asked for by. @param {import('node:http').IncomingHttpHeaders} headers @returns {string | undefined} */
export const hostOf = (headers) => headers['x-forwarded-host']?.split(',')[0].trim() || headers.host;

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {{allowed: string[], isOpen: boolean}} policy allowed: origins, or '*'. isOpen: the relay
 *   listens beyond loopback, so any name may be its own; so may one that a proxy in front of it lets
 *   through. Else on loopback only loopback names are: a foreign page could give its name our address
 *   and count as ours.
 * @param {number} [port] that the request came in on
 */
export function isOriginAllowed(headers, { allowed, isOpen }, port) {
  const { origin } = headers;
  if (origin === undefined) return true;
  if (allowed.includes('*') || allowed.includes(origin)) return true;
  const host = hostOf(headers)?.toLowerCase();
  const hostname = hostnameOf(host);
  if (hostname === null || !(isOpen || isProxied(headers) || LOOPBACK.has(hostname)) || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  // A proxy may drop the port from Host; no browser does, but for the default ones.
  const isPortDropped = host === hostname && (isProxied(headers) || !DEFAULT_PORTS.includes(port));
  return page.host === host || (isPortDropped && page.hostname === hostname);
}

/**
 * Whether it is asked for by a name of this machine. A foreign page can give its own name our address, and then read what is served here.
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
export const isHostLocal = ({ host }) => LOOPBACK.has(hostnameOf(host) ?? '');

/** Whether a page comes from this machine, or there is no page. @param {string} [origin] */
export function isOriginLocal(origin) {
  return origin === undefined || (URL.canParse(origin) && LOOPBACK.has(new URL(origin).hostname));
}

/** @param {string} text @returns {string} as browsers say it */
function originOf(text) {
  if (text === '*' || text === 'null') return text;
  const shown = withoutSecrets(text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.origin === 'null') {
    if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/.test(text)) return text; // of extensions and applications; no scheme that URL knows
    throw new Error(`NKT_ORIGINS: ${shown} is to be an origin, such as https://chat.example.org, or *`);
  }
  if (/[*;,"'\s]/.test(text)) throw new Error(`NKT_ORIGINS: ${shown} is to be one origin; * stands for all, commas between several`);
  if (url.pathname !== '/' || url.search || url.hash) throw new Error(`NKT_ORIGINS: ${shown} is to be without a path: ${url.origin}`);
  const page = url.origin.replace(/^ws/, 'http'); // of the relay, perhaps; no browser says so of a page
  if (page !== url.origin) throw new Error(`NKT_ORIGINS: ${shown} is no page; ${page}, perhaps?`);
  return url.origin;
}

/** @param {string | undefined} text origins, comma separated; * for all. Throws and names one that is none, which would let nobody in */
export function readAllowedOrigins(text = '') {
  return listOf(text).map(originOf);
}

/**
 * Sites that may show the page in a frame of theirs: each is named, for whoever frames it can lead a person's clicks.
 * @param {string | undefined} text http and https origins, comma separated
 */
export function readFrames(text = '') {
  return listOf(text).map((one) => {
    const url = URL.canParse(one) ? new URL(one) : null;
    const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[?#@*;\s]/.test(one);
    const shown = withoutSecrets(one);
    if (!isOrigin) throw new Error(`NKT_FRAMES: ${shown} is to be an origin, such as https://www.example.org; there is no * here`);
    return url.origin;
  });
}

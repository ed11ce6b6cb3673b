// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Checks the STUN and TURN servers that a person gave: a bad entry costs that entry and an error that names it, not all of
 * WebRTC (RTCPeerConnection refuses the whole list).
 */

import { messageOf } from './errors.js';

/** More servers than this only slow the gathering of candidates down. */
export const SERVER_COUNT_MAX = 8;

/** host, [IPv6] or IPv4, with an optional port. */
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([0-9]{1,5}))?$/;

/**
 * @typedef {{urls: string[], username?: string, credential?: string}} IceServer
 * @typedef {{index: number, entry: string, error: string}} IceError
 */

/**
 * @param {unknown} list
 * @returns {{servers: IceServer[], errors: IceError[]}}
 */
export function checkIceServers(list) {
  const servers = [];
  const errors = [];
  for (const [index, given] of (Array.isArray(list) ? list : []).entries()) {
    try {
      if (servers.length === SERVER_COUNT_MAX) throw new Error(`more than ${SERVER_COUNT_MAX} servers`);
      servers.push(checkEntry(given));
    } catch (error) {
      errors.push({ index, entry: describe(given), error: messageOf(error) });
    }
  }
  return { servers, errors };
}

/** @param {any} given @returns {IceServer} */
function checkEntry(given) {
  const entry = typeof given === 'string' ? { urls: given } : given;
  if (entry === null || typeof entry !== 'object') throw new Error('neither a URL nor an object with urls');
  const urls = [entry.urls ?? entry.url].flat();
  if (urls.length === 0) throw new Error('urls is empty');
  const isTurn = urls.map(checkUrl).includes(true);
  const server = { urls };
  if (!isTurn) return server;
  const isText = (value) => typeof value === 'string' && value !== ''; // browsers refuse an empty one
  if (!isText(entry.username) || !isText(entry.credential)) {
    throw new Error('a TURN server needs username and credential');
  }
  return { ...server, username: entry.username, credential: entry.credential };
}

/** As RFC 7064 and RFC 7065 have it. @param {unknown} url @returns {boolean} whether it is a TURN server */
function checkUrl(url) {
  if (typeof url !== 'string') throw new Error('urls is not text');
  const [, scheme, rest] = /^(stuns?|turns?):(.*)$/.exec(url) ?? [];
  if (!scheme) throw new Error('does not start with stun:, stuns:, turn: or turns:');
  const isTurn = scheme.startsWith('turn');
  const [server, ...queries] = rest.split('?');
  if (queries.length > 0 && !isTurn) throw new Error(`a ${scheme}: URL takes no query (remove ?${queries.join('?')})`);
  if (queries.length > 0 && !/^transport=(udp|tcp)$/.test(queries.join('?'))) {
    throw new Error('the only query a TURN URL takes is ?transport=udp or ?transport=tcp');
  }
  if (server.includes('@')) throw new Error('a user and a password do not belong into urls, but beside it: username, credential');
  const [, , port] = HOST.exec(server) ?? [null, null, 'bad'];
  if (port === 'bad') throw new Error(`${JSON.stringify(server)} is no host or host:port`);
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65535)) throw new Error(`port ${port} does not exist`);
  return isTurn;
}

/** Names an entry without its credential. @param {any} given @returns {string} */
function describe(given) {
  try {
    const urls = [typeof given === 'string' ? given : given?.urls ?? given?.url].flat();
    return urls.map((url) => String(url).replace(/:.*@/, ':…@')).join(', ').slice(0, 200);
  } catch { // what cannot be read
    return '';
  }
}

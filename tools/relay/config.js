// SPDX-License-Identifier: GPL-3.0-or-later
// What the page is told: where relays, trackers and STUN or TURN servers are. The relay is named from where this very
// answer is, so it is right whatever proxy, port or path is in front; a tracker has a port of its own on the machine that
// the page was asked for from.
import { URL_COUNT_MAX, URL_SIZE_MAX } from '../../glue/constants.js';
import { checkIceServers } from '../../glue/ice.js';
import { portOf } from '../listen.js';
import { withoutSecrets } from '../log.js';
import { hostnameOf, hostOf } from './origin.js';
import { readTurn, turnServer } from './turn.js';

const ICE_URL = /^(stun|stuns|turn|turns):[^\s/]+$/i; // RFC 7064, RFC 7065: no slashes
/** Both servers' own, but for where they listen. */
export const SETTINGS = [
  'NKT_ORIGINS', 'NKT_FRAMES', 'NKT_PROXY', 'NKT_TRACKERS', 'NKT_ICE_SERVERS', 'NKT_TURN_URLS', 'NKT_TURN_SECRET', 'NKT_TURN_SECONDS',
  'NKT_LIMITS', 'NKT_PLAIN', 'NKT_LOG',
];

/**
 * Variables that are nearly ours: nobody else would say that they do nothing.
 * @param {Record<string, string | undefined>} env @returns {[string, string][]} what stands there, what may be meant
 */
export function misspelt(env) {
  const letters = (name) => name.replace(/_/g, '').toUpperCase().replace(/S$/, '');
  return Object.keys(env).filter((name) => /^NKT/i.test(name) && !SETTINGS.includes(name)).flatMap((name) => {
    const meant = SETTINGS.find((one) => letters(one) === letters(name));
    return meant === undefined ? [] : [/** @type {[string, string]} */ ([name, meant])];
  });
}

/** @param {string} text */
function trackerOf(text) {
  const isPath = !/^[a-z][a-z0-9+.-]*:/i.test(text);
  if (Buffer.byteLength(text) > URL_SIZE_MAX || text.includes('#')) {
    throw new Error(`NKT_TRACKERS: ${withoutSecrets(text).slice(0, 60)}: a page takes URLs of at most ${URL_SIZE_MAX} bytes, without a #`);
  }
  if (isPath || (URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol))) return text;
  const shown = withoutSecrets(text);
  const meant = shown.replace(/^http/i, 'ws').replace(/^(?!wss?:)/i, 'ws://');
  throw new Error(`NKT_TRACKERS: ${shown} is to be a ws:// or wss:// URL, or a path as seen from the page; ${meant}, perhaps?`);
}

/** @param {any} server as RTCIceServer, or its URL alone: what a page would not take, by the page's own check */
function checkIceServer(server) {
  const urls = [typeof server === 'string' ? server : server?.urls ?? []].flat();
  const wrong = urls.find((url) => typeof url !== 'string' || !ICE_URL.test(url));
  if (wrong !== undefined) {
    const shown = typeof wrong === 'string' ? JSON.stringify(withoutSecrets(wrong)) : `${typeof wrong} in urls`;
    throw new Error(`NKT_ICE_SERVERS: ${shown} is to be a URL such as stun:stun.example.org or turn:turn.example.org:3478`);
  }
  if (urls.length === 0) { // by its keys alone: a credential is a secret
    const isEntry = server !== null && typeof server === 'object';
    const shown = isEntry ? `an entry with ${Object.keys(server).join(', ') || 'nothing'}` : typeof server;
    throw new Error(`NKT_ICE_SERVERS: ${shown} has no urls`);
  }
  const isTurn = urls.some((url) => /^turns?:/i.test(url));
  if (isTurn && !(typeof server.username === 'string' && typeof server.credential === 'string')) {
    throw new Error(`NKT_ICE_SERVERS: ${withoutSecrets(urls[0])} wants a username and a credential, as text`);
  }
  const [fault] = checkIceServers([server]).errors;
  if (fault) throw new Error(`NKT_ICE_SERVERS: ${withoutSecrets(fault.entry)}: ${fault.error}`);
}

/** @param {string | undefined} text JSON @returns {object[]} */
function readIceServers(text) {
  if (!text) return [];
  let servers = null;
  try {
    servers = JSON.parse(text);
  } catch {
    // said below
  }
  if (!Array.isArray(servers)) throw new Error('NKT_ICE_SERVERS is to be a JSON array, such as [{"urls":"stun:stun.example.org"}]');
  for (const server of servers) checkIceServer(server);
  return servers;
}

/**
 * Throws and names the culprit: a page that is told something wrong tells nobody.
 * @param {Record<string, string | undefined>} env
 * @returns {{trackers: string[] | null, trackerPort: number, iceServers: object[], turn: import('./turn.js').Turn | null}}
 */
export function readPageConfig(env) {
  const named = env.NKT_TRACKERS?.split(',').map((url) => url.trim()).filter(Boolean);
  if (named?.length > URL_COUNT_MAX) throw new Error(`NKT_TRACKERS: ${named.length} are named, and a page takes ${URL_COUNT_MAX}`);
  return {
    trackers: named?.map(trackerOf) ?? null, trackerPort: portOf('TRACKER_PORT', 8000, env),
    iceServers: readIceServers(env.NKT_ICE_SERVERS), turn: readTurn(env),
  };
}

/** @param {string | undefined} text of NKT_PROXY @returns {boolean} */
export function readProxy(text = '') {
  if (!['', '0', '1'].includes(text)) throw new Error(`NKT_PROXY=${text} is to be 1 behind a reverse proxy of ours, or 0`);
  return text === '1';
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {ReturnType<typeof readPageConfig>} config
 * @returns {string} JSON
 */
export function pageConfig(request, { trackers, trackerPort, iceServers, turn }) {
  const hostname = hostnameOf(hostOf(request.headers)) ?? 'localhost';
  // of several proxies the first is the one that the page saw
  const proto = String(request.headers['x-forwarded-proto'] ?? '').split(',')[0].trim();
  const scheme = /^(https|wss)$/i.test(proto) ? 'wss' : 'ws';
  return JSON.stringify({
    relays: ['relay'],
    trackers: trackers ?? [`${scheme}://${hostname}:${trackerPort}`],
    iceServers: turn === null ? iceServers : [...iceServers, turnServer(turn)],
    ...(turn !== null && { ttl: turn.seconds }), // the clocks of pages may be off
  });
}

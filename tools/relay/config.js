// SPDX-License-Identifier: GPL-3.0-or-later
// What the page is told: where relays, trackers and STUN or TURN servers are. The relay is named from where this very
// answer is, so it is right whatever proxy, port or path is in front; a tracker has a port of its own on the machine that
// the page was asked for from.
import { URL_COUNT_MAX, URL_SIZE_MAX } from '../../glue/constants.js';
import { checkIceServers, SERVER_COUNT_MAX } from '../../glue/ice.js';
import { URL_PATH } from '../../glue/url_path.js';
import { portOf } from '../listen.js';
import { withoutSecrets } from '../log.js';
import { listOf } from '../settings.js';
import { hostnameOf, hostOf } from './origin.js';
import { readTurn, turnServer } from './turn.js';

const ICE_URL = /^(stun|stuns|turn|turns):[^\s/]+$/i; // RFC 7064, RFC 7065: no slashes
/** What a URL is made of: quotes, brackets around a list and other marks between its entries are none of it. */
const URL_TEXT = /^[\w.~!$&()*+=:@%/?[\]-]+$/;
/** Words for none, where nothing is. */
const NONE = /^(none|no|off|false|null|0)$/i;

/** Begins with the name of a host, and not with that of a folder. @param {string} text of no scheme */
function isHostFirst(text) {
  const [first] = text.split(/[/?]/, 1);
  return /[.:[\]]/.test(first) && !/^\.{1,2}$/.test(first);
}

/** @param {string} text */
function trackerOf(text) {
  const shown = withoutSecrets(text);
  if (Buffer.byteLength(text) > URL_SIZE_MAX || text.includes('#')) {
    throw new Error(`NKT_TRACKERS: ${shown.slice(0, 60)}: a page takes URLs of at most ${URL_SIZE_MAX} bytes, without a #`);
  }
  if (NONE.test(text)) throw new Error(`NKT_TRACKERS: ${text} would be a path; for no tracker at all let it be empty`);
  const isPath = !/^[a-z][a-z0-9+.-]*:/i.test(text);
  const isUrl = !isPath && URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol);
  // a host as a path would be asked for at this very server
  if (URL_TEXT.test(text) && (isPath ? URL_PATH.test(text) && !isHostFirst(text) : isUrl)) return text;
  const meant = `${/^(http|ws)s:/i.test(text) ? 'wss' : 'ws'}://${text.replace(/^(https?|wss?):/i, '').replace(/^\/+/, '')}`;
  const isMeant = meant !== text && URL_TEXT.test(meant) && URL.canParse(meant);
  const asPath = isPath && !text.startsWith('/') ? `, or ./${shown} if it is a path` : '';
  throw new Error(`NKT_TRACKERS: ${shown} is to be a ws:// or wss:// URL, or a path as seen from the page, with commas between several${
    isMeant ? `; ${withoutSecrets(meant)}${asPath}, perhaps?` : ''}`);
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
    const shown = isEntry ? `an entry with ${Object.keys(server).join(', ') || 'nothing'}` : server === null ? 'null' : typeof server;
    throw new Error(`NKT_ICE_SERVERS: ${shown} has no ${isEntry && 'urls' in server ? 'URL in its urls' : 'urls'}`);
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
  const named = env.NKT_TRACKERS === undefined ? null : listOf(env.NKT_TRACKERS);
  if (named !== null && named.length > URL_COUNT_MAX) {
    throw new Error(`NKT_TRACKERS: ${named.length} are named, and a page takes ${URL_COUNT_MAX}`);
  }
  const iceServers = readIceServers(env.NKT_ICE_SERVERS);
  const turn = readTurn(env);
  const iceCount = iceServers.length + (turn === null ? 0 : 1);
  if (iceCount > SERVER_COUNT_MAX) { // a page leaves out the last, which is the one with passwords
    const besides = turn === null ? '' : ', that of NKT_TURN_URLS among them';
    throw new Error(`NKT_ICE_SERVERS: ${iceCount} servers are named${besides}, and a page takes ${SERVER_COUNT_MAX}`);
  }
  return { trackers: named?.map(trackerOf) ?? null, trackerPort: portOf('TRACKER_PORT', 8000, env), iceServers, turn };
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
    trackers: trackers ?? (trackerPort === 0 ? [] : [`${scheme}://${hostname}:${trackerPort}`]), // 0: whichever was free there
    iceServers: turn === null ? iceServers : [...iceServers, turnServer(turn)],
    ...(turn !== null && { ttl: turn.seconds }), // the clocks of pages may be off
  });
}

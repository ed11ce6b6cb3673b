// SPDX-License-Identifier: GPL-3.0-or-later
/** The settings that a server offers to pages, for programs; part of nkt/node. */
import { platformHere } from '../platform.js';
import { Served, webSocketUrl } from '../served.js';

const CONFIG_MS = 10_000;

/** @param {string|URL} server a page @returns {URL} */
function configUrl(server) {
  const page = new URL(server);
  page.search = page.hash = '';
  page.pathname = page.pathname.replace(/(\/|\/index\.html)?$/, '/'); // under whatever path
  return new URL('config.json', page);
}

/**
 * What a page at that URL would take: its relays, trackers and ICE servers.
 * @param {string|URL} server
 * @returns {Promise<{relays: string[], trackers: string[], iceServers: any[]}>} rejects with words that help
 */
export async function serverConfig(server) {
  return readConfig(configUrl(server), await fetchConfig(configUrl(server)));
}

/** @param {URL} config @returns {Promise<Response>} */
async function fetchConfig(config) {
  const response = await fetch(config, { signal: AbortSignal.timeout(CONFIG_MS) });
  if (!response.ok) throw new Error(`${config} is not there: HTTP ${response.status}`);
  return response;
}

/** @param {URL} config @param {Response} response */
async function readConfig(config, response) {
  const { relays, trackers, iceServers } = await response.json();
  const list = (value, otherwise) => (Array.isArray(value) ? value : otherwise);
  const urls = (value, otherwise) => list(value, otherwise).map((url) => webSocketUrl(url, config.href)).filter(Boolean);
  return { relays: urls(relays, ['relay']), trackers: urls(trackers, []), iceServers: list(iceServers, []) };
}

/**
 * The same for as long as a peer runs: `new Nkt({ defaults: await followServer(url) })`. Passwords of TURN servers are asked for again
 * before they end.
 * @param {string|URL} server
 * @returns {Promise<(onLater: (settings: any) => void) => Promise<any>>} rejects as serverConfig()
 */
export async function followServer(server) {
  const config = configUrl(server);
  const answer = await fetchConfig(config);
  const first = await readConfig(config, answer.clone());
  const answers = [answer]; // what came is not asked for again
  const served = new Served({
    url: config.href, fetch: async (url, options) => answers.pop() ?? fetch(url, options), timers: platformHere().timers,
    wallNow: Date.now, warn: () => {}, fallback: () => first,
  });
  return (onLater) => served.get(onLater);
}

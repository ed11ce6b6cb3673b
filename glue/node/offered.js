// SPDX-License-Identifier: GPL-3.0-or-later
/** The settings that a server offers to pages, for programs; part of nkt/node. */
import { NktError } from '../errors.js';
import { platformHere } from '../platform.js';
import { Served, webSocketUrls } from '../served.js';

const CONFIG_MS = 10_000;

/** @param {string|URL} server a page @returns {URL} @throws {NktError} NKT_E_ARGUMENT */
function configUrl(server) {
  const page = URL.canParse(server) ? new URL(server) : null;
  if (page === null || !/^https?:$/.test(page.protocol)) {
    throw new NktError('NKT_E_ARGUMENT', 'server: the URL of a page is wanted, such as https://nkt.example');
  }
  page.search = page.hash = '';
  page.pathname = page.pathname.replace(/(\/|\/index\.html)?$/, '/'); // under whatever path
  return new URL('config.json', page);
}

/**
 * What a page at that URL would take: its relays, trackers and ICE servers.
 * @param {string|URL} server
 * @returns {Promise<{relays: string[], trackers: string[], iceServers: any[]}>} rejects with NKT_E_ARGUMENT: no such URL, NKT_E_NO_WAY:
 *   nobody answers there, or no server of nkt
 */
export async function serverConfig(server) {
  return (await ask(configUrl(server))).settings;
}

/** @param {URL} config */
async function ask(config) {
  try {
    const answer = await fetch(config, { signal: AbortSignal.timeout(CONFIG_MS) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return { answer, settings: read(config, await answer.clone().json()) };
  } catch (error) {
    const cause = /** @type {any} */ (error).cause ?? error; // "fetch failed" says nothing
    const words = `no settings at ${config.origin}${config.pathname}: does a server of nkt run there? (${cause.message || cause.code})`;
    throw new NktError('NKT_E_NO_WAY', words, { cause });
  }
}

/** @param {URL} config @param {any} settings */
function read(config, { relays, trackers, iceServers }) {
  const list = (value, otherwise) => (Array.isArray(value) ? value : otherwise);
  const urls = (value, otherwise) => webSocketUrls(list(value, otherwise), config.href);
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
  const { answer, settings } = await ask(config);
  const answers = [answer]; // what came is not asked for again
  const served = new Served({
    url: config.href, fetch: async (url, options) => answers.pop() ?? fetch(url, options), timers: platformHere().timers,
    wallNow: Date.now, warn: () => {}, fallback: () => settings,
  });
  return (onLater) => served.get(onLater);
}

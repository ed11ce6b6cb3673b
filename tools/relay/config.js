// SPDX-License-Identifier: GPL-3.0-or-later
// What the page is told: where relays, trackers and STUN or TURN servers are. The relay is named from where this very
// answer is, so it is right whatever proxy, port or path is in front; a tracker has a port of its own on the machine that
// the page was asked for from.
import { hostnameOf, hostOf } from './origin.js';

/**
 * @param {Record<string, string | undefined>} env
 * @returns {{trackers: string[] | null, trackerPort: number, iceServers: object[]}}
 */
export function readPageConfig(env) {
  const trackers =
    env.NKT_TRACKERS?.split(',')
      .map((url) => url.trim())
      .filter(Boolean) ?? null;
  let iceServers = [];
  if (env.NKT_ICE_SERVERS) {
    try {
      iceServers = JSON.parse(env.NKT_ICE_SERVERS);
    } catch {
      iceServers = null;
    }
    if (!Array.isArray(iceServers)) {
      throw new Error('NKT_ICE_SERVERS is to be a JSON array, such as [{"urls":"stun:stun.example.org"}]');
    }
  }
  return { trackers, trackerPort: Number(env.TRACKER_PORT || 8000), iceServers };
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {ReturnType<typeof readPageConfig>} config
 * @returns {string} JSON
 */
export function pageConfig(request, { trackers, trackerPort, iceServers }) {
  const hostname = hostnameOf(hostOf(request.headers)) ?? 'localhost';
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'wss' : 'ws';
  return JSON.stringify({
    relays: ['relay'],
    trackers: trackers ?? [`${scheme}://${hostname}:${trackerPort}`],
    iceServers,
  });
}

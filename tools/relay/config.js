// SPDX-License-Identifier: GPL-3.0-or-later
// What the page is told: where relays, trackers and STUN or TURN servers are. URLs of this machine
// carry the name the page was asked for by, so that another machine in the room finds them too.
import { hostnameOf } from './origin.js';

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
  const hostname = hostnameOf(request.headers.host) ?? 'localhost';
  const host = hostnameOf(request.headers.host) ? request.headers.host : 'localhost';
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'wss' : 'ws';
  return JSON.stringify({
    relays: [`${scheme}://${host}/relay`],
    trackers: trackers ?? [`${scheme}://${hostname}:${trackerPort}`],
    iceServers,
  });
}

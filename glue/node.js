// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What Node has not and a peer needs: WebSocket from `ws`, WebRTC from `@roamhq/wrtc` when it is installed.
 */

/**
 * Keys for init().
 * @param {{webrtc?: boolean}} [options] webrtc: false for a peer that goes by relays alone
 * @returns {Promise<{WebSocket: any, RTCPeerConnection: any}>} RTCPeerConnection is null when there is none
 */
export async function nodeConfig({ webrtc = true } = {}) {
  const { WebSocket } = await import('ws');
  return { WebSocket, RTCPeerConnection: webrtc ? await peerConnection() : null };
}

/** @returns {Promise<any>} */
async function peerConnection() {
  if (globalThis.RTCPeerConnection) return globalThis.RTCPeerConnection;
  try {
    const { default: wrtc } = await import('@roamhq/wrtc');
    return wrtc.RTCPeerConnection;
  } catch {
    return null; // not installed, or not for this platform
  }
}

/**
 * What a page at that URL would take: its relays, trackers and ICE servers.
 * @param {string|URL} server
 * @returns {Promise<{relays: string[], trackers: string[], iceServers: any[]}>} rejects with words that help
 */
export async function serverConfig(server) {
  const url = new URL(server);
  const relay = new URL('/relay', url);
  relay.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const response = await fetch(new URL('/config.json', url), { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url.origin} has no config.json: HTTP ${response.status}`);
  const { relays, trackers, iceServers } = await response.json();
  const list = (value, otherwise) => (Array.isArray(value) ? value : otherwise);
  return { relays: list(relays, [relay.href]), trackers: list(trackers, []), iceServers: list(iceServers, []) };
}

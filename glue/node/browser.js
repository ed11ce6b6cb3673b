// SPDX-License-Identifier: GPL-3.0-or-later
/** nkt/node in a bundle for browsers, so that one source can be for both: what Node would have to be given is there. */

export { followServer, serverConfig } from './offered.js';

/** @param {{webrtc?: boolean}} [options] @returns {Promise<{WebSocket: any, RTCPeerConnection: any}>} as in Node */
export async function nodeConfig({ webrtc = true } = {}) {
  return { WebSocket: globalThis.WebSocket ?? null, RTCPeerConnection: (webrtc && globalThis.RTCPeerConnection) || null };
}

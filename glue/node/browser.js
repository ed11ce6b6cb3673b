// SPDX-License-Identifier: GPL-3.0-or-later
/** nkt/node in a bundle for browsers, so that one source can be for both: what Node would have to be given is there. */

import { optionsOf } from '../options.js';

export { followServer, serverConfig } from './offered.js';

/** @param {{webrtc?: boolean}} [options] @returns {Promise<{WebSocket: any, RTCPeerConnection: any}>} as in Node */
export async function nodeConfig(options) {
  const { webrtc = true } = optionsOf('nodeConfig', options);
  return { WebSocket: globalThis.WebSocket ?? null, RTCPeerConnection: (webrtc && globalThis.RTCPeerConnection) || null };
}

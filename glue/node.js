// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What Node has not and a peer needs: WebSocket from `ws`, WebRTC from `@roamhq/wrtc` when it is installed. In bundles for browsers
 * node/browser.js is in its place.
 */
import { optionsOf } from './options.js';
import { importInNode } from './platform.js';

export { followServer, serverConfig } from './node/offered.js';

/**
 * Keys for init().
 * @param {{webrtc?: boolean}} [options] webrtc: false for a peer that goes by relays alone
 * @returns {Promise<{WebSocket: any, RTCPeerConnection: any}>} RTCPeerConnection is null when there is none, as in workers
 */
export async function nodeConfig(options) {
  const { webrtc = true } = optionsOf('nodeConfig', options);
  const { WebSocket } = await import('ws');
  return { WebSocket, RTCPeerConnection: webrtc ? await peerConnection() : null };
}

/** @returns {Promise<any>} */
async function peerConnection() {
  if (globalThis.RTCPeerConnection) return globalThis.RTCPeerConnection;
  const { isMainThread } = await importInNode('node:worker_threads');
  if (!isMainThread) return null; // its native code ends the whole process with a worker that used it, or when two threads do
  try {
    const { default: wrtc } = await importInNode('@roamhq/wrtc'); // a bundler would want it to be there
    return wrtc.RTCPeerConnection;
  } catch {
    return null; // not installed, or not for this platform
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
import type { Config } from './types.js';

/** Keys for init() in Node: WebSocket from `ws`, RTCPeerConnection from `@roamhq/wrtc` or null when it is not installed. */
export function nodeConfig(options?: { webrtc?: boolean }): Promise<Required<Pick<Config, 'WebSocket' | 'RTCPeerConnection'>>>;

/** What a page at that URL would take: its relays, trackers and ICE servers. */
export function serverConfig(server: string | URL): Promise<Required<Pick<Config, 'relays' | 'trackers' | 'iceServers'>>>;

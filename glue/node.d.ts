// SPDX-License-Identifier: GPL-3.0-or-later
import type { Config, Platform } from './types.js';

type Own<T> = T extends ReadonlyArray<infer One> ? One[] : T;
type Given<K extends keyof Config> = { [P in K]: Own<Exclude<Config[P], undefined>> };

/**
 * Keys for init() in Node: WebSocket from `ws`, RTCPeerConnection from `@roamhq/wrtc` or null when it is not installed, and in worker
 * threads, where that one would end the process. In a bundle for browsers the browser's own, null where there is none (in workers).
 */
export function nodeConfig(options?: { webrtc?: boolean | undefined }): Promise<Given<'WebSocket' | 'RTCPeerConnection'>>;

/**
 * What a page at that URL would take: its relays, trackers and ICE servers. Rejects with NKT_E_ARGUMENT: that is no URL of a page,
 * NKT_E_NO_WAY: nobody answers there within 10 s, or it is no server of nkt; `cause` tells more.
 */
export function serverConfig(server: string | URL): Promise<Given<'relays' | 'trackers' | 'iceServers'>>;

/**
 * The same for as long as a peer runs: `new Nkt({ defaults: await followServer(url) })`. Passwords of TURN servers are asked for again
 * before they end. Rejects as serverConfig().
 */
export function followServer(server: string | URL): Promise<Platform['defaults']>;

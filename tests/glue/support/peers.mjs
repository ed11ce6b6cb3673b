// SPDX-License-Identifier: GPL-3.0-or-later
// Headless peers in this process, over real sockets and real WebRTC.
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import { Nkt } from '../../../glue/nkt.js';
import { until } from './until.mjs';

const peers = [];
let room = 0;

/** A room of its own for each test. */
export const newRoom = () => `test-${process.pid}-${++room}`;

/** Everything that API events can tell, as [type, event]. */
const TYPES = [
  'nktnewpeer', 'nktpeerleft', 'nktincomingdata', 'nktoutgoingdata', 'nktencryptedmessagereceived', 'nktclearmessagereceived',
  'nktwebrtcseen', 'nktwebrtcleft', 'nktsession', 'nktdelivery', 'nktkeychanged', 'nktstatus', 'nktderiving', 'nktrestarted',
  'nktcontent', 'nktcontentstate', 'nktephemeral',
];

/**
 * Starts a peer and notes its events.
 * @param {string} nick @param {object} config @param {object} [platform]
 */
export async function startPeer(nick, config, platform) {
  const nkt = new Nkt(platform);
  const events = [];
  for (const type of TYPES) nkt.addEventListener(type, (event) => events.push(event));
  peers.push(nkt);
  await nkt.init({ nick, WebSocket, RTCPeerConnection: wrtc.RTCPeerConnection, trackers: [], relays: [], ...config });
  const of = (type) => events.filter((event) => event.type === type);
  return {
    nkt,
    events,
    of,
    address: nkt.mySwarm.address(),
    values: () => of('nktencryptedmessagereceived').map(({ detail }) => detail),
    /** @param {string} type @param {(event: any) => boolean} [matches] */
    seen: (type, matches = () => true) => until(() => of(type).find(matches), `${nick}: ${type}`),
    /** @param {string} addr */
    session: (addr) => until(() => nkt.userList[addr]?.session === 'established', `${nick}: a session`),
  };
}

export async function closePeers() {
  await Promise.all(peers.splice(0).map((nkt) => nkt.close()));
}

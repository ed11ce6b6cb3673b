// SPDX-License-Identifier: GPL-3.0-or-later
// Peers in a process of its own, over real sockets and real WebRTC, to be killed all at once: node crowd.mjs '{"count","room","relays"}'.
// Prints their addresses once each has a session with all of the `people` there are.
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import { Nkt } from '../../../glue/nkt.js';

const { count, people, hasRtc = true, ...config } = JSON.parse(process.argv[2]);
const RTCPeerConnection = hasRtc ? wrtc.RTCPeerConnection : null;
const peers = await Promise.all(Array.from({ length: count }, async (_, i) => {
  const nkt = new Nkt();
  await nkt.init({ ...config, nick: `guest-${i}`, trackers: [], storage: 'none', WebSocket, RTCPeerConnection });
  return nkt;
}));
const isMet = ({ session, path }) => session === 'established' && path !== 'none';
const isReady = ({ userList }) => Object.values(userList).filter(isMet).length === people - 1;
const TELL_MS = 60_000; // whom they are waiting for then, for who waits for them
const lacks = (nkt) => {
  const users = Object.values(nkt.userList);
  const missed = users.filter((user) => !isMet(user)).map(({ addr, session, path }) => `${addr} ${session} ${path}`);
  return `${nkt.mySwarm.address()} knows ${users.length}, misses ${missed.join(', ')}`;
};
const telling = setInterval(() => {
  console.error(`not all have met yet: ${peers.filter((nkt) => !isReady(nkt)).map(lacks).join('; ')}`);
}, TELL_MS);
while (!peers.every(isReady)) await new Promise((resolve) => { setTimeout(resolve, 50); });
clearInterval(telling);
console.log(JSON.stringify(peers.map((nkt) => nkt.mySwarm.address())));

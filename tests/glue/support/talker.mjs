// SPDX-License-Identifier: GPL-3.0-or-later
// A peer in a process of its own, to be killed: says numbers, one after the other, and prints each once it is taken.
import { WebSocket } from 'ws';
import { Nkt } from '../../../glue/nkt.js';

const { folder, room, relays, first, to } = JSON.parse(process.argv[2]);
const nkt = new Nkt();
await nkt.init({ nick: 'talker', room, relays, storage: { folder }, WebSocket, RTCPeerConnection: null });
console.log(JSON.stringify({ address: nkt.mySwarm.address() }));
for (let n = first; to !== null; n++) {
  while (!nkt.userList[to]) await new Promise((resolve) => setTimeout(resolve, 10));
  await nkt.sendEncryptedMessage(n, to);
  console.log(JSON.stringify({ n }));
  await new Promise((resolve) => setTimeout(resolve, n % 20));
}

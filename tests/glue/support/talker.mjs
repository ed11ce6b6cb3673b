// SPDX-License-Identifier: GPL-3.0-or-later
// A peer in a process of its own, to be killed: says numbers, one after the other, and prints each once it is taken, and once more
// when what was to be written by then is durable.
import { WebSocket } from 'ws';
import { Driver } from '../../../glue/driver.js';
import { Nkt } from '../../../glue/nkt.js';
import { Store } from '../../../glue/store.js';

/** The core gathers pages for 25 ms before it asks for them to be written; timers that are due together run in their order. */
const GATHER_MS = 60;

let asked = 0;
let waiting = [];
const { put } = Store.prototype;
Store.prototype.put = function putNoted(ticket, ...rest) {
  asked = ticket;
  return put.call(this, ticket, ...rest);
};
const { step } = Driver.prototype;
Driver.prototype.step = function stepNoted(kind, fields, ...rest) {
  if (kind === 'PUT_DONE') {
    for (const { n } of waiting.filter(({ ticket }) => ticket <= fields.ticket)) console.log(JSON.stringify({ stored: n }));
    waiting = waiting.filter(({ ticket }) => ticket > fields.ticket);
  }
  return step.call(this, kind, fields, ...rest);
};

const { folder, room, relays, first, to } = JSON.parse(process.argv[2]);
const nkt = new Nkt();
await nkt.init({ nick: 'talker', room, relays, storage: { folder }, WebSocket, RTCPeerConnection: null });
console.log(JSON.stringify({ address: nkt.mySwarm.address() }));
for (let n = first; to !== null; n++) {
  while (!nkt.userList[to]) await new Promise((resolve) => setTimeout(resolve, 10));
  await nkt.sendEncryptedMessage(n, to);
  console.log(JSON.stringify({ n }));
  setTimeout(() => waiting.push({ n, ticket: asked }), GATHER_MS);
  await new Promise((resolve) => setTimeout(resolve, n % 20));
}

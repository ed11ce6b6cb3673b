// SPDX-License-Identifier: GPL-3.0-or-later
// A peer in a process of its own, to be killed: node villager.mjs '{"nick","room","relays","folder","keeper","aheadMs"}'.
// Lines in: {"say","to"?}, {"close":1}; lines out: {"address"}, {"heard"}, and every now and then what it knows.
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { Nkt } from '../../../glue/nkt.js';

const TOLD_MS = 50;

const { aheadMs = 0, folder, ...config } = JSON.parse(process.argv[2]);
const nkt = new Nkt({ clock: { now: () => performance.now(), wall: () => Date.now() + aheadMs } });
const tell = (line) => console.log(JSON.stringify(line));
nkt.addEventListener('nktencryptedmessagereceived', ({ detail }) => tell({ heard: detail }));
try {
  await nkt.init({ ...config, storage: { folder }, WebSocket, RTCPeerConnection: null });
} catch (error) {
  tell({ error: error.code, message: error.message });
  process.exit(1);
}
tell({ address: nkt.mySwarm.address() });
setInterval(() => tell({ users: Object.values(nkt.userList), keeper: nkt.health().keeper }), TOLD_MS);
for await (const line of createInterface({ input: process.stdin })) {
  const { say, to, close } = JSON.parse(line);
  if (close) {
    await nkt.close();
    process.exit(0);
  }
  await nkt.sendEncryptedMessage(say, to);
}

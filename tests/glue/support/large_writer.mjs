// SPDX-License-Identifier: GPL-3.0-or-later
// Says a large value, alone in a room, and is killed at the n-th thing it does to its folder: node large_writer.mjs FOLDER N. Prints
// "whole" when N was too large.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { WebSocket } from 'ws';

const [folder, at] = process.argv.slice(2);
let left = Infinity;

/** Kills this process before, or after, what is to be done. */
function deadly(f) {
  return async (...args) => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    const result = await f(...args);
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

// before anything imports them
const { open } = fs;
fs.rename = deadly(fs.rename);
fs.rm = deadly(fs.rm);
fs.open = async (...args) => {
  const handle = await open(...args);
  for (const name of ['sync', 'write', 'writeFile']) handle[name] = deadly(handle[name].bind(handle));
  return handle;
};
syncBuiltinESMExports();

const { Nkt } = await import('../../../glue/nkt.js');
const { Sharing } = await import('../../../glue/content_share.js');
const { keepMade } = Sharing.prototype;
Sharing.prototype.keepMade = function aboutToBeSaid(...made) {
  console.log('is about to be said');
  return keepMade.apply(this, made);
};
const nkt = new Nkt();
await nkt.init({ nick: 'ann', room: 'alone', relays: [], trackers: [], storage: { folder }, WebSocket, RTCPeerConnection: null });
await nkt.share(new Uint8Array(10)); // the place is open
left = Number(at);
await nkt.sendEncryptedMessage([1, 2].map((n) => new Uint8Array(100_000).fill(n)));
await nkt.close();
left = Infinity;
console.log('whole');

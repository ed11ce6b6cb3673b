// SPDX-License-Identifier: GPL-3.0-or-later
// Says a large value, alone in a room, and is killed at the n-th thing it does to its folder: node large_writer.mjs FOLDER N. Prints
// "whole" when N was too large.
import { WebSocket } from 'ws';
import { dieAt } from './deadly.mjs';

const [folder, at] = process.argv.slice(2);

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
dieAt(Number(at));
await nkt.sendEncryptedMessage([1, 2].map((n) => new Uint8Array(100_000).fill(n)));
await nkt.close();
dieAt(Infinity);
console.log('whole');

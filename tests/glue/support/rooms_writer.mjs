// SPDX-License-Identifier: GPL-3.0-or-later
// Enters a second room beside the first, and a third, and is killed at the n-th thing it does to its folder from then on: node
// rooms_writer.mjs FOLDER N ADDRESS. Prints who it is, and "whole" when N was too large.
import { WebSocket } from 'ws';
import { dieAt } from './deadly.mjs';

const [folder, at, other] = process.argv.slice(2);

const { Nkt } = await import('../../../glue/nkt.js');
const nkt = new Nkt();
const config = { nick: 'ann', relays: [], trackers: [], storage: { folder }, WebSocket, RTCPeerConnection: null };
await nkt.init({ ...config, room: 'x' });
await nkt.sendEncryptedMessage('said in x');
await nkt.close();
await nkt.init({ ...config, room: 'x' }); // it is kept
console.log(nkt.mySwarm.address());
dieAt(Number(at));
const beside = await nkt.enter({ room: 'y' });
await beside.sendEncryptedMessage('said in y');
await nkt.close();
const third = await beside.enter({ room: 'z' });
third.ignore(other);
await Promise.all([beside.close(), third.close()]);
dieAt(Infinity);
console.log('whole');

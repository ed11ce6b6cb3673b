// SPDX-License-Identifier: GPL-3.0-or-later
import { Peer } from 'peerjs';

// PeerJS knows no rooms: one peer has the room's name as its id, the others call it, and it tells each of all
const connections = new Map();
function meet(connection) {
  connection.on('open', () => connections.set(connection.peer, connection));
  connection.on('close', () => connections.delete(connection.peer));
  connection.on('data', ({ text, who, peers }) => {
    if (peers) peers.filter((id) => id !== peer.id && !connections.has(id)).forEach((id) => meet(peer.connect(id)));
    else heard(text, who);
  });
}
const where = { host: server.hostname, port: server.port, path: '/', key: 'peerjs', config: { iceServers: [] } };
let peer = new Peer(room, where);
peer.on('connection', (connection) => {
  meet(connection);
  connection.on('open', () => connection.send({ peers: [...connections.keys()] }));
});
peer.on('error', ({ type }) => {
  if (type !== 'unavailable-id') return;
  peer = new Peer(where);
  peer.on('open', () => meet(peer.connect(room)));
  peer.on('connection', meet);
});
window.say = (text) => connections.forEach((connection) => connection.send({ text, who: nick }));
window.others = () => connections.size;

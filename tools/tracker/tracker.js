// SPDX-License-Identifier: GPL-3.0-or-later
// bittorrent-tracker's server with limits around it: it has none of its own for the size of a message
// or the number of swarms, and does not notice that a peer is gone without a word.
import Server from 'bittorrent-tracker/server';
import { isSoundMessage } from './message.js';

export const trackerLimits = Object.freeze({
  /** Bytes of one message: ten offers of 1.5 KB fit; public trackers take 16 KB. */
  messageSizeMax: 64 * 1024,
  /** Pieces one message may come in. */
  fragmentCountMax: 16,
  /** Sockets in all. */
  socketCountMax: 12_000,
  /** Swarms (info hashes) in all: a room and the own address for each of 10,000 peers, and air. */
  swarmCountMax: 25_000,
  /** Milliseconds between pings, and how many may be missed in a row. */
  pingIntervalMs: 20_000,
  pingMissesMax: 2,
  /** Milliseconds; a fifth of it (two minutes) is what peers are told to wait between announces. */
  announceIntervalMs: 600_000,
});

export class Tracker {
  #limits;
  #server;
  #pingTimer;
  #swarmCount = 0;
  /** @type {Map<import('ws').WebSocket, number>} sockets and the pings they missed */
  #sockets = new Map();

  constructor(limits = trackerLimits) {
    this.#limits = limits;
    this.#server = new Server({
      udp: false,
      http: false,
      stats: false,
      interval: limits.announceIntervalMs,
      ws: { noServer: true, maxPayload: limits.messageSizeMax, maxFragments: limits.fragmentCountMax },
      filter: (infoHash, _params, done) => done(this.#refusal(infoHash)),
    });
    this.#server.on('error', () => {});
    this.#server.on('warning', () => {}); // what clients send wrong; they are told
    this.#pingTimer = setInterval(() => this.#tidyUp(), limits.pingIntervalMs);
    this.#pingTimer.unref();
  }

  get socketCount() {
    return this.#sockets.size;
  }

  /** Takes over an upgrade request. */
  accept(request, socket, head) {
    if (this.#sockets.size >= this.#limits.socketCountMax) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const { ws: upgrader } = this.#server;
    upgrader.handleUpgrade(request, socket, head, (ws) => {
      this.#sockets.set(ws, 0);
      ws.on('pong', () => this.#sockets.set(ws, 0));
      ws.on('close', () => this.#sockets.delete(ws));
      ws.on('message', (bytes) => this.#receive(ws, bytes));
      upgrader.emit('connection', ws, request);
      ws.off('message', ws.onMessageBound); // ours comes first, and passes on what is sound
    });
  }

  #receive(ws, bytes) {
    if (ws.onMessageBound === null) return; // closed meanwhile
    if (isSoundMessage(bytes)) ws.onMessageBound(bytes);
    else ws.close(1008);
  }

  stop() {
    clearInterval(this.#pingTimer);
    for (const ws of this.#sockets.keys()) ws.close(1001);
  }

  /** @param {string} infoHash @returns {Error | null} why a swarm may not be opened */
  #refusal(infoHash) {
    if (Object.hasOwn(this.#server.torrents, infoHash)) return null;
    if (this.#swarmCount >= this.#limits.swarmCountMax) return new Error('too many swarms');
    this.#swarmCount += 1;
    return null;
  }

  #tidyUp() {
    for (const [ws, missed] of this.#sockets) {
      if (missed >= this.#limits.pingMissesMax) {
        ws.terminate();
        continue;
      }
      this.#sockets.set(ws, missed + 1);
      ws.ping();
    }
    const { torrents } = this.#server;
    for (const [infoHash, swarm] of Object.entries(torrents)) {
      if (swarm.complete + swarm.incomplete === 0) delete torrents[infoHash];
    }
    this.#swarmCount = Object.keys(torrents).length;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// bittorrent-tracker's server with limits around it: it has none of its own for the size of a message or the number of
// swarms, does not notice that a peer is gone without a word, and lets every socket speak for every peer.
import Server from 'bittorrent-tracker/server';
import { WebSocket } from 'ws';
import { Backlog } from '../relay/backlog.js';
import { spend } from '../relay/budget.js';
import { refuse } from '../relay/http.js';
import { visitorOf, Visitors } from '../relay/visitors.js';
import { readMessage } from './message.js';

export const trackerLimits = Object.freeze({
  /** Bytes of one message: ten offers of 1.5 KB fit; public trackers take 16 KB. */
  messageSizeMax: 64 * 1024,
  /** Pieces one message may come in. */
  fragmentCountMax: 16,
  /** Sockets in all. */
  socketCountMax: 12_000,
  /** Swarms (info hashes) in all: a room and the own address for each of 10,000 peers, and air. */
  swarmCountMax: 25_000,
  /** Swarms of one socket: its room, its own address, sixteen addresses looked for, and air. */
  socketSwarmCountMax: 64,
  /** The same of all sockets of one IP address, each counted: four for each that it may have. Else one address could take all
   *  that there are. */
  ipSwarmCountMax: 2048,
  /** Milliseconds between two looks for swarms that all have left, when there are too many: who comes and goes makes them. */
  emptyIntervalMs: 1_000,
  /** As the relay's limits of the same names (relay/limits.js): connections of one IP address, ... */
  ipSocketCountMax: 512,
  /** ... how many times what one may (swarms as well) all of one /48 may together, ... */
  widerShare: 4,
  ipCountMax: 20_000,
  /** ... work of one socket and of all of one address, in bytes a second and at once: an announce with three offers is 6 KB
   *  every two minutes, and one every five seconds for a peer that is alone, ... */
  socketWorkRate: 64 * 1024,
  socketWorkBurst: 512 * 1024,
  ipWorkRate: 4 * 1024 * 1024,
  ipWorkBurst: 16 * 1024 * 1024,
  /** ... what a message counts as besides its bytes (JSON costs more than a frame of the relay), and a connection, ... */
  messageWork: 1024,
  upgradeWork: 8 * 1024,
  /** ... and bytes that wait for one reader, and for all. */
  bufferedSizeMax: 256 * 1024,
  bufferedTotalMax: 32 * 1024 * 1024,
  /** Bytes of messages that have begun to come and are not whole, of all senders together: when it is more, those with the most are
   *  cut off. 12,000 sockets could hold 780 MB. What comes in one read is kept by itself, and counts as so much more: a
   *  message in single bytes would take a hundred times its size. And as so much work, however small. */
  partialTotalMax: 48 * 1024 * 1024,
  chunkSize: 256,
  chunkWork: 256,
  /** Milliseconds between pings, and how many may be missed in a row. */
  pingIntervalMs: 20_000,
  pingMissesMax: 2,
  /** Milliseconds in which a socket has to announce something, and to answer when another comes with its peer_id. */
  firstTimeoutMs: 30_000,
  probeTimeoutMs: 3_000,
  /** Milliseconds in which one that was told to close has to. */
  closeTimeoutMs: 5_000,
  /** Milliseconds; a fifth of it (two minutes) is what peers are told to wait between announces. */
  announceIntervalMs: 600_000,
});

/** WebSocket close codes. */
const Close = Object.freeze({ AWAY: 1001, POLICY: 1008, LATER: 1013 });

/** Bytes of a frame's head that take its mask. */
const MASK_SIZE = 4;

/** One connected socket: all that it says is in one name. */
class Peer {
  missedPings = 0;
  /** Twenty characters, or none yet. @type {string | null} */
  id = null;
  /** @type {Set<string>} */
  swarms = new Set();
  /** When it has to have answered: another came with its name. @type {number} */
  probeEndMs = Infinity;

  /** Bytes that came and are no part of a message that was whole; at least what is kept of one that is not. */
  #partialFrom;
  #chunkCount = 0;

  /**
   * @param {WebSocket} ws @param {import('node:net').Socket} socket under it @param {import('../relay/visitors.js').Visitor} visitor
   * @param {number} credit @param {number} nowMs @param {number} headSize bytes of it that came with the request
   */
  constructor(ws, socket, visitor, credit, nowMs, headSize) {
    this.ws = ws;
    this.socket = socket;
    this.#partialFrom = socket.bytesRead - headSize;
    this.visitor = visitor;
    this.credit = credit;
    this.openedMs = nowMs;
    this.creditMs = Math.floor(nowMs);
  }

  heard() {
    this.missedPings = 0;
    this.probeEndMs = Infinity;
  }

  /** A frame of so many bytes is whole. @param {number} size */
  took(size) {
    this.#partialFrom += size + MASK_SIZE + (size < 126 ? 2 : size < 2 ** 16 ? 4 : 10); // as its head is at least
    this.#chunkCount = 0;
  }

  /** Something came. */
  came() {
    this.#chunkCount += 1;
  }

  /** What is kept of a message that is not whole: see Backlog. @param {number} chunkSize */
  partialSize(chunkSize) {
    return this.socket.destroyed ? 0 : this.socket.bytesRead - this.#partialFrom + this.#chunkCount * chunkSize;
  }

  /** Bytes that its reader has not taken yet: see Backlog. */
  get waitingSize() {
    return this.socket.destroyed ? 0 : this.ws.bufferedAmount;
  }

  cutOff() {
    this.socket.resetAndDestroy();
  }
}

export class Tracker {
  #limits;
  #server;
  #timers;
  #swarmCount = 0;
  #emptiedMs = -Infinity;
  /** @type {Map<WebSocket, Peer>} */
  #peers = new Map();
  /** @type {Map<string, Peer>} */
  #byId = new Map();
  #visitors;
  #backlog;
  #partials;
  /** Refused messages and sockets. */
  refused = 0;

  constructor(limits = trackerLimits) {
    this.#limits = limits;
    this.#visitors = new Visitors(limits);
    this.#backlog = new Backlog(limits.bufferedTotalMax);
    this.#partials = new Backlog(limits.partialTotalMax, (peer) => peer.partialSize(limits.chunkSize));
    this.#server = new Server({
      udp: false,
      http: false,
      stats: false,
      interval: limits.announceIntervalMs,
      ws: {
        noServer: true,
        maxPayload: limits.messageSizeMax,
        maxFragments: limits.fragmentCountMax,
        closeTimeout: limits.closeTimeoutMs,
      },
      filter: (infoHash, _params, done) => done(this.#refusal(infoHash)),
    });
    this.#server.on('error', () => {});
    this.#server.on('warning', () => {}); // what clients send wrong; they are told
    this.#timers = [
      setInterval(() => this.#tidyUp(), limits.pingIntervalMs),
      setInterval(() => this.#endSilent(), Math.max(limits.probeTimeoutMs / 4, 50)),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  get socketCount() {
    return this.#peers.size;
  }

  /** Counts a connection, whatever it will ask for. @param {string} ip key of visitors.js @returns {boolean} false: it has too many */
  admit(socket, ip) {
    const isIn = this.#visitors.admit(socket, ip);
    if (!isIn) this.refused += 1;
    return isIn;
  }

  /** Takes over an upgrade request. @param {string} ip key of visitors.js, where the connection was not admitted before */
  accept(request, socket, head, ip) {
    const isFull = this.#peers.size >= this.#limits.socketCountMax;
    if (isFull) this.refused += 1;
    if (isFull || (visitorOf(socket) === undefined && !this.admit(socket, ip))) {
      refuse(socket, isFull ? '503 Service Unavailable' : '429 Too Many Requests');
      return;
    }
    const visitor = visitorOf(socket);
    if (!this.#visitors.take(visitor, this.#limits.upgradeWork)) {
      this.refused += 1;
      refuse(socket, '429 Too Many Requests');
      return;
    }
    const { ws: upgrader } = this.#server;
    upgrader.handleUpgrade(request, socket, head, (ws) => this.#open(ws, socket, visitor, request, head.length));
  }

  #open(ws, socket, visitor, request, headSize) {
    const { socketWorkBurst, messageWork, chunkWork } = this.#limits;
    const peer = new Peer(ws, socket, visitor, socketWorkBurst, performance.now(), headSize);
    this.#peers.set(ws, peer);
    socket.on('data', () => { // ws was told before
      peer.came();
      this.#partials.note(peer);
      this.#charge(peer, chunkWork);
    });
    ws.on('ping', (bytes) => {
      peer.took(bytes.length);
      this.#charge(peer, bytes.length + messageWork);
    });
    ws.on('pong', (bytes) => {
      peer.heard();
      peer.took(bytes.length);
      this.#charge(peer, bytes.length + messageWork);
    });
    ws.on('close', () => this.#forget(peer));
    ws.on('message', (bytes) => this.#receive(peer, bytes));
    ws.send = (...args) => this.#send(peer, args); // the server's way to it, and there is no other
    ws.setMaxListeners(0); // the server adds one for each send that fails as the other is gone: node would warn of a leak that is none
    this.#server.ws.emit('connection', ws, request);
    ws.off('message', ws.onMessageBound); // ours comes first, and passes on what is sound
  }

  #forget(peer) {
    peer.visitor.count('swarmCount', -peer.swarms.size);
    peer.swarms.clear();
    this.#backlog.forget(peer);
    this.#partials.forget(peer);
    this.#peers.delete(peer.ws);
    if (this.#byId.get(peer.id) === peer) this.#byId.delete(peer.id);
  }

  #send(peer, args) {
    WebSocket.prototype.send.apply(peer.ws, args);
    if (peer.waitingSize > this.#limits.bufferedSizeMax) peer.cutOff();
    else this.#backlog.note(peer);
  }

  #receive(peer, bytes) {
    const { ws } = peer;
    const work = bytes.length + this.#limits.messageWork;
    peer.took(bytes.length);
    if (ws.onMessageBound === null || ws.readyState !== ws.OPEN) {
      this.#charge(peer, work); // told to close, and read until it does
      return;
    }
    peer.heard();
    const message = readMessage(bytes);
    const isOver = this.#isOver(peer, work);
    if (message === null || isOver || !this.#isOwn(peer, message)) {
      this.refused += 1;
      ws.close(Close.POLICY);
    } else if (this.#hasName(peer, message.peer_id) && this.#hasRoom(peer, message)) {
      ws.onMessageBound(bytes);
    }
  }

  /**
   * What costs and is no message. Who is over is told to close, and who is far over not read any more.
   * @param {Peer} peer @param {number} work
   */
  #charge(peer, work) {
    if (!this.#isOver(peer, work)) return;
    const { ws } = peer;
    if (ws.readyState === ws.OPEN) {
      this.refused += 1;
      ws.close(Close.POLICY);
    }
    if (peer.credit < -this.#limits.socketWorkBurst) ws.pause();
  }

  #isOver(peer, work) {
    const { socketWorkRate, socketWorkBurst, ipWorkBurst } = this.#limits;
    const left = spend(peer, work, socketWorkRate, socketWorkBurst, performance.now());
    const ipLeft = this.#visitors.spend(peer.visitor, work);
    return left < 0 || ipLeft < -ipWorkBurst || (ipLeft < 0 && this.#visitors.isHeavy(peer.visitor, socketWorkBurst - left));
  }

  /** A socket has one name as long as it is open. */
  #isOwn(peer, { peer_id: id }) {
    return peer.id === null || peer.id === id;
  }

  /** It has that name now, unless another who answers does: a lost socket of its own may hold it for some seconds. */
  #hasName(peer, id) {
    const holder = this.#byId.get(id);
    if (holder === undefined || holder === peer) {
      peer.id = id;
      this.#byId.set(id, peer);
      return true;
    }
    if (holder.probeEndMs === Infinity) {
      holder.probeEndMs = performance.now() + this.#limits.probeTimeoutMs;
      holder.ws.ping();
    }
    this.refused += 1;
    peer.ws.close(Close.LATER); // the old one is gone when it comes back, or it is another's
    return false;
  }

  #hasRoom(peer, { info_hash: infoHash, event }) {
    const { swarms, visitor } = peer;
    if (event === 'stopped') {
      const wasThere = swarms.delete(infoHash);
      if (wasThere) visitor.count('swarmCount', -1);
      return wasThere; // else the server would open one for it
    }
    if (swarms.has(infoHash)) return true;
    const { socketSwarmCountMax, ipSwarmCountMax, widerShare } = this.#limits;
    if (swarms.size < socketSwarmCountMax && visitor.mayCount('swarmCount', ipSwarmCountMax, widerShare)) {
      swarms.add(infoHash);
      visitor.count('swarmCount', 1);
      return true;
    }
    this.refused += 1;
    const whose = swarms.size < socketSwarmCountMax ? 'IP address' : 'peer';
    peer.ws.send(JSON.stringify({ action: 'announce', info_hash: infoHash, 'failure reason': `too many swarms of one ${whose}` }));
    return false;
  }

  stop() {
    for (const timer of this.#timers) clearInterval(timer);
    for (const ws of this.#peers.keys()) ws.close(Close.AWAY);
  }

  /** @param {string} infoHash @returns {Error | null} why a swarm may not be opened */
  #refusal(infoHash) {
    if (Object.hasOwn(this.#server.torrents, infoHash)) return null;
    const isFull = () => this.#swarmCount >= this.#limits.swarmCountMax;
    if (isFull() && performance.now() - this.#emptiedMs >= this.#limits.emptyIntervalMs) this.#dropEmpty();
    if (isFull()) return new Error('too many swarms');
    this.#swarmCount += 1;
    return null;
  }

  /** Those that were asked for a sign of life in vain, and those that never announced anything. */
  #endSilent() {
    const nowMs = performance.now();
    for (const peer of this.#peers.values()) {
      const isIdle = peer.id === null && nowMs - peer.openedMs > this.#limits.firstTimeoutMs;
      if (nowMs > peer.probeEndMs || isIdle) peer.ws.terminate();
    }
  }

  #tidyUp() {
    this.#visitors.forget();
    for (const peer of this.#peers.values()) {
      if (peer.missedPings >= this.#limits.pingMissesMax) {
        peer.ws.terminate();
        continue;
      }
      peer.missedPings += 1;
      peer.ws.ping();
    }
    this.#dropEmpty();
  }

  /** Swarms that all have left. */
  #dropEmpty() {
    this.#emptiedMs = performance.now();
    const { torrents } = this.#server;
    for (const [infoHash, swarm] of Object.entries(torrents)) {
      if (swarm.complete + swarm.incomplete === 0) delete torrents[infoHash];
    }
    this.#swarmCount = Object.keys(torrents).length;
  }
}

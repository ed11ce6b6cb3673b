// SPDX-License-Identifier: GPL-3.0-or-later
// The relay: rooms, broadcast, and delivery to one address, of frames that it does not understand.
// It keeps nothing and logs no contents. An address is a claim until it is proved (claims.js): who
// claims another's gets ciphertext that only the owner can read, until the owner comes; peers prove
// theirs to each other, end to end.
import { Addresses } from './addresses.js';
import { Backlog } from './backlog.js';
import { spend } from './budget.js';
import { LocalBus } from './bus.js';
import { Claims } from './claims.js';
import { Client, workOf } from './client.js';
import { addressIn, decode, encodeChallenge, encodeLeft, encodeNobody, encodePong, encodeWelcome, Type, VERSION } from './frames.js';
import { limits as defaultLimits } from './limits.js';
import { frameMessage, framePong, pingFrame, Room, Turn } from './outlet.js';
import { Challenges, isProof } from './proof.js';
import { Refusals } from './refusals.js';
import { Visitors } from './visitors.js';

/** WebSocket close codes that are used here. */
const Close = Object.freeze({ PROTOCOL: 1002, FLOOD: 1008, TOO_BIG: 1009, RESTART: 1012, LATER: 1013, VERSION: 4002 });
/** Clients show these to people; they come back by themselves, each after a time of its own choice. @param {number} version theirs */
const versionReason = (version) => `this relay speaks version ${VERSION} of the protocol, and not ${version}: reload the page, or update`;
const RESTART_REASON = Buffer.from('the relay is being restarted');
/** Clients that are welcomed again at once, and milliseconds between them, after other relays came back. */
const AGAIN_COUNT = 100;
const AGAIN_INTERVAL_MS = 100;
const NOTHING = Buffer.alloc(0);

export class Relay {
  /** @type {Set<Client>} */
  #clients = new Set();
  /** Those that have not said HELLO, oldest first. and when they came. @type {Map<Client, number>} */
  #silent = new Map();
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  #addresses = new Addresses();
  #challenges = new Challenges();
  #claims;
  #nextNumber = 0;
  /** What all outlets share. */
  turn = new Turn();
  /** @type {Backlog} what is on its way to readers */
  backlog;
  /** @type {Backlog} what has come of messages that are not whole */
  partials;
  limits;
  #bus;
  #timers;
  #isStopping = false;
  visitors;
  counters = {
    accepted: 0,
    received: 0,
    received_bytes: 0,
    sent: 0,
    sent_bytes: 0,
    malformed: 0,
    nobody: 0,
    paused: 0,
    stalled: 0,
    refused: 0,
    silent: 0,
    proven: 0,
  };

  /** @param {{limits?: typeof defaultLimits, bus?: LocalBus, log?: (line: string) => void}} [options] */
  constructor({ limits = defaultLimits, bus = new LocalBus(), log = () => {} } = {}) {
    this.limits = limits;
    this.#bus = bus;
    this.visitors = new Visitors(limits);
    this.backlog = new Backlog(limits.bufferedTotalMax);
    this.partials = new Backlog(limits.partialTotalMax, (client) => client.partial?.size ?? 0);
    this.refusals = new Refusals(limits, log);
    this.#timers = [
      setInterval(() => this.#ping(), limits.pingIntervalMs),
      setInterval(() => this.#hurrySilent(), limits.helloTimeoutMs / 10),
    ];
    for (const timer of this.#timers) timer.unref();
    this.#claims = new Claims(limits, {
      holdersOf: (address) => this.#addresses.of(address),
      enter: (client, claim) => this.#enter(client, claim),
      refuse: (client) => {
        this.#refuse(client, 'displaced', Close.LATER);
      },
      end: (client) => this.#end(client),
      ask: (client) => client.send(pingFrame),
    });
    bus.start(this);
  }

  /** What happened so far, and what there is. */
  stats() {
    const refusals = { ...this.refusals.byReason, ip: this.visitors.refused };
    return {
      ...this.counters,
      foreign: refusals.version,
      floods: refusals.flood,
      displaced: refusals.displaced,
      refused_by_ip: refusals.ip,
      refused_by_origin: refusals.origin,
      refusals,
      waiting_bytes: this.backlog.size,
      partial_bytes: this.partials.size,
      sockets: this.#clients.size,
      rooms: this.#rooms.size,
      addresses: this.#addresses.count,
      ips: this.visitors.count,
    };
  }

  get isStopping() {
    return this.#isStopping;
  }

  get bus() {
    return this.#bus;
  }

  /** Whether one more socket may connect. */
  hasPlace() {
    return !this.#isStopping && this.#clients.size < this.limits.socketCountMax;
  }

  /** Whether this visitor may open one more socket now. @param {import('./visitors.js').Visitor} visitor */
  mayOpen(visitor) {
    return this.visitors.take(visitor, this.limits.upgradeWork);
  }

  /**
   * Takes over a socket whose handshake is done but for the answer.
   * @param {import('node:net').Socket} socket
   * @param {Buffer} answer
   * @param {import('./visitors.js').Visitor} visitor has entered; leaves with the socket
   */
  accept(socket, answer, visitor) {
    const nowMs = performance.now();
    this.#nextNumber += 1;
    const client = new Client(this, socket, visitor, this.#nextNumber, this.limits.socketWorkBurst, nowMs);
    this.counters.accepted += 1;
    this.#clients.add(client);
    this.#silent.set(client, nowMs);
    client.send(answer);
    client.send(frameMessage(encodeChallenge(this.#challenges.of(client.number))));
  }

  /** What a bus brings from elsewhere. @param {string} room @param {Buffer} message */
  hearFromRoom(room, message) {
    if (message[0] === Type.LEFT && this.#isInRoom(addressIn(message), this.#rooms.get(room))) return;
    this.#deliverToRoom(this.#rooms.get(room), message);
  }

  /** What a bus brings from elsewhere. @param {string} address @param {Buffer} message */
  hearForAddress(address, message) {
    this.#deliverToAddress(address, message);
  }

  /** Other relays can be reached again: who came meanwhile is to be known there, a few at a time. */
  rejoin() {
    const unheard = [...this.#clients].filter((client) => client.isUnheard);
    const next = () => {
      for (const client of unheard.splice(0, AGAIN_COUNT)) {
        client.isUnheard = false;
        if (client.address !== null) this.#welcome(client);
      }
      if (unheard.length > 0) setTimeout(next, AGAIN_INTERVAL_MS).unref();
    };
    next();
  }

  /** Says good-bye to every socket, and resolves when they are gone or had their time. */
  async stop() {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#claims.stop();
    this.turn.end();
    for (const room of this.#rooms.values()) room.flush();
    for (const client of this.#clients) client.close(Close.RESTART, RESTART_REASON);
    const end = performance.now() + this.limits.stopTimeoutMs;
    while (this.#clients.size > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const client of this.#clients) client.terminate();
    await this.#bus.stop();
  }

  /** A socket is gone. @param {Client} client */
  forget(client) {
    this.visitors.leave(client.visitor);
    this.#clients.delete(client);
    this.#silent.delete(client);
    this.#claims.forget(client);
    this.backlog.forget(client);
    this.partials.forget(client);
    this.#leave(client);
  }

  /** @param {Client} client @param {Buffer} bytes @param {boolean} isBinary */
  receive(client, bytes, isBinary) {
    client.heard();
    if (!client.isOpen) {
      this.spend(client, workOf(bytes.length, 0, this.limits)); // it is told to close, and is read until it does
      return;
    }
    this.counters.received += 1;
    this.counters.received_bytes += bytes.length;
    const frame = isBinary ? decode(bytes, this.limits.payloadSizeMax) : null;
    if (frame === null || !this.#isInTurn(client, frame.type)) {
      const isTooBig = bytes.length > this.limits.payloadSizeMax;
      this.counters.malformed += 1;
      this.#refuse(client, isTooBig ? 'size' : 'malformed', isTooBig ? Close.TOO_BIG : Close.PROTOCOL);
      return;
    }
    let receiverCount = 1;
    if (client.address === null && frame.type < Type.PING && frame.type !== Type.HELLO) {
      this.spend(client, workOf(bytes.length, 0, this.limits)); // it waits for its address: as if said too early
      return;
    }
    switch (frame.type) {
      case Type.HELLO:
        this.spend(client, this.limits.helloWork);
        if (frame.version !== VERSION) {
          this.#refuse(client, 'version', Close.VERSION, versionReason(frame.version));
          return;
        }
        this.#hello(client, frame.room, frame.address);
        return;
      case Type.PROOF:
        this.spend(client, this.limits.proofWork);
        this.#prove(client, frame);
        return;
      case Type.BROADCAST:
        receiverCount = this.#broadcast(client, bytes);
        break;
      case Type.DIRECTED:
        receiverCount = this.#direct(client, frame.address, bytes);
        break;
      case Type.PING:
        client.send(frameMessage(encodePong(frame.token)));
        break;
    }
    this.spend(client, workOf(bytes.length, receiverCount, this.limits));
  }

  /** HELLO comes first. */
  #isInTurn(client, type) {
    return client.address !== null || client.claim !== null || type === Type.HELLO;
  }

  /** @param {Client} client @param {Buffer} bytes at most 125 */
  answerPing(client, bytes) {
    client.heard();
    client.send(framePong(bytes));
    this.spend(client, workOf(bytes.length, 1, this.limits));
  }

  /** @param {Client} client @param {Buffer} message @returns {number} to how many it goes here */
  #broadcast(client, message) {
    const { room } = client;
    if (room === null) return 0;
    this.#bus.publishToRoom(room.key, message);
    return this.#deliverToRoom(room, message, client);
  }

  /** @param {Client} client @param {string} address @param {Buffer} message @returns {number} as above */
  #direct(client, address, message) {
    const count = this.#deliverToAddress(address, message);
    if (count > 0) {
      this.#bus.publishToAddress(address, message);
      return count;
    }
    const tell = () => {
      this.counters.nobody += 1;
      client.send(frameMessage(encodeNobody(address)));
    };
    if (!this.#bus.seek(address, message, tell)) tell();
    return 1;
  }

  /** Counts what a client caused, and lets it wait, or closes it, when it is over. @param {Client} client @param {number} work */
  spend(client, work) {
    const { socketWorkRate, socketWorkBurst, ipWorkRate, ipWorkBurst } = this.limits;
    const nowMs = performance.now();
    const left = spend(client, work, socketWorkRate, socketWorkBurst, nowMs);
    const ipLeft = this.visitors.spend(client.visitor, work, nowMs);
    if (left >= 0 && ipLeft >= 0) return;
    const isByItself = left < -socketWorkBurst;
    if (client.isOpen && (isByItself || (ipLeft < -ipWorkBurst && this.visitors.isHeavy(client.visitor, socketWorkBurst - left)))) {
      this.#refuse(client, 'flood', Close.FLOOD);
    } else if (!client.isPaused) {
      this.counters.paused += 1;
      client.pause(Math.max((-left * 1000) / socketWorkRate, (-ipLeft * 1000) / ipWorkRate));
    }
  }

  /** @param {Client} client @param {string | null} key of a room @param {string} address */
  #hello(client, key, address) {
    if (client.address === address && (client.room?.key ?? null) === key) {
      this.#welcome(client);
      return;
    }
    this.#claims.forget(client);
    const isSame = client.address === address;
    this.#leave(client);
    if (!isSame) client.isProven = false;
    this.#claims.admit(client, { key, address });
    if (client.claim === null) return;
    this.#silent.delete(client);
    this.#silent.set(client, performance.now()); // has to prove it in time
  }

  /** @param {Client} client @param {{signKey: Buffer, identityKey: Buffer, signature: Buffer}} proof */
  #prove(client, proof) {
    if (client.isProven || !client.isOpen) return; // once is enough
    const address = client.address ?? client.claim?.address;
    if (!isProof(proof, this.#challenges.of(client.number), address)) {
      this.counters.malformed += 1;
      this.#refuse(client, 'proof', Close.PROTOCOL);
      return;
    }
    this.counters.proven += 1;
    this.#claims.proved(client);
  }

  /** How many are in its room elsewhere is not known; it is to tell them of itself in any case. */
  #welcome(client) {
    client.isUnheard = this.#bus.state === 'alone';
    const { room } = client;
    const others = room === null ? 0 : room.members.size - 1 + (this.#bus.state === 'connected' ? 1 : 0);
    client.send(frameMessage(encodeWelcome(others)));
  }

  /** @param {Client} client @param {import('./claims.js').Claim} claim */
  #enter(client, { key, address }) {
    this.#silent.delete(client);
    if (key !== null && !this.#rooms.has(key) && this.#rooms.size >= this.limits.roomCountMax) {
      this.#refuse(client, 'rooms', Close.LATER);
      return;
    }
    client.address = address;
    if (key !== null) {
      let room = this.#rooms.get(key);
      if (!room) {
        room = new Room(key, this.turn, this.limits);
        this.#rooms.set(key, room);
        this.#bus.roomOpened(key);
      }
      room.add(client);
    }
    if (this.#addresses.add(address, client)) this.#bus.addressTaken(address);
    this.#welcome(client);
  }

  /** Takes a client out of its room and address, and tells the room when that address is gone. */
  #leave(client) {
    const { room, address } = client;
    client.address = null;
    if (address === null) return;
    if (this.#addresses.remove(address, client)) this.#bus.addressFreed(address);
    if (!this.#isStopping) this.#claims.left(address);
    if (room === null) return;
    room.remove(client);
    if (room.members.size === 0) {
      this.#rooms.delete(room.key);
      this.#bus.roomClosed(room.key);
    }
    if (this.#isStopping || this.#isInRoom(address, room)) return;
    const left = encodeLeft(address);
    const tell = () => {
      const now = this.#rooms.get(room.key);
      if (this.#isInRoom(address, now)) return; // it came back while others were asked
      this.#deliverToRoom(now, left);
      this.#bus.publishToRoom(room.key, left);
    };
    if (!this.#bus.seek(address, NOTHING, tell)) tell();
  }

  /** @param {string} address @param {Room | undefined} room */
  #isInRoom(address, room) {
    for (const holder of this.#addresses.of(address)) if (holder.room === room) return true;
    return false;
  }

  /** @param {Room | undefined} room @returns {number} to how many */
  #deliverToRoom(room, message, except = null) {
    const count = room === undefined ? 0 : room.members.size - (except === null ? 0 : 1);
    if (count === 0) return 0;
    const framed = frameMessage(message);
    this.counters.sent += count;
    this.counters.sent_bytes += count * framed.length;
    room.broadcast(framed, except);
    return count;
  }

  /** @param {string} address @returns {number} to how many */
  #deliverToAddress(address, message) {
    if (!this.#addresses.has(address)) return 0;
    const framed = frameMessage(message);
    let count = 0;
    for (const holder of this.#addresses.of(address)) {
      holder.send(framed);
      count += 1;
    }
    this.counters.sent += count;
    this.counters.sent_bytes += count * framed.length;
    return count;
  }

  /**
   * Closes a socket from our side; it has left everything at once.
   * @param {Client} client @param {keyof typeof import('./refusals.js').reasons} why
   * @param {number} code @param {string} [reason] said to it
   */
  #refuse(client, why, code, reason = '') {
    this.counters.refused += 1;
    this.refusals.count(why);
    this.#silent.delete(client);
    this.#claims.forget(client);
    this.#leave(client);
    client.close(code, Buffer.from(reason));
  }

  /** Ends a socket that does not answer; it has left everything at once. @param {Client} client */
  #end(client) {
    this.counters.silent += 1;
    this.#leave(client);
    client.terminate();
  }

  #ping() {
    this.visitors.forget();
    for (const client of this.#clients) {
      if (client.missedPings >= this.limits.pingMissesMax) {
        this.#end(client);
        continue;
      }
      client.missedPings += 1;
      client.send(pingFrame);
    }
  }

  /** Closes those that have not said HELLO in time. */
  #hurrySilent() {
    const nowMs = performance.now();
    for (const [client, openedMs] of this.#silent) {
      if (nowMs - openedMs < this.limits.helloTimeoutMs) break;
      this.#refuse(client, 'late', Close.LATER); // a slow line, or a busy tab: not one of another version
    }
  }
}


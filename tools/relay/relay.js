// SPDX-License-Identifier: GPL-3.0-or-later
// The relay: rooms, broadcast, and delivery to one address, of frames that it does not understand.
// It keeps nothing and logs no contents. An address is a claim: whoever claims another's gets
// ciphertext that only the owner can read; peers prove theirs to each other, end to end.
import { WebSocketServer } from 'ws';
import { LocalBus } from './bus.js';
import { Client } from './client.js';
import { decode, encodeLeft, encodeNobody, encodePong, encodeWelcome, Type } from './frames.js';
import { Groups } from './groups.js';
import { limits as defaultLimits } from './limits.js';
import { frameMessage, Outlet } from './outlet.js';

/** WebSocket close codes that are used here. */
const Close = Object.freeze({ GOING_AWAY: 1001, PROTOCOL: 1002, TOO_BIG: 1009, LATER: 1013 });

export class Relay {
  /** @type {Set<Client>} */
  #clients = new Set();
  #rooms = new Groups();
  #addresses = new Groups();
  #limits;
  #bus;
  #pingTimer;
  #server;
  #counters = { received: 0, sent: 0, malformed: 0, nobody: 0, stalled: 0, refused: 0, silent: 0 };

  /** @param {{limits?: typeof defaultLimits, bus?: LocalBus}} [options] */
  constructor({ limits = defaultLimits, bus = new LocalBus() } = {}) {
    this.#limits = limits;
    this.#bus = bus;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      maxPayload: limits.messageSizeMax,
      maxFragments: limits.fragmentCountMax,
    });
    this.#pingTimer = setInterval(() => this.#ping(), limits.pingIntervalMs);
    this.#pingTimer.unref();
    bus.start(this);
  }

  /** What happened so far, and what there is. */
  stats() {
    return {
      ...this.#counters,
      sockets: this.#clients.size,
      rooms: this.#rooms.count,
      addresses: this.#addresses.count,
    };
  }

  /** Whether one more socket may connect. */
  hasPlace() {
    return this.#clients.size < this.#limits.socketCountMax;
  }

  /**
   * Takes over an upgrade request whose origin was checked.
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:net').Socket} socket
   * @param {Buffer} head
   */
  accept(request, socket, head) {
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#open(ws, socket));
  }

  /**
   * To the sockets of a room; also what a bus brings from elsewhere.
   * @param {string} room
   * @param {Buffer} message
   * @param {Client} [except]
   */
  deliverToRoom(room, message, except) {
    const members = this.#rooms.of(room);
    if (!members || (members.size === 1 && except)) return;
    const framed = frameMessage(message);
    for (const member of members) if (member !== except) this.#send(member, framed);
  }

  /**
   * To the sockets of an address; also what a bus brings from elsewhere.
   * @param {string} address
   * @param {Buffer} message
   * @returns {boolean} whether there was one
   */
  deliverToAddress(address, message) {
    const holders = this.#addresses.of(address);
    if (!holders) return false;
    const framed = frameMessage(message);
    for (const holder of holders) this.#send(holder, framed);
    return true;
  }

  /** Says good-bye to every socket, and resolves when they are gone or had their time. */
  async stop() {
    clearInterval(this.#pingTimer);
    this.#bus.stop();
    for (const { ws } of this.#clients) ws.close(Close.GOING_AWAY);
    const end = performance.now() + this.#limits.stopTimeoutMs;
    while (this.#clients.size > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const { ws } of this.#clients) ws.terminate();
  }

  /** @param {import('ws').WebSocket} ws @param {import('node:net').Socket} socket */
  #open(ws, socket) {
    const client = new Client(ws, new Outlet(ws, socket, this.#limits.bufferedSizeMax));
    this.#clients.add(client);
    const greeting = setTimeout(() => this.#refuse(client, Close.PROTOCOL), this.#limits.helloTimeoutMs);
    greeting.unref();
    ws.on('message', (bytes, isBinary) => {
      client.missedPings = 0;
      this.#receive(client, /** @type {Buffer} */ (bytes), isBinary);
      if (client.address !== null) clearTimeout(greeting);
    });
    ws.on('pong', () => {
      client.missedPings = 0;
    });
    ws.on('error', () => {
      this.#counters.malformed += 1; // ws closes it, with the fitting code
    });
    ws.on('close', () => {
      clearTimeout(greeting);
      this.#clients.delete(client);
      this.#leave(client);
    });
  }

  /** @param {Client} client @param {Buffer} bytes @param {boolean} isBinary */
  #receive(client, bytes, isBinary) {
    if (client.ws.readyState !== client.ws.OPEN) return;
    this.#counters.received += 1;
    const frame = isBinary ? decode(bytes, this.#limits.payloadSizeMax) : null;
    if (frame === null || (client.address === null && frame.type !== Type.HELLO)) {
      const isTooBig = bytes.length > this.#limits.payloadSizeMax;
      this.#counters.malformed += 1;
      this.#refuse(client, isTooBig ? Close.TOO_BIG : Close.PROTOCOL);
      return;
    }
    switch (frame.type) {
      case Type.HELLO:
        this.#hello(client, frame.room, frame.address);
        break;
      case Type.BROADCAST:
        if (client.room === null) break;
        this.deliverToRoom(client.room, bytes, client);
        this.#bus.publishToRoom(client.room, bytes);
        break;
      case Type.DIRECTED: {
        const isHere = this.deliverToAddress(frame.address, bytes);
        const isElsewhere = this.#bus.publishToAddress(frame.address, bytes);
        if (isHere || isElsewhere) break;
        this.#counters.nobody += 1;
        this.#send(client, frameMessage(encodeNobody(frame.address)));
        break;
      }
      case Type.PING:
        this.#send(client, frameMessage(encodePong(frame.token)));
        break;
    }
  }

  /** @param {Client} client @param {string | null} room @param {string} address */
  #hello(client, room, address) {
    if (client.room !== room || client.address !== address) {
      const opensRoom = room !== null && !this.#rooms.of(room);
      if (opensRoom && this.#rooms.count >= this.#limits.roomCountMax) {
        this.#refuse(client, Close.LATER);
        return;
      }
      this.#leave(client);
      this.#enter(client, room, address);
    }
    const others = room === null ? 0 : this.#rooms.of(room).size - 1;
    this.#send(client, frameMessage(encodeWelcome(others)));
  }

  #enter(client, room, address) {
    client.room = room;
    client.address = address;
    if (room !== null && this.#rooms.add(room, client)) this.#bus.roomOpened(room);
    if (this.#addresses.add(address, client)) this.#bus.addressTaken(address);
    const holders = this.#addresses.of(address);
    if (holders.size > this.#limits.socketsPerAddressMax) {
      const [oldest] = holders;
      this.#refuse(oldest, Close.LATER);
    }
  }

  /** Takes a client out of its room and address, and tells the room when that address is gone. */
  #leave(client) {
    const { room, address } = client;
    client.room = null;
    client.address = null;
    if (address === null) return;
    if (this.#addresses.remove(address, client)) this.#bus.addressFreed(address);
    if (room === null) return;
    if (this.#rooms.remove(room, client)) {
      this.#bus.roomClosed(room);
      return;
    }
    for (const other of this.#addresses.of(address) ?? []) if (other.room === room) return;
    const left = encodeLeft(address);
    this.deliverToRoom(room, left);
    this.#bus.publishToRoom(room, left);
  }

  /** @param {Client} client @param {Buffer} framed */
  #send(client, framed) {
    if (client.outlet.send(framed)) this.#counters.sent += 1;
    else if (client.ws.readyState === client.ws.OPEN) this.#counters.stalled += 1;
  }

  /** Closes a socket from our side; it has left everything at once. @param {Client} client */
  #refuse(client, code) {
    this.#counters.refused += 1;
    this.#leave(client);
    client.ws.close(code);
  }

  #ping() {
    for (const client of this.#clients) {
      if (client.missedPings >= this.#limits.pingMissesMax) {
        this.#counters.silent += 1;
        client.ws.terminate();
        continue;
      }
      client.missedPings += 1;
      client.ws.ping();
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A client of the relay (docs/protocol.md, section 12).
import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';
import { concat, demand, Reader, Refused, u8, zeros } from './bytes.mjs';
import * as derive from './derive.mjs';
import { sign } from './primitives.mjs';

export const VERSION = 2;
const SAY = { HELLO: 0x01, BROADCAST: 0x02, DIRECTED: 0x03, PING: 0x05, PROOF: 0x06 };
const HEAR = { WELCOME: 0x81, BROADCAST: 0x02, DIRECTED: 0x03, NOBODY: 0x84, PONG: 0x85, LEFT: 0x86, CHALLENGE: 0x87 };

/** Events: welcome (how many others), frame (bytes), nobody, left (address), refused (error), closed (code, reason). */
export class RelayClient extends EventEmitter {
  #socket;
  #identity;
  isOpen = false;

  /** @param {string} url @param {import('./record.mjs').Identity} identity @param {Uint8Array} [room] its name at relays */
  constructor(url, identity, room = zeros(20), version = VERSION) {
    super();
    this.#identity = identity;
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'nodebuffer';
    this.#socket.on('open', () => this.#send(u8(SAY.HELLO), u8(version), room, identity.address));
    this.#socket.on('message', (data, isBinary) => this.#hear(Uint8Array.from(/** @type {Buffer} */ (data)), isBinary));
    this.#socket.on('error', () => {}); // what follows is 'close'
    this.#socket.on('close', (code, reason) => {
      this.isOpen = false;
      this.emit('closed', code, reason.toString());
    });
  }

  broadcast(frame) {
    this.#send(u8(SAY.BROADCAST), frame);
  }

  direct(address, frame) {
    this.#send(u8(SAY.DIRECTED), address, frame);
  }

  close() {
    this.#socket.close();
  }

  #send(...parts) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(concat(...parts));
  }

  #hear(bytes, isBinary) {
    try {
      demand(isBinary, 'relay', 'text');
      this.#heed(new Reader(bytes));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.emit('refused', error);
    }
  }

  #heed(reader) {
    switch (reader.number()) {
      case HEAR.CHALLENGE: {
        const signature = sign(this.#identity.signSeed, derive.relayProofDigest(reader.take(32)));
        this.#send(u8(SAY.PROOF), this.#identity.signKey, this.#identity.identityKey, signature);
        break;
      }
      case HEAR.WELCOME: {
        demand(reader.number() === VERSION, 'version', 'of the relay');
        this.isOpen = true;
        this.emit('welcome', reader.number(4));
        break;
      }
      case HEAR.BROADCAST:
        this.emit('frame', reader.rest());
        break;
      case HEAR.DIRECTED:
        reader.take(20); // to whom: to us
        this.emit('frame', reader.rest());
        break;
      case HEAR.NOBODY:
        this.emit('nobody', reader.take(20));
        break;
      case HEAR.LEFT:
        this.emit('left', reader.take(20));
        break;
      default: // PONG, and what later versions say
    }
  }
}

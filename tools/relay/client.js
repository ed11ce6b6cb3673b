// SPDX-License-Identifier: GPL-3.0-or-later
import { frameClose, Outlet } from './outlet.js';
import { Code, read } from './reader.js';

const CLIENT = Symbol('client');
const NOTHING = Buffer.alloc(0);

// One function each for all sockets; `this` is the socket.
function onData(bytes) {
  const client = this[CLIENT];
  const wasWhole = client.partial === null;
  if (!client.isDeaf) read(client, bytes, client.relay.limits);
  if (client.partial !== null || !wasWhole) client.relay.partials.note(client);
}
function onEnd() {
  const client = this[CLIENT];
  client.flush();
  client.isOpen = false;
  this.end();
}
function onError() {
  this[CLIENT].terminate();
}
function onClose() {
  this[CLIENT].gone();
}

/**
 * One connected socket: a WebSocket after its handshake. There are 10,000 of these: what every one has is paid 10,000 times.
 */
export class Client extends Outlet {
  /** The reader's. @type {import('./reader.js').Partial | null} */
  partial = null;
  /** What comes is thrown away: it has said that it closes, or broken the rules. */
  isDeaf = false;
  /** Runs once it is closing. @type {NodeJS.Timeout | null} */
  #closeTimer = null;
  /** @type {string | null} null until HELLO */
  address = null;
  missedPings = 0;
  isPaused = false;
  /** It said HELLO while other relays could not be reached. */
  isUnheard = false;
  /** It has proved its address. */
  isProven = false;
  /** It was asked for a sign of life and gave none yet. */
  isAsked = false;
  /** What it waits for. @type {import('./claims.js').Claim | null} */
  claim = null;

  /**
   * @param {import('./relay.js').Relay} relay
   * @param {import('node:net').Socket} socket
   * @param {import('./visitors.js').Visitor} visitor
   * @param {number} number which no other has or had
   * @param {number} credit
   * @param {number} nowMs
   */
  constructor(relay, socket, visitor, number, credit, nowMs) {
    super(relay, socket);
    this.visitor = visitor;
    this.number = number;
    this.credit = credit;
    this.creditMs = Math.floor(nowMs);
    socket[CLIENT] = this;
    socket.setTimeout(0);
    socket.setNoDelay();
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  /** A whole message. @param {Buffer} bytes there during the call @param {boolean} isBinary */
  receive(bytes, isBinary) {
    this.relay.receive(this, bytes, isBinary);
  }

  /** @param {Buffer} bytes at most 125 */
  pinged(bytes) {
    this.relay.answerPing(this, bytes);
  }

  ponged() {
    this.heard();
    this.relay.spend(this, this.relay.limits.frameWork);
  }

  /** A piece that is not the last of its message. */
  pieced() {
    this.relay.spend(this, this.relay.limits.frameWork);
  }

  /** It closes, or answers our closing. @param {number} code @param {Buffer} reason */
  ended(code, reason) {
    this.isDeaf = true;
    this.close(code === Code.NONE ? 0 : code, reason);
  }

  /** It breaks the rules of WebSocket. @param {number} code */
  broken(code) {
    this.relay.counters.malformed += 1;
    this.relay.refusals.count(code === Code.TOO_BIG ? 'size' : 'malformed');
    this.isDeaf = true;
    this.close(code);
  }

  /**
   * Says what is queued, and that we close. Once the other side has said so too it is over, and after a while in any case.
   * @param {number} code 0: none @param {Buffer} [reason]
   */
  close(code, reason = NOTHING) {
    this.flush();
    if (this.isOpen) {
      this.isOpen = false;
      this.socket.write(frameClose(code, reason));
      this.#closeTimer = setTimeout(() => this.socket.destroy(), this.relay.limits.closeTimeoutMs);
    }
    if (this.isDeaf) this.socket.end();
  }

  /** Ends it without a word. */
  terminate() {
    this.isOpen = false;
    this.socket.destroy();
  }

  /** The socket is closed. */
  gone() {
    this.isOpen = false;
    this.isDeaf = true;
    this.partial = null;
    clearTimeout(this.#closeTimer);
    this.relay.forget(this);
  }

  /** It lives. */
  heard() {
    this.missedPings = 0;
    this.isAsked = false;
  }

  cutOff() {
    this.relay.counters.stalled += 1;
    super.cutOff();
  }

  /** Is not read for a while: what it sends waits in its own socket. @param {number} ms */
  pause(ms) {
    if (this.isPaused) return;
    this.isPaused = true;
    this.socket.pause();
    setTimeout(() => {
      this.isPaused = false;
      this.socket.resume();
    }, ms).unref();
  }
}

/**
 * What a frame costs, in bytes: reading it, and writing it to so many.
 * @param {number} size
 * @param {number} receiverCount
 * @param {typeof import('./limits.js').limits} limits
 */
export function workOf(size, receiverCount, { frameWork, writeDiscount }) {
  return frameWork + size + (size * receiverCount) / writeDiscount;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The write path: one Outlet per socket, one ordered queue for all that it is to get. What is sent to
// many is framed once (frameMessage), and what one turn of the event loop brings leaves in one write.
// Nothing else of the relay writes to a socket, except ws its own control frames, each a whole one.

const BINARY_FINAL = 0x82;

/**
 * A binary WebSocket message as the server puts it on the wire: unmasked, in one piece.
 * @param {Buffer} payload copied
 * @returns {Buffer}
 */
export function frameMessage(payload) {
  const size = payload.length;
  const headSize = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headSize + size);
  bytes[0] = BINARY_FINAL;
  if (headSize === 2) {
    bytes[1] = size;
  } else if (headSize === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(size, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(size, 6);
  }
  payload.copy(bytes, headSize);
  return bytes;
}

/** Outlets that have something to write at the end of this turn. */
const waiting = new Set();

function flushWaiting() {
  const outlets = [...waiting];
  waiting.clear();
  for (const outlet of outlets) outlet.flush();
}

export class Outlet {
  #ws;
  #socket;
  #bufferedSizeMax;
  /** @type {Buffer[]} */
  #queue = [];
  #queuedSize = 0;

  /**
   * @param {import('ws').WebSocket} ws
   * @param {import('node:net').Socket} socket the one under it
   * @param {number} bufferedSizeMax
   */
  constructor(ws, socket, bufferedSizeMax) {
    this.#ws = ws;
    this.#socket = socket;
    this.#bufferedSizeMax = bufferedSizeMax;
  }

  /**
   * Queues a framed message.
   * @param {Buffer} framed from frameMessage; must not change any more
   * @returns {boolean} false when it was not taken: the socket is closing, or was cut off just now
   */
  send(framed) {
    if (this.#ws.readyState !== this.#ws.OPEN) return false;
    this.#queuedSize += framed.length;
    if (this.#queuedSize + this.#socket.writableLength > this.#bufferedSizeMax) {
      this.cutOff();
      return false;
    }
    this.#queue.push(framed);
    if (this.#queue.length === 1) {
      if (waiting.size === 0) setImmediate(flushWaiting);
      waiting.add(this);
    }
    return true;
  }

  /** Writes what is queued, in one system call where the socket takes it. */
  flush() {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedSize = 0;
    if (this.#ws.readyState !== this.#ws.OPEN || this.#socket.destroyed) return;
    if (queue.length === 1) {
      this.#socket.write(queue[0]);
      return;
    }
    this.#socket.cork();
    for (const framed of queue) this.#socket.write(framed);
    this.#socket.uncork();
  }

  /** Ends a connection whose reader is stalled: with a reset, or it would go on seeing an open one. */
  cutOff() {
    this.#queue = [];
    this.#queuedSize = 0;
    this.#socket.resetAndDestroy();
  }
}

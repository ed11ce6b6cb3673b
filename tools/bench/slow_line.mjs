// SPDX-License-Identifier: GPL-3.0-or-later
// A slow line in front of a TCP port, for kernels that cannot delay packets (sch_netem): a rate that all connections share, a round trip
// for each connection's SYN, and TCP's slow start (RFC 5681, 3.1, from RFC 6928's ten segments; nothing is lost, so it does not end).
import { connect, createServer } from 'node:net';

const SEGMENT = 1460; // bytes
const WINDOW = 10 * SEGMENT;

/** One direction, which all connections share: what is sent waits until the line is free, then travels. */
class Wire {
  #bytesPerMs;
  #travelMs;
  #freeAt = 0;
  /** @type {(() => void)[]} */
  #travelling = []; // in order: timers of the same millisecond are not

  /** @param {number} mbit a second @param {number} travelMs */
  constructor(mbit, travelMs) {
    this.#bytesPerMs = (mbit * 1e6) / 8 / 1000;
    this.#travelMs = travelMs;
  }

  /** @param {number} size in bytes @param {() => void} arrive */
  send(size, arrive) {
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + size / this.#bytesPerMs;
    this.#travelling.push(arrive);
    setTimeout(() => this.#travelling.shift()(), this.#freeAt + this.#travelMs - now);
  }
}

/** What comes out of `from` goes into `to`, by the wire; `rttMs` after a segment arrived the sender may send twice as much. */
function join(from, to, wire, rttMs, startAt) {
  const waiting = [];
  let [flying, window, isOver] = [0, WINDOW, false];
  const next = () => {
    while (waiting.length && flying < window) {
      const part = waiting.shift();
      flying += part.length;
      wire.send(part.length, () => {
        to.write(part);
        setTimeout(() => {
          flying -= part.length;
          window += part.length;
          next();
        }, rttMs / 2);
      });
    }
    if (isOver && !waiting.length) wire.send(0, () => to.end());
  };
  from.on('data', (bytes) => {
    for (let at = 0; at < bytes.length; at += SEGMENT) waiting.push(bytes.subarray(at, at + SEGMENT));
    setTimeout(next, startAt - performance.now());
  });
  from.on('end', () => {
    isOver = true;
    setTimeout(next, startAt - performance.now());
  });
  from.on('error', () => to.destroy());
}

/**
 * @param {number} port of the server @param {{mbit: number, rttMs: number}} line
 * @returns {Promise<{port: number, close: () => void}>} where the same is, slowly
 */
export async function slowLine(port, { mbit, rttMs }) {
  const [up, down] = [new Wire(mbit, rttMs / 2), new Wire(mbit, rttMs / 2)];
  const open = new Set();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: 'localhost', allowHalfOpen: true });
    const startAt = performance.now() + rttMs; // its SYN, and the answer
    for (const socket of [near, far]) {
      socket.setNoDelay();
      open.add(socket.on('close', () => open.delete(socket)));
    }
    join(near, far, up, rttMs, startAt);
    join(far, near, down, rttMs, startAt);
  });
  await new Promise((resolve) => { server.listen(0, 'localhost', resolve); });
  return {
    port: server.address().port,
    close() {
      server.close();
      open.forEach((socket) => socket.destroy());
    },
  };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A relay in memory: what the relay does for one room, without sockets.

const [HELLO, BROADCAST, DIRECTED, PING] = [0x01, 0x02, 0x03, 0x05];
const [WELCOME, NOBODY, PONG] = [0x81, 0x84, 0x85];

const hex = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** The relay's protocol for the peers of one room: hands frames to `deliver(peer, bytes)`. */
export class MemoryRelay {
  #clients = new Map();
  constructor(deliver) {
    this.deliver = deliver;
  }

  /** It is gone. */
  leave(peer) {
    this.#clients.delete(peer);
  }

  receive(from, bytes) {
    const others = () => [...this.#clients.keys()].filter((peer) => peer !== from);
    if (bytes[0] === HELLO) {
      this.#clients.set(from, hex(bytes.subarray(22, 42)));
      this.deliver(from, Uint8Array.of(WELCOME, bytes[1], 0, 0, 0, others().length));
    } else if (bytes[0] === PING) {
      this.deliver(from, Uint8Array.of(PONG, ...bytes.subarray(1)));
    } else if (bytes[0] === BROADCAST) {
      for (const peer of others()) this.deliver(peer, bytes);
    } else if (bytes[0] === DIRECTED) {
      const address = hex(bytes.subarray(1, 21));
      const to = others().filter((peer) => this.#clients.get(peer) === address);
      for (const peer of to) this.deliver(peer, bytes);
      if (to.length === 0) this.deliver(from, Uint8Array.of(NOBODY, ...bytes.subarray(1, 21)));
    }
  }
}

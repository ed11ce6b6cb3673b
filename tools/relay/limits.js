// SPDX-License-Identifier: GPL-3.0-or-later
// Every number of the relay, with its unit and its reason.

export const limits = Object.freeze({
  /** Bytes of payload of one frame: the envelope's own limit (threats.md: frames <= 64 KiB). */
  payloadSizeMax: 64 * 1024,
  /** Bytes of one WebSocket message: a payload and the longest header, with some air. */
  messageSizeMax: 65_600,
  /** Pieces one message may come in: a browser sends one; thousands of tiny ones cost CPU. */
  fragmentCountMax: 16,
  /** Sockets in all: 10,000 clients and some air; each costs about 6 KB. */
  socketCountMax: 12_000,
  /** Sockets of one address. A client that flaps leaves dead ones behind until their ping is missed,
   *  so the oldest gives way to a newcomer. */
  socketsPerAddressMax: 8,
  /** Rooms in all: as many as sockets could open. */
  roomCountMax: 12_000,
  /** Bytes waiting for one reader. Past it the reader is cut off: it is stalled, and would cost memory
   *  without end. 16 of the largest frames, or some thousand small ones. */
  bufferedSizeMax: 1024 * 1024,
  /** Milliseconds between pings: less than the 30 to 60 s after which middle boxes forget a
   *  connection. */
  pingIntervalMs: 20_000,
  /** Pings in a row without any sign of life before a socket counts as dead. */
  pingMissesMax: 2,
  /** Milliseconds in which a socket has to say HELLO. */
  helloTimeoutMs: 10_000,
  /** Milliseconds for the head of an HTTP request: slow ones hold a socket. */
  headTimeoutMs: 10_000,
  /** Milliseconds that sockets get to close after SIGTERM. */
  stopTimeoutMs: 1_000,
});

// SPDX-License-Identifier: GPL-3.0-or-later
// WebSocket frames as a client sends them (RFC 6455, section 5), read where they lie: whole frames cost no object but the
// view of their payload, and a socket between two messages keeps nothing. What is refused, with which code, and when, is what
// ws's Receiver would do; tests/glue/relay_reader.test.mjs holds them against each other.

const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const CONTROL_SIZE_MAX = 125;
const MASK_SIZE = 4;
/** From this size on it pays to take the mask off by words of 32 bits. */
const WORDS_FROM = 256;
const REST_SIZE_MIN = 64;

/** Why reading ended: WebSocket close codes. NONE is said of a close frame without one, and never sent. */
export const Code = Object.freeze({ PROTOCOL: 1002, NONE: 1005, MANY: 1008, TOO_BIG: 1009 });

/**
 * Whoever is read for.
 * @typedef {object} Sink
 * @property {Partial | null} partial the reader's own
 * @property {boolean} isDeaf wants no more; what comes is thrown away
 * @property {(bytes: Buffer, isBinary: boolean) => void} receive a whole message; its bytes are there during the call
 * @property {() => void} pieced a piece came that is not the last of its message
 * @property {(bytes: Buffer) => void} pinged
 * @property {() => void} ponged
 * @property {(code: number, reason: Buffer) => void} ended by a close frame
 * @property {(code: number) => void} broken it breaks the rules
 */

/** What has come of a frame, or of a message in pieces, that is not whole. */
class Partial {
  /** Of the message in pieces that is under way; 0: of none. */
  opcode = CONTINUATION;
  /** @type {Buffer[]} */
  pieces = [];
  pieceCount = 0;
  messageSize = 0;
  /** The beginning of a frame. @type {Buffer | null} */
  rest = null;
  restSize = 0;

  /** Bytes that are kept. */
  get size() {
    return (this.opcode === CONTINUATION ? 0 : this.messageSize) + (this.rest?.length ?? 0);
  }

  get isEmpty() {
    return this.opcode === CONTINUATION && this.restSize === 0;
  }
}

// The frame that was looked at last: there is one for all sockets, since each is dealt with before the next is looked at.
let isFinal = false;
let opcode = 0;
let payloadAt = 0;
let payloadSize = 0;

/**
 * Looks at the head of a frame.
 * @param {Buffer} bytes
 * @param {number} at where it begins @param {number} end of the bytes
 * @param {Partial | null} partial
 * @param {number} sizeMax of a message
 * @returns {number} the size of the whole frame; 0: as yet unknown; below 0: the code that it is refused with
 */
function look(bytes, at, end, partial, sizeMax) {
  if (end - at < 2) return 0;
  const first = bytes[at];
  const second = bytes[at + 1];
  opcode = first & 0x0f;
  isFinal = first >= 0x80;
  payloadSize = second & 0x7f;
  const isUnderWay = partial !== null && partial.opcode !== CONTINUATION;
  if ((first & 0x70) !== 0 || second < 0x80) return -Code.PROTOCOL; // reserved bits; no mask
  if (opcode >= CLOSE) {
    if (opcode > PONG || !isFinal || payloadSize > CONTROL_SIZE_MAX || (opcode === CLOSE && payloadSize === 1)) return -Code.PROTOCOL;
  } else if (opcode > BINARY || (opcode === CONTINUATION) !== isUnderWay) {
    return -Code.PROTOCOL;
  }
  let headSize = 2;
  if (payloadSize === 126) {
    if (end - at < 4) return 0;
    payloadSize = bytes[at + 2] * 256 + bytes[at + 3];
    headSize = 4;
  } else if (payloadSize === 127) {
    if (end - at < 10) return 0;
    payloadSize = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    headSize = 10;
  }
  if (opcode < CLOSE && payloadSize > 0 && payloadSize + (partial?.messageSize ?? 0) > sizeMax) return -Code.TOO_BIG;
  payloadAt = at + headSize + MASK_SIZE;
  return headSize + MASK_SIZE + payloadSize;
}

/** Bytes of a head after which more of it is known. @param {Buffer} rest @param {number} size */
const headSizeWanted = (rest, size) => (size < 2 ? 2 : (rest[1] & 0x7f) === 126 ? 4 : 10);

/** Takes the mask off a payload, in place. @param {Buffer} bytes @param {number} at after the mask @param {number} size */
function unmask(bytes, at, size) {
  const end = at + size;
  let i = at;
  if (size >= WORDS_FROM) {
    const words = new DataView(bytes.buffer, bytes.byteOffset);
    const mask = words.getInt32(at - MASK_SIZE);
    for (; i + 4 <= end; i += 4) words.setInt32(i, words.getInt32(i) ^ mask);
  } else {
    const a = bytes[at - 4];
    const b = bytes[at - 3];
    const c = bytes[at - 2];
    const d = bytes[at - 1];
    for (; i + 4 <= end; i += 4) {
      bytes[i] ^= a;
      bytes[i + 1] ^= b;
      bytes[i + 2] ^= c;
      bytes[i + 3] ^= d;
    }
  }
  for (let k = at - MASK_SIZE; i < end; i += 1, k += 1) bytes[i] ^= bytes[k]; // whole words were done: the mask begins anew
}

/** Of its own: what lies in a buffer of others would keep that one. @param {Buffer} bytes @param {number} from @param {number} to */
function copyOf(bytes, from, to) {
  const copy = Buffer.allocUnsafeSlow(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}

/**
 * Reads what came.
 * @param {Sink} sink
 * @param {Buffer} bytes changed in place, and not kept
 * @param {typeof import('./limits.js').limits} limits
 */
export function read(sink, bytes, limits) {
  let at = 0;
  if (sink.partial !== null && sink.partial.restSize > 0) at = complete(sink, bytes, limits);
  while (at < bytes.length && !sink.isDeaf) {
    const size = look(bytes, at, bytes.length, sink.partial, limits.messageSizeMax);
    if (size < 0) {
      sink.broken(-size);
    } else if (size === 0 || at + size > bytes.length) {
      sink.partial ??= new Partial();
      keep(sink.partial, bytes, at, bytes.length, size);
      return;
    } else {
      at += size;
      take(sink, bytes, limits);
    }
  }
  if (sink.isDeaf) sink.partial = null;
}

/**
 * Goes on with a frame of which the beginning is there.
 * @param {Sink} sink @param {Buffer} bytes @param {typeof import('./limits.js').limits} limits
 * @returns {number} how many bytes it took
 */
function complete(sink, bytes, limits) {
  const { partial } = sink;
  let at = 0;
  for (;;) {
    const { rest, restSize } = partial;
    const size = look(rest, 0, restSize, partial, limits.messageSizeMax);
    if (size < 0) {
      sink.broken(-size);
      return at;
    }
    if (size === restSize) {
      partial.rest = null;
      partial.restSize = 0;
      take(sink, rest, limits);
      if (partial.isEmpty && sink.partial === partial) sink.partial = null;
      return at;
    }
    if (at === bytes.length) return at;
    const wanted = size === 0 ? headSizeWanted(rest, restSize) : size;
    const end = Math.min(bytes.length, at + wanted - restSize);
    keep(partial, bytes, at, end, size);
    at = end;
  }
}

/**
 * Keeps a part of a frame. Its place grows with what is there, at most twofold: a head that promises much costs nothing yet.
 * @param {Partial} partial @param {Buffer} bytes @param {number} from @param {number} to
 * @param {number} size of the whole frame, or 0
 */
function keep(partial, bytes, from, to, size) {
  const needed = partial.restSize + to - from;
  if (partial.rest === null || partial.rest.length < needed) {
    const most = size === 0 ? Infinity : size;
    const rest = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(most, Math.max(REST_SIZE_MIN, 2 * needed))));
    partial.rest?.copy(rest, 0, 0, partial.restSize);
    partial.rest = rest;
  }
  bytes.copy(partial.rest, partial.restSize, from, to);
  partial.restSize = needed;
}

/** Takes the frame that was looked at last; all of it is there. @param {Sink} sink @param {Buffer} bytes */
function take(sink, bytes, limits) {
  unmask(bytes, payloadAt, payloadSize);
  const payload = bytes.subarray(payloadAt, payloadAt + payloadSize);
  if (opcode >= CLOSE) takeControl(sink, payload);
  else if (isFinal && opcode !== CONTINUATION) sink.receive(payload, opcode === BINARY);
  else takePiece(sink, payload, limits);
}

/** @param {Sink} sink @param {Buffer} payload */
function takeControl(sink, payload) {
  if (opcode === PING) {
    sink.pinged(payload);
  } else if (opcode === PONG) {
    sink.ponged();
  } else {
    const code = payload.length === 0 ? Code.NONE : payload.readUInt16BE(0);
    if (payload.length > 0 && !mayBeSent(code)) sink.broken(Code.PROTOCOL);
    else sink.ended(code, payload.subarray(2));
  }
}

/** @param {number} code of a close frame */
const mayBeSent = (code) => (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);

/** @param {Sink} sink @param {Buffer} payload */
function takePiece(sink, payload, { fragmentCountMax }) {
  sink.partial ??= new Partial();
  const { partial } = sink;
  if (opcode !== CONTINUATION) partial.opcode = opcode;
  partial.pieceCount += 1;
  partial.messageSize += payload.length;
  if (partial.pieceCount > fragmentCountMax) {
    sink.broken(Code.MANY);
    return;
  }
  if (payload.length > 0) partial.pieces.push(copyOf(payload, 0, payload.length));
  if (!isFinal) {
    sink.pieced();
    return;
  }
  const isBinary = partial.opcode === BINARY;
  const message = Buffer.concat(partial.pieces, partial.messageSize);
  sink.partial = null;
  sink.receive(message, isBinary);
}

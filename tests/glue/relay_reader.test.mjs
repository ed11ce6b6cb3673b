// SPDX-License-Identifier: GPL-3.0-or-later
// The relay reads WebSocket frames itself: held against ws's Receiver, which has been attacked for years, with the same bytes
// however they are cut.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turnEnds } from 'node:timers/promises';
import { Receiver } from 'ws';
import { limits } from '../../tools/relay/limits.js';
import { read } from '../../tools/relay/reader.js';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** What the reader tells of, in words. */
class Sink {
  partial = null;
  isDeaf = false;
  said = [];
  receive(bytes, isBinary) {
    this.said.push(`${isBinary ? 'binary' : 'text'} ${bytes.toString('hex')}`);
  }
  pieced() {}
  pinged(bytes) {
    this.said.push(`ping ${bytes.toString('hex')}`);
  }
  ponged() {
    this.said.push('pong');
  }
  ended(code, reason) {
    this.isDeaf = true;
    this.said.push(`end ${code} ${reason.toString('hex')}`);
  }
  broken(code) {
    this.isDeaf = true;
    this.said.push(`broken ${code}`);
  }
}

/** The chunks lie in a large buffer and off its words, as they do when the kernel filled it. */
function readAll(chunks, more = {}) {
  const sink = new Sink();
  for (const [i, chunk] of chunks.entries()) {
    const at = 1 + (i % 4);
    const place = Buffer.alloc(at + chunk.length);
    chunk.copy(place, at);
    if (!sink.isDeaf) read(sink, place.subarray(at), { ...limits, ...more });
    place.fill(0xee); // what was kept of it is to be a copy
  }
  return sink;
}

/** ws's receiver, in the same words. */
async function wsReads(chunks, more = {}) {
  const { messageSizeMax: maxPayload, fragmentCountMax: maxFragments } = { ...limits, ...more };
  const receiver = new Receiver({ isServer: true, maxPayload, maxFragments, skipUTF8Validation: true });
  const said = [];
  receiver.on('message', (bytes, isBinary) => said.push(`${isBinary ? 'binary' : 'text'} ${bytes.toString('hex')}`));
  receiver.on('ping', (bytes) => said.push(`ping ${bytes.toString('hex')}`));
  receiver.on('pong', () => said.push('pong'));
  receiver.on('conclude', (code, reason) => said.push(`end ${code} ${reason.toString('hex')}`));
  receiver.on('error', (error) => {
    const status = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code');
    said.push(`broken ${error[status]}`);
  });
  for (const chunk of chunks) if (!receiver.destroyed && !receiver.writableEnded) receiver.write(Buffer.from(chunk));
  await turnEnds();
  return said;
}

/** Numbers that are the same in every run (mulberry32). @param {number} seed @returns {(below: number) => number} */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** One frame of a client. @param {number} opcode @param {Buffer} payload */
function frame(opcode, payload, { isFinal = true, mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]), lengthSize } = {}) {
  const size = payload.length;
  const form = lengthSize ?? (size < 126 ? 0 : size < 65_536 ? 2 : 8);
  const head = Buffer.alloc(2 + form);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (form === 0 ? size : form === 2 ? 126 : 127);
  if (form === 2) head.writeUInt16BE(size, 2);
  if (form === 8) head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i & 3])]);
}

const SIZES = [0, 1, 2, 3, 4, 5, 7, 60, 124, 125, 126, 127, 255, 256, 257, 258, 259, 260, 300, 1023];

/** A conversation, mostly as it should be. */
function conversation(roll) {
  const bytes = (size) => Buffer.from(Array.from({ length: size }, () => roll(256)));
  const mask = () => (roll(8) === 0 ? Buffer.alloc(4) : bytes(4));
  const frames = [];
  for (let count = 1 + roll(8); count > 0; count -= 1) {
    const size = SIZES[roll(SIZES.length)];
    const what = roll(10);
    const lengthSize = roll(12) === 0 ? 8 : undefined;
    if (what < 5) frames.push(frame(what === 0 ? TEXT : BINARY, bytes(size), { mask: mask(), lengthSize }));
    else if (what < 7) frames.push(frame(what === 5 ? PING : PONG, bytes(Math.min(size, 125)), { mask: mask() }));
    else if (what < 9) {
      const pieces = 1 + roll(5);
      for (let i = 0; i < pieces; i += 1) {
        frames.push(frame(i === 0 ? BINARY : 0, bytes(SIZES[roll(SIZES.length)]), { mask: mask(), isFinal: i === pieces - 1 }));
        if (roll(3) === 0) frames.push(frame(PING, bytes(roll(6)), { mask: mask() }));
      }
    } else if (roll(3) === 0) {
      const reason = roll(2) === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([roll(20), roll(256)]), bytes(roll(9))]);
      frames.push(frame(CLOSE, reason, { mask: mask() }));
    }
  }
  return Buffer.concat(frames);
}

/** @param {Buffer} bytes @param {(below: number) => number} roll @returns {Buffer[]} */
function cut(bytes, roll) {
  const chunks = [];
  const sizeMax = [1, 3, 20, 200, 70_000][roll(5)];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + roll(sizeMax));
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

describe('frames are read as ws reads them', () => {
  test('3,000 conversations, two of three with a byte or a bit that is wrong, cut at random', async () => {
    const outcomes = new Map();
    for (let seed = 0; seed < 3000; seed += 1) {
      const roll = dice(seed);
      const bytes = conversation(roll);
      if (bytes.length === 0) continue;
      const harm = roll(3);
      if (harm === 1) bytes[roll(bytes.length)] ^= 1 << roll(8);
      if (harm === 2) bytes[roll(Math.min(bytes.length, 16))] = roll(256);
      const more = { messageSizeMax: 1100, fragmentCountMax: 4 };
      const chunks = cut(bytes, roll);
      const expected = await wsReads(chunks, more);
      assert.deepEqual(readAll(chunks, more).said, expected, `seed ${seed}`);
      for (const one of expected) {
        const kind = /^(broken \d+|\w+)/.exec(one)[1];
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      }
    }
    // The test is none when the conversations are too tame.
    for (const kind of ['binary', 'text', 'ping', 'pong', 'end', 'broken 1002', 'broken 1008', 'broken 1009']) {
      assert.ok(outcomes.get(kind) > 20, `${kind}: ${outcomes.get(kind)}`);
    }
  });

  test('every first and second byte there is', async () => {
    for (let first = 0; first < 256; first += 1) {
      for (const second of [0, 1, 125, 126, 127, 128, 129, 130, 253, 254, 255]) {
        const bytes = Buffer.concat([Buffer.from([first, second]), Buffer.alloc(20)]);
        assert.deepEqual(readAll([bytes]).said, await wsReads([bytes]), `${first} ${second}`);
      }
    }
  });

  test('every close code', async () => {
    const near = (code) => Array.from({ length: 40 }, (_, i) => code - 20 + i);
    for (const code of [0, 1, 999, ...near(1005), 2000, ...near(3000), ...near(5000), 65_535]) {
      const bytes = frame(CLOSE, Buffer.from([code >> 8, code & 255, 0x62]));
      assert.deepEqual(readAll([bytes]).said, await wsReads([bytes]), String(code));
    }
  });
});

describe('however it is cut', () => {
  const payload = (size) => Buffer.from(Array.from({ length: size }, (_, i) => (i * 31) & 255));
  const all = Buffer.concat([
    frame(BINARY, payload(300)),
    frame(PING, payload(5)),
    frame(BINARY, payload(130), { isFinal: false }),
    frame(PONG, payload(0)),
    frame(0, payload(0), { isFinal: false }),
    frame(0, payload(7)),
    frame(BINARY, payload(20), { lengthSize: 8 }),
    frame(CLOSE, Buffer.from([0x03, 0xe8, 0x62, 0x79, 0x65])),
  ]);
  const whole = readAll([all]);

  test('in one go', () => {
    const hex = (bytes) => bytes.toString('hex');
    assert.deepEqual(whole.said, [
      `binary ${hex(payload(300))}`, `ping ${hex(payload(5))}`, 'pong', `binary ${hex(Buffer.concat([payload(130), payload(7)]))}`,
      `binary ${hex(payload(20))}`, 'end 1000 627965',
    ]);
  });

  test('at any one place, and at any two that are near', () => {
    for (let a = 1; a < all.length; a += 1) {
      for (let b = a; b < Math.min(all.length, a + 20); b += 1) {
        assert.deepEqual(readAll([all.subarray(0, a), all.subarray(a, b), all.subarray(b)]).said, whole.said, `${a} ${b}`);
      }
    }
  });

  test('byte by byte', () => {
    assert.deepEqual(readAll([...all].map((byte) => Buffer.from([byte]))).said, whole.said);
  });

  test('the largest message, a bit of it at a time', () => {
    const largest = frame(BINARY, payload(limits.messageSizeMax));
    const chunks = [];
    for (let at = 0; at < largest.length; at += 997) chunks.push(largest.subarray(at, at + 997));
    assert.deepEqual(readAll(chunks).said, [`binary ${payload(limits.messageSizeMax).toString('hex')}`]);
  });
});

describe('what is kept', () => {
  test('nothing between messages, also after one that came in pieces', () => {
    const some = Buffer.from('some');
    for (const bytes of [
      frame(BINARY, some),
      Buffer.concat([frame(BINARY, some, { isFinal: false }), frame(0, some)]),
    ]) {
      for (let at = 1; at <= bytes.length; at += 1) {
        const sink = readAll([bytes.subarray(0, at), bytes.subarray(at)]);
        assert.equal(sink.partial, null, String(at));
        assert.equal(sink.said.length, 1);
      }
    }
  });

  test('of a frame that is said to be large, what came of it', () => {
    const bytes = frame(BINARY, Buffer.alloc(60_000));
    assert.ok(readAll([bytes.subarray(0, 20)]).partial.rest.buffer.byteLength <= 64);
    assert.ok(readAll([bytes.subarray(0, 20), bytes.subarray(20, 1000)]).partial.rest.buffer.byteLength <= 2000);
    const pieces = readAll([frame(BINARY, Buffer.alloc(3), { isFinal: false }), frame(0, Buffer.alloc(2), { isFinal: false })]);
    assert.deepEqual(pieces.partial.pieces.map(({ buffer }) => buffer.byteLength), [3, 2]);
  });

  test('a frame that dribbles in is not copied again with every byte', () => {
    const bytes = frame(BINARY, Buffer.alloc(60_000));
    const sink = new Sink();
    const places = new Set();
    for (const byte of bytes) {
      read(sink, Buffer.from([byte]), limits);
      if (sink.partial?.rest) places.add(sink.partial.rest);
    }
    assert.equal(sink.said.length, 1);
    assert.ok(places.size <= 12, `${places.size} places`);
  });

  test('nothing of one that has closed or broken the rules', () => {
    for (const last of [frame(CLOSE, Buffer.alloc(0)), frame(3, Buffer.alloc(0))]) {
      const sink = readAll([Buffer.concat([frame(BINARY, Buffer.alloc(3), { isFinal: false }), last, frame(0, Buffer.alloc(3))])]);
      assert.equal(sink.partial, null);
      assert.equal(sink.said.length, 1);
    }
  });
});

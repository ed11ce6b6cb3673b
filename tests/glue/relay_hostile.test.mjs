// SPDX-License-Identifier: GPL-3.0-or-later
// Hostile input at the relay: a table of what is done and what it gets. After each row two others in
// the same relay still hear each other.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { address, directed, hello, RelayClient } from '../support/relay_client.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
/** Short times and small budgets, so that what is waited for comes soon. */
const LIMITS = {
  headTimeoutMs: 600,
  helloTimeoutMs: 600,
  pingIntervalMs: 1_000,
  socketWorkRate: 400_000,
  socketWorkBurst: 400_000,
  ipSocketCountMax: 60,
};

let server;
before(async () => {
  server = await startServer('app.js', { NKT_LIMITS: JSON.stringify(LIMITS), METRICS_PORT: '0' });
});
after(() => server.stop());
afterEach(() => RelayClient.closeAll());

/** A connection of bytes: what came, and how it ended. */
function raw(text, { onData, port = server.port } = {}) {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      onData?.(socket, got);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
}

const upgrade = (lines = [], { path = '/relay', method = 'GET' } = {}) => [
  `${method} ${path} HTTP/1.1`,
  `Host: localhost:${server.port}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${KEY}`,
  ...lines,
].join('\r\n');
const without = (text, header) => text.split('\r\n').filter((line) => !line.startsWith(header)).join('\r\n');
const END = '\r\n\r\n';

/** The status line's number. */
const status = async (text) => `HTTP ${/^HTTP\/1\.1 (\d+)/.exec((await raw(text)).toString('latin1'))?.[1]}`;

/** One line of an answer's head. @param {string} name @param {Buffer} got */
const line = (name, got) => new RegExp(`^${name}: .*`, 'im').exec(got.toString('latin1'))?.[0];

/** Masked with zeros. */
function frame(opcode, payload, { fin = true, isMasked = true, rsv = 0 } = {}) {
  const size = payload.length;
  const head = size < 126 ? [size] : [126, size >> 8, size & 255];
  head[0] |= isMasked ? 0x80 : 0;
  return Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | rsv | opcode, ...head]),
    Buffer.alloc(isMasked ? 4 : 0),
    Buffer.from(payload),
  ]);
}

/** Upgrades, says HELLO, writes the bytes: the close code that comes, or that there is none. */
async function frames(...bytes) {
  const isUp = (got) => got.includes(END);
  let wasSent = false;
  const got = await raw(upgrade() + END, {
    onData(socket, all) {
      if (!isUp(all)) return;
      if (!wasSent) socket.write(Buffer.concat([frame(2, hello(9, 9)), ...bytes]));
      wasSent = true;
      const code = closeCode(all);
      if (code) socket.destroy();
    },
  });
  return closeCode(got) ?? 'no word';
}

/** Of the first close frame behind the head of the answer. */
function closeCode(bytes) {
  let at = bytes.indexOf(END) + END.length;
  while (at >= END.length && at + 4 <= bytes.length) {
    const size = bytes[at + 1];
    if ((bytes[at] & 15) === 8) return `close ${bytes.readUInt16BE(at + 2)}`;
    at += 2 + size;
  }
  return undefined;
}

const rows = {
  'an upgrade without a key': [() => status(without(upgrade(), 'Sec-WebSocket-Key') + END), 'HTTP 400'],
  'an upgrade with a bad key': [() => status(upgrade().replace(KEY, 'short') + END), 'HTTP 400'],
  'an upgrade of an old version': [() => status(upgrade().replace('Version: 13', 'Version: 7') + END), 'HTTP 400'],
  'an upgrade by POST': [() => status(upgrade([], { method: 'POST' }) + END), 'HTTP 405'],
  'an upgrade to something else': [() => status(upgrade().replace('websocket', 'h2c') + END), 'HTTP 400'],
  'an upgrade elsewhere': [() => status(upgrade([], { path: '/relay/../x' }) + END), 'HTTP 404'],
  'a foreign Origin': [() => status(upgrade(['Origin: https://evil.example']) + END), 'HTTP 403'],
  'an Origin that is none': [() => status(upgrade(['Origin: null']) + END), 'HTTP 403'],
  'a foreign name for this machine': [
    () => status(upgrade(['Origin: http://evil.example']).replace(/Host: .*/, 'Host: evil.example') + END),
    'HTTP 403',
  ],
  'a head of 100 KB': [() => status(upgrade([`X: ${'x'.repeat(100_000)}`]) + END), 'HTTP 431'],
  'a head that never ends (slow loris)': [() => status(upgrade()), 'HTTP 408'],
  'a connection that says nothing': [async () => ((await raw('')).length <= 200 ? 'closed' : ''), 'closed'],
  'an upgrade without HELLO': [
    async () => closeCode(await raw(upgrade() + END)) ?? 'no word',
    'close 1013', // 1002, twice, means another version: a slow line must not be taken for one
  ],
  'an upgrade with a malformed subprotocol': [() => status(upgrade(['Sec-WebSocket-Protocol: a, ,b']) + END), 'HTTP 400'],
  'an upgrade with two subprotocols': [
    async () => line('Sec-WebSocket-Protocol', await raw(upgrade(['Sec-WebSocket-Protocol: one, two']) + END)),
    'Sec-WebSocket-Protocol: one',
  ],
  'ten upgrades with subprotocols that are mostly blanks': [
    async () => {
      const start = performance.now();
      for (let i = 0; i < 10; i += 1) await status(upgrade([`Sec-WebSocket-Protocol: a${' '.repeat(15_000)}b`]) + END);
      return performance.now() - start < 1500 ? 'a moment' : 'seconds'; // of the relay's one thread: for all who are there
    },
    'a moment',
  ],
  'an upgrade of a version to come': [
    async () => line('sec-websocket-version', await raw(upgrade().replace('Version: 13', 'Version: 14') + END)),
    'sec-websocket-version: 13, 8',
  ],
  'frames in one piece with the upgrade, one of them bad': [
    async () => closeCode(await raw(Buffer.concat([Buffer.from(upgrade() + END), frame(3, [1])]))),
    'close 1002',
  ],
  'closing with a code': [() => frames(frame(8, [0x0f, 0xa0, 0x62, 0x79, 0x65])), 'close 4000'],
  'closing without a code': [
    async () => {
      const got = await raw(Buffer.concat([Buffer.from(upgrade() + END), frame(2, hello(9, 9)), frame(8, []), frame(2, [2, 1])]));
      return got.subarray(-2).toString('hex');
    },
    '8800',
  ],
  'a code that none may close with': [() => frames(frame(8, [0x03, 0xed])), 'close 1002'],
  'compression asked for': [
    async () => {
      const got = await raw(upgrade(['Sec-WebSocket-Extensions: permessage-deflate']) + END);
      return /permessage-deflate/i.test(got.toString('latin1')) ? 'granted' : 'not granted';
    },
    'not granted',
  ],
  'a compressed frame': [() => frames(frame(2, [2, 1], { rsv: 0x40 })), 'close 1002'],
  'a frame without mask': [() => frames(frame(2, [2, 1], { isMasked: false })), 'close 1002'],
  'an opcode that is none': [() => frames(frame(3, [1])), 'close 1002'],
  'a control frame in pieces': [() => frames(frame(9, [1], { fin: false })), 'close 1002'],
  'a ping of 126 bytes': [() => frames(frame(9, new Array(126).fill(0))), 'close 1002'],
  'a piece of no message': [() => frames(frame(0, [1])), 'close 1002'],
  'text': [() => frames(frame(1, [...Buffer.from('{"json":1}')])), 'close 1002'],
  'a frame said to be 2^53 bytes long': [
    () => frames(Buffer.from([0x82, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
    'close 1009',
  ],
  'a frame said to be 4 GB long': [
    () => frames(Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])),
    'close 1009',
  ],
  'a message of 66 KB in two pieces': [
    () => frames(frame(2, new Array(33_000).fill(2), { fin: false }), frame(0, new Array(33_000).fill(2))),
    'close 1009',
  ],
  'a message in 16,000 pieces of one byte': [
    () => frames(frame(2, [2], { fin: false }), ...new Array(16_000).fill(frame(0, [1], { fin: false }))),
    'close 1008',
  ],
  'a message in 16 pieces, the most there may be': [
    async () => {
      const bob = await RelayClient.open(`${server.wsUrl}/relay`, 3, 9);
      const pieces = new Array(14).fill(frame(0, [7], { fin: false }));
      frames(frame(2, [2], { fin: false }), ...pieces, frame(0, [7]), frame(3, []));
      const got = await bob.next();
      return `${got[0]} and ${got.length - 1} bytes`;
    },
    '2 and 15 bytes',
  ],
  'a flood of tiny frames in one go': [
    () => frames(...new Array(20_000).fill(frame(2, [2, 1]))),
    'close 1008',
  ],
  'a flood of pings': [() => frames(...new Array(20_000).fill(frame(9, []))), 'close 1008'],
  'a flood of pongs': [() => frames(...new Array(20_000).fill(frame(10, []))), 'close 1008'],
  'a flood of empty pieces': [
    () => frames(...new Array(20_000).fill(0).map((_, i) => frame(i % 8 ? 0 : 2, i % 8 ? [] : [2, 1], { fin: i % 8 === 7 }))),
    'close 1008',
  ],
  'moving from room to room': [
    () => frames(...new Array(400).fill(0).map((_, i) => frame(2, hello(9, i % 50)))),
    'close 1008',
  ],
};

describe('what is done, and what it gets', () => {
  for (const [what, [act, gets]] of Object.entries(rows)) {
    test(`${what}: ${gets}`, async () => {
      assert.equal(await act(), gets);
      const ann = await RelayClient.open(`${server.wsUrl}/relay`, 1, 1);
      const bob = await RelayClient.open(`${server.wsUrl}/relay`, 2, 1);
      ann.send([2, 1, 2, 3]);
      assert.deepEqual(await bob.next(), [2, 1, 2, 3]);
    });
  }
});

describe('a connection that is closing', () => {
  const FAR_MS = 60_000;
  const tries = {
    'ends at once when both have said so': [{ closeTimeoutMs: FAR_MS }, frame(8, []), '8800'],
    'ends at once when it has broken the rules': [{ closeTimeoutMs: FAR_MS }, frame(3, []), '03ea'],
    'ends after a while when it never says so': [{ closeTimeoutMs: 300, pingIntervalMs: FAR_MS }, frame(2, [99]), '03ea'],
  };
  for (const [what, [limits, bytes, end]] of Object.entries(tries)) {
    test(what, { timeout: 20_000 }, async () => {
      const { port, stop } = await startServer('app.js', { NKT_LIMITS: JSON.stringify(limits) });
      const text = upgrade().replace(`localhost:${server.port}`, `localhost:${port}`) + END;
      const got = await raw(Buffer.concat([Buffer.from(text), frame(2, hello(9, 9)), bytes]), { port });
      assert.equal(got.subarray(-2).toString('hex'), end);
      await stop();
    });
  }
});

test('of one that was told to close only so much is read', async (t) => {
  const { port, stop } = await startServer('app.js', { NKT_LIMITS: JSON.stringify({ closeTimeoutMs: 1500 }) });
  t.after(stop);
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.write(upgrade().replace(`localhost:${server.port}`, `localhost:${port}`) + END);
  await new Promise((resolve) => socket.once('data', resolve));
  const flood = Buffer.concat(new Array(4_000).fill(frame(2, new Array(125).fill(99)))); // no frames of the relay's
  const goOn = () => socket.destroyed || socket.write(flood, () => setImmediate(goOn));
  goOn();
  await new Promise((resolve) => socket.once('close', resolve));
  const taken = socket.bytesWritten - socket.writableLength;
  assert.ok(taken < 12e6, `${taken} bytes were taken`); // what lies in the system's buffers counts as well
});

test('of messages that never end no more is kept than the cap, and who says whole ones is heard', async (t) => {
  const { port, wsUrl, stop } = await startServer('app.js', { NKT_LIMITS: JSON.stringify({ partialTotalMax: 1_000_000 }) });
  t.after(stop);
  const ann = await RelayClient.open(`${wsUrl}/relay`, 1, 1);
  const bob = await RelayClient.open(`${wsUrl}/relay`, 2, 1);
  const piece = (size, fin) => frame(fin ? 0 : 2, new Array(size).fill(2), { fin });
  const begun = (who) => Buffer.concat([frame(2, hello(who, 9)), piece(40_000, false), piece(20_000, true).subarray(0, -1)]);
  let openCount = 0;
  for (let i = 0; i < 60; i += 1) {
    const socket = connect({ port, host: '127.0.0.1' });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => (openCount -= 1));
    socket.write(upgrade().replace(`localhost:${server.port}`, `localhost:${port}`) + END);
    await new Promise((resolve) => socket.once('data', resolve));
    openCount += 1;
    socket.write(begun(10 + i));
  }
  await until(() => openCount <= 16, 'those above the cap to be cut off');
  assert.ok(openCount >= 8, `${openCount} are left`);
  ann.send([2, ...new Array(60_000).fill(3)]);
  assert.equal((await bob.next()).length, 60_001);
});

test('bytes that come one by one are a message all the same, and hold nobody up', async () => {
  const ann = await RelayClient.open(`${server.wsUrl}/relay`, 1, 9);
  const bob = await RelayClient.open(`${server.wsUrl}/relay`, 2, 9);
  const slow = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
  slow.on('error', () => {});
  slow.write(Buffer.concat([Buffer.from(upgrade() + END), frame(2, hello(3, 9))]));
  await new Promise((resolve) => slow.once('data', resolve));
  const payload = new Array(200).fill(0).map((_, i) => i);
  const bytes = Buffer.concat([frame(2, [2, ...payload.slice(0, 150)], { fin: false }), frame(0, payload.slice(150))]);
  for (const [i, byte] of bytes.entries()) {
    await new Promise((resolve) => slow.write(Buffer.from([byte]), resolve));
    if (i % 50 === 0) {
      ann.send([2, 77, i]);
      assert.deepEqual(await bob.next(), [2, 77, i]);
    }
  }
  assert.deepEqual(await bob.next(), [2, ...payload]);
  slow.destroy();
});

test('a flood within the debt is slowed down: nothing of it is lost, and others are not held up', async () => {
  const ann = await RelayClient.open(`${server.wsUrl}/relay`, 1, 1);
  const bob = await RelayClient.open(`${server.wsUrl}/relay`, 2, 1);
  const eve = await RelayClient.open(`${server.wsUrl}/relay`, 3, 2);
  const dan = await RelayClient.open(`${server.wsUrl}/relay`, 4, 2);
  const count = 60; // 60 x 16 KB: more than twice what one socket may at once
  for (let i = 0; i < count; i += 1) eve.send([2, i, ...new Array(16_000).fill(0)]);
  ann.send([2, 9]);
  assert.deepEqual(await bob.next(), [2, 9]);
  for (let i = 0; i < count; i += 1) assert.equal((await dan.next())[1], i);
});

test('a flood of six from one address closes those six, and nobody else who is there', async (t) => {
  const limits = { socketWorkRate: 100_000, socketWorkBurst: 100_000, ipWorkRate: 500_000, ipWorkBurst: 300_000 };
  const { port, wsUrl, stop } = await startServer('app.js', { NKT_LIMITS: JSON.stringify(limits) });
  t.after(stop);
  const [ann, bob] = [await RelayClient.open(`${wsUrl}/relay`, 1, 1), await RelayClient.open(`${wsUrl}/relay`, 2, 1)];
  const flood = Buffer.concat(new Array(1_500).fill(frame(9, []))); // of more work than a socket may owe
  const head = upgrade().replace(`localhost:${server.port}`, `localhost:${port}`) + END;
  const sockets = new Set();
  const onData = (socket, all) => {
    if (all.includes(END) && !sockets.has(socket) && sockets.add(socket).size === 6) for (const one of sockets) one.write(flood);
    if (closeCode(all)) socket.destroy();
  };
  const come = (i) => raw(Buffer.concat([Buffer.from(head), frame(2, hello(10 + i, 9))]), { port, onData });
  const got = await Promise.all(Array.from({ length: 6 }, (_, i) => come(i)));
  assert.deepEqual(new Set(got.map(closeCode)), new Set(['close 1008']));
  for (let i = 0; i < 3; i += 1) {
    ann.send([2, 1, i]);
    assert.deepEqual(await bob.next(), [2, 1, i]); // a little later, as its address owes something
  }
});

describe('taking the address of another', () => {
  const open = (who, where) => RelayClient.open(`${server.wsUrl}/relay`, who, where);

  test('keeps nothing from its owner, however many take it', async () => {
    const owner = await open(7, 1);
    const ann = await open(1, 1);
    const takers = [];
    for (let i = 0; i < 7; i += 1) takers.push(await open(7, 2));
    ann.send(directed(7, [1, 2]));
    assert.deepEqual(await owner.next(), directed(7, [1, 2]));
    assert.deepEqual(await takers[6].next(), directed(7, [1, 2]), 'a copy, which only the owner can read');
    for (const taker of takers) await taker.close();
    await ann.quiet(); // no LEFT: the owner is still there
    ann.send(directed(7, [3]));
    assert.deepEqual(await owner.next(), directed(7, [3]));
  });
});

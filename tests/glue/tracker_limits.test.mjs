// SPDX-License-Identifier: GPL-3.0-or-later
// The tracker against those who speak for others, hold places or read nothing.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { Tracker, trackerLimits } from '../../tools/tracker/tracker.js';
import { until } from './support/until.mjs';

const id = (text) => text.padEnd(20, '.');
const ROOM = id('room');
const UPGRADE = `${[
  'GET / HTTP/1.1', 'host: x', 'upgrade: websocket', 'connection: upgrade', 'sec-websocket-version: 13',
  'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
].join('\r\n')}\r\n\r\n`;
/** @type {(() => void)[]} */
const ends = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** A tracker in this process, so that what it holds can be looked at. */
async function start(limits = {}, ipOf = () => 'one household') {
  const tracker = new Tracker({ ...trackerLimits, ...limits });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    tracker.accept(request, socket, head, ipOf());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  ends.push(() => {
    tracker.stop();
    server.closeAllConnections();
    server.close();
  });
  return { tracker, port };
}

/** @param {number} port @param {string} name its peer_id */
async function join(port, name, { event = 'started', room = ROOM, autoPong = true } = {}) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong });
  ends.push(() => ws.terminate());
  const heard = [];
  const closed = new Promise((resolve) => ws.on('close', resolve));
  ws.on('message', (text) => heard.push(JSON.parse(text)));
  ws.on('error', () => {});
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  const say = (more = {}) =>
    ws.send(JSON.stringify({ action: 'announce', info_hash: room, peer_id: id(name), numwant: 0, left: 1, event, ...more }));
  say();
  return { ws, heard, closed, say };
}

const offer = (n) => ({ offers: [{ offer: { type: 'offer', sdp: `O${n}` }, offer_id: id(`offer${n}`) }], event: undefined });
const countOf = async (peer) => {
  const before = peer.heard.length;
  peer.say({ event: undefined });
  await until(() => peer.heard.length > before, 'an answer');
  return peer.heard.at(-1).incomplete;
};

describe('a name belongs to its socket', () => {
  test('"stopped" of another’s is refused, and the other stays', async () => {
    const { port } = await start();
    const ann = await join(port, 'ann');
    await until(() => ann.heard.length, 'an answer');
    const eve = await join(port, 'eve');
    await until(() => eve.heard.length, 'an answer');
    eve.say({ peer_id: id('ann'), event: 'stopped' });
    assert.equal(await eve.closed, 1008);
    const mallory = await join(port, 'ann', { event: 'stopped' });
    assert.equal(await mallory.closed, 1013, 'also as the first that it says');
    await until(async () => (await countOf(ann)) === 1, 'ann alone, and still there');
    const bob = await join(port, 'bob');
    bob.say(offer(1));
    await until(() => ann.heard.some((message) => message.offer?.sdp === 'O1'), 'the offer');
  });

  test('1,100 names of one socket are one', async () => {
    const { port } = await start();
    const ann = await join(port, 'ann');
    const eve = await join(port, 'eve0');
    for (let i = 1; i <= 1100; i += 1) eve.say({ peer_id: id(`eve${i}`) });
    assert.equal(await eve.closed, 1008);
    await until(async () => (await countOf(ann)) === 1, 'ann alone');
  });

  test('answers in another’s name go nowhere', async () => {
    const { port } = await start();
    const ann = await join(port, 'ann');
    const eve = await join(port, 'eve');
    eve.say({ peer_id: id('bob'), to_peer_id: id('ann'), offer_id: id('o'), answer: { type: 'answer', sdp: 'A' } });
    assert.equal(await eve.closed, 1008);
    assert.ok(!ann.heard.some((message) => message.answer));
  });

  test('one whose old socket is dead has it back soon; one that lives keeps it', async () => {
    const { port } = await start({ probeTimeoutMs: 200 });
    const dead = await join(port, 'ann', { autoPong: false });
    await until(() => dead.heard.length, 'an answer');
    assert.equal(await (await join(port, 'ann')).closed, 1013);
    await dead.closed;
    const again = await join(port, 'ann');
    await until(() => again.heard.length, 'an answer');
    for (let i = 0; i < 3; i += 1) assert.equal(await (await join(port, 'ann')).closed, 1013);
    await new Promise((resolve) => setTimeout(resolve, 400)); // longer than it had to answer
    assert.equal(again.ws.readyState, WebSocket.OPEN);
  });
});

describe('limits', () => {
  test('swarms of one socket', async () => {
    const { port } = await start({ socketSwarmCountMax: 3 });
    const eve = await join(port, 'eve');
    for (let i = 0; i < 5; i += 1) eve.say({ info_hash: id(`swarm${i}`) });
    await until(() => eve.heard.length === 6, 'six answers');
    assert.equal(eve.heard.filter((message) => message['failure reason']).length, 3);
    eve.say({ info_hash: id('swarm0'), event: 'stopped' });
    eve.say({ info_hash: id('swarm9') });
    await until(() => eve.heard.length === 8, 'two more');
    assert.equal(eve.heard.at(-1)['failure reason'], undefined, 'one that was left makes room');
  });

  test('swarms of one IP address, whichever socket asks for them', async () => {
    const { port } = await start({ ipSwarmCountMax: 4 });
    const ann = await join(port, 'ann');
    const eve = await join(port, 'eve');
    for (let i = 0; i < 4; i += 1) eve.say({ info_hash: id(`swarm${i}`) });
    await until(() => eve.heard.length === 5, 'five answers');
    const reasons = eve.heard.map((message) => message['failure reason']).filter(Boolean);
    assert.deepEqual(reasons, Array(2).fill('too many swarms of one IP address'));
    ann.say({ info_hash: id('mine') });
    await until(() => ann.heard.length === 2, 'an answer');
    assert.match(ann.heard[1]['failure reason'], /one IP address/);
    eve.ws.close();
    await eve.closed;
    ann.say({ info_hash: id('mine') });
    await until(() => ann.heard.length === 3, 'another');
    assert.equal(ann.heard[2]['failure reason'], undefined, 'what she held is free again');
  });

  test('swarms of one /48, however many /64 of it ask for them', async () => {
    let network = 0;
    const { port } = await start({ ipSwarmCountMax: 2, widerShare: 2 }, () => `2001:db8:1:${(network += 1)}::/64`);
    const all = [await join(port, 'ann'), await join(port, 'bob'), await join(port, 'eve'), await join(port, 'dan')];
    for (const one of all) one.say({ info_hash: id('another') });
    await until(() => all.every(({ heard }) => heard.length === 2), 'answers');
    const refused = all.map(({ heard }) => heard.filter((message) => message['failure reason']).length);
    assert.deepEqual(refused, [1, 1, 1, 1]);
    all[0].ws.close();
    await all[0].closed;
    all[1].say({ info_hash: id('another') });
    await until(() => all[1].heard.length === 3, 'another answer');
    assert.equal(all[1].heard[2]['failure reason'], undefined, 'there is place again');
  });

  test('who comes and goes fills no tracker: nor with "stopped" where it never was', async () => {
    const { port } = await start({ swarmCountMax: 10, emptyIntervalMs: 1 });
    const eve = await join(port, 'eve');
    for (let i = 0; i < 30; i += 1) eve.say({ info_hash: id(`none${i}`), event: 'stopped' });
    eve.say({ info_hash: id('one') });
    await until(() => eve.heard.length === 2, 'two answers: to none of those');
    assert.equal(eve.heard[1]['failure reason'], undefined);
    for (let i = 0; i < 30; i += 1) {
      const before = eve.heard.length;
      eve.say({ info_hash: id(`swarm${i}`) });
      eve.say({ info_hash: id(`swarm${i}`), event: 'stopped' });
      await until(() => eve.heard.length >= before + 2, 'its answers');
    }
    assert.ok(!eve.heard.some((message) => message['failure reason']), 'there is always room for one more');
  });

  test('sockets and work of one IP address; who is over is closed, the others are not', async () => {
    const { port, tracker } = await start({ ipSocketCountMax: 3, socketWorkBurst: 32 * 1024, socketWorkRate: 1024 });
    const ann = await join(port, 'ann');
    const eve = await join(port, 'eve');
    await join(port, 'bob');
    await assert.rejects(join(port, 'dan'), /429/);
    for (let i = 0; i < 40; i += 1) eve.say({ event: undefined });
    assert.equal(await eve.closed, 1008);
    await until(() => tracker.socketCount === 2, 'two sockets');
    await join(port, 'dan');
    assert.ok((await countOf(ann)) >= 2);
  });

  test('who tries to come in from the same address again and again ends nobody who is in', async () => {
    const { port } = await start({ ipWorkBurst: 64 * 1024, ipWorkRate: 1024 });
    const ann = await join(port, 'ann');
    const tries = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => join(port, `eve${i}`)));
    assert.ok(tries.some(({ status }) => status === 'rejected'));
    assert.ok((await countOf(ann)) >= 1);
  });

  for (const what of /** @type {const} */ (['ping', 'pong'])) {
    test(`a flood of ${what}s ends it, and not others`, async () => {
      const { port } = await start();
      const ann = await join(port, 'ann');
      const eve = await join(port, 'eve', { autoPong: false });
      for (let i = 0; i < 800; i += 1) {
        eve.ws[what](Buffer.alloc(100));
        if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 1)); // else ws ends it
      }
      assert.equal(await eve.closed, 1008);
      assert.ok((await countOf(ann)) >= 1);
    });
  }

  test('of one that was told to close only so much is read', async () => {
    const { port } = await start({ closeTimeoutMs: 1500 });
    const socket = connect({ port, host: '127.0.0.1' });
    ends.push(() => socket.destroy());
    socket.write(UPGRADE);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.on('error', () => {});
    const text = Buffer.alloc(6 + 125, 'x'); // no JSON
    text.set([0x81, 0x80 | 125, 0, 0, 0, 0]);
    const flood = Buffer.concat(new Array(4_000).fill(text));
    const goOn = () => socket.destroyed || socket.write(flood, () => setImmediate(goOn));
    goOn();
    await new Promise((resolve) => socket.once('close', resolve));
    const taken = socket.bytesWritten - socket.writableLength;
    assert.ok(taken < 10e6, `${taken} bytes were taken`); // what lies in the system's buffers counts as well
  });

  test('a refused connection whose other half stays open is gone at once', async () => {
    const { port } = await start({ ipSocketCountMax: 1 });
    await join(port, 'ann');
    const half = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    ends.push(() => half.destroy());
    const isReset = new Promise((resolve) => half.on('error', resolve).on('close', resolve));
    half.write(UPGRADE);
    let text = '';
    half.on('data', (chunk) => (text += chunk));
    await until(() => text.includes('429'), 'a refusal');
    const poke = setInterval(() => half.write('x'), 20); // a socket that is still there would take it
    await isReset;
    clearInterval(poke);
  });

  test('readers that read nothing are cut, alone and together', async () => {
    const noWork = { socketWorkBurst: 1 << 30, ipWorkBurst: 1 << 30 };
    const warned = [];
    const warn = (warning) => warned.push(warning.message);
    process.on('warning', warn);
    ends.push(() => process.off('warning', warn));
    const { port, tracker } = await start({ bufferedSizeMax: 4 * 1024 * 1024, bufferedTotalMax: 6 * 1024 * 1024, ...noWork });
    const stalled = [];
    for (let i = 0; i < 4; i += 1) stalled.push(await join(port, `stalled${i}`));
    const bob = await join(port, 'bob');
    await until(() => bob.heard.length, 'an answer');
    for (const { ws } of stalled) ws.pause();
    const sdp = 'x'.repeat(15_000);
    for (let i = 0; i < 6000 && tracker.socketCount === 5; i += 1) {
      bob.say({ offers: [1, 2, 3, 4].map((n) => ({ offer: { type: 'offer', sdp }, offer_id: id(`${n}`) })), event: undefined });
      if (i % 20 === 19) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => tracker.socketCount < 5, 'one cut off');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(warned, [], 'nothing for the log, which strangers could fill');
    assert.equal(bob.ws.readyState, WebSocket.OPEN);
  });

  /** A socket on which a message has begun. */
  const begin = async (port) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    ends.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(UPGRADE);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write(Buffer.from([0x81, 0x80 | 126, 0xf0, 0, 0, 0, 0, 0])); // of 60 KiB
    return socket;
  };

  test('of messages that never end no more is kept than the cap, and who says whole ones is heard', async () => {
    const noWork = { socketWorkBurst: 1 << 30, ipWorkBurst: 1 << 30 };
    const { port, tracker } = await start({ partialTotalMax: 1_000_000, ...noWork });
    const ann = await join(port, 'ann');
    for (let i = 0; i < 20; i += 1) for (const size of [5, 200, 6_000]) ann.say({ event: undefined, x: 'x'.repeat(size) });
    await until(() => ann.heard.length === 61, 'whole ones to be no part of one');
    for (let i = 0; i < 40; i += 1) (await begin(port)).write(Buffer.alloc(60_000, 'x'));
    await until(() => tracker.socketCount <= 17, 'those above the cap to be cut off');
    assert.ok(tracker.socketCount >= 10, `${tracker.socketCount} are left`);
    assert.ok((await countOf(ann)) >= 1);
    assert.equal(ann.ws.readyState, WebSocket.OPEN);
  });

  test('bytes that come one by one cost what they are: memory, and work', async () => {
    const drip = async (port, most) => {
      const socket = await begin(port);
      let isOpen = true;
      socket.on('close', () => (isOpen = false));
      let count = 0;
      for (; isOpen && count < most; count += 1) {
        socket.write('x');
        await new Promise((resolve) => setImmediate(resolve));
      }
      return count;
    };
    const held = await start({ partialTotalMax: 100_000, socketWorkBurst: 1 << 30, ipWorkBurst: 1 << 30 });
    assert.ok((await drip(held.port, 4_000)) < 2_000, 'a message of single bytes takes more than they are');
    const worked = await start({ socketWorkBurst: 64 * 1024, socketWorkRate: 1024, closeTimeoutMs: 200 });
    const ann = await join(worked.port, 'ann');
    const most = 60_000; // bytes that may come in a burst
    assert.ok((await drip(worked.port, most)) < most, 'a read costs more than its bytes');
    assert.ok((await countOf(ann)) >= 1);
  });

  test('who announces nothing does not stay', async () => {
    const { port, tracker } = await start({ firstTimeoutMs: 100, probeTimeoutMs: 200 });
    const ws = new WebSocket(`ws://127.0.0.1:${port}`);
    ends.push(() => ws.terminate());
    await new Promise((resolve) => ws.once('close', resolve));
    await until(() => tracker.socketCount === 0, 'its end');
  });
});

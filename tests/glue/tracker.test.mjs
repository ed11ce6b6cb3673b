// SPDX-License-Identifier: GPL-3.0-or-later
// The tracker, as a process of its own: announces, offers, answers, and what it refuses.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { startServer } from '../support/servers.mjs';

let server;
before(async () => {
  server = await startServer('tracker.js');
});
after(() => server.stop());

const infoHash = 'a-room-of-20-letters';
const peer = (n) => `peer-${n}`.padEnd(20, '.');
const offerId = 'offer-1'.padEnd(20, '.');

/** A connection with an inbox. */
async function open(options) {
  const ws = new WebSocket(server.wsUrl, options);
  const inbox = [];
  const waiting = [];
  ws.on('message', (text) => {
    const message = JSON.parse(text);
    if (waiting.length > 0) waiting.shift()(message);
    else inbox.push(message);
  });
  const closed = new Promise((resolve) => ws.on('close', resolve));
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  return {
    closed,
    send: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () =>
      inbox.length > 0 ? Promise.resolve(inbox.shift()) : new Promise((resolve) => waiting.push(resolve)),
    close: () => ws.close(),
  };
}

const announce = (n, more = {}) => ({
  action: 'announce',
  info_hash: infoHash,
  peer_id: peer(n),
  numwant: 0,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  event: 'started',
  ...more,
});

test('brings an offer to the other peer and the answer back', async () => {
  const ann = await open();
  const bob = await open();
  ann.send(announce(1));
  const first = await ann.next();
  assert.equal(first.info_hash, infoHash);
  assert.ok(first.interval >= 60, `interval ${first.interval} s`);
  bob.send(announce(2, { numwant: 1, offers: [{ offer: { type: 'offer', sdp: 'O' }, offer_id: offerId }] }));
  assert.equal((await bob.next()).action, 'announce');
  const offer = await ann.next();
  assert.deepEqual([offer.offer.sdp, offer.offer_id, offer.peer_id], ['O', offerId, peer(2)]);
  ann.send({
    action: 'announce',
    info_hash: infoHash,
    peer_id: peer(1),
    to_peer_id: peer(2),
    offer_id: offerId,
    answer: { type: 'answer', sdp: 'A' },
  });
  const answer = await bob.next();
  assert.deepEqual([answer.answer.sdp, answer.offer_id, answer.peer_id], ['A', offerId, peer(1)]);
  ann.close();
  bob.close();
});

const DEEP = 'deep';
/** As no JSON.stringify() makes it. */
const deep = (more) => JSON.stringify(announce(1, more)).replace(`"${DEEP}"`, '['.repeat(20_000) + ']'.repeat(20_000));

test('closes on messages that would end its process, and lives', async () => {
  const bad = [
    'no json',
    'null',
    '[]',
    '{}',
    JSON.stringify(announce(1, { offers: [null] })),
    JSON.stringify(announce(1, { offers: [{ offer: null, offer_id: offerId }] })),
    JSON.stringify({ action: 'scrape', offers: [] }),
    JSON.stringify(announce(1, { event: 'constructor' })),
    JSON.stringify(announce(1, { info_hash: 'short' })),
    JSON.stringify(announce(1, { answer: 'x' })),
    deep({ offers: [{ offer: { type: 'offer', sdp: DEEP }, offer_id: offerId }] }),
    deep({ answer: { type: 'answer', sdp: DEEP }, to_peer_id: peer(7), offer_id: offerId }),
  ];
  const witness = await open();
  witness.send(announce(7));
  await witness.next();
  for (const message of bad) {
    const one = await open();
    one.send(message);
    assert.equal(await one.closed, 1008, message.slice(0, 200));
  }
  const big = await open();
  big.send(JSON.stringify(announce(1, { more: 'x'.repeat(70_000) })));
  assert.equal(await big.closed, 1009);
  witness.send(announce(7, { event: undefined }));
  assert.equal((await witness.next()).action, 'announce');
  witness.close();
});

test('a page from elsewhere is refused, one from this machine is not', async () => {
  await assert.rejects(open({ headers: { origin: 'https://evil.example' } }), /403/);
  (await open({ headers: { origin: 'http://localhost:3000' } })).close();
});

test('a port in use is said plainly', async () => {
  await assert.rejects(
    startServer('tracker.js', { TRACKER_PORT: String(server.port) }),
    /Port \d+ is in use.*TRACKER_PORT=\d+/s,
  );
});

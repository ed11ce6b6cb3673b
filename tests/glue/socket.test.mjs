// SPDX-License-Identifier: GPL-3.0-or-later
// WebSockets against a real server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { Sockets } from '../../glue/socket.js';
import { SEND_TEXT } from '../../glue/constants.js';
import { timers, until } from './support/until.mjs';

/** @type {WebSocketServer} */
let server;
let url;

before(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  url = `ws://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
});
after(() => {
  for (const client of server.clients) client.terminate();
  return new Promise((resolve) => server.close(resolve));
});

function setUp(options = {}) {
  const facts = [];
  const sockets = new Sockets({ WebSocket, timers, report: (kind, fields) => facts.push({ kind, ...fields }), ...options });
  const fact = (kind) => until(() => facts.find((one) => one.kind === kind), kind);
  return { sockets, facts, fact };
}

test('opens, carries bytes and text both ways, reports the end with its reason', async () => {
  const { sockets, facts, fact } = setUp();
  const connected = new Promise((resolve) => server.once('connection', resolve));
  sockets.open(5, url);
  const peer = /** @type {WebSocket} */ (await connected);
  const received = [];
  peer.on('message', (data, isBinary) => received.push(isBinary ? [...data] : String(data)));
  assert.equal((await fact('LINK_UP')).link, 5);

  sockets.send(5, new Uint8Array([1, 2]), false);
  sockets.send(5, new TextEncoder().encode('{"a":"ö"}'), true);
  await until(() => received.length === 2, 'both frames');
  assert.deepEqual(received, [[1, 2], '{"a":"ö"}']);

  peer.send(new Uint8Array([9]));
  peer.send('text');
  await until(() => facts.filter(({ kind }) => kind === 'LINK_DATA').length === 2, 'data');
  const [binary, text] = facts.filter(({ kind }) => kind === 'LINK_DATA');
  assert.deepEqual([binary.bytes, binary.flags ?? 0], [new Uint8Array([9]), 0]);
  assert.deepEqual([text.bytes, text.flags], ['text', SEND_TEXT]);

  peer.close(4001, 'room is full');
  assert.equal((await fact('LINK_DOWN')).text, 'room is full');
  assert.equal(sockets.count, 0);
  sockets.send(5, new Uint8Array(1), false); // on a link that is gone: ignored
});

test('what cannot be opened is reported, not thrown', async () => {
  for (const [WebSocketClass, target] of [[WebSocket, 'ws://127.0.0.1:1'], [WebSocket, 'no url'], [null, url]]) {
    const { sockets, fact } = setUp({ WebSocket: WebSocketClass });
    sockets.open(1, target);
    const { link, text } = await fact('LINK_DOWN');
    assert.equal(link, 1);
    assert.ok(text.length > 5, text);
    assert.equal(sockets.count, 0);
  }
});

test('a link closed by the core is closed in silence, also while it opens', async () => {
  const { sockets, facts } = setUp();
  sockets.open(1, url);
  sockets.close(1);
  sockets.open(2, url);
  await until(() => facts.length === 1, 'LINK_UP');
  sockets.closeAll();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(facts, [{ kind: 'LINK_UP', link: 2 }]);
});

test('a reader that stops is pressure; when it reads again there is none', async () => {
  const { sockets, facts, fact } = setUp();
  const connected = new Promise((resolve) => server.once('connection', resolve));
  sockets.open(1, url);
  const peer = /** @type {any} */ (await connected);
  await fact('LINK_UP');
  peer.pause();
  for (let i = 0; i < 400; i++) sockets.send(1, new Uint8Array(60000), false);
  assert.deepEqual(facts.at(-1), { kind: 'LINK_PRESSURE', link: 1, value: 1 });
  peer.resume();
  await until(() => facts.at(-1).value === 0, 'no pressure');
  assert.equal(facts.filter(({ kind }) => kind === 'LINK_PRESSURE').length, 2);
  sockets.closeAll();
});

test('a frame beyond every limit ends the connection instead of filling memory', async () => {
  const { sockets, fact } = setUp();
  const connected = new Promise((resolve) => server.once('connection', resolve));
  sockets.open(1, url);
  const peer = /** @type {WebSocket} */ (await connected);
  await fact('LINK_UP');
  peer.on('error', () => {});
  peer.send(new Uint8Array(1 << 20));
  await fact('LINK_DOWN');
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Ends of different versions: a client meets a relay of another one, says so once, and does not hammer it. The relay's side is in
// relay.test.mjs.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { Terminal } from '../../tools/cli/terminal.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const CHALLENGE = Buffer.concat([Buffer.from([0x87]), Buffer.alloc(32, 7)]);
const HELLO_SIZE = 42;

describe('a relay of another version', { skip, timeout: 180_000 }, () => {
  /** @type {WebSocketServer[]} */
  const servers = [];
  afterEach(async () => {
    await closePeers();
    for (const server of servers.splice(0)) {
      for (const ws of server.clients) ws.terminate();
      server.close();
    }
  });

  /** One that greets as every relay does and answers HELLO as told. @param {(ws: import('ws').WebSocket, hello: Buffer) => void} answer */
  async function relay(answer) {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    servers.push(server);
    const seen = { sockets: 0, url: '', answer };
    server.on('connection', (ws) => {
      seen.sockets += 1;
      ws.on('message', (bytes) => {
        if (bytes[0] === 1) seen.answer(ws, bytes);
      });
      ws.send(CHALLENGE);
    });
    await new Promise((resolve) => server.once('listening', resolve));
    seen.url = `ws://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/relay`;
    return seen;
  }

  /** A peer with a terminal before it. */
  async function person(url) {
    const lines = [];
    const { nkt } = await startPeer('ann', { relays: [url], room: newRoom(), RTCPeerConnection: null });
    new Terminal(nkt, (line) => lines.push(line), { to: '', sent() {}, quit() {} });
    const state = () => nkt.health().relays[0];
    return { lines, state };
  }

  const welcome = (version) => Buffer.from([0x81, version, 0, 0, 0, 0]);
  const ways = {
    'which says so': [(ws) => ws.close(4002, 'this relay speaks version 3 of the protocol, and not 2'), 1, /speaks version 3/],
    'of version 1, which welcomes whom it does not understand': [(ws) => ws.send(welcome(1)), 1, /another version/],
    'of version 1, as it was': [(ws) => ws.close(1002), 2, /another version.*1002|1002.*another version/],
  };
  for (const [what, [answer, sockets, reason]] of Object.entries(ways)) {
    test(`${what}: told once, in words, and left alone for minutes`, async () => {
      const old = await relay(answer);
      const { lines, state } = await person(old.url);
      await until(() => state().code === 'NKT_E_VERSION', 'the version to be known');
      await until(() => lines.length > 0, 'a line');
      assert.equal(old.sockets, sockets);
      assert.match(state().lastError, reason);
      assert.match(lines.join('\n'), new RegExp(`^! ${old.url}: .*version`));
      assert.ok(state().retryMs > 4 * 60_000 && state().retryMs <= 10 * 60_000, `tried again in ${state().retryMs} ms`);
      assert.equal(lines.length, 1);
    });
  }

  test('one that is renewed meanwhile is welcome again; one refusal may be chance', async () => {
    let refusals = 1;
    const relayed = await relay((ws, hello) => {
      assert.equal(hello.length, HELLO_SIZE);
      assert.equal(hello[1], 2);
      if (refusals-- > 0) ws.close(1002);
      else ws.send(welcome(2));
    });
    const { lines, state } = await person(relayed.url);
    await until(() => state().state === 'open' && relayed.sockets === 2 && state().lastError === '', 'to be let in');
    assert.equal(state().code, undefined);
    assert.deepEqual(lines, []);
  });

  test('that opens and closes at once is tried less and less often', async () => {
    const relayed = await relay((ws) => ws.close(1013));
    const start = performance.now();
    const { state } = await person(relayed.url);
    await until(() => relayed.sockets >= 3, 'three attempts');
    const waits = state().retryMs;
    assert.equal(state().code, undefined);
    assert.ok(waits === undefined || waits <= 12_000);
    assert.ok(performance.now() - start > 200, 'not without a pause');
  });
});

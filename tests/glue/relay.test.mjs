// SPDX-License-Identifier: GPL-3.0-or-later
// The relay and the page's server, as a process of their own, over real sockets.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { startServer } from '../support/servers.mjs';
import { address, directed, hello, RelayClient, room } from '../support/relay_client.mjs';

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

before(async () => {
  server = await startServer('app.js', { TRACKER_PORT: '8123' });
});
after(() => server.stop());
afterEach(() => RelayClient.closeAll());

const open = (who, where, options) => RelayClient.open(`${server.wsUrl}/relay`, who, where, options);

/** Sends a raw request, so that no client library tidies the path. */
function get(path, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port: server.port, host: '127.0.0.1', path, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject).end();
  });
}

describe('frames', () => {
  test('a broadcast reaches everybody else in the room, unchanged, and nobody in another', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    const eve = await open(3, 2);
    assert.equal(ann.others, 0);
    assert.equal(bob.others, 1);
    ann.send([2, 10, 11, 12]);
    assert.deepEqual(await bob.next(), [2, 10, 11, 12]);
    await eve.quiet();
    await ann.quiet();
    await Promise.all([ann, bob, eve].map((one) => one.close()));
  });

  test('a directed frame reaches every socket of the address, whichever room', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 2);
    const bobAgain = await open(2, null);
    const frame = directed(2, [7, 8, 9]);
    ann.send(frame);
    assert.deepEqual(await bob.next(), frame);
    assert.deepEqual(await bobAgain.next(), frame);
    await Promise.all([ann, bob, bobAgain].map((one) => one.close()));
  });

  test('broadcast and directed frames keep their order', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    for (let i = 0; i < 200; i += 1) ann.send(i % 2 === 0 ? [2, i] : directed(2, [i]));
    for (let i = 0; i < 200; i += 1) assert.equal((await bob.next()).at(-1), i);
    await Promise.all([ann.close(), bob.close()]);
  });

  test('a frame for an address that nobody holds comes back as NOBODY', async () => {
    const ann = await open(1, 1);
    ann.send(directed(9, [1]));
    assert.deepEqual(await ann.next(), [0x84, ...address(9)]);
    await ann.close();
  });

  test('LEFT tells the room when the last socket of an address is gone, not before', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    const bobAgain = await open(2, 1);
    await bob.close();
    await ann.quiet();
    await bobAgain.close();
    assert.deepEqual(await ann.next(), [0x86, ...address(2)]);
    await ann.close();
  });

  test('a second HELLO moves to another room', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    bob.send(hello(2, 2));
    assert.deepEqual(await bob.next(), [0x81, 2, 0, 0, 0, 0]);
    assert.deepEqual(await ann.next(), [0x86, ...address(2)]);
    ann.send([2, 1]);
    await bob.quiet();
    await Promise.all([ann.close(), bob.close()]);
  });

  test('a PING comes back as PONG', async () => {
    const ann = await open(1, null);
    ann.send([5, 1, 2, 3, 4]);
    assert.deepEqual(await ann.next(), [0x85, 1, 2, 3, 4]);
    await ann.close();
  });

  test('the largest payload passes', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    const frame = [...directed(2, []), ...new Array(65_536).fill(3)];
    ann.send(frame);
    assert.deepEqual(await bob.next(), frame);
    await Promise.all([ann.close(), bob.close()]);
  });

  test('a reader that stalls is cut off, the others lose nothing', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    const eve = await open(3, 1);
    eve.stall();
    const message = Buffer.alloc(60_000, 2);
    for (let sent = 0; sent < 400; sent += 8) {
      for (let i = 0; i < 8; i += 1) ann.send(message); // half of what a reader may be behind
      for (let i = 0; i < 8; i += 1) assert.equal(await bob.nextSize({ besides: 0x86 }), message.length);
    }
    eve.resume();
    assert.equal(await eve.closed, 1006);
    await Promise.all([ann.close(), bob.close()]);
  });
});

describe('bad frames close the socket, and only that', () => {
  const cases = {
    nothing: [[], 1002],
    'an unknown type': [[0x42, 1], 1002],
    'a type of the relay': [[0x81, 2, 0, 0, 0, 0], 1002],
    'a HELLO of version 1': [[1, 1, ...room(1), ...address(1)], 4002],
    'a HELLO of a later version, and of another size': [[1, 3, 7], 4002],
    'a short HELLO': [[1, 2, ...room(1)], 1002],
    'a long HELLO': [[...hello(1, 1), 0], 1002],
    'a BROADCAST without payload': [[2], 1002],
    'a DIRECTED without payload': [directed(1, []), 1002],
    'a DIRECTED cut in its address': [[3, 1, 2], 1002],
    'a short PING': [[5, 1], 1002],
    'a short PROOF': [[6, ...new Array(127).fill(1)], 1002],
    'a PROOF of keys that are none': [[6, ...new Array(128).fill(0xff)], 1002],
    text: ['hello', 1002],
    'a payload one byte too long': [[2, ...new Array(65_537).fill(0)], 1009],
    'a message too long': [[2, ...new Array(65_601).fill(0)], 1009],
  };
  for (const [what, [frame, code]] of Object.entries(cases)) {
    test(what, async () => {
      const bob = await open(2, 1);
      const ann = await open(1, 1);
      ann.send(frame);
      assert.equal(await ann.closed, code);
      assert.deepEqual(await bob.next(), [0x86, ...address(1)]);
      await bob.close();
    });
  }

  test('traffic before HELLO', async () => {
    const ann = await RelayClient.connect(`${server.wsUrl}/relay`);
    ann.send([2, 1]);
    assert.equal(await ann.closed, 1002);
  });
});

describe('who may connect', () => {
  const upgrade = (headers, path = '/relay') =>
    RelayClient.connect(server.wsUrl + path, { headers }).then(
      (client) => client.close().then(() => 101),
      (error) => Number(/Unexpected server response: (\d+)/.exec(error.message)?.[1]),
    );
  const host = () => `localhost:${server.port}`;

  test('no Origin, and our own', async () => {
    assert.equal(await upgrade({}), 101);
    assert.equal(await upgrade({ host: host(), origin: `http://${host()}` }), 101);
  });

  test('a foreign Origin is refused', async () => {
    assert.equal(await upgrade({ origin: 'https://evil.example' }), 403);
    assert.equal(await upgrade({ host: host(), origin: 'http://localhost:1' }), 403);
    assert.equal(await upgrade({ origin: 'null' }), 403);
  });

  test('a foreign name that leads to this machine is refused', async () => {
    assert.equal(
      await upgrade({ host: `evil.example:${server.port}`, origin: `http://evil.example:${server.port}` }),
      403,
    );
  });

  test('another path is none', async () => {
    assert.equal(await upgrade({}, '/other'), 404);
  });
});

describe('the page', () => {
  test('has a strict policy and the right types', async () => {
    const page = await get('/');
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.equal(page.headers['referrer-policy'], 'no-referrer');
    assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
    const policy = page.headers['content-security-policy'];
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /require-trusted-types-for 'script'; trusted-types nkt-worker nkt-derive(;|$)/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/);
    const wasm = await get('/core.wasm');
    assert.equal(wasm.headers['content-type'], 'application/wasm');
    assert.deepEqual([...wasm.body.subarray(0, 4)], [0, 0x61, 0x73, 0x6d]);
    const script = await get('/main.js', { 'accept-encoding': 'br, gzip' });
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(script.headers['content-encoding'], 'gzip');
  });

  test('is not sent again when it has not changed', async () => {
    const { headers } = await get('/');
    for (const known of [headers.etag, `W/${headers.etag}`, `"x",W/${headers.etag}`, '*']) { // as proxies that compress make of it
      const again = await get('/', { 'if-none-match': known });
      assert.equal(again.status, 304, known);
      assert.equal(again.body.length, 0);
    }
    for (const other of ['"x"', 'W/"x"', headers.etag.slice(1, -1), '']) {
      assert.equal((await get('/', { 'if-none-match': other })).status, 200, other);
    }
  });

  test('compressed it is another answer to a cache in between, which may have either', async () => {
    const [plain, small] = await Promise.all(['identity', 'gzip'].map((accepts) => get('/', { 'accept-encoding': accepts })));
    assert.notEqual(plain.headers.etag, small.headers.etag);
    for (const [accepts, own, other] of [['identity', plain, small], ['gzip', small, plain]]) {
      const ask = async (known) => (await get('/', { 'accept-encoding': accepts, 'if-none-match': known.headers.etag })).status;
      assert.deepEqual([await ask(own), await ask(other)], [304, 200], accepts);
    }
  });

  test('is compressed for whom that is nothing that he refuses', async () => {
    for (const [accepts, isSo] of /** @type {[string, boolean][]} */ ([
      ['gzip', true], ['GZIP', true], ['x-gzip', true], ['br, gzip;q=0.5', true], ['*', true], ['*;q=0, gzip', true],
      ['gzip;q=1.000', true],
      ['gzip;q=0', false], ['gzip; q=0.00', false], ['gzip;q=0, *', false], ['*, gzip;q=0', false], ['*;q=0', false], ['identity', false],
      ['gzip;q=x', false], ['', false], ['br', false],
    ])) assert.equal((await get('/', { 'accept-encoding': accepts })).headers['content-encoding'], isSo ? 'gzip' : undefined, accepts);
  });

  test('says where relay and tracker are, by the name it was asked for', async () => {
    const { body } = await get('/config.json', { host: `127.0.0.1:${server.port}` });
    const config = JSON.parse(body.toString());
    assert.deepEqual(config.relays, ['relay'], 'from where config.json is');
    assert.deepEqual(config.trackers, ['ws://127.0.0.1:8123']);
    assert.deepEqual(config.iceServers, []);
  });

  test('no path leads out of it', async () => {
    const paths = [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/glue/../../package.json',
      '//etc/passwd',
      '/glue/../tools/app.js',
      '/package.json',
      '/glue/wasm/exports.c',
      '/glue/node.js',
      '/bundle.json',
      '/README.md',
      '/glue',
      '/glue/',
      '/__proto__',
      '/constructor',
      '/index.html/',
      '/%00',
      '/..\\package.json',
    ];
    for (const path of paths) assert.equal((await get(path)).status, 404, path);
  });

  test('other methods are refused', async () => {
    const { status } = await new Promise((resolve) => {
      httpRequest({ port: server.port, host: '127.0.0.1', path: '/', method: 'POST' }, (response) => {
        response.resume();
        resolve({ status: response.statusCode });
      }).end('x');
    });
    assert.equal(status, 405);
  });

  test('nonsense instead of HTTP gets a 400', async () => {
    const text = await new Promise((resolve) => {
      let got = '';
      const socket = connect(server.port, '127.0.0.1', () => socket.end('\0\x01nonsense\r\n\r\n'));
      socket
        .on('data', (chunk) => (got += chunk))
        .on('close', () => resolve(got))
        .on('error', () => {});
    });
    assert.match(text, /^HTTP\/1\.1 400 /);
  });
});

test('SIGTERM, Ctrl-C, and a terminal that is gone say good-bye and end with 0, however often', async () => {
  for (const signals of /** @type {NodeJS.Signals[][]} */ ([['SIGTERM'], ['SIGHUP'], ['SIGINT', 'SIGTERM', 'SIGINT', 'SIGTERM']])) {
    const own = await startServer('app.js');
    const ann = await RelayClient.open(`${own.wsUrl}/relay`, 1, 1);
    const codes = signals.map((signal) => own.kill(signal));
    assert.equal(await ann.closed, 1012, signals.join());
    assert.equal(await codes[0], 0, signals.join());
  }
  const tracker = await startServer('tracker.js');
  tracker.kill('SIGHUP');
  assert.equal(await tracker.kill('SIGHUP'), 0);
});

test('a port in use is said plainly', async () => {
  await assert.rejects(startServer('app.js', { PORT: String(server.port) }), /Port \d+ is in use.*PORT=\d+/s);
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Relay and tracker as servers of HTTP: behind whatever is in front, and against those who hold connections and ask for nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { RelayClient } from '../support/relay_client.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

/** @param {number} port @param {string[]} lines of a request @returns {Promise<string>} all until it is closed; or an error with it */
function ask(port, lines) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text));
    socket.on('error', (error) => reject(Object.assign(error, { text })));
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });
}

/** @param {number} port @param {number} count @param {string} [says] */
async function hold(port, count, says = '') {
  let open = count;
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).on('close', () => (open -= 1));
    if (says) socket.pause().write(says);
    else socket.resume(); // to hear of its end
    return socket;
  });
  return { open: () => open, end: () => sockets.forEach((socket) => socket.destroy()) };
}

describe('the page, behind whatever is in front', () => {
  let server;
  before(async () => {
    server = await startServer('app.js', { TRACKER_PORT: '8123' });
  });
  after(() => server.stop());

  const upgrade = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAARAAAAAAAIAAAAA'];
  test('who would like HTTP/2 as well (curl --http2, Java) is answered in HTTP/1.1', async () => {
    for (const [path, has] of [['/', /<!doctype html>/i], ['/config.json', /"relays":\["relay"\]/]]) {
      const text = await ask(server.port, [`GET ${path} HTTP/1.1`, 'host: localhost', ...upgrade]);
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/, path);
      assert.match(text, has);
      assert.match(text, /content-security-policy/, 'with all that such an answer has');
    }
    assert.match(await ask(server.port, ['GET /none HTTP/1.1', 'host: localhost', ...upgrade]), /^HTTP\/1\.1 404 /);
  });

  test('another protocol asked for behind what is not answered yet ends that connection and no more', async () => {
    for (const count of [1, 3]) {
      for (const header of ['host: localhost', 'host: localhost\r\nexpect: x', 'accept: *']) { // the last one node answers itself
        const before = `GET /core.wasm HTTP/1.1\r\n${header}\r\n\r\n`.repeat(count);
        await ask(server.port, [`${before}GET / HTTP/1.1`, 'host: localhost', ...upgrade]).catch(() => {}); // reset, perhaps
        assert.match(await ask(server.port, ['GET / HTTP/1.1', 'host: localhost', 'connection: close']), /^HTTP\/1\.1 200 OK/);
      }
    }
  });

  test('a whole URL is the same as its path', async () => {
    for (const target of ['http://localhost/config.json', `HTTP://localhost:${server.port}/config.json?x`]) {
      const text = await ask(server.port, [`GET ${target} HTTP/1.1`, 'host: localhost', 'connection: close']);
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/, target);
    }
    assert.match(await ask(server.port, ['GET http://localhost HTTP/1.1', 'host: localhost', 'connection: close']), /<!doctype html>/i);
  });

  test('the tracker is named as the page was asked for: through two proxies, by whatever name a network knows it', async () => {
    const told = async (headers) => {
      const text = await ask(server.port, ['GET /config.json HTTP/1.1', ...headers, 'connection: close']);
      return /"trackers":\["([^"]*)"\]/.exec(text)?.[1];
    };
    for (const proto of ['https', 'HTTPS', 'https, http', 'https,https', 'wss']) {
      assert.equal(await told(['host: a.example', `x-forwarded-proto: ${proto}`]), 'wss://a.example:8123', proto);
    }
    for (const proto of ['http', 'http, https', '']) {
      assert.equal(await told(['host: a.example', `x-forwarded-proto: ${proto}`]), 'ws://a.example:8123', proto);
    }
    assert.equal(await told(['host: my_nas:3000']), 'ws://my_nas:8123');
  });

  test('a name with an underscore, as containers and home networks have, is a name', async () => {
    const open = (headers) => RelayClient.connect(`${server.wsUrl}/relay`, { headers: { 'x-forwarded-for': '10.0.0.1', ...headers } });
    const client = await open({ host: 'my_nas:3000', origin: 'http://my_nas:3000' });
    client.close();
    await assert.rejects(open({ host: 'my_nas:3000', origin: 'http://your_nas:3000' }), /403/);
  });
});

describe('who holds connections', () => {
  test('who asks for a file and reads nothing of it is gone after a while', async () => {
    const server = await startServer('app.js', { NKT_LIMITS: JSON.stringify({ stallTimeoutMs: 3000, ipSocketCountMax: 4 }) });
    const asks = 'GET /core.wasm HTTP/1.1\r\nhost: localhost\r\naccept-encoding: identity\r\n\r\n';
    const stalled = await hold(server.port, 3, asks.repeat(40)); // more than the buffers of both ends take
    const client = await RelayClient.open(`${server.wsUrl}/relay`, 1, 1);
    let isOpen = true;
    client.closed.then(() => (isOpen = false));
    const open = () => RelayClient.open(`${server.wsUrl}/relay`, 2, 1);
    await assert.rejects(open(), 'they have all places');
    for (let i = 0; i < 3; i += 1) await until(() => open().then(() => true, () => false), 'each of their places');
    assert.ok(isOpen, 'a WebSocket that is quiet stays');
    stalled.end();
    await server.stop();
  });

  test('connections to the tracker that ask for nothing are no more than one IP address may have', async () => {
    const server = await startServer('tracker.js');
    const held = await hold(server.port, 600);
    await until(() => held.open() <= 512, 'those that are too many to be closed');
    assert.ok(held.open() > 500);
    await until(() => server.said.some((line) => line.includes('is refused more connections than it may have (512)')), 'a word of it');
    held.end();
    await until(() => fetch(server.url.replace(/^ws/, 'http')).then(({ status }) => status === 426, () => false), 'a place again');
    await server.stop();
  });

  for (const [limit, words] of [['socketCountMax', 'newcomers are refused, as there are 2 (socketCountMax in NKT_LIMITS)'],
    ['ipSocketCountMax', 'is refused more connections than it may have (ipSocketCountMax in NKT_LIMITS)']]) {
    test(`the operator is told once that newcomers are refused: ${limit}`, async () => {
      const server = await startServer('app.js', { NKT_LIMITS: JSON.stringify({ [limit]: 2 }) });
      const inside = [await RelayClient.connect(`${server.wsUrl}/relay`), await RelayClient.connect(`${server.wsUrl}/relay`)];
      for (let i = 0; i < 3; i++) await assert.rejects(RelayClient.connect(`${server.wsUrl}/relay`));
      await until(() => server.said.some((line) => line.includes(words)), words);
      assert.equal(server.said.filter((line) => line.includes('refused')).length, 1);
      assert.equal(inside.length, 2);
      await server.stop();
    });
  }

  for (const script of /** @type {const} */ (['app.js', 'tracker.js'])) {
    test(`${script} where few files may be open: said, others stay, what is refused is closed at once, and it goes on`, async () => {
      const server = await startServer(script, { METRICS_PORT: '0' }, ['/bin/sh', '-c', 'ulimit -n 96 && exec "$0" "$@"']);
      const isFew = (line) => line.includes('there is place for 48 connections (96 files may be open: ulimit -n');
      assert.ok(server.said.some(isFew), server.said[0]);
      const { closed } = await RelayClient.connect(`${server.wsUrl}/`);
      let isThere = true;
      closed.then(() => (isThere = false));
      const held = await hold(server.port, 100);
      await until(() => held.open() <= 48, 'those that are too many to be closed');
      assert.ok(held.open() >= 46, `${held.open()} are left`);
      await until(() => server.said.some((line) => line.includes('connections are refused, as there are 48 (96 files')), 'a word of it');
      assert.ok(isThere);
      const metrics = server.said.map((line) => /metrics on (\S+)$/.exec(line)?.[1]).find(Boolean);
      if (script === 'app.js') assert.match(await (await fetch(String(metrics))).text(), /refusals_total\{reason="full"\} [1-9]/);
      held.end();
      const http = server.url.replace(/^ws/, 'http');
      await until(() => fetch(http).then(({ status }) => status < 500, () => false), 'a place again');
      assert.ok(isThere);
      await server.stop();
    });
  }
});

describe('who asks for more than one address may', () => {
  const OK = /HTTP\/1\.1 200 /g;
  const BUSY = /HTTP\/1\.1 429 /g;
  const countOf = (text, status) => text.match(status)?.length ?? 0;

  for (const more of ['', 'expect: x\r\n']) {
    test(`files: told once, and whoever else is at that address goes on${more && ' (what expects something counts, too)'}`, async (t) => {
      const limits = { upgradeWork: 16_384, ipWorkBurst: 100 * 16_384, ipWorkRate: 50 * 16_384 };
      const server = await startServer('app.js', { NKT_LIMITS: JSON.stringify(limits) });
      t.after(async () => (await RelayClient.closeAll(), server.stop()));
      const [ann, bob] = [await RelayClient.open(`${server.wsUrl}/relay`, 1, 1), await RelayClient.open(`${server.wsUrl}/relay`, 2, 1)];
      const asked = `GET /config.json HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`.repeat(5000);
      const text = await ask(server.port, [asked]).catch((reset) => reset.text);
      assert.ok(countOf(text, /HTTP\/1\.1 /g) < 1000 && countOf(text, BUSY) <= 1, 'no more than it may, and told once at most');
      for (let i = 0; i < 5; i += 1) {
        ann.send([2, 1, i]);
        assert.deepEqual(await bob.next(), [2, 1, i]);
      }
      const start = performance.now();
      await until(() => fetch(server.url).then(({ status }) => status === 200, () => false), 'the page again');
      assert.ok(performance.now() - start < 5000, 'what was refused costs nothing more');
    });
  }

  test('a body that never ends is not read', async (t) => {
    const server = await startServer('app.js', { METRICS_PORT: '0' });
    t.after(() => server.stop());
    const metrics = Number(new URL(String(server.said.map((line) => /metrics on (\S+)$/.exec(line)?.[1]).find(Boolean))).port);
    for (const [port, path] of [[server.port, '/config.json'], [metrics, '/healthz']]) {
      for (const body of ['transfer-encoding: chunked', 'content-length: 1000000']) {
        const start = performance.now();
        assert.match(await ask(port, [`GET ${path} HTTP/1.1`, 'host: localhost', body]), /^HTTP\/1\.1 200 /);
        assert.ok(performance.now() - start < 5000, `${path}, ${body}: longer than half of what a head may take`);
      }
    }
  });

  test('the tracker: one request a connection', async (t) => {
    const server = await startServer('tracker.js');
    t.after(() => server.stop());
    for (const more of ['', 'expect: x\r\n']) {
      const text = await ask(server.port, [`GET / HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`.repeat(3)]);
      assert.equal(countOf(text, /HTTP\/1\.1 /g), 1, text);
      assert.match(text, /^HTTP\/1\.1 426 /);
    }
  });

  test('metrics: one address has four connections and a rate, and is let in again', { timeout: 60_000 }, async (t) => {
    const server = await startServer('app.js', { METRICS_PORT: '0' });
    t.after(() => server.stop());
    const { host, port } = new URL(String(server.said.map((line) => /metrics on (\S+)$/.exec(line)?.[1]).find(Boolean)));
    const open = () => {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
      t.after(() => socket.destroy());
      return socket;
    };
    const held = [open(), open(), open(), open()];
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    await new Promise((resolve) => open().on('close', resolve));
    held.forEach((socket) => socket.destroy());
    const status = () => fetch(`http://${host}/healthz`).then(async (response) => (await response.arrayBuffer(), response.status), () => 0);
    await until(async () => await status() === 200, 'a place');
    // all at once: asked one after the other on a slow machine they are no more than it may
    const asked = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(400);
    const text = await ask(Number(port), [asked]).catch((reset) => reset.text);
    assert.ok(countOf(text, OK) >= 90, `who asks now and then: ${countOf(text, OK)}`);
    assert.ok(countOf(text, OK) < 400 && countOf(text, BUSY) <= 1, 'who asks all the time');
    await until(async () => await status() === 200, 'to be let in again');
  });
});

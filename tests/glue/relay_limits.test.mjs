// SPDX-License-Identifier: GPL-3.0-or-later
// What one IP address may, what the operator sees, how a restart goes, and wrong settings.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { spend } from '../../tools/relay/budget.js';
import { readPageConfig } from '../../tools/relay/config.js';
import { Lag } from '../../tools/relay/lag.js';
import { limits, readLimits } from '../../tools/relay/limits.js';
import { natsOptions } from '../../tools/relay/nats_bus.js';
import { readAllowedOrigins, readFrames } from '../../tools/relay/origin.js';
import { readTurn, turnServer } from '../../tools/relay/turn.js';
import { ipOf, proxyFault, Visitors } from '../../tools/relay/visitors.js';
import { readHost } from '../../tools/listen.js';
import { misspelt } from '../../tools/settings.js';
import { root } from '../../tools/setup/paths.mjs';
import { RelayClient } from '../support/relay_client.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';

afterEach(() => RelayClient.closeAll());

test('how late a process is: what held it up is seen, and for how long', async () => {
  const lag = new Lag();
  const free = () => new Promise((resolve) => setTimeout(resolve, 1));
  await until(async () => {
    const end = performance.now() + 200;
    while (performance.now() < end); // nothing else is done meanwhile
    await free();
    return lag.look().max > 0.1;
  }, 'what held it up');
  const { p50, p99, max } = lag.look();
  assert.ok(p50 <= p99 && p99 <= max, JSON.stringify({ p50, p99, max }));
});

test('who may frame the page: nobody, or who is named', async () => {
  assert.deepEqual(readFrames(' https://a.example/, http://localhost:8080 '), ['https://a.example', 'http://localhost:8080']);
  const [host, path, rule, user] = ['https://*.example', 'https://a.example/path', 'https://a.example; x', 'https://u@a.example'];
  const wrong = ['*', 'a.example', "'self'", 'data:x', host, path, rule, user];
  for (const text of wrong) {
    assert.throws(() => readFrames(text), /^Error: NKT_FRAMES: .* is to be an origin/, text);
  }
  const named = ['https://a.example', 'https://b.example:8'];
  for (const [given, expected] of [[[], "frame-ancestors 'none'"], [named, `frame-ancestors ${named.join(' ')}`]]) {
    const server = await startServer('app.js', { NKT_FRAMES: given.join(', ') });
    const policy = (await fetch(server.url)).headers.get('content-security-policy');
    assert.ok(policy?.split('; ').includes(expected), policy ?? '');
    await server.stop();
  }
});

describe('budgets', () => {
  test('are earned with time, up to the burst, and may be overdrawn', () => {
    const owner = { credit: 1000, creditMs: 0 };
    const at = (nowMs, work) => spend(owner, work, 100, 1000, nowMs);
    assert.equal(at(0, 400), 600);
    assert.equal(at(1000, 0), 700);
    assert.equal(at(60_000, 0), 1000);
    assert.equal(at(60_000, 1500), -500);
    assert.equal(at(62_500.7, 0), -250);
    assert.equal(at(50_000, 10), -260, 'a clock that goes back earns nothing');
  });

  test('one IP address counts, or one /64', () => {
    const cases = {
      '127.0.0.1': '127.0.0.1',
      '::ffff:10.1.2.3': '10.1.2.3',
      '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
      '2001:db8:1:2::9': '2001:db8:1:2::/64',
      '2001:0db8::1': '2001:db8:0:0::/64',
      '::1': '0:0:0:0::/64',
      'fe80::1%eth0': 'fe80:0:0:0::/64',
    };
    for (const [address, key] of Object.entries(cases)) assert.equal(ipOf(address), key, address);
  });

  test('who has many /64 of one /48 has four times as much as one of them, in connections and work; a neighbour has his own', () => {
    const visitors = new Visitors({ ...limits, ipSocketCountMax: 10, ipWorkBurst: 1000, ipWorkRate: 100 });
    const ip = (net, n) => ipOf(`2001:db8:${net}:${n.toString(16)}::1`);
    const inside = [];
    for (let n = 0; n < 256; n += 1) inside.push(visitors.enter(ip(1, n), 0));
    const here = inside.filter((one) => one !== null);
    assert.equal(here.length, 40);
    const other = visitors.enter(ip(2, 1), 0);
    assert.ok(other);
    for (const one of here) visitors.take(one, 500, 0);
    assert.equal(visitors.take(here[39], 1, 0), false, 'four times 1,000 are gone');
    assert.ok(visitors.take(other, 500, 0));
    assert.ok(visitors.take(here[39], 400, 1000), 'of four times the rate');
    visitors.leave(here[0]);
    assert.ok(visitors.enter(ip(1, 300), 1000), 'a place again');
    assert.equal(visitors.enter(ip(1, 301), 1000), null);
    const ipv4 = Array.from({ length: 256 }, (_, n) => visitors.enter(ipOf(`10.0.0.${n}`), 1000));
    assert.ok(ipv4.every(Boolean));
    for (const one of [...here.slice(1), other, ...ipv4]) visitors.leave(one);
    visitors.forget(60_000);
    assert.equal(visitors.count, 1);
  });

  test('who is gone is forgotten when it owes nothing, and the table has a cap', () => {
    const visitors = new Visitors({ ...limits, ipCountMax: 3, ipSocketCountMax: 1 });
    const first = visitors.enter('a', 0);
    assert.equal(visitors.enter('a', 0), null);
    assert.equal(visitors.refused, 1);
    visitors.spend(first, limits.ipWorkBurst, 0);
    visitors.leave(first);
    visitors.forget(1000);
    assert.equal(visitors.enter('a', 1000), first, 'it owes something');
    visitors.leave(first);
    visitors.forget(60_000);
    assert.equal(visitors.count, 0);
    for (const ip of ['a', 'b', 'c', 'd', 'e']) visitors.leave(visitors.enter(ip, 60_000));
    assert.ok(visitors.count <= 3);
  });
});

describe('a relay with small limits', () => {
  let server;
  before(async () => {
    server = await startServer('app.js', {
      NKT_LIMITS: JSON.stringify({ ipSocketCountMax: 5, addressSocketCountMax: 2, roomCountMax: 1 }),
      METRICS_PORT: '0',
    });
  });
  after(() => server.stop());
  const open = (who, where) => RelayClient.open(`${server.wsUrl}/relay`, who, where);
  const metricsUrl = () => server.said.map((line) => /metrics on (\S+)$/.exec(line)?.[1]).find(Boolean);
  const metrics = async () => (await fetch(metricsUrl())).text();
  /** The places of those that a test left: they are free when the server has seen the end of each, which is later than we do. */
  afterEach(async () => {
    await RelayClient.closeAll();
    await until(async () => /^nkt_relay_sockets 0$/m.test(await metrics()), 'a relay that holds no socket');
  });

  test('refuses more sockets of one IP address than it may have, until one is gone', async () => {
    const all = [];
    for (let i = 0; i < 5; i += 1) all.push(await open(i, 1));
    await assert.rejects(open(9, 1), /ECONNRESET|socket hang up/);
    await all[0].close();
    await until(() => open(9, 1).catch(() => null), 'a place for one more'); // the server sees the close a little later
  });

  test('lets nobody open more rooms than there may be', async () => {
    const ann = await open(1, 1);
    await assert.rejects(open(2, 2), /the relay closed: 1013/);
    await ann.close();
  });

  test('tells its health and what happened, on a port of its own', async () => {
    const ann = await open(1, 1);
    const bob = await open(2, 1);
    ann.send([2, 1, 2, 3]);
    await bob.next();
    const text = await metrics();
    assert.match(text, /^nkt_relay_sockets 2$/m);
    assert.match(text, /^nkt_relay_rooms 1$/m);
    assert.match(text, /^# TYPE nkt_relay_received_total counter$/m);
    assert.match(text, /^nkt_relay_refused_by_ip_total [1-9]/m);
    assert.doesNotMatch(text, /undefined|NaN/);
    const [, late] = /^nkt_relay_late_max_seconds (\S+)$/m.exec(await metrics()) ?? [];
    assert.ok(Number(late) >= 0 && Number(late) < 60, late);
    const alerts = readFileSync(join(root, 'examples', 'alerts.yml'), 'utf8');
    const watched = [...new Set(alerts.match(/nkt_relay_\w+/g))];
    const isTold = (name) => text.includes(`\n${name} `) || text.includes(`\n${name}{`); // with labels
    const byNats = ['nkt_relay_bus_published_total']; // told where NATS is set alone, which is what the rule asks: relay_many.test.mjs
    assert.deepEqual(watched.filter((name) => !isTold(name)), byNats, 'what alerts go by is told');
    assert.ok(watched.length >= 8);
    const health = await fetch(new URL('/healthz', metricsUrl()));
    assert.deepEqual([health.status, await health.json()], [200, { status: 'ok', nats: 'none' }]);
    assert.equal((await fetch(new URL('/metrics?name=x', metricsUrl()))).status, 200, 'whatever query a scraper is told to add');
    for (const method of ['POST', 'DELETE']) assert.equal((await fetch(metricsUrl(), { method })).status, 405);
    for (const path of ['/metrics', '/healthz']) {
      assert.equal((await fetch(`${server.url}${path}`)).status, 404, `${path} is not on the public port`);
    }
  });
});

test('behind a proxy the address that the proxy saw counts', async () => {
  const server = await startServer('app.js', {
    NKT_PROXY: '1',
    NKT_LIMITS: JSON.stringify({ ipSocketCountMax: 1 }),
  });
  const open = (forwarded) =>
    RelayClient.open(`${server.wsUrl}/relay`, 1, 1, { headers: { 'x-forwarded-for': forwarded } });
  await open('10.0.0.1');
  await assert.rejects(open('1.2.3.4, 10.0.0.1'), /429/, 'what the client wrote itself does not count');
  await open('10.0.0.1, 10.0.0.2');
  for (const again of ['10.0.0.2:4711', '10.0.0.2:4712', '::ffff:10.0.0.2', '[::ffff:10.0.0.2]:80']) {
    await assert.rejects(open(again), /429/, `${again}: a port makes nobody another`);
  }
  await open('[2001:db8::1]:4711');
  await assert.rejects(open('2001:db8::2'), /429/, 'one network');
  await open('unknown');
  await assert.rejects(open('_hidden'), /429/, 'what is no address is whoever connects');
  await server.stop();
});

test('a proxy in front that nobody told of, and one that does not say whom it brings, are named once', async (t) => {
  const headers = { 'x-forwarded-for': '203.0.113.7' };
  for (const [remoteAddress, isNear] of /** @type {const} */ ([
    ['127.0.0.1', true], ['::1', true], ['::ffff:172.18.0.1', true], ['fd00::1', true],
    ['203.0.113.9', false], ['2001:db8::1', false], [undefined, false],
  ])) {
    const request = /** @type {any} */ ({ headers, socket: { remoteAddress } });
    assert.equal(proxyFault(request, false) !== null, isNear, `${remoteAddress}: strangers may write what they like`);
  }
  for (const script of /** @type {const} */ (['app.js', 'tracker.js'])) {
    for (const [env, wrong, right, words] of /** @type {const} */ ([
      [{}, { headers }, {}, /X-Forwarded-For.*NKT_PROXY=1/],
      [{ NKT_PROXY: '1' }, {}, { headers }, /NKT_PROXY=1.*without X-Forwarded-For/],
    ])) {
      const server = await startServer(script, env);
      t.after(() => server.stop());
      const lines = () => server.said.filter((line) => line.includes('X-Forwarded-For'));
      await RelayClient.connect(`${server.wsUrl}/`, right);
      assert.deepEqual(lines(), []);
      for (let i = 0; i < 3; i += 1) await RelayClient.connect(`${server.wsUrl}/`, wrong);
      await until(() => lines().length > 0, 'a word of it');
      assert.equal(lines().length, 1);
      assert.match(lines()[0], words);
    }
  }
});

test('a proxy that keeps Upgrade to itself is named once, and what comes of it is counted', async (t) => {
  const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
  for (const script of /** @type {const} */ (['app.js', 'tracker.js'])) {
    const server = await startServer(script, { NKT_PROXY: '1', METRICS_PORT: '0' });
    t.after(() => server.stop());
    const url = `${server.wsUrl.replace('ws', 'http')}/relay`;
    const lines = () => server.said.filter((line) => line.includes('Upgrade'));
    const ask = (headers) => fetch(url, { headers: { 'x-forwarded-for': '203.0.113.7', ...headers } });
    await ask({});
    assert.deepEqual(lines(), [], 'of a plain request nothing');
    for (let i = 0; i < 3; i += 1) assert.ok((await ask(key)).status >= 400);
    await until(() => lines().length > 0, 'a word of it');
    assert.deepEqual(lines().map((line) => /came as a plain request.*Upgrade and Connection/.test(line)), [true]);
    if (script === 'tracker.js') continue;
    const metricsUrl = server.said.map((line) => /metrics on (\S+)$/.exec(line)?.[1]).find(Boolean);
    assert.match(await (await fetch(metricsUrl)).text(), /refusals_total\{reason="handshake"\} 3\n/);
  }
});

test('a restart is told, with a reason for people', async () => {
  const server = await startServer('app.js');
  const ann = await RelayClient.open(`${server.wsUrl}/relay`, 1, 1);
  const bob = await RelayClient.open(`${server.wsUrl}/relay`, 2, 1);
  bob.send([2, 1]);
  assert.deepEqual(await ann.next(), [2, 1]);
  const ended = server.stop();
  assert.equal(await ann.closed, 1012);
  assert.equal(ann.reason, 'the relay is being restarted');
  await ann.quiet(); // nobody is told that the others left
  assert.equal(await ended, 0);
});

test('wrong settings are said plainly', async () => {
  assert.throws(() => readLimits('{"noSuch":1}'), /knows no noSuch; it knows payloadSizeMax/);
  assert.throws(() => readLimits('{"gatherMs":-1}'), /gatherMs is to be a whole number/);
  assert.throws(() => readLimits('[1]'), /JSON object/);
  assert.equal(readLimits('{"ipSocketCountMax":7}').ipSocketCountMax, 7);
  assert.throws(() => readLimits('{"pingIntervalMs":3000000000}'), /pingIntervalMs is to be a whole number above 0 and up to 2147483647/);
  for (const url of ['http://x', 'x', 'nats.example:4222', 'nats://a:4222,x', 'nats://:x']) {
    assert.throws(() => natsOptions(url), /^Error: NATS_URL=.*is to be nats:\/\/host:4222/, url);
  }
  assert.deepEqual(natsOptions('nats://ann:s%20x@a:1,nats://b:2').servers, ['a:1', 'b:2']);
  assert.deepEqual([natsOptions('nats://ann:s%20x@a').pass, natsOptions('nats://tok@a').token], ['s x', 'tok']);
  await assert.rejects(startServer('app.js', { NKT_LIMITS: '{' }), /NKT_LIMITS is to be a JSON object/);
});

test('where to listen: what is none of its addresses is named; the address that is said is one that can be reached', async () => {
  assert.deepEqual(['[::1]', ' ::1 ', '', undefined].map((HOST) => readHost('HOST', { HOST })), ['::1', '::1', undefined, undefined]);
  await assert.rejects(startServer('app.js', { HOST: '192.0.2.1' }), /HOST=192\.0\.2\.1 is no address of this machine; 0\.0\.0\.0 or ::/);
  await assert.rejects(startServer('tracker.js', { HOST: '192.0.2.1' }), /HOST=192\.0\.2\.1 is no address/);
  await assert.rejects(startServer('app.js', { METRICS_PORT: '0', METRICS_HOST: '192.0.2.1' }), /METRICS_HOST=192\.0\.2\.1 is no address/);
  for (const script of /** @type {const} */ (['app.js', 'tracker.js'])) {
    const server = await startServer(script, { HOST: '127.0.0.2' });
    assert.match(server.url, /^(http|ws):\/\/127\.0\.0\.2:\d+$/);
    await fetch(server.url.replace(/^ws/, 'http'));
    await server.stop();
  }
});

test('a setting that is nearly one is told of, a password that is wrongly written is not', async () => {
  const near = { NKT_TRACKER: 'x', NKT_ORIGIN: 'x', NKT_ICESERVERS: 'x', nkt_log: 'x', NKT_TURN_URL: 'x' };
  assert.deepEqual(misspelt({ ...near, NKT_TRACKERS: 'x', NKT_SECRET: 'x', PORT: '1' }), [
    ['NKT_TRACKER', 'NKT_TRACKERS'], ['NKT_ORIGIN', 'NKT_ORIGINS'], ['NKT_ICESERVERS', 'NKT_ICE_SERVERS'], ['nkt_log', 'NKT_LOG'],
    ['NKT_TURN_URL', 'NKT_TURN_URLS'],
  ]);
  const server = await startServer('app.js', { NKT_TRACKER: 'wss://a.example' });
  assert.ok(server.said.some((line) => line.includes('NKT_TRACKER is no setting; NKT_TRACKERS, perhaps?')), server.said.join('\n'));
  await server.stop();
  const said = (start) => {
    try {
      start();
    } catch (error) {
      return error.message;
    }
    return assert.fail('it was taken');
  };
  const entry = { username: 'ann', credential: 'hush' };
  const ice = (server) => () => readPageConfig({ NKT_ICE_SERVERS: JSON.stringify([server]) });
  for (const [start, tells] of /** @type {[() => void, RegExp][]} */ ([
    [ice({ ...entry, url: 'turn:a.example' }), /entry with username, credential, url/],
    [ice({ ...entry, urls: ['turn:ann:hush@a.example'] }), /turn:…@a.example/],
    [ice({ ...entry, urls: [{ hush: 1 }] }), /object in urls/],
    [ice('turn:ann:hush@a.example'), /turn:…@a.example: a user and a password do not belong/],
    [() => readPageConfig({ NKT_TRACKERS: 'http://ann:hush@a.example' }), /http:\/\/…@a.example is to be .*ws:\/\/…@a.example, perhaps/],
    [() => readTurn({ NKT_TURN_URLS: 'turn:ann:hush@a.example', NKT_TURN_SECRET: 'hush' }), /turn:…@a.example/],
    [() => natsOptions('http://ann:hush@a.example'), /NATS_URL=http:\/\/…@a.example/],
    [() => natsOptions('ann:hush@a.example:4222'), /a.example/],
  ])) {
    const text = said(start);
    assert.match(text, tells);
    assert.ok(!/hush/.test(text), text);
  }
});

test('wrong settings of the page and of origins name the culprit', async () => {
  const trackers = (text) => readPageConfig({ NKT_TRACKERS: text }).trackers;
  assert.deepEqual(trackers('tracker, /t,wss://a.example/x,ws://[::1]:8000'), ['tracker', '/t', 'wss://a.example/x', 'ws://[::1]:8000']);
  assert.deepEqual([trackers(''), trackers(undefined)], [[], null]);
  const nine = Array.from({ length: 9 }, (_, i) => `wss://t${i}.example`);
  assert.throws(() => trackers(nine.join()), /NKT_TRACKERS: 9 are named, and a page takes 8/);
  assert.throws(() => trackers(`wss://a.example/${'x'.repeat(300)}`), /NKT_TRACKERS: .* at most 256 bytes/);
  assert.throws(() => trackers('wss://a.example/#x'), /NKT_TRACKERS: .* without a #/);
  assert.throws(() => trackers('wss://a.example,http://x'), /NKT_TRACKERS: http:\/\/x is to be a ws:.*ws:\/\/x, perhaps/);
  assert.throws(() => trackers('localhost:8000'), /localhost:8000 is to be .*ws:\/\/localhost:8000, perhaps/);
  const ice = (value) => readPageConfig({ NKT_ICE_SERVERS: typeof value === 'string' ? value : JSON.stringify(value) }).iceServers;
  const turn = { urls: ['turn:b.example:3478?transport=udp', 'turns:b.example'], username: 'u', credential: 'c' };
  const good = [{ urls: 'stun:a.example' }, turn];
  assert.deepEqual(ice(good), good);
  assert.deepEqual(ice(['stun:a.example']), ['stun:a.example'], 'as pages take them');
  assert.throws(() => ice([{ urls: 'stun:a.example?transport=udp' }]), /NKT_ICE_SERVERS: stun:a.example.* a stun: URL takes no query/);
  assert.throws(() => ice([{ urls: 'stun:a.example:99999' }]), /port 99999 does not exist/);
  assert.throws(() => readPageConfig({ TRACKER_PORT: 'x' }), /TRACKER_PORT=x is not a port/);
  assert.throws(() => ice('{}'), /NKT_ICE_SERVERS is to be a JSON array/);
  assert.throws(() => ice([{ urls: 'stun://a.example' }]), /"stun:\/\/a.example" is to be a URL such as stun:/);
  assert.throws(() => ice([{ url: 'stun:a.example' }]), /an entry with url has no urls/);
  assert.throws(() => ice([null]), /null has no urls/);
  assert.throws(() => ice([{ urls: 'turn:b.example' }]), /turn:b.example: a TURN server needs username and credential/);
  const made = readTurn({ NKT_TURN_URLS: 'turn:a.example', NKT_TURN_SECRET: 'north', NKT_TURN_SECONDS: '600' });
  assert.deepEqual(turnServer(/** @type {any} */ (made), 1_764_299_400_999, 'nkt'), { // by openssl dgst -sha1 -hmac north
    urls: ['turn:a.example'], username: '1764300000:nkt', credential: '09LwVJRIyjHQGuv5e3a54Vsu3lU=',
  });
  assert.equal(readTurn({}), null);
  assert.throws(() => readTurn({ NKT_TURN_URLS: 'turn:a.example' }), /NKT_TURN_SECRET, coturn's static-auth-secret, is missing/);
  assert.throws(() => readTurn({ NKT_TURN_SECRET: 'north' }), /NKT_TURN_URLS, where coturn is, is missing/);
  assert.throws(() => readTurn({ NKT_TURN_URLS: 'stun:a.example', NKT_TURN_SECRET: 'x' }), /NKT_TURN_URLS: stun:a.example is to be/);
  assert.throws(() => readTurn({ NKT_TURN_URLS: 'turn:a.example?x=1', NKT_TURN_SECRET: 'x' }), /NKT_TURN_URLS: turn:a.example\?x=1 is/);
  assert.throws(() => readTurn({ NKT_TURN_SECONDS: '10' }), /NKT_TURN_SECONDS=10 is to be a whole number from 60 to 86400/);
  const own = ['*', 'https://a.example', 'moz-extension://0a1b'];
  assert.deepEqual(readAllowedOrigins('*, HTTPS://A.example/,moz-extension://0a1b'), own);
  assert.deepEqual(readAllowedOrigins('capacitor://localhost'), ['capacitor://localhost'], 'of an application');
  assert.throws(() => readAllowedOrigins('a.example'), /NKT_ORIGINS: a.example is to be an origin, such as/);
  assert.throws(() => readAllowedOrigins('https://a.example/chat'), /without a path: https:\/\/a.example/);
  await assert.rejects(startServer('tracker.js', { NKT_ORIGINS: 'a.example' }), /NKT_ORIGINS: a.example/);
  await assert.rejects(startServer('app.js', { NKT_PROXY: 'yes' }), /NKT_PROXY=yes is to be 1/);
});

test('what starting left behind is collected before anybody comes, so that V8 goes by what is there', async () => {
  const app = spawn(process.execPath, ['--trace-gc', join(root, 'tools', 'app.js')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = [];
  for await (const line of createInterface({ input: app.stdout })) {
    said.push(line);
    if (/ pid \d+$/.test(line)) break;
  }
  app.kill('SIGKILL');
  assert.ok(said.some((line) => line.includes('GC in old space requested')), said.join('\n'));
});

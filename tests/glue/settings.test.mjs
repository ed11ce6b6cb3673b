// SPDX-License-Identifier: GPL-3.0-or-later
// The variables of who runs a server, by what people write into them: the culprit is named, or it is taken as it was meant.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { webSocketUrl } from '../../glue/served.js';
import { limits, readLimits } from '../../tools/relay/limits.js';
import { natsOptions } from '../../tools/relay/nats_bus.js';
import { readAllowedOrigins, readFrames } from '../../tools/relay/origin.js';
import { readPageConfig } from '../../tools/relay/config.js';
import { readTurn } from '../../tools/relay/turn.js';
import { misspelt, readFlag, readSettings } from '../../tools/settings.js';
import { startServer } from '../support/servers.mjs';

describe('settings', () => {
  test('blanks and the carriage return of another system around one are no part of it, quotes are refused by its name', async () => {
    const env = { PORT: ' 3000 ', NKT_PROXY: '1\r', NKT_TURN_SECRET: 'a b\r', OTHER: ' x ', NATS_URL: ' ' };
    assert.deepEqual(readSettings(env), { PORT: '3000', NKT_PROXY: '1', NKT_TURN_SECRET: 'a b', OTHER: ' x ', NATS_URL: '' });
    for (const value of ['"hush"', "'hush'", '`hush`', '"hush"\r']) {
      const words = 'NKT_TURN_SECRET is in quotes, and they would be part of it: leave them away';
      assert.throws(() => readSettings({ NKT_TURN_SECRET: value }), { message: words });
    }
    assert.deepEqual(readSettings({ NKT_ICE_SERVERS: '["stun:a"]' }), { NKT_ICE_SERVERS: '["stun:a"]' });
    const server = await startServer('tracker.js', { NKT_PROXY: ' 1\r', NKT_LOG: ' json ' });
    assert.equal(JSON.parse(server.said[0]).level, 'info');
    await server.stop();
    await assert.rejects(startServer('tracker.js', { NKT_LOG: 'json\r', NKT_PROXY: '"1"' }), /"text":"FAILED: NKT_PROXY is in quotes/);
  });

  test('a switch is 1 or 0', () => {
    const flag = (NKT_PLAIN) => readFlag({ NKT_PLAIN }, 'NKT_PLAIN', 'to develop with');
    assert.deepEqual([undefined, '', '0', '1'].map(flag), [false, false, false, true]);
    for (const text of ['true', 'yes', '2', '01']) {
      assert.throws(() => flag(text), { message: `NKT_PLAIN=${text} is to be 1 to develop with, or 0` });
    }
  });

  test('a name that is none of them is told of, with what may be meant; those of others are not', () => {
    const meant = (name) => misspelt({ [name]: 'x' })[0];
    for (const [name, which] of /** @type {[string, string | null][]} */ ([
      ['NKT_TARCKERS', 'NKT_TRACKERS'], ['NKT_ORIGINES', 'NKT_ORIGINS'], ['NKT_ICE', 'NKT_ICE_SERVERS'], ['NKT_LOG_FORMAT', 'NKT_LOG'],
      ['NKT_PORXY', 'NKT_PROXY'], ['NKT_PORT', 'PORT'], ['NKT_HOST', 'HOST'], ['NKT_TRACKER_PORT', 'TRACKER_PORT'],
      ['NKT_NATS_URL', 'NATS_URL'],
      ['METRICS_PROT', 'METRICS_PORT'], ['METRIC_HOST', 'METRICS_HOST'], ['NATS_URLS', 'NATS_URL'], ['NKT_FOO', null],
    ])) assert.deepEqual(meant(name), [name, which]);
    for (const name of ['NKT_SECRET', 'NKT_KEEP', 'NKT_JOBS', 'NKT_TIED', 'NATS_VERSION', 'METRICS', 'TRACKERS', 'HOSTS']) {
      assert.deepEqual(misspelt({ [name]: 'x' }), [], name);
    }
    const kubernetes = {
      NKT_SERVICE_HOST: '10.0.0.1', NKT_PORT: 'tcp://10.0.0.1:3000', NKT_PORT_3000_TCP_ADDR: '10.0.0.1', NKT_SERVICE_PORT_WEB: '3',
    };
    assert.deepEqual(misspelt(kubernetes), []);
  });

  test('trackers: a host, a list of another kind and a word for none are no paths', () => {
    const trackers = (text) => readPageConfig({ NKT_TRACKERS: text }).trackers;
    const paths = ['tracker', './tracker', '../tracker', '/a/b.c', './a.b'];
    for (const good of [...paths, 'ws://a', 'wss://[::1]:8000/x?y=z']) {
      assert.deepEqual(trackers(`${good}, ,`), [good]);
    }
    const seen = (path) => webSocketUrl(path, 'https://a.example/nkt/')?.startsWith('wss://a.example/');
    for (const path of paths) assert.ok(seen(path), `pages take ${path}`);
    for (const [bad, means] of /** @type {[string, RegExp][]} */ ([
      ['//a.example', /; ws:\/\/a\.example, /], ['tracker?x', /several; ws:/],
      ['127.0.0.1:8000', /; ws:\/\/127\.0\.0\.1:8000, or \.\/127\.0\.0\.1:8000 if it is a path, perhaps/],
      ['tracker.example.org', /; ws:\/\/tracker\.example\.org, /], ['[::1]:8000', /; ws:\/\/\[::1\]:8000/],
      ['https://a', /; wss:\/\/a, perhaps/],
      ['"tracker"', /with commas between several$/], ['["wss://a"]', /several$/],
      ['wss://a;wss://b', /several$/], ['wss://a wss://b', /several$/],
      ['wss://::1:80', /several$/], ['none', /let it be empty$/], ['0', /let it be empty$/], ['off', /let it be empty$/],
    ])) assert.throws(() => trackers(bad), (error) => error.message.startsWith(`NKT_TRACKERS: ${bad} `) && means.test(error.message), bad);
  });

  test('ICE servers: as many as a page takes, with passwords that are some', () => {
    const some = (count) => JSON.stringify(Array.from({ length: count }, (_, i) => `stun:s${i}.example`));
    const turn = { NKT_TURN_URLS: 'turn:a.example,', NKT_TURN_SECRET: 'north' };
    assert.equal(readPageConfig({ NKT_ICE_SERVERS: some(8) }).iceServers.length, 8);
    assert.equal(readPageConfig({ NKT_ICE_SERVERS: some(7), ...turn }).iceServers.length, 7);
    assert.throws(() => readPageConfig({ NKT_ICE_SERVERS: some(9) }), /NKT_ICE_SERVERS: 9 servers are named, and a page takes 8/);
    assert.throws(() => readPageConfig({ NKT_ICE_SERVERS: some(8), ...turn }), /9 servers are named, that of NKT_TURN_URLS among them/);
    const ice = (entry) => () => readPageConfig({ NKT_ICE_SERVERS: JSON.stringify([entry]) });
    assert.throws(ice({ urls: 'turn:a', username: 'u', credential: '' }), /turn:a: a TURN server needs username and credential/);
    assert.throws(ice({ urls: [] }), /an entry with urls has no URL in its urls/);
    for (const seconds of ['0x100', '1e3', '60.0', '3600s', '1h', '59', '86401', '-60']) {
      const message = `NKT_TURN_SECONDS=${seconds} is to be a whole number from 60 to 86400`;
      assert.throws(() => readTurn({ NKT_TURN_SECONDS: seconds }), { message });
    }
    assert.equal(readTurn({ ...turn, NKT_TURN_SECONDS: '600' })?.seconds, 600);
  });

  test('origins: one that no page has would let nobody in', () => {
    for (const [bad, means] of /** @type {[string, RegExp][]} */ ([
      ['https://*.example.org', /\* stands for all/], ['https://a.example;https://b.example', /commas between several/],
      ['wss://a.example', /is no page; https:\/\/a\.example, perhaps/], ['ws://a.example:81', /http:\/\/a\.example:81, perhaps/],
    ])) {
      const isSo = ({ message }) => message.startsWith(`NKT_ORIGINS: ${bad} `) && means.test(message);
      assert.throws(() => readAllowedOrigins(bad), isSo, bad);
    }
    assert.deepEqual(readAllowedOrigins('http://[::1]:3000, HTTPS://A.example:443/,'), ['http://[::1]:3000', 'https://a.example']);
  });

  test('NATS: one user for all, commas at the end, and what cannot be decoded', () => {
    assert.deepEqual(natsOptions('nats://a:1, nats://b:2,').servers, ['a:1', 'b:2']);
    assert.equal(natsOptions('nats://u:p@a,nats://b,nats://u:p@c').pass, 'p');
    const said = (urls) => {
      try {
        natsOptions(urls);
      } catch (error) {
        return error.message;
      }
      return assert.fail(`${urls} was taken`);
    };
    for (const [urls, words] of /** @type {[string, RegExp][]} */ ([
      ['nats://u:hush@a,nats://x:hush@b:2', /^NATS_URL: b:2 is to have the user, the password/],
      ['nats://a,nats://hush@b', /^NATS_URL: b is to have/],
      ['tls://a,nats://b', /^NATS_URL: b is to have .* tls:\/\/ of the first, a$/], ['nats://u:hush%zz@a', /^NATS_URL: a % in a user/],
      [',', /^NATS_URL names none/],
    ])) {
      assert.match(said(urls), words);
      assert.doesNotMatch(said(urls), /hush/);
    }
  });

  test('limits that together let nobody in are named', () => {
    for (const [changes, name] of /** @type {[object, string][]} */ ([
      [{ messageSizeMax: 1 }, 'messageSizeMax'], [{ payloadSizeMax: 100_000 }, 'messageSizeMax'],
      [{ frameWork: 2 ** 40 }, 'socketWorkBurst'],
      [{ pingIntervalMs: 30 }, 'pingIntervalMs'], [{ helloTimeoutMs: 10 }, 'helloTimeoutMs'], [{ headTimeoutMs: 1 }, 'headTimeoutMs'],
      [{ bufferedSizeMax: 65_600 }, 'bufferedSizeMax'], [{ turnSizeMax: 2 ** 20 }, 'bufferedSizeMax'],
      [{ bufferedTotalMax: 2 ** 16 }, 'bufferedTotalMax'], [{ partialTotalMax: 1 }, 'partialTotalMax'],
      [{ socketWorkBurst: 1 }, 'socketWorkBurst'], [{ upgradeWork: 2 ** 40 }, 'ipWorkBurst'],
    ])) assert.throws(() => readLimits(JSON.stringify(changes)), new RegExp(`^Error: NKT_LIMITS: ${name} is to be at least `));
    assert.deepEqual(readLimits('{}'), limits);
    assert.equal(readLimits('{"payloadSizeMax":100000,"messageSizeMax":100064}').payloadSizeMax, 100_000);
  });

  test('what does nothing by itself is told of; an address of one network alone is named', async () => {
    const relay = await startServer('app.js', { METRICS_HOST: '127.0.0.1', NKT_TURN_SECONDS: '600', NKT_FOO: 'x' });
    const { trackers } = await (await fetch(`${relay.url}/config.json`)).json();
    assert.deepEqual(trackers, [], 'TRACKER_PORT=0 is the port of no tracker');
    await relay.stop();
    const lines = ['METRICS_HOST does nothing without METRICS_PORT', 'NKT_TURN_SECONDS does nothing', 'NKT_FOO is no setting: docs/'];
    for (const line of lines) {
      assert.ok(relay.said.some((one) => one.includes(line)), line);
    }
    await assert.rejects(startServer('tracker.js', { HOST: 'fe80::1' }), /HOST=fe80::1 is of one network .*fe80::1%eth0/);
    await assert.rejects(startServer('app.js', { METRICS_PORT: '0', METRICS_HOST: 'fe80::1' }), /METRICS_HOST=fe80::1 is of one network/);
    await assert.rejects(startServer('app.js', { PORT: '3900', METRICS_PORT: '3900' }), /METRICS_PORT and PORT are both 3900/);
    await assert.rejects(startServer('app.js', { HOST: '[]' }), /HOST=\[\] is no address/);
  });

  test('metrics that cannot be had end it before anybody can come', async () => {
    const other = await startServer('tracker.js');
    await assert.rejects(startServer('app.js', { PORT: String(other.port), METRICS_PORT: '70000' }), /METRICS_PORT=70000 is not a port/);
    const taken = { PORT: String(other.port), METRICS_PORT: String(other.port), METRICS_HOST: '127.0.0.1' };
    await assert.rejects(startServer('app.js', taken), /is in use.*METRICS_PORT=/);
    await other.stop();
  });

  test('no password is told with an origin that is none', () => {
    for (const read of [readFrames, readAllowedOrigins]) {
      assert.throws(() => read('https://u:geheim@a.example/x'), ({ message }) =>
        /NKT_\w+: https:\/\/…@a/.test(message) && !/geheim/.test(message));
    }
  });
});

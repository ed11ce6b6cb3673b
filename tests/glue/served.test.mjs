// SPDX-License-Identifier: GPL-3.0-or-later
// What a server says in config.json: soon, late, anew, never; and what becomes of it in a peer that runs.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, describe, test } from 'node:test';
import { NktError } from '../../glue/errors.js';
import { LateSettings } from '../../glue/late.js';
import { Nkt } from '../../glue/nkt.js';
import { checkConfig } from '../../glue/config.js';
import { followServer, serverConfig } from '../../glue/node.js';
import { Served, webSocketUrl } from '../../glue/served.js';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/servers.mjs';
import { until } from './support/until.mjs';
import { skip, wasmUrl } from './support/wasm.mjs';

const URL_OF_CONFIG = 'https://host.example:8443/nkt/config.json';
const turns = async () => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A server of answers and a clock, both by hand. */
function stage() {
  const requests = [];
  let nowMs = 1_700_000_000_000;
  let due = [];
  const timers = {
    setTimeout: (run, ms, ...args) => {
      const timer = { at: nowMs + ms, run: () => run(...args) };
      due.push(timer);
      return timer;
    },
    clearTimeout: (timer) => {
      due = due.filter((one) => one !== timer);
    },
  };
  const warned = [];
  const served = new Served({
    url: URL_OF_CONFIG,
    fetch: () => new Promise((resolve, reject) => requests.push({ resolve, reject })),
    timers,
    wallNow: () => nowMs,
    warn: (_words, what) => warned.push(what),
    fallback: () => ({ relays: ['wss://host.example:8443/nkt/relay'] }),
  });
  return {
    served,
    requests,
    warned,
    answer: async (body, { status = 200, headers = {} } = {}) => {
      requests.shift().resolve(new Response(JSON.stringify(body), { status, headers }));
      await turns();
    },
    fail: async () => {
      requests.shift().reject(new TypeError('no network'));
      await turns();
    },
    pass: async (ms) => {
      nowMs += ms;
      const ripe = due.filter((one) => one.at <= nowMs);
      due = due.filter((one) => one.at > nowMs);
      for (const one of ripe) one.run();
      await turns();
    },
    seconds: () => Math.floor(nowMs / 1000),
  };
}

describe('settings from a server', () => {
  test('in time', async () => {
    const { served, answer, warned } = stage();
    const got = served.get(() => assert.fail('nothing is late'));
    await answer({ relays: ['relay', 'ws://b.example'], trackers: ['no url', 'https://x.example', 7], iceServers: [{ urls: 'stun:s' }] });
    assert.deepEqual(await got, {
      relays: ['wss://host.example:8443/nkt/relay', 'ws://b.example'], trackers: [], iceServers: [{ urls: 'stun:s' }],
    });
    assert.deepEqual(warned, ['no url', 'https://x.example', 7]);
  });

  test('are what init() takes, whatever is among them', async () => {
    const { served, answer, warned } = stage();
    const got = served.get(() => {});
    const bad = ['wss://a.example/x#y', `wss://a.example/${'x'.repeat(300)}`, 'wss://a.example/\ud800', 'wss://a.example/\0', null];
    const many = Array.from({ length: 12 }, (_, i) => `wss://t${i}.example`);
    await answer({ relays: [...bad, 'relay', 'relay'], trackers: many });
    const settings = await got;
    assert.deepEqual(settings.relays, ['wss://host.example:8443/nkt/relay']);
    assert.deepEqual(settings.trackers, many.slice(0, 8));
    assert.deepEqual(warned, bad);
    checkConfig(settings);
  });

  test('late: a start does not wait, and is told when they come', async () => {
    const { served, answer, pass } = stage();
    const later = [];
    const got = served.get((settings) => later.push(settings));
    await pass(500);
    assert.deepEqual(await got, { relays: ['wss://host.example:8443/nkt/relay'], trackers: [], iceServers: [] });
    await pass(9000);
    await answer({ trackers: ['wss://t.example'] });
    assert.deepEqual(later.map(({ trackers }) => trackers), [['wss://t.example']]);
  });

  test('that cannot be had are asked for again, more and more seldom', async () => {
    const { served, requests, fail, pass, answer } = stage();
    const later = [];
    const got = served.get((settings) => later.push(settings));
    await fail();
    await got;
    const waits = [];
    for (let i = 0; i < 9; i++) {
      let waited = 0;
      while (requests.length === 0) {
        await pass(1000);
        waited += 1;
      }
      waits.push(waited);
      await fail();
    }
    assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    await pass(300_000);
    await answer({ trackers: ['wss://t.example'] });
    assert.equal(later.length, 1);
  });

  test('are asked for again before what they hold expires, by ttl or by the name of TURN’s user', async () => {
    for (const says of [
      () => ({ ttl: 3600 }),
      ({ seconds }) => ({ iceServers: [{ urls: 'turn:t', username: `${seconds() + 3600}:nkt`, credential: 'x' }, { urls: 'stun:s' }] }),
      ({ seconds }) => ({ iceServers: [{ urls: 'turn:t', username: String(seconds() + 3600), credential: 'x' }] }),
    ]) {
      const one = stage();
      const later = [];
      const got = one.served.get((settings) => later.push(settings));
      await one.answer(says(one));
      await got;
      await one.pass(3600_000 * 0.7);
      assert.equal(one.requests.length, 0);
      await one.pass(3600_000 * 0.15);
      assert.equal(one.requests.length, 1, 'before its end');
      await one.answer({ iceServers: [{ urls: 'turn:t', username: `${one.seconds() + 3600}:nkt`, credential: 'y' }] });
      assert.equal(later[0].iceServers[0].credential, 'y');
    }
  });

  test('are asked for again by the time that the server tells, whatever the clock here says', async () => {
    for (const offS of [-7200, 7200]) { // how far this clock is behind or ahead
      for (const where of [(ttl) => ({ ttl }), (ttl, server) => ({ iceServers: [{ ...server, ttl }] })]) {
        const one = stage();
        const server = { urls: 'turn:t', username: `${one.seconds() + 3600 - offS}:nkt`, credential: 'x' };
        const got = one.served.get(() => {});
        await one.answer({ iceServers: [server], ...where(3600, server) });
        await got;
        await one.pass(3600_000 * 0.7);
        assert.equal(one.requests.length, 0, `${offS}: no sooner`);
        await one.pass(3600_000 * 0.15);
        assert.equal(one.requests.length, 1, `${offS}: before its end`);
      }
    }
  });

  test('are no storm: what is expired already, or lives for a second or a year', async () => {
    for (const ttl of [-5, 0.001, 1]) {
      const one = stage();
      one.served.get(() => {});
      await one.answer({ ttl });
      await one.pass(9000);
      assert.equal(one.requests.length, 0);
      await one.pass(1001);
      assert.equal(one.requests.length, 1);
    }
    for (const ttl of [1e15, null, false, '', [5]]) { // of years, or no time at all
      const one = stage();
      one.served.get(() => {});
      await one.answer({ ttl, iceServers: [{ urls: 'turn:t', ttl }] });
      await one.pass(86_000_000);
      assert.equal(one.requests.length, 0, `${ttl}`);
    }
  });

  test('are asked for again by the next start, but not twice in a moment', async () => {
    const { served, requests, answer, pass } = stage();
    const first = served.get(() => {});
    await answer({ trackers: ['wss://t.example'] });
    await first;
    assert.deepEqual((await served.get(() => {})).trackers, ['wss://t.example']);
    assert.equal(requests.length, 0);
    await pass(60_000);
    const later = [];
    const resumed = served.get((settings) => later.push(settings));
    assert.equal(requests.length, 1);
    await pass(500);
    assert.deepEqual((await resumed).trackers, ['wss://t.example'], 'what was known');
    await answer({ trackers: ['wss://u.example'] });
    assert.deepEqual(later.map(({ trackers }) => trackers), [['wss://u.example']]);
  });

  test('that a service worker kept are good for the moment', async () => {
    const { served, answer, pass, requests } = stage();
    const got = served.get(() => {});
    await answer({ trackers: ['wss://t.example'] }, { headers: { 'x-nkt-kept': '1' } });
    assert.deepEqual((await got).trackers, ['wss://t.example']);
    await pass(5000);
    assert.equal(requests.length, 1);
  });

  test('a URL is of a WebSocket, or a path beside config.json', () => {
    const rows = {
      relay: 'wss://host.example:8443/nkt/relay', '/relay': 'wss://host.example:8443/relay', 'wss://a.example': 'wss://a.example',
      'ws://a:1/x?y': 'ws://a:1/x?y', 'https://a.example': null, '//a.example/x': null, 'javascript:1': null, 'a b': null,
      '': null, 'x?y': null,
    };
    for (const [entry, url] of Object.entries(rows)) assert.equal(webSocketUrl(entry, URL_OF_CONFIG), url, entry);
    assert.equal(webSocketUrl('relay', 'http://localhost:3000/config.json'), 'ws://localhost:3000/relay');
    assert.equal(webSocketUrl('relay', 'file:///x'), null);
  });
});

test('what a person chose stays, what is new is added up to the cap, and nothing happens before the start', () => {
  const did = [];
  let config = null;
  const late = new LateSettings({
    given: { relays: ['wss://mine'] },
    config: () => config,
    setIceServers: (list) => did.push(['ice', list]),
    addServers: (more) => did.push(['add', more]),
    changed: () => did.push(['changed']),
    refused: () => did.push(['refused']),
  });
  late.take({ relays: ['wss://theirs'], trackers: Array.from({ length: 9 }, (_, i) => `wss://t${i}`).slice(0, 8), iceServers: [] });
  assert.deepEqual(did, []);
  config = { relays: ['wss://mine'], trackers: ['wss://t0', 'wss://own'], iceServers: [1] };
  late.use();
  const more = ['wss://t1', 'wss://t2', 'wss://t3', 'wss://t4', 'wss://t5', 'wss://t6'];
  assert.deepEqual(did, [['ice', []], ['add', { relays: [], trackers: more }], ['changed']]);
  assert.equal(config.trackers.length, 8);
  late.use();
  late.take({ relays: 'no list' });
  assert.deepEqual(did.at(-1), ['refused']);
});

test('what the core refuses of a server\'s settings costs no start', () => {
  const refused = [];
  let config = null;
  const late = new LateSettings({
    given: {},
    config: () => config,
    setIceServers: () => {},
    addServers: () => {
      throw new Error('NKT_E_URL');
    },
    changed: () => {},
    refused: (error) => refused.push(error.message),
  });
  late.take({ relays: ['wss://theirs'] });
  config = { relays: [], trackers: [] };
  late.use();
  assert.deepEqual(refused, ['NKT_E_URL']);
  assert.deepEqual(config.relays, []);
});

describe('a peer that runs', { skip }, () => {
  const open = [];
  after(() => Promise.all(open.map((end) => end())));

  test('meets others at a tracker and a relay that it is told of later', async () => {
    const { WebSocket } = await import('ws');
    const relay = await startServer('app.js');
    open.push(() => relay.stop());
    let tell;
    const ann = new Nkt({
      wasm: wasmUrl,
      defaults: (onLater) => {
        tell = onLater;
        return { relays: [], trackers: [] };
      },
    });
    const bob = new Nkt({ wasm: wasmUrl });
    open.push(() => ann.close(), () => bob.close());
    const url = `${relay.wsUrl}/relay`;
    await ann.init({ nick: 'ann', WebSocket, RTCPeerConnection: null, storage: 'none' });
    await bob.init({ nick: 'bob', relays: [url], WebSocket, RTCPeerConnection: null, storage: 'none' });
    tell({ relays: [url], trackers: [], iceServers: [{ urls: 'stun:127.0.0.1:9' }] });
    await until(() => ann.userList[bob.mySwarm.address()]?.session === 'established', 'a session');
    assert.deepEqual(ann.relays, [url]);
    assert.deepEqual(ann.iceServers, [{ urls: ['stun:127.0.0.1:9'] }]);
    assert.equal(ann.health().relays.length, 1);
    tell({ relays: [url], trackers: [] });
    assert.equal(ann.health().relays.length, 1, 'told again');
  });

  test('in Node as on a page: a server is followed, and makes passwords for TURN that end', async () => {
    const urls = 'turn:127.0.0.1:9, turns:127.0.0.1:9?transport=tcp';
    const relay = await startServer('app.js', { NKT_TURN_URLS: urls, NKT_TURN_SECRET: 'north' });
    open.push(() => relay.stop());
    const { WebSocket } = await import('ws');
    const nowS = Math.floor(Date.now() / 1000); // before the first password is made
    const ann = new Nkt({ wasm: wasmUrl, defaults: await followServer(relay.url) });
    open.push(() => ann.close());
    await ann.init({ nick: 'ann', WebSocket, RTCPeerConnection: null, storage: 'none' });
    assert.deepEqual(ann.relays, [`${relay.wsUrl}/relay`]);
    const [server, ...others] = ann.iceServers;
    assert.deepEqual([server.urls, others], [['turn:127.0.0.1:9', 'turns:127.0.0.1:9?transport=tcp'], []]);
    const [, end] = /^(\d+):[0-9a-f]{12}$/.exec(server.username) ?? [];
    assert.ok(Number(end) >= nowS + 3600 && Number(end) <= nowS + 3700, end);
    assert.equal(server.credential, createHmac('sha1', 'north').update(server.username).digest('base64'));
    await ann.close();
    assert.equal((await (await fetch(`${relay.url}/config.json`)).json()).ttl, 3600, 'by which clocks that are off do not matter');
  });

  test('that cannot be had, or are none: said by a code and in words, before anything is started', async () => {
    const answers = { '/html/config.json': '<!doctype html>', '/null/config.json': 'null' };
    const other = createServer(({ url }, response) => {
      response.statusCode = answers[url] ? 200 : 404;
      response.end(answers[url] ?? '');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    open.push(() => other.close());
    const there = `http://127.0.0.1:${/** @type {any} */ (other.address()).port}`;
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const rows = [[`${there}/html`, 'NKT_E_NO_WAY', /html\/config\.json.*is not valid JSON/], [`${there}/null`, 'NKT_E_NO_WAY', /null/],
      [`${there}/none?key=abcdef`, 'NKT_E_NO_WAY', /none\/config\.json: .*HTTP 404/], [nobody, 'NKT_E_NO_WAY', /ECONNREFUSED/],
      ['nkt.example', 'NKT_E_ARGUMENT', /https:\/\//], ['localhost:3000', 'NKT_E_ARGUMENT', /https:\/\//],
      [undefined, 'NKT_E_ARGUMENT', /https:\/\//]];
    for (const [url, code, words] of rows) {
      for (const ask of [serverConfig, followServer]) {
        await assert.rejects(ask(url), (error) => {
          assert.ok(error instanceof NktError, `${url}: ${error}`);
          assert.equal(error.code, code, url);
          assert.match(error.message, words);
          assert.doesNotMatch(error.message, /abcdef/);
          return true;
        });
      }
    }
    const refused = await serverConfig(nobody).catch(({ cause }) => cause);
    assert.equal(refused.code, 'ECONNREFUSED');
  });

  test('a server under a path, and with a bare URL of its relay', async () => {
    const relay = await startServer('app.js');
    open.push(() => relay.stop());
    const config = await serverConfig(`${relay.url}/index.html?x#room=y`);
    assert.deepEqual(config.relays, [`${relay.wsUrl}/relay`]);
    const { WebSocket } = await import('ws');
    const ws = new WebSocket(relay.wsUrl);
    await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
    ws.terminate();
  });
});

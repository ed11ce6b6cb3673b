// SPDX-License-Identifier: GPL-3.0-or-later
// WebRTC between two ports in one process, through the real thing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { afterEach, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { BULK_LOW_SIZE } from '../../glue/constants.js';
import { PEER_COUNT_MAX, Peers } from '../../glue/rtc.js';
import { timers, until } from './support/until.mjs';

const { RTCPeerConnection } = wrtc;
const open = [];
afterEach(() => open.splice(0).forEach((peers) => peers.closeAll(true)));

function setUp(options = {}) {
  const facts = [];
  const report = (kind, fields) => facts.push({ kind, ...fields });
  const peers = new Peers({ RTCPeerConnection, iceServers: [], timers, report, ...options });
  open.push(peers);
  const fact = (kind, link) => until(() => facts.find((one) => one.kind === kind && one.link === link), `${kind} ${link}`);
  return { peers, facts, fact };
}

/** Connects link 1 of a with link 2 of b. @param {(sdp: string) => string} [change] the answer */
async function connect(a, b, change = (sdp) => sdp) {
  a.peers.offer(1, 2000);
  const offer = await a.fact('RTC_LOCAL', 1);
  b.peers.answer(2, offer.text, 2000);
  const answer = await b.fact('RTC_LOCAL', 2);
  a.peers.accept(1, change(answer.text));
  await Promise.all([a.fact('LINK_UP', 1), b.fact('LINK_UP', 2)]);
  return { offer: offer.text, answer: answer.text };
}

test('offer, answer, accept: one text each way opens the link, data flows in order', async () => {
  const [a, b] = [setUp(), setUp()];
  const { offer, answer } = await connect(a, b);
  for (const sdp of [offer, answer]) {
    assert.match(sdp, /a=candidate:/, 'candidates are in it');
    assert.match(sdp, /a=fingerprint:sha-256 /);
  }
  for (let i = 0; i < 50; i++) a.peers.send(1, new Uint8Array([i, 255]));
  b.peers.send(2, new Uint8Array(0xffff).fill(7));
  const data = (side) => side.facts.filter(({ kind }) => kind === 'LINK_DATA');
  await until(() => data(b).length === 50 && data(a).length === 1, 'all data');
  assert.deepEqual(data(b).map(({ bytes }) => bytes[0]), Array.from({ length: 50 }, (_, i) => i));
  assert.equal(data(a)[0].bytes.length, 0xffff);
  assert.deepEqual(a.facts.map(({ kind }) => kind), ['RTC_LOCAL', 'LINK_UP', 'LINK_DATA']);
});

/** @param {string} sdp */
const ufrag = (sdp) => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1];

test('ICE is restarted on a link that is open: other credentials, the same certificate, the channel goes on', async () => {
  const offers = []; // as b takes them
  class Taken extends RTCPeerConnection {
    setRemoteDescription(description) {
      offers.push(description.sdp);
      return super.setRemoteDescription(description);
    }
  }
  const [a, b] = [setUp(), setUp({ RTCPeerConnection: Taken })];
  const first = await connect(a, b);
  const locals = (side) => side.facts.filter(({ kind }) => kind === 'RTC_LOCAL');
  for (let round = 1; round <= 2; round++) {
    a.peers.restart(1, 2000);
    await until(() => locals(a).length === 1 + round, 'an offer');
    a.peers.send(1, new Uint8Array([round])); // in between
    b.peers.answer(2, locals(a)[round].text, 2000);
    await until(() => locals(b).length === 1 + round, 'an answer');
    a.peers.accept(1, locals(b)[round].text);
    a.peers.send(1, new Uint8Array([100 + round]));
    await until(() => b.facts.filter(({ kind }) => kind === 'LINK_DATA').length === 2 * round, 'data over it');
  }
  // Firefox leaves the role in DTLS that it has for another one, unless the offer names that of the other side
  assert.deepEqual(offers.map((sdp) => /a=setup:(.*?)\r/.exec(sdp)?.[1]), ['actpass', 'passive', 'passive']);
  for (const [side, was] of [[a, first.offer], [b, first.answer]]) {
    const texts = locals(side).map(({ text }) => text);
    assert.equal(new Set(texts.map(ufrag)).size, 3, 'new credentials each time');
    assert.equal(new Set(texts.map((text) => /a=fingerprint:.*/.exec(text)?.[0])).size, 1, 'one certificate');
    assert.match(texts[2], /a=candidate:/);
    assert.ok(was.includes('a=candidate:'));
  }
  assert.ok(![...a.facts, ...b.facts].some(({ kind }) => kind === 'LINK_DOWN'));
  assert.equal(a.peers.count + b.peers.count, 2, 'no further connection');
  a.peers.restart(7, 100); // no such link
  assert.equal(a.peers.count, 1);
});

test('where a new path may lead nowhere, as from Chromium to Firefox, the link is down, and another one can be made', async () => {
  const [a, b] = [setUp(), setUp()];
  await connect(a, b, (sdp) => sdp.replace(/^o=\S+/m, 'o=mozilla...THIS_IS_SDPARTA-99.0'));
  a.peers.restart(1, 2000);
  await a.fact('LINK_DOWN', 1);
  assert.equal(a.peers.count, 0);
  assert.equal(a.facts.filter(({ kind }) => kind === 'RTC_LOCAL').length, 1, 'no offer');
});

test('the last message before a close arrives, the other side learns of the end, the closer hears nothing', async () => {
  const [a, b] = [setUp(), setUp()];
  await connect(a, b);
  a.peers.send(1, new Uint8Array([42]));
  a.peers.close(1);
  await b.fact('LINK_DOWN', 2);
  assert.deepEqual(b.facts.filter(({ kind }) => kind === 'LINK_DATA').map(({ bytes }) => [...bytes]), [[42]]);
  await until(() => a.peers.count === 0 && b.peers.count === 0, 'both torn down');
  assert.ok(!a.facts.some(({ kind }) => kind === 'LINK_DOWN'));
  a.peers.send(1, new Uint8Array(1)); // ignored
  assert.equal(b.facts.filter(({ kind }) => kind === 'LINK_DOWN').length, 1);
});

test('all is closed when what was said last has left: a process may end then', async () => {
  const [a, b] = [setUp(), setUp()];
  await connect(a, b);
  a.peers.send(1, new Uint8Array([7]));
  const closed = a.peers.closeAll();
  assert.equal(a.peers.count, 1);
  await Promise.all([closed, a.peers.closeAll()]);
  assert.equal(a.peers.count, 0);
  await until(() => b.facts.find(({ kind, bytes }) => kind === 'LINK_DATA' && bytes[0] === 7), 'the last message');
  await a.peers.closeAll(); // nothing is open
});

test('above the high-water mark there is pressure, and it ends', async () => {
  const [a, b] = [setUp(), setUp()];
  await connect(a, b);
  const pressure = () => a.facts.filter(({ kind }) => kind === 'LINK_PRESSURE').map(({ value }) => value);
  let count = 0; // it drains while it is filled
  for (; count < 250 && pressure().length === 0; count++) a.peers.send(1, new Uint8Array(60000));
  assert.deepEqual(pressure(), [1]);
  await until(() => pressure().length === 2, 'relief');
  assert.deepEqual(pressure(), [1, 0]);
  await until(() => b.facts.filter(({ kind }) => kind === 'LINK_DATA').length === count, 'everything');
});

test('contents have a channel of their own: told when they run low, and a message overtakes what waits there', async () => {
  const [a, b] = [setUp(), setUp()];
  await connect(a, b);
  const parts = 150;
  const data = () => b.facts.filter(({ kind }) => kind === 'LINK_DATA').map(({ bytes }) => bytes);
  /** @type {number[]} */
  const behind = []; // how many parts came before the message
  // whoever is kept from the processor while he sends finds that most has left by the time he says it: once more then
  for (let tries = 1; tries <= 5 && !behind.some((at) => at < parts / 2); tries++) {
    for (let i = 0; i < parts; i++) a.peers.send(1, new Uint8Array(33_000).fill(i), false, true);
    a.peers.send(1, new Uint8Array([1]));
    await until(() => data().length === tries * (parts + 1), 'everything');
    const came = data().slice(-parts - 1);
    behind.push(came.findIndex(({ length }) => length === 1));
    const order = came.filter(({ length }) => length > 1).map(([first]) => first);
    assert.deepEqual(order, Array.from({ length: parts }, (_, i) => i), 'in order');
  }
  assert.ok(behind.at(-1) < parts / 2, `it came after ${behind} parts of ${parts}`);
  await until(() => a.facts.some(({ kind, value }) => kind === 'LINK_QUEUED' && value === 0), 'that nothing waits');
  const queued = a.facts.filter(({ kind }) => kind === 'LINK_QUEUED').map(({ value }) => value);
  const isLess = (value, i) => i === 0 || value < queued[i - 1] || queued[i - 1] === 0;
  assert.ok(queued[0] <= BULK_LOW_SIZE && queued.every(isLess), `less and less: ${queued}`);
  assert.ok(!a.facts.some(({ kind }) => kind === 'LINK_PRESSURE'), 'of messages nothing waits');
});

test('bad descriptions cost the link and nothing else', async () => {
  const a = setUp();
  a.peers.answer(1, 'v=0 nonsense', 100);
  assert.ok((await a.fact('LINK_DOWN', 1)).text);
  a.peers.offer(2, 2000);
  await a.fact('RTC_LOCAL', 2);
  a.peers.accept(2, 'v=0 nonsense');
  assert.ok((await a.fact('LINK_DOWN', 2)).text);
  a.peers.accept(3, 'x'); // no such link
  assert.equal(a.peers.count, 0);
});

test('a link closed while it gathers says nothing', async () => {
  const a = setUp();
  a.peers.offer(1, 2000);
  a.peers.close(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(a.facts, []);
  assert.equal(a.peers.count, 0);
});

test('gathering ends after the time it was given, with what there is', async () => {
  // A STUN server that never answers keeps the platform gathering for seconds.
  const mute = createSocket('udp4').unref();
  await new Promise((resolve) => mute.bind(0, '127.0.0.1', resolve));
  const asked = new Promise((resolve) => mute.once('message', resolve));
  const a = setUp({ iceServers: [`stun:127.0.0.1:${mute.address().port}`] });
  const start = performance.now();
  a.peers.offer(1, 300);
  const { text } = await a.fact('RTC_LOCAL', 1);
  assert.ok(performance.now() - start < 5000);
  assert.match(text, /a=candidate:/);
  await asked;
  mute.close();
});

test('there is a cap on peer connections', async () => {
  const a = setUp();
  for (let link = 1; link <= PEER_COUNT_MAX + 1; link++) a.peers.offer(link, 10);
  assert.equal((await a.fact('LINK_DOWN', PEER_COUNT_MAX + 1)).text, 'too many peer connections');
  assert.equal(a.peers.count, PEER_COUNT_MAX);
});

test('without WebRTC every link fails with a reason', async () => {
  const a = setUp({ RTCPeerConnection: null });
  a.peers.offer(1, 10);
  assert.equal((await a.fact('LINK_DOWN', 1)).text, 'no WebRTC here');
});

test('bad entries of iceServers cost only themselves, also those that only the platform refuses', async () => {
  const bad = { urls: 'stun:stun.example.org?transport=udp' };
  const a = setUp({ iceServers: [bad, 'stun:127.0.0.1:9'] });
  assert.deepEqual(a.peers.iceServers, [{ urls: ['stun:127.0.0.1:9'] }]);
  assert.match(a.peers.iceErrors[0].error, /takes no query/);

  class Picky extends RTCPeerConnection {
    constructor(config) {
      if (config.iceServers.some(({ urls }) => urls[0].includes('picky'))) throw new SyntaxError('picky');
      super(config);
    }
  }
  const b = setUp({ iceServers: ['stun:picky.example.org', 'stun:127.0.0.1:9'], RTCPeerConnection: Picky });
  b.peers.offer(1, 50);
  await b.fact('RTC_LOCAL', 1);
  assert.deepEqual(b.peers.iceServers, [{ urls: ['stun:127.0.0.1:9'] }]);
  assert.deepEqual(b.peers.iceErrors.map(({ entry, error }) => [entry, error]), [['stun:picky.example.org', 'picky']]);
});

test('the process ends by itself after everything was closed', async () => {
  const script = `
    import wrtc from '@roamhq/wrtc';
    import { Peers } from ${JSON.stringify(new URL('../../glue/rtc.js', import.meta.url).href)};
    const report = (kind) => { if (kind === 'RTC_LOCAL') peers.closeAll(); };
    const peers = new Peers({ RTCPeerConnection: wrtc.RTCPeerConnection, iceServers: [], timers: globalThis, report });
    peers.offer(1, 1000);`;
  await new Promise((resolve, reject) => {
    const options = { timeout: 10_000, cwd: new URL('../..', import.meta.url).pathname };
    execFile(process.execPath, ['--input-type=module', '-e', script], options, (error) => (error ? reject(error) : resolve()));
  });
});

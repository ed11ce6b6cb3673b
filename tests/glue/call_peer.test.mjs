// SPDX-License-Identifier: GPL-3.0-or-later
// The connection to one person of a call, with an RTCPeerConnection that does what the test says: when another path is looked for, whose
// offer goes first, and when another connection is wanted. With real ones: e2e/calls_firefox, e2e/calls_network.
import assert from 'node:assert/strict';
import { register } from 'node:module';
import { before, beforeEach, describe, test } from 'node:test';

const SDP = 'v=0\r\na=setup:actpass\r\n';
const TICK_MS = 250;

/** Steps of negotiation that are due are carried out. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

const transceiver = (kind) => ({
  direction: 'sendrecv', receiver: { track: { kind } },
  sender: { replaceTrack: async () => {}, transport: { state: 'new', onstatechange: null } },
});

class FakeConnection {
  signalingState = 'stable';
  connectionState = 'new';
  localDescription = null;
  remoteDescription = null;
  currentLocalDescription = null;
  currentRemoteDescription = null;
  packets = 0;
  offerCount = 0;
  isBroken = false; // negotiates nothing any more
  transceivers = [];

  getTransceivers() { return this.transceivers; }

  addTransceiver(kind) {
    this.transceivers.push(transceiver(kind));
    return this.transceivers.at(-1);
  }

  async createOffer() {
    if (this.isBroken) throw Object.assign(new Error('Failed to set SSL role for the transport'), { code: 0 });
    return { type: 'offer', sdp: `${SDP}o=${++this.offerCount}\r\n` };
  }

  createAnswer = async () => ({ type: 'answer', sdp: 'v=0\r\na=setup:active\r\n' });

  async setLocalDescription(description) {
    this.localDescription = description;
    this.#now(description, 'have-local-offer');
  }

  async setRemoteDescription(description) {
    if (this.isBroken) throw new Error('Failed to set SSL role for the transport');
    this.remoteDescription = description;
    this.#now(description, 'have-remote-offer');
    if (!this.transceivers.length) for (const kind of ['audio', 'video']) this.addTransceiver(kind);
  }

  #now({ type }, offered) {
    this.signalingState = type === 'offer' ? offered : 'stable';
    if (type !== 'answer') return;
    this.currentLocalDescription = this.localDescription;
    this.currentRemoteDescription = this.remoteDescription;
  }

  getStats = async () => new Map([['a', { type: 'inbound-rtp', kind: 'audio', packetsReceived: this.packets }]]);

  become(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close() { this.signalingState = 'closed'; }
}

describe('the connection to one person of a call', () => {
  let CallPeer;
  let pc;
  let peer;
  let said; // what went to the other side: {message, answer(value), fail(code)}
  let dead;
  let timers;

  before(async () => {
    const hook = `export const resolve = (name, context, next) => next(name.replace(/^\\.\\/glue\\//, '../glue/'), context);`;
    register(`data:text/javascript,${encodeURIComponent(hook)}`); // as the server has it
    globalThis.MediaStream = class { getTracks() { return []; } };
    globalThis.RTCPeerConnection = class { constructor() { return pc; } };
    ({ CallPeer } = await import('../../web/call_peer.js'));
  });

  beforeEach(() => {
    pc = new FakeConnection();
    said = [];
    dead = [];
  });

  /** @param {import('node:test').TestContext} t */
  function begin(t, { isPolite = false } = {}) {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    timers = { tick: (ms) => { now += ms; t.mock.timers.tick(ms); } };
    peer = new CallPeer({
      isPolite, iceServers: [], tracks: {}, onChange: () => {}, onDead: (why) => dead.push(why),
      say: (message) => new Promise((resolve, reject) => {
        said.push({ message, answer: resolve, fail: (code) => reject(Object.assign(new Error(code), { code })) });
      }),
    });
  }

  /** So much time, in which it is listened as often as the page does. */
  async function pass(ms, { isSending = true } = {}) {
    for (let left = ms; left > 0; left -= TICK_MS) {
      timers.tick(TICK_MS);
      await peer.sound(isSending);
      await settle();
    }
  }

  /** Somebody came, and there is sound. */
  async function connect() {
    await peer.take(SDP);
    pc.become('connected');
    pc.packets = 1;
    await peer.sound(true);
    assert.equal(peer.state, 'on');
  }

  test('nobody is missed who has not begun to send: ICE has a path before the other side has the answer', async (t) => {
    begin(t);
    await peer.take(SDP);
    pc.iceConnectionState = 'connected';
    pc.become('connecting');
    await pass(5000);
    assert.deepEqual([peer.state, said], ['connecting', []]);
    pc.become('connected');
    assert.equal(peer.state, 'on');
  });

  test('who has a path is given time for DTLS, however late that was found', async (t) => {
    begin(t);
    await peer.take(SDP);
    await pass(14_000);
    pc.iceConnectionState = 'connected';
    pc.oniceconnectionstatechange();
    pc.become('connecting');
    await pass(14_000);
    assert.deepEqual([dead, said], [[], []]);
    await pass(32_000);
    assert.deepEqual(dead, ['lost']);
  });

  test('an answer that takes longer than a try is in time for one of them', async (t) => {
    begin(t);
    await connect();
    await pass(1500);
    assert.deepEqual([peer.state, said.length], ['broken', 1]);
    for (let ms = 0; ms < 25_000 && pc.signalingState !== 'stable'; ms += TICK_MS) {
      await pass(TICK_MS);
      for (const one of said) if (ms - (one.at ??= ms) === 5000) one.answer({ sdp: 'v=0\r\na=setup:passive\r\n' });
      await settle();
    }
    assert.equal(pc.signalingState, 'stable');
    assert.deepEqual(dead, []);
  });

  test('an offer that nobody answers does not keep theirs out, one that is on its way does', async (t) => {
    begin(t);
    await connect();
    await pass(1500);
    assert.equal((await peer.take(SDP)).no, 'glare');
    said[0].fail('NKT_E_TIMEOUT');
    await settle();
    assert.ok((await peer.take(SDP)).sdp);
  });

  test('where theirs was taken, the next own one waits', async (t) => {
    begin(t, { isPolite: true });
    await connect();
    await pass(1500);
    said[0].answer({ no: 'glare' });
    await pass(1750);
    assert.ok((await peer.take(SDP)).sdp);
    await pass(1000);
    assert.equal(said.length, 1);
    await pass(4000);
    assert.equal(said.length, 2);
  });

  test('an answer that cannot be taken, or an offer that they cannot: another connection is wanted', async (t) => {
    begin(t);
    await connect();
    await pass(1500);
    pc.isBroken = true;
    said[0].answer({ sdp: 'v=0\r\na=setup:active\r\n' });
    await settle();
    assert.deepEqual(dead, ['stuck']);
    assert.deepEqual(await peer.take(SDP), { no: 'what' });
    peer.retire();
    await pass(10_000);
    assert.deepEqual([dead.length, said.length], [1, 1], 'it says nothing any more');
  });

  test('they cannot take mine, or DTLS failed: the same; they are gone: the end', async (t) => {
    begin(t);
    await connect();
    const { transport } = pc.transceivers[0].sender;
    await pass(1500);
    said[0].answer({ no: 'what' });
    await settle();
    transport.state = 'failed';
    transport.onstatechange();
    await pass(2000);
    said[1].answer({ no: 'gone' });
    await settle();
    assert.deepEqual(dead, ['stuck', 'stuck', 'gone']);
  });

  test('no path for half a minute is the end', async (t) => {
    begin(t);
    await connect();
    pc.become('disconnected');
    await pass(45_000);
    assert.equal(dead[0], 'lost');
  });

  test('an offer of a new path says the role in DTLS that its author has, so that it is answered with the other one', async (t) => {
    begin(t);
    assert.equal((await peer.take(SDP)).sdp.includes('setup:active'), true);
    assert.match(pc.remoteDescription.sdp, /setup:actpass/, 'the first one leaves it open');
    await peer.take(SDP);
    assert.match(pc.remoteDescription.sdp, /setup:passive/);
    const sdp = await peer.offer();
    await peer.answered(sdp, 'v=0\r\na=setup:active\r\n');
    await peer.take(SDP);
    assert.match(pc.remoteDescription.sdp, /setup:active/);
  });
});

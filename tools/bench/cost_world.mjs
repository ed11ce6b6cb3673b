// SPDX-License-Identifier: GPL-3.0-or-later
// A world for whole peers in one process: virtual time, chance from a seed, a relay in memory, and WebRTC that is a queue of bytes.
// What is left of a tab's work is what nkt does: JavaScript and WebAssembly.
import { randomUUID, subtle } from 'node:crypto';
import { MemoryRelay } from './memory_relay.mjs';

const FLIGHT_MS = 5; // of a message, from anybody to anybody
const FINGERPRINT = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0')).join(':');

const breath = () => new Promise((done) => setImmediate(done));

export class World {
  nowMs = 1000;
  timerCount = 0;
  frameCount = 0;
  #wallMs = 1_700_000_000_000;
  /** By time, then by order: what is going to happen; run null: it was taken back. @type {Array<{at: number, run: (() => void)|null}>} */
  #events = [];
  #seed = 1;
  #ends = new Map(); // peer connections by their ufrag
  #relay = new MemoryRelay((socket, bytes) => this.#arrive(() => socket.hear(bytes)));

  clock = { now: () => this.nowMs, wall: () => this.#wallMs + this.nowMs };
  timers = { setTimeout: (run, ms) => (this.timerCount++, this.#later(ms, run)), clearTimeout: (event) => event && (event.run = null) };
  crypto = { subtle, randomUUID, getRandomValues: (view) => this.#fill(view) };

  /** What `new Nkt()` and init() take of this world. */
  get platform() {
    return { clock: this.clock, timers: this.timers, crypto: this.crypto };
  }

  get config() {
    const relay = this.#relay;
    const world = this;
    return {
      WebSocket: class extends MemorySocket {
        constructor() {
          super(relay, () => world.frameCount++);
          world.#arrive(() => this.open());
        }
      },
      RTCPeerConnection: class extends MemoryConnection {
        constructor() {
          super(world.#ends, (run) => world.#arrive(run), () => world.frameCount++);
        }
      },
    };
  }

  /** Lets so much time pass, with all that happens in it. @param {number} ms */
  async run(ms) {
    const end = this.nowMs + ms;
    await breath();
    while (await this.#next(end));
    this.nowMs = end;
  }

  /** @param {() => boolean} isSo @param {string} what @param {number} [ms] */
  async until(isSo, what, ms = 60_000) {
    const end = this.nowMs + ms;
    for (await breath(); !isSo();) if (!(await this.#next(end))) throw new Error(`${what}: not within ${ms} ms`);
  }

  /** What happens next, by then; false: nothing. @param {number} end */
  async #next(end) {
    while (this.#events[0]?.run === null) this.#events.shift();
    if (!(this.#events[0]?.at <= end)) return false;
    const { at, run } = this.#events.shift();
    this.nowMs = Math.max(this.nowMs, at);
    run();
    await breath(); // promises
    return true;
  }

  #arrive(run) {
    this.#later(FLIGHT_MS, run);
  }

  #later(ms, run) {
    const event = { at: this.nowMs + Math.max(0, ms), run };
    let i = this.#events.length;
    while (i > 0 && this.#events[i - 1].at > event.at) i--;
    this.#events.splice(i, 0, event);
    return event;
  }

  #fill(view) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let i = 0; i < bytes.length; i++) {
      this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) | 0; // Knuth's "quick and dirty" generator
      bytes[i] = this.#seed >>> 24;
    }
    return view;
  }
}

/** A WebSocket to the relay in memory. */
class MemorySocket {
  readyState = 0;
  bufferedAmount = 0;
  onopen = () => {};
  onmessage = (_event) => {};
  onclose = (_event) => {};
  #relay;
  #count;

  constructor(relay, count) {
    this.#relay = relay;
    this.#count = count;
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  send(bytes) {
    this.#count();
    this.#relay.receive(this, bytes.slice());
  }

  hear(bytes) {
    if (this.readyState === 1) this.onmessage({ data: bytes.slice().buffer });
  }

  close() {
    this.readyState = 3;
    this.#relay.leave(this);
  }
}

let connectionCount = 0;

/** A peer connection with its data channels, which lose nothing. Gathers nothing, and is up when both ends have both descriptions. */
class MemoryConnection {
  connectionState = 'new';
  iceGatheringState = 'complete';
  signalingState = 'stable';
  localDescription = null;
  onconnectionstatechange = () => {};
  onicegatheringstatechange = () => {};
  #ufrag = `u${++connectionCount}`;
  #ends;
  #arrive;
  #count;
  #channels = new Map(); // by id
  #remote = null;

  constructor(ends, arrive, count) {
    this.#ends = ends;
    this.#arrive = arrive;
    this.#count = count;
    ends.set(this.#ufrag, this);
  }

  createDataChannel(_label, { id }) {
    const on = { onopen() {}, onmessage() {}, onclose() {} };
    const channel = { ...on, readyState: 'connecting', bufferedAmount: 0, close: () => {}, send: (bytes) => this.#send(id, bytes) };
    this.#channels.set(id, channel);
    return channel;
  }

  #send(id, bytes) {
    this.#count();
    const { buffer } = bytes.slice();
    const other = this.#ends.get(this.#remote);
    this.#arrive(() => other?.hear(id, buffer));
  }

  hear(id, buffer) {
    this.#channels.get(id)?.onmessage?.({ data: buffer });
  }

  async createOffer() {
    return { type: 'offer', sdp: this.#describe('actpass') };
  }

  async createAnswer() {
    return { type: 'answer', sdp: this.#describe('active') };
  }

  async setLocalDescription(description) {
    this.localDescription = description;
    this.#arrive(() => this.onicegatheringstatechange?.());
    this.#look();
  }

  async setRemoteDescription({ sdp }) {
    this.#remote = /a=ice-ufrag:(\S+)/.exec(sdp)?.[1];
    this.#look();
  }

  async addIceCandidate() {}

  isReady() {
    return this.localDescription !== null && this.#remote !== null;
  }

  #look() {
    const other = this.#ends.get(this.#remote);
    if (!this.isReady() || !other?.isReady()) return;
    for (const end of [this, other]) this.#arrive(() => end.up());
  }

  up() {
    if (['connected', 'closed'].includes(this.connectionState)) return;
    this.connectionState = 'connected';
    for (const channel of this.#channels.values()) channel.readyState = 'open';
    this.onconnectionstatechange?.();
    for (const channel of this.#channels.values()) channel.onopen?.();
  }

  close() {
    this.connectionState = 'closed';
    for (const channel of this.#channels.values()) channel.readyState = 'closed';
    const other = this.#ends.get(this.#remote);
    this.#ends.delete(this.#ufrag);
    if (other) this.#arrive(() => other.down());
  }

  down() {
    for (const channel of this.#channels.values()) {
      if (channel.readyState !== 'open') continue;
      channel.readyState = 'closed';
      channel.onclose?.();
    }
  }

  #describe(setup) {
    return [
      'v=0', 'o=- 461173170 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=msid-semantic: WMS',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0',
      'a=candidate:1 1 udp 2113937151 127.0.0.1 50000 typ host generation 0 network-cost 999', `a=ice-ufrag:${this.#ufrag}`,
      'a=ice-pwd:0123456789abcdef01234567', 'a=ice-options:trickle', `a=fingerprint:sha-256 ${FINGERPRINT.toUpperCase()}`,
      `a=setup:${setup}`, 'a=mid:0', 'a=sctp-port:5000', 'a=max-message-size:262144', '',
    ].join('\r\n');
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A client of the relay that speaks its frames by hand, as arrays of bytes.
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';

const ADDRESS_SIZE = 20;
const QUIET_MS = 60;
const CHALLENGE = 0x87; // comes first on every connection: kept aside

/** Of the tests so far: a relay may not have seen yet that the sockets of the one before are gone, so each has names of its own. */
let testCount = 0;
const named = (byte) => [...new Array(ADDRESS_SIZE - 2).fill(byte), testCount >> 8, testCount & 0xff];

/** A recognisable address or room of 20 bytes. */
export const address = (n) => named(0x40 + n);
export const room = (n) => (n === null ? new Array(ADDRESS_SIZE).fill(0) : named(0xa0 + n));
export const hello = (who, where) => [1, 2, ...room(where), ...address(who)];
export const directed = (to, payload) => [3, ...address(to), ...payload];

/** @type {Set<RelayClient>} */
const clients = new Set();

export class RelayClient {
  #ws;
  /** @type {Buffer[]} */
  #inbox = [];
  #wake = () => {};
  #end = '';

  constructor(ws) {
    this.#ws = ws;
    ws.on('message', (bytes) => {
      if (bytes[0] === CHALLENGE) {
        this.challenge = bytes.subarray(1);
        return;
      }
      this.#inbox.push(bytes);
      this.#wake();
    });
    ws.on('error', () => {});
    /** Resolves to the close code. */
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        this.reason = reason.toString();
        this.#end = `the relay closed: ${code} ${this.reason}`;
        this.#wake();
        resolve(code);
      });
    });
    clients.add(this);
  }

  /** Ends what a test left open, so that one that fails does not take others with it. */
  static async closeAll() {
    const all = [...clients];
    clients.clear();
    testCount += 1;
    for (const client of all) client.#ws.terminate();
    await Promise.all(all.map((client) => client.closed));
  }

  /** Connects without a HELLO. */
  static connect(url, options) {
    const ws = new WebSocket(url, options);
    return new Promise((resolve, reject) => {
      ws.once('error', reject);
      ws.once('open', () => resolve(new RelayClient(ws)));
    });
  }

  /** Connects and says HELLO; `others` is what WELCOME said. */
  static async open(url, who, where, options) {
    const client = await RelayClient.connect(url, options);
    client.send(hello(who, where));
    const welcome = await client.next();
    assert.deepEqual(welcome.slice(0, 2), [0x81, 2]);
    client.others = Buffer.from(welcome).readUInt32BE(2);
    return client;
  }

  /** @param {number[] | Buffer | string} frame */
  send(frame) {
    this.#ws.send(typeof frame === 'string' ? frame : Buffer.from(frame));
  }

  /** The next frame, as an array of bytes. */
  async next() {
    return [...(await this.#take())];
  }

  /** The size of the next frame that is not of a type. */
  async nextSize({ besides }) {
    for (;;) {
      const frame = await this.#take();
      if (frame[0] !== besides) return frame.length;
    }
  }

  async #take(timeoutMs = 10_000) {
    const end = performance.now() + timeoutMs;
    while (this.#inbox.length === 0) {
      const left = end - performance.now();
      if (this.#end || left <= 0) throw new Error(this.#end || 'nothing came');
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#inbox.shift();
  }

  /** Resolves when the server has answered, and so has read all that was sent to it before; at once for one that reads nothing itself. */
  #answered() {
    if (this.#ws.readyState !== WebSocket.OPEN || this.#ws.isPaused) return undefined;
    const answered = new Promise((resolve) => this.#ws.once('pong', resolve));
    this.#ws.ping();
    return Promise.race([answered, this.closed]);
  }

  /** Until all that was said has been read, what it led to has come here, and nothing more comes for a while. */
  async #settled() {
    await Promise.all([...clients].map((client) => client.#answered()));
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS)); // by another relay, or when a socket's end is seen
    await this.#answered();
  }

  /** Forgets what came, until nothing comes. */
  async drain() {
    do {
      this.#inbox.length = 0;
      await this.#settled();
    } while (this.#inbox.length > 0);
  }

  /** Nothing comes. */
  async quiet() {
    await this.#settled();
    assert.deepEqual(
      this.#inbox.map((bytes) => [...bytes]),
      [],
    );
  }

  /** Reads no more, as a reader that hangs. */
  stall() {
    this.#ws.pause();
  }

  resume() {
    this.#ws.resume();
  }

  async close() {
    this.#ws.close();
    await this.closed;
  }
}

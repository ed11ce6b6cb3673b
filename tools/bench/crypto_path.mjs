// SPDX-License-Identifier: GPL-3.0-or-later
// The whole path: "say" on one core to "message" on the other and the acknowledgement back, through glue/core.js and a
// relay in memory, both cores in one thread, no sockets. Signatures, sessions, dedup and outbox included.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { MemoryRelay } from './memory_relay.mjs';
import { ROOT, round } from './support.mjs';

const WASM = `${ROOT}build/wasm/core.wasm`;
const VALUE = 'x'.repeat(254); // 256 bytes as JSON
const IN_FLIGHT = 256;
const WARM_UP = 500;
const ESTABLISHED = 2; // nkt_session_state
const DELIVERED = 2; // nkt_delivery_state

/** Two peers and what is on its way. With nothing to do the clock jumps to the next deadline; jumps count as time. */
class Pair {
  #queue = [];
  #skipped = 0;
  #relay = new MemoryRelay((peer, bytes) => this.#queue.push({ peer, bytes }));
  peers = [];

  static async create(glue, module) {
    const pair = new Pair();
    const entropy = glue.entropyOf(globalThis.crypto);
    for (const nick of ['a', 'b']) {
      const options = { nick, room: 'bench', relays: ['ws://localhost:1'], trackers: [], persist: false };
      const core = await glue.Core.create({ module, options, storeKey: null, entropy });
      const counts = { received: 0, delivered: 0 };
      pair.peers.push({ core, address: null, relayLink: 0, established: false, pressed: false, ...counts });
    }
    for (const peer of pair.peers) pair.step(peer, 'START');
    return pair;
  }

  now() {
    return performance.now() + this.#skipped;
  }

  step(peer, kind, fields) {
    const code = peer.core.step(kind, this.now(), Date.now() + this.#skipped, fields);
    this.#drain(peer);
    return code;
  }

  #drain(peer) {
    const later = [];
    for (let fx = peer.core.next(); fx !== null; fx = peer.core.next()) {
      switch (fx.kind) {
        case 'SELF':
          peer.address = fx.address;
          break;
        case 'SOCKET_OPEN':
          peer.relayLink = fx.link;
          later.push(['LINK_UP', { link: fx.link }]);
          break;
        case 'RTC_OFFER':
        case 'RTC_ANSWER':
          later.push(['LINK_DOWN', { link: fx.link, text: 'no WebRTC here' }]);
          break;
        case 'SEND':
          if (fx.link === peer.relayLink) this.#relay.receive(peer, fx.bytes);
          break;
        case 'SESSION':
          if (fx.value >= ESTABLISHED) peer.established = true;
          break;
        case 'MESSAGE':
          if (JSON.parse(fx.bytesText) === VALUE && fx.address !== null && fx.id) peer.received++;
          break;
        case 'DELIVERY':
          if (fx.value === DELIVERED) peer.delivered++;
          break;
        case 'PRESSURE':
          peer.pressed = fx.value === 1;
          break;
        default:
      }
    }
    for (const [kind, fields] of later) this.step(peer, kind, fields);
  }

  /** Carries everything to where it goes, and lets due timers run. */
  pump() {
    for (;;) {
      for (let i = 0; i < this.#queue.length; i++) {
        const { peer, bytes } = this.#queue[i];
        this.step(peer, 'LINK_DATA', { link: peer.relayLink, bytes });
      }
      this.#queue.length = 0;
      const due = this.peers.filter((peer) => peer.core.deadline() <= this.now());
      if (due.length === 0) return;
      for (const peer of due) this.step(peer, 'TIME');
    }
  }

  /** Nothing can be done before the next deadline: jump there. */
  skip() {
    const wait = Math.min(...this.peers.map((peer) => peer.core.deadline())) - this.now();
    if (wait === Infinity) throw new Error('the cores wait for nothing');
    this.#skipped += Math.max(0, wait);
    this.pump();
  }

  until(done, what) {
    const end = this.now() + 60_000;
    for (this.pump(); !done(); this.skip()) if (this.now() > end) throw new Error(`${what}: not within 60 s`);
  }

  /** `count` messages from the first to the second, to it alone or to everybody; {perSecond, skippedMs}. */
  run(count, toEverybody) {
    const [a, b] = this.peers;
    a.delivered = b.received = 0;
    const address = toEverybody ? null : b.address;
    const from = this.now();
    const skipped = this.#skipped;
    for (let said = 0; a.delivered < count || b.received < count; ) {
      if (said < count && !a.pressed && said - a.delivered < IN_FLIGHT) {
        const code = this.step(a, 'SAY', { ticket: ++said, address, bytes: JSON.stringify(VALUE) });
        if (code < 0) throw new Error(`SAY: ${a.core.errorName(code)}`);
        this.pump();
      } else {
        this.skip();
      }
      if (this.now() - from > 60_000) throw new Error(`only ${b.received} of ${count} after 60 s`);
    }
    return { perSecond: count / ((this.now() - from) / 1000), skippedMs: this.#skipped - skipped };
  }

  close() {
    for (const peer of this.peers) peer.core.free();
  }
}

/** A function that measures one round, or null when the core is not built. */
export async function openPath() {
  if (!existsSync(WASM)) return null;
  const glue = { ...await import(`${ROOT}glue/core.js`), ...await import(`${ROOT}glue/core_module.js`) };
  const module = await glue.loadModule(await readFile(WASM));
  return async (count) => {
    const pair = await Pair.create(glue, module);
    try {
      pair.until(() => pair.peers.every((peer) => peer.established), 'session');
      const result = {};
      for (const [key, toEverybody] of [['to_one', false], ['to_everybody', true]]) {
        pair.run(WARM_UP, toEverybody);
        const { perSecond, skippedMs } = pair.run(count, toEverybody);
        result[`${key}_per_s`] = Math.round(perSecond);
        result[`${key}_idle_ms`] = round(skippedMs);
      }
      return result;
    } finally {
      pair.close();
    }
  };
}

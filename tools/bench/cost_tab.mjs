// SPDX-License-Identifier: GPL-3.0-or-later
// CPU time of what tabs do, JavaScript and WebAssembly: whole peers (class Nkt) in this process, in a world of their own (cost_world.mjs).
// Medians of rounds; then one more round under V8's profiler, for who takes what share.
import { existsSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { World } from './cost_world.mjs';
import { RAW } from '../../glue/raw.js';
import { median, ROOT, round } from './support.mjs';

const MESH_COUNT_MAX = 17; // above that nobody has links to all
const MINUTE_MS = 60_000;
const REST_MS = 2000;
const FRAME_MS = 25; // forty a second
const RAW_MARK = 1; // the first byte of what nobody else listens for
const SAMPLE_US = 100;
const FUNCTION_COUNT = 6;
const SHARE_MIN = 0.02;

/** So many peers in one room, who know each other; over WebRTC, or over the relay alone. */
class Room {
  /** @type {any[]} */
  peers = [];
  heard = 0;
  world = new World();
  #config;
  #Nkt;

  constructor(Nkt, config = {}) {
    this.#Nkt = Nkt;
    this.#config = config;
  }

  static async of(Nkt, count, config) {
    const room = new Room(Nkt, config);
    for (let i = 0; i < count; i++) await room.enter();
    await room.settled();
    await room.world.run(4 * REST_MS);
    return room;
  }

  async enter() {
    const { world } = this;
    const nkt = new this.#Nkt(world.platform);
    nkt.addEventListener('nktencryptedmessagereceived', () => this.heard++);
    this.peers.push(nkt);
    const relays = ['ws://127.0.0.1:1'];
    await nkt.init({ nick: `p${this.peers.length}`, room: 'cost', relays, storage: 'none', ...world.config, ...this.#config });
  }

  /** All pairs have sessions, and links where there are any. */
  async settled() {
    const hasLinks = this.#config.RTCPeerConnection !== null && this.peers.length <= MESH_COUNT_MAX;
    const knows = (nkt) => {
      const others = Object.values(nkt.userList).filter((user) => user.session === 'established' && (!hasLinks || user.links > 0));
      return others.length === this.peers.length - 1;
    };
    await this.world.until(() => this.peers.every(knows), 'all know all');
  }

  address(i) {
    return this.peers[i].mySwarm.address();
  }

  /** @param {number} from @param {number|null} to null: everybody @param {number} size of the JSON */
  say(from, to, size) {
    const value = { text: 'x'.repeat(size - 11) };
    return this.peers[from].sendEncryptedMessage(value, to === null ? undefined : this.address(to));
  }

  async until(heard) {
    await this.world.until(() => this.heard === heard, `${heard} heard`);
  }

  close() {
    return Promise.all(this.peers.map((nkt) => nkt.close({ immediate: true })));
  }
}

/**
 * Name, how many actions a round has, how many peers there are, and a round. What is prepared is not measured.
 * @type {Array<[string, number, (Nkt: any) => Promise<{rooms: Room[], act: () => Promise<void>}>]>}
 */
const ACTIONS = [
  ['start', 8, (Nkt) => starts(Nkt)],
  ['first_contact_relay', 4, (Nkt) => contacts(Nkt, { RTCPeerConnection: null })],
  ['first_contact_with_link', 4, (Nkt) => contacts(Nkt, {})],
  ['one_way_100', 24, (Nkt) => oneWay(Nkt, 100)],
  ['one_way_1024', 24, (Nkt) => oneWay(Nkt, 1024)],
  ['there_and_back_100', 48, (Nkt) => thereAndBack(Nkt, 100)],
  ['there_and_back_1024', 48, (Nkt) => thereAndBack(Nkt, 1024)],
  ['in_a_row_1024', 256, (Nkt) => inARow(Nkt, 256)],
  ['ephemeral_60', 240, (Nkt) => ephemeral(Nkt, 240, 60)],
  ['broadcast_to_5', 8, (Nkt) => broadcast(Nkt, 6, 8)],
  ['broadcast_to_20', 8, (Nkt) => broadcast(Nkt, 21, 8)],
  ['idle_minute_of_2', 2 * 5, (Nkt) => idle(Nkt, 2, 5)],
  ['idle_minute_of_8', 8 * 2, (Nkt) => idle(Nkt, 8, 2)],
];

/** Alone: nothing but what init() does. */
async function starts(Nkt) {
  const rooms = Array.from({ length: 8 }, () => new Room(Nkt, { relays: [], RTCPeerConnection: null }));
  const act = async () => {
    for (const room of rooms) await room.enter();
  };
  return { act, rooms };
}

/** From init() of the second to a message each way, heard and acknowledged. */
async function contacts(Nkt, config) {
  const rooms = [];
  for (let i = 0; i < 4; i++) rooms.push(await Room.of(Nkt, 1, config));
  const act = async () => {
    for (const room of rooms) {
      await room.enter();
      await room.settled();
      const said = await Promise.all([room.say(0, 1, 100), room.say(1, 0, 100)]);
      let count = 0;
      for (const delivery of said) delivery.settled.then(() => count++);
      await room.world.until(() => count === 2, 'acknowledged');
    }
  };
  return { act, rooms };
}

/** Each heard and acknowledged before the next is said. */
async function oneWay(Nkt, size) {
  const room = await Room.of(Nkt, 2);
  const act = async () => {
    for (let i = 0; i < 24; i++) {
      await room.say(0, 1, size);
      await room.world.run(REST_MS / 4);
    }
    await room.until(24);
  };
  return { act, rooms: [room] };
}

async function thereAndBack(Nkt, size) {
  const room = await Room.of(Nkt, 2);
  const act = async () => {
    for (let i = 0; i < 48; i++) {
      await room.say(0, 1, size);
      await room.until(2 * i + 1);
      await room.say(1, 0, size);
      await room.until(2 * i + 2);
    }
  };
  return { act, rooms: [room] };
}

async function inARow(Nkt, count) {
  const room = await Room.of(Nkt, 2);
  const act = async () => {
    const said = Array.from({ length: count }, () => room.say(0, 1, 1024));
    await room.until(count);
    await room.world.run(REST_MS);
    await Promise.all(said);
  };
  return { act, rooms: [room] };
}

/** Bytes that may be lost, as an edit of nkt/yjs: each heard before the next is said. */
async function ephemeral(Nkt, count, size) {
  const room = await Room.of(Nkt, 2);
  const bytes = new Uint8Array(size).fill(RAW_MARK);
  const say = async () => {
    room.peers[0][RAW].send(room.address(1), bytes);
    await room.world.run(FRAME_MS);
  };
  room.peers[1][RAW].listen(RAW_MARK, () => room.heard++);
  for (let i = 0; i < 2; i++) await say(); // the key is told
  room.heard = 0;
  const act = async () => {
    for (let i = 0; i < count; i++) await say();
    await room.until(count);
  };
  return { act, rooms: [room] };
}

/** All together: the author, and those who hear it. */
async function broadcast(Nkt, peerCount, count) {
  const room = await Room.of(Nkt, peerCount);
  await room.say(0, null, 100); // its key
  await room.world.run(REST_MS);
  room.heard = 0;
  const act = async () => {
    for (let i = 0; i < count; i++) {
      await room.say(0, null, 100);
      await room.world.run(REST_MS);
    }
    await room.until(count * (peerCount - 1));
  };
  return { act, rooms: [room] };
}

async function idle(Nkt, peerCount, minutes) {
  const room = await Room.of(Nkt, peerCount);
  return { act: () => room.world.run(minutes * MINUTE_MS), rooms: [room] };
}

const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** One round of it: microseconds of CPU, and how many timers were set and frames sent, which is the same each time. */
async function once(prepare, Nkt, around = (act) => act()) {
  const { act, rooms } = await prepare(Nkt);
  const sum = (key) => rooms.reduce((total, { world }) => total + world[key], 0);
  const counted = () => ({ timers: sum('timerCount'), frames: sum('frameCount') });
  const before = counted();
  const from = cpuUs();
  await around(act);
  const us = cpuUs() - from;
  const after = counted();
  await Promise.all(rooms.map((room) => room.close()));
  return { us, timers: after.timers - before.timers, frames: after.frames - before.frames };
}

/** @param {string} name @param {string} url platform: V8, promises and the event loop */
function kindOf(name, url) {
  if (url.startsWith('wasm') || name.startsWith('wasm-')) return 'wasm';
  if (url.includes('/glue/')) return 'nkt';
  if (url.includes('/bench/')) return 'bench';
  return name === '(garbage collector)' ? 'garbage' : 'platform';
}

/** Shares of a profile: by kind, and of the largest functions. */
function sharesOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const kinds = { wasm: 0, nkt: 0, garbage: 0, platform: 0, bench: 0 };
  const functions = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const { functionName, url, lineNumber } = byId.get(id);
    if (functionName === '(idle)') return;
    const took = timeDeltas[i];
    total += took;
    const isOurs = url.includes('/glue/');
    kinds[kindOf(functionName, url)] += took;
    if (!isOurs) return;
    const name = `${url.split('/').pop()}:${lineNumber + 1} ${functionName}`;
    functions.set(name, (functions.get(name) ?? 0) + took);
  });
  const share = (took) => round(took / total, 3);
  const largest = [...functions].sort(([, a], [, b]) => b - a).slice(0, FUNCTION_COUNT).map(([name, took]) => [name, share(took)]);
  return {
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, took]) => [kind, share(took)])),
    functions: Object.fromEntries(largest.filter(([, part]) => part >= SHARE_MIN)),
  };
}

async function profiled(prepare, Nkt) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  let profile;
  await once(prepare, Nkt, async (act) => {
    await session.post('Profiler.start');
    await act();
    ({ profile } = await session.post('Profiler.stop'));
  });
  session.disconnect();
  return sharesOf(profile);
}

/** @param {number} rounds @param {string[]} names of actions; none: all */
export async function measureTab(rounds, names) {
  if (!existsSync(`${ROOT}build/wasm/core.wasm`)) return 'skipped';
  const { Nkt } = await import(`${ROOT}glue/nkt.js`);
  const result = {};
  for (const [name, count, prepare] of ACTIONS) {
    if (names.length > 0 && !names.includes(name)) continue;
    await once(prepare, Nkt); // code is compiled
    const all = [];
    for (let i = 0; i < rounds; i++) all.push(await once(prepare, Nkt));
    const us = all.map((one) => one.us / count);
    const each = (total) => round(total / count, 2);
    const { kinds, functions } = await profiled(prepare, Nkt);
    result[name] = {
      cpu_us: round(median(us)), least_us: round(Math.min(...us)), most_us: round(Math.max(...us)),
      timers: each(all[0].timers), frames: each(all[0].frames), shares: kinds, functions,
    };
  }
  return result;
}

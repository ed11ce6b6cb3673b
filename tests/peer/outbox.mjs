// SPDX-License-Identifier: GPL-3.0-or-later
// From "say" to "acknowledged": messages, streams, positions (docs/protocol.md, section 9).
import { demand, text, utf8 } from './bytes.mjs';
import { ALONE_MAX } from './crowd.mjs';
import { KIND } from './envelope.mjs';
import { encode } from './schema.mjs';

const RETRY_MS = 1000; // then twice as long each time
const RETRY_MS_MAX = 30_000;
const FLIGHT_MAX = 256; // unacknowledged at one recipient
const SAYS_MAX = 64; // in one envelope ...
const SAYS_SIZE_MAX = 15_000; // ... of so many bytes
const ACKS_MAX = 32;
const JSON_SIZE_MAX = 60_000;
const DEPTH_MAX = 32;
const VALUES_MAX = 4096;

/** @typedef {import('./people.mjs').Person} Person */
/** @typedef {{say: any, atMs: number, waitMs: number, resolve: (person: Person) => void}} Parcel */

export class Outbox {
  #peer;
  /** What is not acknowledged, by recipient, in the order of its positions. @type {Map<string, Parcel[]>} */
  #parcels = new Map();
  /** @type {Map<string, {stream_id: bigint, first: bigint, last: bigint}[]>} */
  #acks = new Map();
  #streamToAll;
  #lastToAll = 0n;
  #streamOfClear;
  #lastClear = 0n;

  /** @param {import('./peer.mjs').Peer} peer */
  constructor(peer) {
    this.#peer = peer;
    this.#streamToAll = peer.newStream();
    this.#streamOfClear = peer.newStream();
  }

  // ---- saying

  /**
   * @param {unknown} value @param {Person[]} recipients @param {{content?: boolean}} [marks] content: it tells of one (section 21)
   * @returns {Promise<number>} when all have acknowledged: how many they are
   */
  async say(value, recipients, marks = {}) {
    const json = utf8(JSON.stringify(value));
    demand(json.length <= JSON_SIZE_MAX, 'size');
    const message = { id: this.#peer.entropy.bytes(16), date_ms: BigInt(this.#peer.time.wallMs), json, ...marks };
    const isBroadcast = recipients.length > ALONE_MAX;
    const toAll = isBroadcast ? { stream_id: this.#streamToAll, sequence: ++this.#lastToAll } : undefined;
    const delivered = recipients.map((person) => {
      return this.#add(person, { ...message, ...(toAll ?? { stream_id: person.streamId, sequence: ++person.lastSequence }) });
    });
    if (toAll) this.#broadcast({ ...message, ...toAll }, recipients);
    this.tick();
    return (await Promise.all(delivered)).length;
  }

  /** @returns {Promise<Person>} */
  #add(person, say) {
    if (!this.#parcels.has(person.name)) this.#parcels.set(person.name, []);
    return new Promise((resolve) => {
      this.#parcels.get(person.name)?.push({ say, atMs: 0, waitMs: RETRY_MS, resolve });
    });
  }

  /** To everybody at once; who has not confirmed the key is told in its session too, under the same position. */
  #broadcast(say, recipients) {
    const holders = this.#peer.crowd.broadcast(say, recipients);
    const atMs = this.#peer.time.wallMs + RETRY_MS;
    for (const { name } of holders) /** @type {Parcel} */ (this.#parcels.get(name)?.at(-1)).atMs = atMs;
  }

  /** @param {unknown} value */
  sayClear(value) {
    const json = utf8(JSON.stringify(value));
    const clear = { stream_id: this.#streamOfClear, sequence: ++this.#lastClear, id: this.#peer.entropy.bytes(16), json };
    this.#peer.post({ kind: KIND.CLEAR, payload: encode('Clear', clear) });
  }

  // ---- hearing

  /** @param {Person} person @param {any} say */
  hear(person, say, isBroadcast = false) {
    demand(say.stream_id !== 0n && say.sequence > 0n && say.id.length === 16, 'payload');
    const value = readValue(say.json);
    this.#ack(person, say);
    if (!person.hears(say.stream_id, say.sequence)) return;
    this.#peer.emit('message', { from: person, value, dateMs: Number(say.date_ms), isCall: Boolean(say.call), isBroadcast });
  }

  /** @param {Person} person @param {any} clear a Clear */
  hearClear(person, clear) {
    const value = readValue(clear.json);
    if (person.hears(clear.stream_id, clear.sequence)) this.#peer.emit('message', { from: person, value, isClear: true });
  }

  #ack(person, { stream_id: streamId, sequence }) {
    const acks = this.#acks.get(person.name) ?? [];
    const range = acks.find(({ stream_id: id, last }) => id === streamId && last + 1n === sequence);
    if (range) range.last = sequence;
    else acks.push({ stream_id: streamId, first: sequence, last: sequence });
    this.#acks.set(person.name, acks);
  }

  /** @param {Person} person @param {any[]} acks */
  hearAcks(person, acks) {
    const isIn = (say, { stream_id: id, first, last }) => id === say.stream_id && first <= say.sequence && say.sequence <= last;
    const isTold = ({ say }) => acks.some((ack) => isIn(say, ack));
    const parcels = this.#parcels.get(person.name) ?? [];
    for (const parcel of parcels.filter(isTold)) parcel.resolve(person);
    this.#parcels.set(person.name, parcels.filter((parcel) => !isTold(parcel)));
  }

  // ---- again and again

  tick() {
    for (const person of this.#peer.people.established) while (this.#flush(person));
  }

  /** One envelope of what is due. @returns {boolean} whether there was something */
  #flush(person) {
    const waiting = this.#acks.get(person.name) ?? [];
    const ack = waiting.splice(0, ACKS_MAX);
    const say = this.#due(person);
    const keys = this.#peer.crowd.news(person);
    if (ack.length + say.length === 0 && !keys) return false;
    this.#peer.talk.send(person, { say, ack, ...keys });
    return true;
  }

  /** Some of what is to be said now, in its order. */
  #due(person) {
    const nowMs = this.#peer.time.wallMs;
    const say = [];
    let size = 0;
    for (const parcel of (this.#parcels.get(person.name) ?? []).slice(0, FLIGHT_MAX)) {
      if (parcel.atMs > nowMs) continue;
      size += parcel.say.json.length;
      if (say.length === SAYS_MAX || (say.length > 0 && size > SAYS_SIZE_MAX)) break;
      say.push(parcel.say);
      Object.assign(parcel, { atMs: nowMs + parcel.waitMs, waitMs: Math.min(parcel.waitMs * 2, RETRY_MS_MAX) });
    }
    return say;
  }

  /** What is not acknowledged yet, for the mail of one who is away. @param {Person} person */
  waiting(person) {
    return (this.#parcels.get(person.name) ?? []).map(({ say }) => say);
  }
}

/** One JSON value (section 9.3). @param {Uint8Array} json */
function readValue(json) {
  demand(json.length > 0 && json.length <= JSON_SIZE_MAX && json[0] !== 0xef, 'payload', 'size');
  let value;
  try {
    value = JSON.parse(text(json));
  } catch {
    demand(false, 'payload', 'no JSON');
  }
  let count = 0;
  const walk = (part, level) => {
    demand(++count <= VALUES_MAX && (typeof part !== 'number' || Number.isFinite(part)), 'payload', 'bounds');
    if (part === null || typeof part !== 'object') return;
    demand(level <= DEPTH_MAX, 'payload', 'depth');
    for (const inner of Object.values(part)) walk(inner, level + 1);
  };
  walk(value, 1);
  return value;
}

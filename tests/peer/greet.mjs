// SPDX-License-Identifier: GPL-3.0-or-later
// Getting to know each other: greetings, digests, and what is asked for after them (docs/protocol.md, sections 6 and 7).
import { compare, demand, equal, hex, unhex } from './bytes.mjs';
import { KIND } from './envelope.mjs';
import { decode, encode } from './schema.mjs';

const NONCE_MS = 60_000;
const REPEAT_MS = 2000; // then twice as long, up to a minute
const REPEAT_MS_MAX = 60_000;
const ANSWER_MS = 1000; // one user once in so long
const NONCE_SIZE = 16;
const RECORDS_MAX = 24;
const KEYS_MAX = 24;
const WANT_MAX = 64;
const KNOWN_MAX = 512;

/** @typedef {import('./people.mjs').Person} Person */

export class Greetings {
  #peer;
  /** Those of the last one or two minutes. @type {{nonce: Uint8Array, sinceMs: number}[]} */
  #nonces = [];
  #repeat = { atMs: Infinity, waitMs: REPEAT_MS };
  /** When somebody was answered. @type {Map<string, number>} */
  #answered = new Map();

  /** @param {import('./peer.mjs').Peer} peer */
  constructor(peer) {
    this.#peer = peer;
  }

  get #nowMs() {
    return this.#peer.time.wallMs;
  }

  // ---- saying

  /** A relay let us in. @param {number} others */
  welcome(others) {
    if (others === 0) return;
    this.toAll();
    this.#repeat = { atMs: this.#nowMs + REPEAT_MS, waitMs: REPEAT_MS };
  }

  /** Until somebody has shown that it heard us. */
  tick() {
    if (this.#nowMs < this.#repeat.atMs) return;
    if (this.#peer.people.list.some(({ isProven }) => isProven)) {
      this.#repeat.atMs = Infinity;
      return;
    }
    this.toAll();
    const waitMs = Math.min(this.#repeat.waitMs * 2, REPEAT_MS_MAX);
    this.#repeat = { atMs: this.#nowMs + waitMs, waitMs };
  }

  toAll() {
    this.#greet(undefined, { nonce: this.#nonce() });
  }

  /** To somebody of whom keys are wanted. @param {Person} person */
  to(person) {
    this.#greet(person, { nonce: this.#nonce(), want_key: true });
  }

  /** A link to it is proven: it is told who we are, and asked for nothing. @param {Person} person */
  linked(person) {
    this.#greet(person, { answer: true });
  }

  /** Whose clock is doubted. @param {Person} person @param {Uint8Array} [echo] */
  ask(person, echo) {
    if (this.#mayAnswer(person.name)) this.#greet(person, { answer: true, nonce: this.#nonce(), echo });
  }

  /** To one of whom nothing but the address is known. @param {Uint8Array} address */
  toAddress(address) {
    const name = hex(address);
    if (!this.#mayAnswer(name)) return;
    this.#post(address, { nonce: this.#nonce() });
  }

  /** @param {Person | undefined} person none: everybody @param {any} fields of a Greeting */
  #greet(person, fields) {
    this.#post(person?.address, { ...(person && this.keysFor(person)), ...fields });
  }

  #post(to, fields) {
    const { signed, time } = this.#peer;
    const payload = encode('Greeting', { record: signed, wall_ms: BigInt(time.wallMs), ...fields });
    this.#peer.post({ kind: KIND.GREETING, to, payload });
  }

  /** One user once in so long. */
  #mayAnswer(name) {
    const nowMs = this.#nowMs;
    if (nowMs - (this.#answered.get(name) ?? -Infinity) < ANSWER_MS) return false;
    this.#answered.set(name, nowMs);
    return true;
  }

  /** The lasting key to whom has a session; to others keys for it alone, and a one-time prekey if it is the one to begin. */
  keysFor(person) {
    if (person.isEstablished) return { kem_key: this.#peer.identity.kem.publicKey };
    const { id, key, kem } = person.oneTime;
    const isToBegin = compare(person.address, this.#peer.address) < 0;
    if (!isToBegin) return { kem_key: this.#peer.identity.kem.publicKey };
    return { kem_key: kem.publicKey, kem_key_id: id, prekey_id: id, prekey: key };
  }

  #nonce() {
    const nowMs = this.#nowMs;
    if (!this.#nonces.some(({ sinceMs }) => nowMs - sinceMs < NONCE_MS)) {
      this.#nonces = [{ nonce: this.#peer.entropy.bytes(NONCE_SIZE), sinceMs: nowMs }, ...this.#nonces.slice(0, 1)];
    }
    return this.#nonces[0].nonce;
  }

  /** @param {Uint8Array | undefined} echo */
  isEcho(echo) {
    const oldestMs = this.#nowMs - 2 * NONCE_MS;
    return echo !== undefined && this.#nonces.some(({ nonce, sinceMs }) => sinceMs > oldestMs && equal(nonce, echo));
  }

  // ---- hearing

  /** @param {Person} person @param {any} greeting @param {any} body */
  hear(person, greeting, body) {
    if (this.isEcho(greeting.echo)) person.isProven = true;
    person.isAway = false;
    person.takeKeys(greeting, body.created_ms);
    if (!greeting.answer || greeting.want_key || (greeting.nonce && body.to)) this.#answer(person, greeting);
    this.#peer.talk.met(person);
    this.#peer.links?.met(person);
  }

  #answer(person, { nonce }) {
    if (!this.#mayAnswer(person.name)) return;
    this.#greet(person, { answer: true, echo: nonce, nonce: person.isProven ? undefined : this.#nonce() });
  }

  // ---- whom others know

  /** @param {Person} to */
  digest(to) {
    const known = this.#peer.people.list.filter((person) => person !== to && person.isProven)
      .slice(0, KNOWN_MAX).map(({ address, record }) => ({ address, sequence: record.sequence }));
    this.#peer.post({ kind: KIND.DIGEST, to: to.address, payload: encode('Digest', { known }) });
  }

  /** Asks for what we have not or have older. */
  hearDigest(from, { known }) {
    const { people, address: own } = this.#peer;
    const address = known.filter((one) => {
      if (equal(one.address, own)) return false;
      const person = people.find(one.address);
      return !person || person.record.sequence < one.sequence;
    }).map((one) => one.address).slice(0, WANT_MAX);
    if (address.length > 0) this.#peer.post({ kind: KIND.WANT, to: from.address, payload: encode('Want', { address }) });
  }

  /** Asks for the lasting keys of those. @param {Person} of @param {Person[]} whose */
  wantKeys(of, whose) {
    for (const person of whose) person.isKeyWanted = true;
    const addresses = whose.map(({ address }) => address).slice(0, KEYS_MAX);
    this.#peer.post({ kind: KIND.WANT, to: of.address, payload: encode('Want', { kem_key: addresses }) });
  }

  #tellKeys(to, addresses) {
    const { people, address: own, identity } = this.#peer;
    demand(addresses.length <= KEYS_MAX && addresses.every(({ length }) => length === 20), 'payload', 'keys wanted');
    const keyOf = (address) => (equal(address, own) ? identity.kem.publicKey : people.find(address)?.lasting);
    const told = addresses.map((address) => ({ address, key: keyOf(address) })).filter(({ key }) => key);
    if (told.length > 0) this.#peer.post({ kind: KIND.RECORDS, to: to.address, payload: encode('Records', { kem_key: told }) });
    this.#peer.emit('keysWanted', to, addresses.map(hex));
  }

  hearWant(from, { address, kem_key: keys }) {
    const { people, address: own } = this.#peer;
    if (keys.length > 0) this.#tellKeys(from, keys);
    const wanted = [...new Set(address.map(hex))].map(unhex);
    if (wanted.some((one) => equal(one, own))) this.#greet(from, { answer: true });
    const record = wanted.map((one) => people.find(one)?.record.signed).filter(Boolean).slice(0, RECORDS_MAX);
    if (record.length > 0) this.#peer.post({ kind: KIND.RECORDS, to: from.address, payload: encode('Records', { record }) });
  }

  /** @param {Uint8Array} payload */
  hearRecords(payload) {
    const { record, kem_key: keys } = decode('Records', payload);
    demand(keys.length <= KEYS_MAX && keys.every(({ address, key }) => address.length === 20 && key.length === 1184), 'payload', 'keys');
    for (const signed of record) {
      const person = this.#peer.introduce(signed);
      if (person && !person.isProven) this.to(person);
    }
    for (const { address, key } of keys) this.#peer.people.find(address)?.hearKey(key);
  }
}

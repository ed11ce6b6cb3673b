// SPDX-License-Identifier: GPL-3.0-or-later
// Whom a peer knows, and what it keeps of each.
import { demand, equal, hex } from './bytes.mjs';
import { kemHashOf } from './derive.mjs';
import { curvePublic, kemPair } from './primitives.mjs';
import { Session } from './session.mjs';
import { Window } from './window.mjs';

const PREKEY_ID_MAX = 2 ** 24 - 2;

/** One-time prekeys for one peer alone: both have the same id. @param {import('./entropy.mjs').Entropy} entropy */
function makeOneTime(entropy) {
  const secret = entropy.bytes(32);
  return { id: 1 + entropy.below(PREKEY_ID_MAX), secret, key: curvePublic(secret), kem: kemPair(entropy.bytes(64)) };
}

export class Person {
  /** The newest `created_ms` of all that was heard: a lower bound of that peer's clock. */
  newestMs = 0n;
  /** The newest of what decrypted. */
  openedMs = -1n;
  /** It said our nonce back, or something of it was decrypted: it is there, now. */
  isProven = false;
  /** Something of it was decrypted in a session. */
  isEstablished = false;
  /** It said good-bye. */
  isAway = false;
  /** Heard last through a bridge: it is at another relay. */
  isFar = false;
  /**
   * Keys it gave us, to begin a session.
   * @type {{prekey?: {id: number, key: Uint8Array}, kem: {id: number, key: Uint8Array}} | undefined}
   */
  offered;
  /** @type {Uint8Array | undefined} its lasting KEM key, whoever told it */
  lasting;
  /** Somebody was asked for that. */
  isKeyWanted = false;
  #offeredMs = -1n;
  #usedId = 0;
  /** @type {import('./link.mjs').Link | undefined} a proven one */
  link;
  /** @type {Map<bigint, Window>} by stream */
  #streams = new Map();
  /** @type {ReturnType<typeof makeOneTime> | undefined} what we gave it and it has not used */
  #oneTime;
  #entropy;

  /**
   * @param {import('./peer.mjs').Peer} peer @param {import('./record.mjs').Known} record
   * @param {bigint} streamId of what is said to it
   */
  constructor(peer, record, streamId) {
    this.record = record;
    this.address = record.address;
    this.name = hex(record.address);
    this.session = new Session(peer.identity, record, peer.entropy);
    this.streamId = streamId;
    this.lastSequence = 0n;
    this.#entropy = peer.entropy;
  }

  /** For this peer alone, the same until one of them is used. */
  get oneTime() {
    return (this.#oneTime ??= makeOneTime(this.#entropy));
  }

  /** Private halves of what it was given, for a first message of its. */
  get given() {
    const own = this.#oneTime;
    const ifIts = (id, secret) => (own?.id === id ? secret(own) : undefined);
    return { prekey: (id) => ifIts(id, ({ secret }) => secret), kem: (id) => ifIts(id, ({ kem }) => kem.secretKey) };
  }

  /** @param {{prekey?: number, kem: number} | undefined} used */
  spend(used) {
    if (used && this.#oneTime && [used.prekey, used.kem].includes(this.#oneTime.id)) this.#oneTime = undefined;
  }

  /** Takes the keys out of a greeting (section 7.2). @param {any} greeting @param {bigint} createdMs */
  takeKeys({ prekey_id: prekeyId, prekey, kem_key: key, kem_key_id: kemId = 0 }, createdMs) {
    if (key && kemId === 0 && equal(kemHashOf(key), this.record.kem_hash)) this.lasting = key;
    if (!key || createdMs <= this.#offeredMs || createdMs <= this.openedMs) return;
    if (kemId === 0 && !equal(kemHashOf(key), this.record.kem_hash)) return;
    if (kemId !== 0 && (kemId !== prekeyId || kemId === this.#usedId)) return; // given again until a first message of ours arrives
    this.offered = { prekey: prekey && prekeyId ? { id: prekeyId, key: prekey } : undefined, kem: { id: kemId, key } };
    this.#offeredMs = createdMs;
  }

  /** Another tells its lasting key (section 7.4): what it is worth its record says. @param {Uint8Array} key */
  hearKey(key) {
    if (!this.isKeyWanted) return;
    demand(equal(kemHashOf(key), this.record.kem_hash), 'key', 'told by another');
    this.lasting = key;
    this.isKeyWanted = false;
  }

  /** To begin with: each is used once. */
  useKeys() {
    const { offered } = this;
    this.offered = undefined;
    this.#usedId = offered?.kem.id ?? 0;
    return /** @type {NonNullable<typeof offered>} */ (offered);
  }

  /** @param {bigint} stream @param {bigint} position @returns {boolean} whether it was not heard before */
  hears(stream, position) {
    if (!this.#streams.has(stream)) this.#streams.set(stream, new Window());
    return /** @type {Window} */ (this.#streams.get(stream)).take(position);
  }
}

export class People {
  /** @type {Map<string, Person>} */
  #all = new Map();

  /** @param {Uint8Array} address @returns {Person | undefined} */
  find(address) {
    return this.#all.get(hex(address));
  }

  add(person) {
    this.#all.set(person.name, person);
    return person;
  }

  get list() {
    return [...this.#all.values()];
  }

  /** Whom something can be said to. */
  get established() {
    return this.list.filter(({ isEstablished, isAway }) => isEstablished && !isAway);
  }
}

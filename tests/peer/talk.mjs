// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions as they are lived: who begins, hello and welcome, what does not decrypt (docs/protocol.md, sections 8.2, 8.5 and 8.8).
import { demand, equal } from './bytes.mjs';
import { endsOf } from './derive.mjs';
import { KIND } from './envelope.mjs';
import { decode, encode } from './schema.mjs';

const HELLO_MS = 5000; // then twice as long, up to 20 s
const HELLO_MS_MAX = 20_000;
const PATIENCE_MS = 400; // for the lower address
const KEYS_MS = 1000; // asked for again
const KEYS_MS_MAX = 30_000;
const RENEW_MS = 3000;
const LATE_MS = 60_000n;
const SAYS_MAX = 64;
const ACKS_MAX = 32;
const TYPE_PREKEY = 3;

/** How something came: over its author's own link, in the mail. @typedef {{isOwn?: boolean, isMail?: boolean}} Way */
/**
 * @typedef {{sinceMs: number, hello?: {atMs: number, waitMs: number}, keys: {atMs: number, waitMs: number}, renewedMs: number,
 *   isToRenew?: boolean}} Begun
 */

export class Talk {
  #peer;
  /** Of those whom we have met. @type {Map<string, Begun>} */
  #begun = new Map();

  /** @param {import('./peer.mjs').Peer} peer */
  constructor(peer) {
    this.#peer = peer;
  }

  get #nowMs() {
    return this.#peer.time.wallMs;
  }

  /** @returns {Begun} */
  #of({ name }) {
    const nowMs = this.#nowMs;
    if (!this.#begun.has(name)) this.#begun.set(name, { sinceMs: nowMs, keys: { atMs: 0, waitMs: KEYS_MS }, renewedMs: -Infinity });
    return /** @type {Begun} */ (this.#begun.get(name));
  }

  /** Somebody said who it is. @param {import('./people.mjs').Person} person */
  met(person) {
    if (!this.#begun.has(person.name)) this.#of(person);
    this.#press(person);
  }

  tick() {
    for (const person of this.#peer.people.list) if (!person.isEstablished && !person.isAway) this.#press(person);
  }

  /** A session that is not there yet. */
  #press(person) {
    const begun = this.#of(person);
    if (begun.isToRenew && person.offered) {
      this.begin(person);
    } else if (person.session.isBegun) {
      const { hello } = begun;
      if (hello && this.#nowMs >= hello.atMs) this.#hello(person, Math.min(hello.waitMs * 2, HELLO_MS_MAX));
    } else if (this.#peer.mayBegin(person, this.#nowMs - begun.sinceMs, PATIENCE_MS)) {
      this.#beginOrAsk(person);
    }
  }

  #beginOrAsk(person) {
    const { keys } = this.#of(person);
    if (person.offered) this.begin(person);
    else if (this.#nowMs >= keys.atMs) {
      this.#peer.greetings.to(person);
      Object.assign(keys, { atMs: this.#nowMs + keys.waitMs, waitMs: Math.min(keys.waitMs * 2, KEYS_MS_MAX) });
    }
  }

  /** A session of ours, new. @param {import('./people.mjs').Person} person */
  begin(person) {
    const { prekey, kem } = person.useKeys();
    this.#of(person).isToRenew = false;
    person.session.begin(prekey, kem);
    this.#hello(person, HELLO_MS);
    this.#peer.emit('began', person);
  }

  #hello(person, waitMs) {
    this.#of(person).hello = { atMs: this.#nowMs + waitMs, waitMs };
    this.send(person, { hello: true });
  }

  /** @param {import('./people.mjs').Person} person with whom a session has begun @param {any} inner an Inner */
  send(person, inner) {
    this.#peer.post({ kind: KIND.SESSION, to: person.address, payload: this.encrypt(person, inner) });
  }

  /** @param {import('./people.mjs').Person} person @param {any} inner @returns {Uint8Array} a Ciphertext */
  encrypt(person, inner) {
    const ends = endsOf(this.#peer.room.network, this.#peer.address, person.address);
    return encode('Ciphertext', person.session.encrypt({ ...inner, ends }));
  }

  /** What is encrypted for us. @param {import('./people.mjs').Person} person @param {any} body @param {Way} way */
  hear(person, body, way) {
    const inner = this.open(person, decode('Ciphertext', body.payload), body, way);
    demand(inner.ends && equal(inner.ends, endsOf(body.network, body.from, body.to)), 'ends');
    demand(inner.say.length <= SAYS_MAX && inner.ack.length <= ACKS_MAX, 'payload', 'too many');
    demand(!inner.group && !inner.content_key && inner.place.length === 0, 'payload', 'of another kind');
    if (!way.isMail) this.#opened(person);
    this.#peer.outbox.hearAcks(person, inner.ack);
    this.#peer.attempt(() => this.#peer.crowd.hearKeys(person, inner));
    this.#peer.attempt(() => this.#peer.letters.hearKeys(person, inner.letter_key));
    for (const say of inner.say) this.#peer.attempt(() => this.#peer.outbox.hear(person, say)); // each by itself
    if (inner.hello) this.send(person, { welcome: true });
  }

  /**
   * @param {import('./people.mjs').Person} person @param {any} ciphertext a Ciphertext @param {any} body in which it came
   * @param {Way} [way]
   * @returns {any} an Inner
   */
  open(person, ciphertext, body, { isOwn = false } = {}) {
    const isNews = isOwn || body.created_ms > person.openedMs;
    demand(isNews || ciphertext.type !== TYPE_PREKEY || person.openedMs - body.created_ms < LATE_MS, 'replay');
    try {
      const { inner, used } = person.session.decrypt(ciphertext, person.given);
      person.spend(used);
      if (body.created_ms > person.openedMs) person.openedMs = body.created_ms;
      return inner;
    } catch (error) {
      if (isNews && error.why !== 'twice') this.#renew(person);
      throw error;
    }
  }

  #opened(person) {
    person.isProven = true;
    person.isAway = false;
    this.#of(person).hello = undefined;
    if (person.isEstablished) return;
    person.isEstablished = true;
    this.#peer.emit('session', person);
  }

  /** What does not decrypt: one of us has lost the session. */
  #renew(person) {
    const begun = this.#of(person);
    if (this.#nowMs - begun.renewedMs < RENEW_MS) return;
    begun.renewedMs = this.#nowMs;
    this.#peer.emit('renew', person);
    begun.isToRenew = !person.offered;
    if (person.offered) this.begin(person);
    else this.#peer.greetings.to(person);
  }
}

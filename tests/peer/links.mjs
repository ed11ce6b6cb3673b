// SPDX-License-Identifier: GPL-3.0-or-later
// How links come about: offers and answers, sealed for their two ends (docs/protocol.md, sections 11.1 to 11.3).
import { compare, demand, equal } from './bytes.mjs';
import { endsOf } from './derive.mjs';
import { KIND } from './envelope.mjs';
import { Link } from './link.mjs';
import { decode, encode } from './schema.mjs';
import { openSealed, sealTo } from './seal.mjs';

export const SIGNAL = { OFFER: 1, ANSWER: 2, REJECT: 3 };
const SDP_SIZE_MAX = 9000;
const SETUP_MS = 12_000; // from offer to proof
const RETRY_MS = 2000; // then twice as long each time
const RETRY_MS_MAX = 120_000;
const OFFER_MS = 4000; // for so long one's own offer holds against another's, and the lower address is waited for

/** @typedef {import('./people.mjs').Person} Person */

export class Links {
  #peer;
  /** Not proven yet, by who is at the other end. @type {Map<string, Link>} */
  #pending = new Map();
  /** @type {Set<Link>} */
  #all = new Set();
  /** Since when they are known, and when to offer again. @type {Map<string, {sinceMs: number, atMs: number, waitMs: number}>} */
  #met = new Map();

  /** @param {import('./peer.mjs').Peer} peer */
  constructor(peer) {
    this.#peer = peer;
  }

  /** @param {Person} person */
  met(person) {
    const nowMs = this.#peer.time.wallMs;
    if (!this.#met.has(person.name)) this.#met.set(person.name, { sinceMs: nowMs, atMs: nowMs, waitMs: RETRY_MS });
  }

  /** The lower address offers, the other one after a while. */
  tick() {
    const nowMs = this.#peer.time.wallMs;
    for (const link of this.#pending.values()) if (nowMs - link.sinceMs > SETUP_MS) link.close();
    for (const person of this.#peer.people.list) {
      const met = this.#met.get(person.name);
      if (!met || person.link || this.#pending.has(person.name) || !person.isProven || person.isAway || nowMs < met.atMs) continue;
      if (!this.#peer.mayOffer(person, nowMs - met.sinceMs, OFFER_MS)) continue;
      Object.assign(met, { atMs: nowMs + met.waitMs, waitMs: Math.min(met.waitMs * 2, RETRY_MS_MAX) });
      this.#settle(this.offer(person));
    }
  }

  /** @param {Person} person */
  async offer(person) {
    const link = this.#open(person, { isOfferer: true, attempt: this.#peer.entropy.bytes(16) });
    const sdp = await link.offer();
    if (!link.isClosed) this.#signal(person, { type: SIGNAL.OFFER, attempt: link.attempt, nonce: link.nonce, sdp });
  }

  #open(person, how) {
    this.#pending.get(person.name)?.close();
    const link = new Link(this.#peer, person, how);
    this.#pending.set(person.name, link);
    this.#all.add(link);
    link.on('frame', (frame) => this.#peer.receive(frame, { link }));
    link.on('refused', (error, frame) => this.#peer.refuse(error, frame));
    link.on('proven', () => this.#proven(person, link));
    link.on('closed', () => {
      this.#all.delete(link);
      if (this.#pending.get(person.name) === link) this.#pending.delete(person.name);
      if (person.link === link) person.link = undefined;
    });
    return link;
  }

  #proven(person, link) {
    if (this.#pending.get(person.name) === link) this.#pending.delete(person.name);
    const older = person.link;
    person.link = link;
    person.isProven = true;
    older?.close();
    this.#peer.greetings.linked(person);
    this.#peer.emit('link', person, link);
  }

  #signal(person, signal) {
    const context = endsOf(this.#peer.room.network, this.#peer.address, person.address);
    const payload = sealTo(person.record.identity_key, context, encode('Signal', signal), this.#peer.entropy.bytes(32));
    this.#peer.post({ kind: KIND.SIGNAL, to: person.address, payload });
  }

  /** @param {Person} person @param {any} body */
  hear(person, body) {
    const context = endsOf(body.network, body.from, body.to);
    const signal = decode('Signal', openSealed(this.#peer.identity, context, body.payload));
    const { type, attempt, nonce, sdp = '' } = signal;
    demand(attempt.length === 16 && Object.values(SIGNAL).includes(type), 'payload', 'signal');
    demand(type === SIGNAL.REJECT || (nonce?.length === 32 && sdp.length > 0 && sdp.length <= SDP_SIZE_MAX), 'payload', 'signal');
    if (type === SIGNAL.OFFER) this.#settle(this.#hearOffer(person, signal));
    else if (type === SIGNAL.ANSWER) this.#settle(this.#hearAnswer(person, signal));
    else if (this.#pending.get(person.name)?.isNamed(attempt)) this.#pending.get(person.name)?.close();
  }

  /** What is refused later is counted as what is refused at once. */
  #settle(promise) {
    promise.catch((error) => this.#peer.refuse(error));
  }

  async #hearOffer(person, { attempt, nonce, sdp, restart }) {
    const pending = this.#pending.get(person.name);
    if (!this.#peer.hasRtc || restart) {
      this.#signal(person, { type: SIGNAL.REJECT, attempt });
      return;
    }
    const isOurs = pending?.isOfferer && this.#peer.time.wallMs - pending.sinceMs < OFFER_MS;
    if (isOurs && compare(this.#peer.address, person.address) < 0) return; // the lower address keeps its offer
    const link = this.#open(person, { isOfferer: false, attempt });
    const answer = await link.answer(sdp, nonce);
    if (!link.isClosed) this.#signal(person, { type: SIGNAL.ANSWER, attempt, nonce: link.nonce, sdp: answer });
  }

  async #hearAnswer(person, { attempt, nonce, sdp }) {
    const link = this.#pending.get(person.name);
    if (!link?.isOfferer || !equal(link.attempt, attempt) || link.theirNonce) return;
    await link.accept('answer', sdp, nonce);
  }

  close() {
    for (const link of [...this.#all]) link.close();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A peer: what comes in is checked here, cheapest first, and handed to who understands it (docs/protocol.md, sections 5 and 15).
import { EventEmitter } from 'node:events';
import { addressText, makeRoom } from './address.mjs';
import { compare, demand, equal, hex, Refused } from './bytes.mjs';
import { OwnTime } from './clock.mjs';
import { Crowd } from './crowd.mjs';
import { Entropy } from './entropy.mjs';
import { FRAME, isSignedBy, KIND, makeDirect, makeEnvelope, readDirect, readEnvelope } from './envelope.mjs';
import { Greetings } from './greet.mjs';
import { Letters } from './letters.mjs';
import { Links } from './links.mjs';
import { Mail } from './mail.mjs';
import { Outbox } from './outbox.mjs';
import { People, Person } from './people.mjs';
import { makeIdentity, makeRecord, readRecord } from './record.mjs';
import { RelayClient } from './relay.mjs';
import { decode } from './schema.mjs';
import { Talk } from './talk.mjs';

const TICK_MS = 20;
const SKEW_MS = 600_000n;
const TTL_S = 300;
const LATE_MS = 10_000n;
const SEEN_MAX = 100_000;
const GOSSIP = [KIND.GREETING, KIND.DIGEST, KIND.WANT, KIND.RECORDS, KIND.SIGNAL, KIND.WALK, KIND.MAIL, KIND.BYE];

/**
 * How a peer is to be. lose: says of a frame whether it is lost; initiates: who begins sessions; knows: whom it listens to;
 * hasRtc: whether it has links, and offers: who offers them; forge: changes what is sent.
 * @typedef {{nick?: string, room: {name?: string, secret?: string}, seed?: string, wall?: () => number, hasRtc?: boolean,
 *   identity?: import('./record.mjs').Identity, initiates?: 'always' | 'never' | 'lower', offers?: 'always' | 'never' | 'lower',
 *   lose?: (frame: Uint8Array, isOut: boolean) => boolean, knows?: (address: Uint8Array) => boolean,
 *   forge?: {proof?: (frame: Uint8Array) => Uint8Array}}} Options
 */

/** Events: message ({from, value, ...}), person, session, link, bye (a Person each), refused (error, frame). */
export class Peer extends EventEmitter {
  people = new People();
  /** @type {RelayClient[]} */
  relays = [];
  /** What was refused, by reason. @type {Record<string, number>} */
  refusals = {};
  #seen = new Set();
  #ticking;
  #options;

  /** @param {Options} options */
  constructor(options) {
    super();
    const { nick = 'second', room, seed, identity, wall, hasRtc = false, forge = {} } = options;
    this.#options = { lose: () => false, knows: () => true, initiates: 'lower', offers: 'lower', ...options };
    this.entropy = new Entropy(seed);
    this.time = new OwnTime(wall);
    this.identity = identity ?? makeIdentity(this.entropy);
    this.address = this.identity.address;
    this.addressText = addressText(this.address);
    this.room = makeRoom({ ...room, owner: this.address });
    this.hasRtc = hasRtc;
    this.forge = forge;
    this.sequence = BigInt(this.time.nextMs());
    this.signed = makeRecord(this.identity, this.room, { nick, sequence: this.sequence, issuedMs: this.time.nowMs });
    this.greetings = new Greetings(this);
    this.talk = new Talk(this);
    this.outbox = new Outbox(this);
    this.crowd = new Crowd(this);
    this.links = new Links(this);
    this.mail = new Mail(this);
    this.letters = new Letters(this);
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Of this life, odd, and later than those of all before. */
  newStream() {
    return (this.sequence << 20n) | BigInt(this.entropy.below(1 << 20) | 1);
  }

  /** @param {string} url of a relay @returns {Promise<number>} when it said WELCOME: how many others are there */
  connect(url) {
    const relay = new RelayClient(url, this.identity, this.room.relayRoom);
    this.relays.push(relay);
    relay.on('frame', (frame) => this.receive(frame, { relay }));
    relay.on('refused', (error) => this.refuse(error));
    relay.on('welcome', (others) => this.greetings.welcome(others));
    return new Promise((resolve, reject) => {
      relay.once('welcome', resolve);
      relay.once('closed', (code, reason) => reject(new Error(`relay: ${code} ${reason}`)));
    });
  }

  /** Says good-bye. */
  close() {
    this.leave();
    this.vanish();
  }

  /** Without a word. */
  vanish() {
    clearInterval(this.#ticking);
    this.#disconnect();
  }

  /** Says good-bye, and keeps what it knows for when it connects again. */
  leave() {
    this.post({ kind: KIND.BYE, payload: new Uint8Array(1) });
    this.#disconnect();
  }

  #disconnect() {
    this.links.close();
    for (const relay of this.relays.splice(0)) relay.close();
  }

  /** @param {unknown} value JSON @param {Person} [to] none: everybody @returns {Promise<number>} when all have acknowledged: how many */
  say(value, to) {
    return this.outbox.say(value, to ? [to] : this.people.established);
  }

  /** A value that is to tell of a content. @param {unknown} value @param {Person} to @returns {Promise<number>} as say() */
  sayContent(value, to) {
    return this.outbox.say(value, [to], { content: true });
  }

  /** To everybody, signed and not encrypted. @param {unknown} value JSON */
  sayClear(value) {
    this.outbox.sayClear(value);
  }

  #tick() {
    this.greetings.tick();
    this.talk.tick();
    this.outbox.tick();
    this.mail.tick();
    if (this.hasRtc) this.links.tick();
  }

  // ---- whose turn it is

  #isTurn(who, person, waitedMs, patienceMs) {
    if (who !== 'lower') return who === 'always';
    return compare(this.address, person.address) < 0 || waitedMs > patienceMs;
  }

  /** Whether to begin a session. @param {Person} person @param {number} waitedMs @param {number} patienceMs for the lower address */
  mayBegin(person, waitedMs, patienceMs) {
    return this.#isTurn(this.#options.initiates, person, waitedMs, patienceMs);
  }

  /** Whether to offer a link. @param {Person} person @param {number} waitedMs @param {number} patienceMs for the lower address */
  mayOffer(person, waitedMs, patienceMs) {
    return this.#isTurn(this.#options.offers, person, waitedMs, patienceMs);
  }

  // ---- out

  /**
   * Sends a Body the ways there are: signed, or direct if it is a session message and its recipient's own link is the only way.
   * @param {{kind: number, payload: Uint8Array, to?: Uint8Array, ttlS?: number} & Record<string, any>} fields of a Body
   */
  post({ to, kind, payload, ttlS, ...more }) {
    const body = { ...this.bodyOf({ to, kind, payload, ttlS }), ...more };
    const link = to && this.people.find(to)?.link;
    const isDirect = link && kind === KIND.SESSION && !more.keep;
    const frame = isDirect ? makeDirect(body) : makeEnvelope(this.identity, body);
    this.#send(frame, to, link);
  }

  /** @param {{to?: Uint8Array, kind: number, payload: Uint8Array, ttlS?: number}} fields @returns {any} a Body, made now */
  bodyOf({ to, kind, payload, ttlS = TTL_S }) {
    const { network } = this.room;
    return { network, from: this.address, to, kind, created_ms: BigInt(this.time.nowMs), ttl_s: ttlS, payload };
  }

  #send(frame, to, link) {
    if (this.#options.lose(frame, true)) return;
    if (link) {
      link.send(frame);
      return;
    }
    if (!to) for (const person of this.people.list) person.link?.send(frame);
    const isDirected = to && !this.people.find(to)?.isFar; // else it is for whoever is at his relay as well
    for (const relay of this.relays) if (relay.isOpen) isDirected ? relay.direct(to, frame) : relay.broadcast(frame);
  }

  // ---- in

  /** @param {Uint8Array} frame @param {{relay?: RelayClient, link?: import('./link.mjs').Link, isMail?: boolean}} way */
  receive(frame, way) {
    if (this.#options.lose(frame, false)) return;
    try {
      if (frame[0] === FRAME.DIRECT) this.#hearDirect(frame, way);
      else if (frame[0] === FRAME.ENVELOPE) this.#hearEnvelope(frame, way);
      else demand(frame[0] >> 4 === FRAME.ENVELOPE >> 4, 'version', 'of a frame');
    } catch (error) {
      this.refuse(error, frame);
    }
  }

  /** What is refused alone, though it came with something else. @param {() => void} hear */
  attempt(hear) {
    try {
      hear();
    } catch (error) {
      this.refuse(error);
    }
  }

  /** @param {any} error @param {Uint8Array} [frame] */
  refuse(error, frame) {
    if (!(error instanceof Refused)) throw error;
    this.refusals[error.why] = (this.refusals[error.why] ?? 0) + 1;
    this.emit('refused', error, frame);
  }

  /** The link proves who says it. */
  #hearDirect(frame, { link }) {
    const { id, body } = readDirect(frame);
    demand(equal(body.to, this.address), 'to');
    demand(link && equal(link.person.address, body.from), 'author', 'not over its link');
    if (this.#seen.has(hex(id))) return;
    demand(this.#isFresh(body, link.person), 'doubt');
    this.#remember(hex(id));
    this.#heed(link.person, body, undefined, { isOwn: true });
  }

  /** A signed envelope, whatever way it came. @param {Uint8Array} frame */
  #hearEnvelope(frame, way) {
    const envelope = readEnvelope(frame);
    const { body } = envelope;
    const id = hex(envelope.id);
    if (this.#seen.has(id) || equal(body.from, this.address) || !this.#options.knows(body.from)) return;
    const isForUs = body.to !== undefined && equal(body.to, this.address);
    demand(isForUs || equal(body.network, this.room.network), 'network');
    const greeting = body.kind === KIND.GREETING ? decode('Greeting', body.payload) : undefined;
    const author = this.#author(body, greeting?.record);
    const isOwn = way.link !== undefined && equal(way.link.person.address, body.from);
    const isEcho = greeting !== undefined && this.greetings.isEcho(greeting.echo);
    demand(isSignedBy(envelope, author.record.sign_key), 'signature');
    this.#remember(id);
    if (!isEcho && !this.#isFresh(body, author)) {
      this.greetings.ask(author, greeting?.nonce);
      demand(false, 'doubt');
    }
    demand(isOwn || isEcho || !GOSSIP.includes(body.kind) || body.created_ms + LATE_MS >= author.newestMs, 'replay');
    if (body.created_ms > author.newestMs || isEcho) author.newestMs = body.created_ms;
    this.#meet(author);
    if (way.relay) author.isFar = envelope.hops > 0;
    if (!way.isMail) this.mail.heardOf(author);
    if (body.to === undefined || isForUs) this.#heed(author, body, greeting, { isOwn, isMail: way.isMail });
  }

  #meet(author) {
    if (this.people.find(author.address)) return;
    this.people.add(author);
    this.emit('person', author);
  }

  /** Who is known, or is told of by the envelope itself. */
  #author(body, told) {
    const known = this.people.find(body.from);
    const signed = told ?? body.record;
    if (!signed && !known) this.greetings.toAddress(body.from);
    demand(signed || known, 'author', 'not known');
    return signed ? this.#recorded(signed, body.from) : known;
  }

  /** @param {any} signed a SignedRecord @param {Uint8Array} [address] whose it has to be @returns {Person} */
  #recorded(signed, address) {
    const before = address && this.people.find(address);
    if (before && equal(before.record.signed.signature, signed.signature)) return before;
    const record = readRecord(signed, this.room, before?.record);
    demand(!address || equal(record.address, address), 'author', "another's record");
    demand(record.isMember, 'member');
    const known = this.people.find(record.address);
    if (!known) return new Person(this, record, this.newStream());
    if (record.sequence > known.record.sequence) known.record = record;
    return known;
  }

  /** Takes in a record that somebody told. @param {any} signed @returns {Person | undefined} none: it is we */
  introduce(signed) {
    const person = this.#recorded(signed);
    if (equal(person.address, this.address)) return undefined;
    this.#meet(person);
    return person;
  }

  #isFresh({ created_ms: createdMs, ttl_s: ttlS, keep_s: keepS = 0 }, author) {
    const nowMs = BigInt(this.time.nowMs);
    const clockMs = author.newestMs > 0n ? author.newestMs : nowMs;
    const latestMs = (clockMs > nowMs ? clockMs : nowMs) + SKEW_MS;
    return createdMs + BigInt(Math.max(ttlS, keepS) * 1000) + SKEW_MS >= clockMs && createdMs <= latestMs;
  }

  #remember(id) {
    this.#seen.add(id);
    if (this.#seen.size > SEEN_MAX) this.#seen.delete(this.#seen.values().next().value);
  }

  #heed(author, body, greeting, way) {
    switch (body.kind) {
      case KIND.GREETING: return this.greetings.hear(author, greeting, body);
      case KIND.DIGEST: return this.greetings.hearDigest(author, decode('Digest', body.payload));
      case KIND.WANT: return this.greetings.hearWant(author, decode('Want', body.payload));
      case KIND.RECORDS: return this.greetings.hearRecords(body.payload);
      case KIND.SIGNAL: return this.links.hear(author, body);
      case KIND.SESSION: return this.talk.hear(author, body, way);
      case KIND.MAIL: return this.mail.hear(author, body.payload);
      case KIND.SHARED:
        demand(way.isMail, 'payload', 'shared');
        return this.mail.hearShared(author, body);
      case KIND.LETTER:
        demand(way.isMail, 'payload', 'a letter by itself');
        return this.letters.hear(author, body);
      case KIND.CLEAR: return this.outbox.hearClear(author, decode('Clear', body.payload));
      case KIND.BYE: return this.#hearBye(author, body);
      case KIND.GROUP:
        for (const say of this.crowd.hear(author, body)) this.attempt(() => this.outbox.hear(author, say, true));
        return undefined;
      default: return undefined; // announced to others, not understood
    }
  }

  #hearBye(author, { created_ms: createdMs }) {
    demand(createdMs >= author.newestMs && createdMs >= author.record.sequence, 'replay');
    Object.assign(author, { isProven: false, isAway: true });
    author.link?.close();
    this.emit('bye', author);
  }
}

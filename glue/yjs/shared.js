// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One document that is shared: who has it too, what is told when, what is fetched from whom. Three ways, each of which makes up for the
 * one before: what is written is told at once; a gap in what came is fetched; and what each has is compared, often after a change and
 * seldom at rest, so that nothing that was lost stays lost.
 */
import * as Y from 'yjs';
import { isListed } from '../user.js';
import { Aware } from './aware.js';
import { Pulling } from './pull.js';
import { Saying } from './say.js';
import { Serving } from './serve.js';
import { deletesOwn, hasChanges, updateOf } from './transaction.js';
import { Trickle } from './trickle.js';
import { aheadBy, applyUpdate, compare, dropPending, isDigest, pendingSize, stateOf, VECTOR_SIZE_MAX } from './update.js';

/** What is on its way may still come, in ms, before it is asked for. */
const GRACE_MS = 150;

/** Of a state vector that is told with a digest, in bytes: both fit a packet. */
const TOLD_VECTOR_SIZE_MAX = 300;

/** What there is is told to so many at once, chosen anew each time: it goes round in a few turns, and costs the same in a crowd. */
const TOLD_COUNT = 5;

/** While it changes all the time, in ms, it is told no more often than each so many ms: what is on its way differs in any case. */
const QUIET_MS = 300;
const RESTLESS_MS = 3000;

const PEER_COUNT_MAX = 1024; // a swarm knows so many

/**
 * @typedef {object} Peer
 * @property {string} digest of what is there @property {Uint8Array|null} vector the same, if it was told
 * @property {string} had the digest of what was there when all of it was fetched: as long as it is that, there is nothing more
 * @property {boolean} hasGap what came from there has predecessors that did not @property {boolean} isLacking and was not kept therefore
 * @property {boolean} isSettled everything that is there is known to be here, as far as it was told
 * @property {any} timer
 *
 * @typedef {object} Owner who is told
 * @property {Y.Doc} doc @property {import('y-protocols/awareness').Awareness|null} awareness
 * @property {Record<string, number>} dropped counts of what others sent
 * @property {() => void} changed peers, synced or status
 */

export class SharedDocument {
  #name;
  #hub;
  #owner;
  #doc;
  /** @type {Map<string, Peer>} */
  #peers = new Map();
  #version = 0;
  #changedAt = -Infinity;
  /** Of which others were told, and which is not over yet. @type {Y.Transaction|null} */
  #passedOn = null;
  #toldAt = -Infinity;
  /** @type {import('./update.js').State|null} */
  #state = null;
  #aware;
  #saying;
  #pulling;
  #serving;
  #trickle = new Trickle(() => this.#announce());

  /** @param {string} name @param {import('./hub.js').Hub} hub @param {Owner} owner */
  constructor(name, hub, owner) {
    this.#name = name;
    this.#hub = hub;
    this.#owner = owner;
    this.#doc = owner.doc;
    this.#aware = owner.awareness && new Aware(owner.awareness, owner, () => this.#saying.aware());
    this.#serving = new Serving(this.#doc);
    this.#pulling = new Pulling({
      call: (to, value) => hub.call(to, { ...value, n: name }),
      vector: () => this.#vector(),
      isWanted: (addr) => this.#isWanted(addr),
      take: (update, from, digest) => this.#pulled(update, from, digest),
      likely: (addr) => aheadBy(this.#doc, this.#peers.get(addr)?.vector ?? null),
      failed: (addr) => this.#settle(addr),
    });
    this.#saying = new Saying({
      hub, name,
      peers: () => this.#peers.keys(),
      entry: () => this.#aware?.entry ?? null,
      failed: (addr, code) => this.#failed(addr, code),
      announce: (addr) => this.#announceTo(addr),
    });
    this.#doc.on('beforeObserverCalls', this.#onChange);
    this.#doc.on('afterTransactionCleanup', this.#onChanged);
    this.#trickle.start();
  }

  get peers() {
    return [...this.#peers.keys()];
  }

  /** All that others are known to have is here; false while nobody is there. */
  get isSynced() {
    return this.#peers.size > 0 && [...this.#peers.values()].every(({ isSettled }) => isSettled);
  }

  /** @param {number} client of awareness */
  ownerOf(client) {
    return this.#aware?.ownerOf(client);
  }

  /** Says good-bye and takes everything away. */
  stop() {
    this.#doc.off('beforeObserverCalls', this.#onChange);
    this.#doc.off('afterTransactionCleanup', this.#onChanged);
    for (const addr of this.#peers.keys()) this.#hub.call(addr, { k: 'bye', n: this.#name, bye: 1 }).catch(() => {});
    this.stopped();
    this.#trickle.stop();
    this.#aware?.destroy();
  }

  // ---- what the hub tells ----

  digest() {
    return this.#now().digest;
  }

  /** What is told of it with a greeting. */
  get told() {
    const { digest, vector } = this.#now();
    return { digest, vector: vector.length <= TOLD_VECTOR_SIZE_MAX ? vector : null };
  }

  /** Somebody has it too. @param {string} from @param {unknown} digest @param {unknown} vector */
  hears(from, digest, vector) {
    if (!isDigest(digest)) return;
    const peer = this.#peer(from);
    if (!peer) return;
    const isNew = digest !== peer.digest;
    peer.digest = digest;
    peer.vector = vector instanceof Uint8Array && vector.length <= VECTOR_SIZE_MAX ? vector : null;
    if (this.#lacks(peer)) {
      if (peer.isSettled) this.#lookLater(from, peer);
      else this.#pulling.want(from);
      this.#trickle.disagree();
    } else {
      peer.isSettled = true;
      if (digest === this.digest()) this.#trickle.agree();
      else if (isNew) this.#trickle.disagree(); // so that he learns what he lacks
    }
    this.#owner.changed();
  }

  /** What may be lost. @param {any} detail @param {string} from */
  heard(detail, from) {
    if (detail.bye === 1) {
      this.#forget(from);
      return;
    }
    this.#peer(from);
    if (detail.u !== undefined) this.#take(detail.u, from);
    if (detail.a !== undefined) this.#heardState(detail.a, from);
    if (detail.d !== undefined) this.hears(from, detail.d, detail.v);
  }

  /** @param {any} value @param {string} from @returns what the caller is told */
  called(value, from) {
    if (value.k === 'pull') return this.#serving.pull(value.v, from, { version: this.#version, digest: this.digest() }, value.at);
    if (value.k === 'more') return this.#serving.more(value.id, value.at);
    if (this.#hub.isThere(from)) this.heard({ u: value.u, a: value.a, d: value.d, v: value.v, bye: value.bye }, from);
    return true;
  }

  /** Who is there may be other now. */
  look() {
    const { nkt } = this.#hub;
    for (const addr of this.#peers.keys()) {
      const user = nkt.userList[addr];
      if (!isListed(nkt.userList, addr) || user.ignored || user.dontSendTo) this.#forget(addr);
    }
    this.#owner.changed();
  }

  /** The peer was closed, or goes on with another core. */
  stopped() {
    for (const addr of [...this.#peers.keys()]) this.#forget(addr);
    this.#saying.stop();
    this.#pulling.stop();
    this.#serving.stop();
  }

  // ---- who is there ----

  /** @param {string} addr @returns {Peer|undefined} */
  #peer(addr) {
    let peer = this.#peers.get(addr);
    if (peer || !this.#hub.isThere(addr) || this.#peers.size >= PEER_COUNT_MAX) return peer;
    peer = { digest: '', vector: null, had: '', hasGap: false, isLacking: false, isSettled: false, timer: undefined };
    this.#peers.set(addr, peer);
    this.#saying.awareTo(addr);
    this.#trickle.disagree();
    this.#owner.changed();
    return peer;
  }

  /** @param {string} addr */
  #forget(addr) {
    clearTimeout(this.#peers.get(addr)?.timer);
    this.#peers.delete(addr);
    this.#saying.forget(addr);
    this.#pulling.forget(addr);
    this.#aware?.forget(addr);
    this.#owner.changed();
  }

  /** @param {string} addr @param {string} code */
  #failed(addr, code) {
    if (code === 'NKT_E_UNREGISTERED') this.#forget(addr); // he shares nothing any more
    if (!this.#hub.isRunning) return;
    this.#trickle.disagree();
    this.#hub.greet(addr);
  }

  // ---- what there is ----

  /** What is written here leaves before the page's observers are called: nobody waits for them. @param {Y.Transaction} transaction */
  #onChange = (transaction) => {
    if (transaction.local && hasChanges(transaction) && !deletesOwn(transaction)) this.#passOn(transaction);
  };

  /** All is done. @param {Y.Transaction} transaction */
  #onChanged = (transaction) => {
    if (!hasChanges(transaction)) return;
    if (transaction !== this.#passedOn) this.#passOn(transaction);
    this.#passedOn = null;
    this.#changedAt = performance.now();
    this.#trickle.disagree();
  };

  /** @param {Y.Transaction} transaction */
  #passOn(transaction) {
    this.#passedOn = transaction;
    this.#version++;
    this.#state = null;
    if (transaction.origin !== this.#owner) this.#saying.update(updateOf(transaction));
  }

  #now() {
    return this.#state ??= stateOf(this.#doc);
  }

  /** For who is asked; too many authors: for all. */
  #vector() {
    const vector = Y.encodeStateVector(this.#doc);
    return vector.length <= VECTOR_SIZE_MAX ? vector : Uint8Array.of(0);
  }

  /** Something there is not here, as far as is known. @param {Peer} peer */
  #lacks(peer) {
    if (peer.digest === peer.had) return false; // nothing was told, or all of it was fetched
    if (peer.vector === null) return peer.digest !== this.digest();
    const order = compare(this.#doc, peer.vector);
    if (order === 'broken') this.#owner.dropped.vectors++;
    return order === 'ahead' || (order === 'same' && peer.digest !== this.digest());
  }

  /** @param {string} addr */
  #isWanted(addr) {
    const peer = this.#peers.get(addr);
    return peer !== undefined && this.#hub.isThere(addr) && (peer.hasGap || this.#lacks(peer));
  }

  /** @param {string} addr @param {Peer} peer */
  #lookLater(addr, peer) {
    peer.timer ??= setTimeout(() => {
      peer.timer = undefined;
      if (pendingSize(this.#doc) === 0 && !peer.isLacking) peer.hasGap = false; // it came
      if (this.#isWanted(addr)) this.#pulling.want(addr);
    }, GRACE_MS);
  }

  /** @param {unknown} update @param {string} from */
  #take(update, from) {
    const before = pendingSize(this.#doc);
    const result = update instanceof Uint8Array ? applyUpdate(this.#doc, update, this.#owner) : 'broken';
    if (result === 'broken') {
      this.#owner.dropped.updates++;
      return false;
    }
    if (dropPending(this.#doc)) this.#owner.dropped.pending++;
    const peer = this.#peers.get(from);
    if (peer && (result === 'lacking' || pendingSize(this.#doc) > before)) {
      peer.hasGap = true;
      peer.isLacking ||= result === 'lacking';
      this.#lookLater(from, peer);
    }
    return result === 'taken';
  }

  /** He does not give what he says that he has: nobody waits for it. @param {string} addr */
  #settle(addr) {
    const peer = this.#peers.get(addr);
    if (peer) peer.isSettled = true;
    this.#owner.changed();
  }

  /** @param {Uint8Array} update @param {string} from @param {string} digest */
  #pulled(update, from, digest) {
    const isTaken = this.#take(update, from);
    const peer = this.#peers.get(from);
    if (peer && isTaken) {
      peer.isSettled = true;
      Object.assign(peer, { vector: null, digest, had: digest, hasGap: false, isLacking: false });
      for (const other of this.#peers.values()) other.isSettled ||= other.digest === this.digest();
      this.#owner.changed();
    }
    return isTaken;
  }

  // ---- what is told ----

  #announce() {
    const now = performance.now();
    if (now - this.#changedAt < QUIET_MS && now - this.#toldAt < RESTLESS_MS) {
      this.#trickle.again();
      return;
    }
    this.#toldAt = now;
    for (const addr of someOf([...this.#peers.keys()], TOLD_COUNT)) this.#announceTo(addr);
  }

  /** @param {string} addr */
  #announceTo(addr) {
    const { digest, vector } = this.told;
    this.#saying.tellNow(addr, 'state', { d: digest, ...(vector && { v: vector }) });
  }

  /** @param {unknown} entry @param {string} from */
  #heardState(entry, from) {
    if (this.#aware && !this.#aware.heard(entry, from)) this.#owner.dropped.awareness++;
  }
}

/** @template T @param {T[]} all changed @param {number} count @returns {T[]} so many, at random */
function someOf(all, count) {
  for (let i = 0; i < Math.min(count, all.length); i++) {
    const other = i + Math.floor(Math.random() * (all.length - i));
    [all[i], all[other]] = [all[other], all[i]];
  }
  return all.slice(0, count);
}

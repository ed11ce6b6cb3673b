// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The documents of one peer: one call that others make, one ear for what may be lost, and who is asked which documents he has.
 */
import { NktError } from '../errors.js';
import { RAW } from '../raw.js';
import { isListed } from '../user.js';
import { isOf, keyOf, MARK, readFrame } from './frame.js';

/** By which others are called; what may be lost has it as its mark. */
export const CALL = 'nkt.yjs';

/** Of one peer: each is named in a greeting, of 60,000 bytes at most. */
const DOCUMENT_COUNT_MAX = 64;
const NAME_SIZE_MAX = 128; // bytes of UTF-8

/** A call has no answer after so long, in ms. */
const CALL_MS = 10_000;

/** Greetings under way at once: who joins a crowd has a call for each. */
const GREETING_COUNT_MAX = 8;
/** Who gives no answer is greeted again after so long, in ms, each time twice as long, so often; then when he is heard of anew. */
const AGAIN_MS = 1000;
const AGAIN_COUNT_MAX = 6;
/** Who answered, or greeted himself, is not greeted anew sooner, in ms, because of a new way to him. */
const SAME_MS = 5000;

/** @type {WeakMap<object, Hub>} */
const hubs = new WeakMap();

/**
 * @typedef {{at: number, isAsked: boolean, takesFrames: boolean, timer?: any}} Greeted
 *
 * What a document is told, and gives.
 * @typedef {object} Shared
 * @property {(detail: any, from: string) => void} heard what may be lost, of somebody in the room
 * @property {(value: any, from: string) => any} called throws what the caller is told
 * @property {{digest: string, vector: Uint8Array|null}} told what it holds, for others
 * @property {(from: string, digest: unknown, vector: unknown) => void} hears somebody has the document too, and what of it
 * @property {() => void} look who is there, and whether there is a way out, may be other now
 * @property {() => void} stopped the peer was closed, or goes on with another core
 */

export class Hub {
  #nkt;
  /** By name. @type {Map<string, Shared>} */
  #documents = new Map();
  /** The same by what stands for the name in a frame. @type {Map<string, Shared>} */
  #byKey = new Map();
  /** Waiting to be greeted. @type {Map<string, number>} address -> tries */
  #waiting = new Map();
  #greetingCount = 0;
  /** When each told last what he has, whether he is being asked, and when he will be. @type {Map<string, Greeted>} */
  #greeted = new Map();
  #unregister = () => false;
  #isRunning = false;
  #hasRelay = false;

  /** @param {import('../types.d.ts').Nkt<any>} nkt */
  constructor(nkt) {
    this.#nkt = nkt;
  }

  /** @param {import('../types.d.ts').Nkt<any>} nkt @returns {Hub} the one that it has */
  static of(nkt) {
    let hub = hubs.get(nkt);
    if (!hub) hubs.set(nkt, hub = new Hub(nkt));
    return hub;
  }

  get nkt() {
    return this.#nkt;
  }

  /** The peer is between init() and close(). */
  get isRunning() {
    return this.#isRunning;
  }

  /** 'connected': there is a relay or a link. */
  get status() {
    if (!this.#isRunning) return 'disconnected';
    return this.#hasRelay || Object.keys(this.#nkt.mySwarm.peers).length > 0 ? 'connected' : 'connecting';
  }

  /** Whether a document can be shared by that name. @param {string} name */
  check(name) {
    checkName(name);
    if (this.#documents.has(name)) throw new NktError('NKT_E_ARGUMENT', `a document named ${name} is shared by this peer already`);
    if (this.#documents.size >= DOCUMENT_COUNT_MAX) throw new NktError('NKT_E_ARGUMENT', `at most ${DOCUMENT_COUNT_MAX} documents`);
  }

  /** @param {string} name that was checked @param {Shared} shared */
  add(name, shared) {
    this.#documents.set(name, shared);
    this.#byKey.set(keyOf(name), shared);
    if (this.#documents.size === 1) this.#begin();
    else if (this.#isRunning) this.#greetAll();
  }

  /** @param {string} name */
  remove(name) {
    this.#documents.delete(name);
    this.#byKey.delete(keyOf(name));
    if (this.#documents.size === 0) this.#end();
  }

  /** @param {string} to @param {object} value @returns {Promise<any>} */
  call(to, value) {
    return this.#nkt.rpc(to, CALL, value, { timeout: CALL_MS });
  }

  /** @param {string} addr @param {Uint8Array} frame may be lost @returns {boolean} whether it left: only to who said that he takes any */
  sendFrame(addr, frame) {
    return this.#greeted.get(addr)?.takesFrames === true && (this.#raw?.send(addr, frame) ?? false);
  }

  /** None: the peer is of another version. @returns {import('../raw.js').Raw|undefined} */
  get #raw() {
    return /** @type {any} */ (this.#nkt)[RAW];
  }

  /** Users of the room who may be sent to and listened to. @param {string} addr */
  isThere(addr) {
    return this.#isMet(addr) && this.#nkt.userList[addr].inRoom;
  }

  /** The same of whom the core says that he is of the room. @param {string} addr */
  #isMet(addr) {
    const { userList } = this.#nkt;
    const user = userList[addr];
    return isListed(userList, addr) && user.session === 'established' && !user.ignored && !user.dontSendTo;
  }

  /** Soon asked which documents he has. @param {string} addr */
  greet(addr, tries = 0) {
    const greeted = this.#greetedOf(addr);
    clearTimeout(greeted.timer);
    if (greeted.isAsked) return;
    this.#waiting.set(addr, tries);
    this.#greetNext();
  }

  /** @param {string} addr there is a new way to him */
  #met(addr) {
    if (performance.now() - this.#greetedOf(addr).at > SAME_MS) this.greet(addr);
  }

  /** @param {string} addr @returns {Greeted} */
  #greetedOf(addr) {
    let greeted = this.#greeted.get(addr);
    if (!greeted) this.#greeted.set(addr, greeted = { at: -Infinity, isAsked: false, takesFrames: false });
    return greeted;
  }

  /** @type {Array<[string, any]>} */
  #listeners = Object.entries({
    nktephemeral: ({ detail, from }) => this.#onEphemeral(detail, from),
    nktsession: ({ detail: { addr, state } }) => {
      if (state === 'established' || state === 'rekeyed') this.#met(addr);
    },
    nktnewpeer: ({ detail: { data } }) => this.#met(data.addr),
    nktpeerleft: ({ detail: { data } }) => {
      this.#drop(data.addr);
      this.#look();
    },
    nktwebrtcseen: ({ detail }) => this.#met(detail),
    nktstatus: ({ detail }) => this.#onStatus(detail),
    nktrestarted: () => {
      this.#onStatus({ running: false });
      this.#onStatus(this.#nkt.health());
    },
  });

  #begin() {
    this.#unregister = this.#nkt.register(CALL, (value, { from }) => this.#called(value, from));
    for (const [type, listener] of this.#listeners) this.#nkt.addEventListener(type, listener);
    this.#raw?.listen(MARK, (bytes, from, isOfRoom) => this.#onFrame(bytes, from, isOfRoom));
    this.#onStatus(this.#nkt.health());
  }

  #end() {
    this.#unregister();
    for (const [type, listener] of this.#listeners) this.#nkt.removeEventListener(type, listener);
    this.#raw?.listen(MARK, null);
    this.#forget();
    this.#isRunning = false;
  }

  #forget() {
    for (const { timer } of this.#greeted.values()) clearTimeout(timer);
    this.#greeted.clear();
    this.#waiting.clear();
  }

  /** @param {{running: boolean, relays?: Array<{state: string}>}} health */
  #onStatus({ running: isRunning, relays = [] }) {
    const was = this.#isRunning;
    this.#isRunning = isRunning;
    this.#hasRelay = relays.some(({ state }) => state === 'open');
    if (was && !isRunning) {
      this.#forget();
      for (const shared of this.#documents.values()) shared.stopped();
    }
    if (!was && isRunning) this.#greetAll();
    for (const addr of [...this.#greeted.keys()]) if (!(addr in this.#nkt.userList)) this.#drop(addr);
    this.#look();
  }

  #look() {
    for (const shared of this.#documents.values()) shared.look();
  }

  /** Who comes back is asked again. @param {string} addr */
  #drop(addr) {
    clearTimeout(this.#greeted.get(addr)?.timer);
    this.#greeted.delete(addr);
  }

  #greetAll() {
    for (const addr of Object.keys(this.#nkt.userList)) this.greet(addr);
  }

  #greetNext() {
    for (const [addr, tries] of this.#waiting) {
      if (this.#greetingCount >= GREETING_COUNT_MAX) return;
      this.#waiting.delete(addr);
      if (this.isThere(addr)) this.#greetNow(addr, tries);
    }
  }

  /** @param {string} addr @param {number} tries */
  async #greetNow(addr, tries) {
    this.#greetingCount++;
    const greeted = this.#greetedOf(addr);
    greeted.isAsked = true;
    try {
      this.#hello(await this.call(addr, { k: 'hello', ...this.#greeting() }), addr);
    } catch (error) {
      // who shares no documents is left alone, until he is heard of anew
      if (/** @type {any} */ (error).code !== 'NKT_E_UNREGISTERED' && this.#isRunning && tries < AGAIN_COUNT_MAX) {
        this.#later(addr, AGAIN_MS * 2 ** tries, tries + 1);
      }
    } finally {
      greeted.isAsked = false;
      this.#greetingCount--;
      this.#greetNext();
    }
  }

  /** @param {string} addr @param {number} ms @param {number} tries */
  #later(addr, ms, tries) {
    if (this.#documents.size > 0) this.#greetedOf(addr).timer = setTimeout(() => this.greet(addr, tries), ms);
  }

  #greeting() {
    return { docs: [...this.#documents].map(([name, { told: { digest, vector } }]) => [name, digest, vector]), frames: this.#raw ? 1 : 0 };
  }

  /** @param {any} greeting what somebody shares @param {string} from */
  #hello(greeting, from) {
    const { docs, frames } = greeting ?? {};
    Object.assign(this.#greetedOf(from), { at: performance.now(), takesFrames: frames === 1 });
    if (!Array.isArray(docs) || docs.length > DOCUMENT_COUNT_MAX) return;
    for (const one of docs) {
      const [name, digest, vector] = Array.isArray(one) ? one : [];
      if (typeof name === 'string') this.#documents.get(name)?.hears(from, digest, vector);
    }
  }

  /** @param {any} value @param {string} from */
  #called(value, from) {
    if (!this.#nkt.userList[from]?.inRoom) throw new Error('no such document'); // who knows an address, and not the secret of the room
    if (value?.k === 'hello') {
      this.#hello(value, from);
      return this.#greeting();
    }
    const shared = typeof value?.n === 'string' ? this.#documents.get(value.n) : undefined;
    if (!shared) throw new Error('no such document');
    return shared.called(value, from);
  }

  /** @param {any} detail @param {string} from */
  #onEphemeral(detail, from) {
    if (detail?.[CALL] === 1 && typeof detail.n === 'string' && this.isThere(from)) this.#documents.get(detail.n)?.heard(detail, from);
  }

  /** @param {Uint8Array} bytes @param {string} from @param {boolean} isOfRoom */
  #onFrame(bytes, from, isOfRoom) {
    for (const [key, shared] of this.#byKey) {
      if (!isOf(bytes, key)) continue;
      const detail = isOfRoom && this.#isMet(from) ? readFrame(bytes) : null;
      if (detail) shared.heard(detail, from);
      return;
    }
  }
}

/** @param {unknown} name */
function checkName(name) {
  if (typeof name !== 'string' || name === '' || new TextEncoder().encode(name).length > NAME_SIZE_MAX) {
    throw new NktError('NKT_E_ARGUMENT', `the name of a document is text of 1 to ${NAME_SIZE_MAX} bytes`);
  }
}

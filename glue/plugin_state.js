// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * State: what people who have the same plugin share in a room, and nobody else who knows them. Who loads it greets everybody by a remote
 * call and gets what each of them has; from then on he is told what changes. Only the author tells of his own values, so that the proven
 * caller is the author, and one who comes while he is away gets them when he is back. Pages without the plugin answer that nothing is
 * registered, and are not asked again.
 */
import { NktError } from './errors.js';
import { checkKey, readTexts, textOf } from './plugin_storage.js';
import { Seldom } from './seldom.js';
import { checkTexts, emptyDoc, readDoc, SharedValues, writeDoc } from './shared_values.js';
import { isListed } from './user.js';

/** Between two times that changes are told, in ms: calls are limited to 50 a second from one user (rpc_theirs.js). */
const TELL_MS = 100;
/** Who did not answer is asked again after so many ms, while he is here. */
const AGAIN_MS = 10_000;
const ANSWER_MS = 15_000;
/** Greetings under way at once. */
const GREETING_COUNT_MAX = 8;
/** Who is told of changes, and who is known to have no such plugin: a swarm knows 1024 users. */
const PEER_COUNT_MAX = 1024;
const NAME_LENGTH_MAX = 40;

/** Waiting would not help. */
const FINAL = ['NKT_E_UNREGISTERED', 'NKT_E_MUTED', 'NKT_E_IGNORED', 'NKT_E_UNKNOWN_USER', 'NKT_E_SELF', 'NKT_E_STOPPED', 'NKT_E_STATE'];

/**
 * @typedef {object} Ports
 * @property {(name: string, fn: (value: any, context: {from: string}) => any) => () => boolean} register
 * @property {(addr: string, name: string, value: unknown, options: {timeout: number}) => Promise<any>} rpc
 * @property {() => Record<string, any>} users @property {() => string} self own address
 * @property {(type: string, listener: (event: any) => void, options: {signal: AbortSignal}) => void} listen
 * @property {() => Promise<void>} ready @property {() => void} dropped counts what somebody sent
 * @property {() => number} wall Unix ms @property {any} timers @property {any} clock
 * @property {(label: string) => Promise<import('./notes.js').Note>} openNote of the identity and room that are here
 *
 * @typedef {import('./shared_values.js').Doc} Doc
 */

export class State {
  #ports;
  #call;
  #name;
  #offer;
  #table = new SharedValues();
  /** @type {Set<(change: any) => void>} */
  #watchers = new Set();
  /** Raised when a run begins or ends. */
  #life = 0;
  /** What is here, when it is. @type {Promise<import('./notes.js').Note>|null} */
  #opening = null;
  /** Own values, and what of them is kept, which others may know. */
  #own = emptyDoc();
  #kept = emptyDoc();
  /** Who is told, and up to which version he was. @type {Map<string, {version: number, isBusy: boolean}>} */
  #peers = new Map();
  /** @type {Set<string>} */
  #without = new Set();
  /** To be greeted; greeted at the moment. @type {Set<string>} */
  #waiting = new Set();
  #greetingCount = 0;
  #telling;
  #asking;

  /** @param {import('./plugins.js').Offer} offer @param {Ports} ports */
  constructor(offer, ports) {
    const { plugin: { name }, signal } = offer;
    if (name.length > NAME_LENGTH_MAX) {
      throw new NktError('NKT_E_ARGUMENT', `state: the name of the plugin has more than ${NAME_LENGTH_MAX} letters`);
    }
    this.#offer = offer;
    this.#ports = ports;
    this.#name = name;
    this.#call = `state ${name}`;
    const { timers, clock } = ports;
    this.#telling = new Seldom({ timers, clock, waitMs: TELL_MS, run: () => this.#tellAll() });
    this.#asking = new Seldom({ timers, clock, waitMs: AGAIN_MS, run: () => this.#greet(Object.keys(ports.users())) });
    const unregister = ports.register(this.#call, (value, { from }) => this.#called(value, from));
    signal.addEventListener('abort', unregister);
    signal.addEventListener('abort', () => this.end(false));
    ports.listen('nktnewpeer', ({ detail }) => this.#met(detail.data.addr), { signal });
    ports.listen('nktsession', ({ detail }) => detail.state === 'established' && this.#met(detail.addr), { signal });
  }

  // ---- for the plugin ----

  /** @param {string} key @param {string} [addr] whose */
  get(key, addr = this.#ports.self()) {
    return this.#table.get(key, addr);
  }

  /** @param {string} key */
  all(key) {
    return this.#table.all(key);
  }

  /** @param {string} key @param {unknown} value @returns {Promise<void>} when it is kept here, and others are told next */
  async set(key, value) {
    checkKey(key, 'state');
    if (value === undefined) return this.delete(key);
    const text = textOf(value, 'value');
    return this.#change((texts) => texts.set(key, text));
  }

  /** @param {string} key */
  async delete(key) {
    checkKey(key, 'state');
    return this.#change((texts) => texts.delete(key));
  }

  /** @param {(change: any) => void} fn @returns {() => boolean} */
  watch(fn) {
    const own = (change) => fn(change);
    this.#watchers.add(own);
    return () => this.#watchers.delete(own);
  }

  // ---- runs ----

  /** A run has begun, or the plugin was loaded while one is there. */
  begin() {
    const life = ++this.#life;
    this.#opening = this.#open(life);
    this.#opening.catch((error) => life === this.#life && this.#offer.guard('state', () => { throw error; }));
  }

  /** @param {number} life @returns {Promise<import('./notes.js').Note>} */
  async #open(life) {
    const note = await this.#ports.openNote(this.#name);
    if (life !== this.#life) throw new NktError('NKT_E_STOPPED', 'state: the peer was started anew meanwhile');
    const { version, texts } = note.value ?? {};
    this.#own = { version: Number.isSafeInteger(version) ? version : 0, texts: readTexts(texts) };
    this.#kept = this.#own;
    this.#emit(this.#table.put(this.#ports.self(), this.#own));
    this.#greet(Object.keys(this.#ports.users()));
    return note;
  }

  /** @param {boolean} willGoOn another core takes up what is stored, in the same room */
  end(willGoOn) {
    this.#life++;
    this.#opening = null;
    this.#peers.clear();
    this.#without.clear();
    this.#waiting.clear();
    this.#greetingCount = 0;
    if (!willGoOn) this.#emit(this.#table.clear());
  }

  /** Nothing of him is shown any more. @param {string} addr @param {boolean} isIgnored */
  ignored(addr, isIgnored) {
    this.#peers.delete(addr);
    if (isIgnored) this.#emit(this.#table.drop(addr));
    else this.#met(addr);
  }

  // ---- own values ----

  /** @param {(texts: Map<string, string>) => unknown} change */
  async #change(change) {
    await this.#ports.ready();
    const life = this.#life;
    const note = await this.#opening;
    await note?.check();
    if (!note || life !== this.#life) throw new NktError('NKT_E_STATE', 'state: the peer was closed, or started anew meanwhile');
    const texts = new Map(this.#own.texts);
    change(texts);
    checkTexts(texts);
    const doc = { version: Math.max(this.#own.version + 1, Math.floor(this.#ports.wall())), texts }; // on, however the clock was set
    this.#own = doc;
    note.value = { version: doc.version, texts: [...texts] };
    this.#emit(this.#table.put(this.#ports.self(), doc));
    await note.save(); // before anybody knows of it: a version is never used twice
    if (life !== this.#life || doc.version <= this.#kept.version) return;
    this.#kept = doc;
    this.#telling.ask();
  }

  #tellAll() {
    for (const addr of this.#peers.keys()) this.#tell(addr);
  }

  /** Who is not is told when he is back: what waits for all who ever left would fill the outbox. @param {string} addr */
  #isHere(addr) {
    const users = this.#ports.users();
    return isListed(users, addr) && !users[addr].isUnreachable;
  }

  /** @param {string} addr */
  async #tell(addr) {
    const peer = this.#peers.get(addr);
    const doc = this.#kept;
    if (!peer || peer.isBusy || peer.version >= doc.version || !this.#isHere(addr)) return;
    peer.isBusy = true;
    try {
      await this.#ports.rpc(addr, this.#call, writeDoc(doc), { timeout: ANSWER_MS });
      peer.version = doc.version;
      if (doc.version < this.#kept.version) this.#telling.ask();
    } catch (error) {
      if (this.#peers.get(addr) === peer) this.#failed(addr, /** @type {any} */ (error).code, doc.version);
    }
    peer.isBusy = false;
  }

  /** @param {string} addr @param {string} code @param {number} version */
  #failed(addr, code, version) {
    const peer = this.#peers.get(addr);
    if (code === 'NKT_E_REMOTE' && peer) peer.version = version; // he has no room for it
    else if (FINAL.includes(code)) this.#peers.delete(addr);
    else this.#asking.ask();
    if (code === 'NKT_E_UNREGISTERED') note(this.#without, addr);
  }

  // ---- others ----

  /** Somebody is here, or is here again. @param {string} addr */
  #met(addr) {
    if (this.#peers.has(addr)) this.#tell(addr);
    else this.#greet([addr]);
  }

  /** Those who are here and were not greeted yet, and what others may have missed. @param {string[]} addrs */
  #greet(addrs) {
    if (this.#opening === null) return;
    for (const addr of addrs) {
      const user = this.#ports.users()[addr];
      if (!this.#isHere(addr) || !user.inRoom || user.ignored || user.dontSendTo) continue;
      if (this.#peers.has(addr)) this.#tell(addr);
      else if (!this.#without.has(addr)) note(this.#waiting, addr);
    }
    this.#greetNext();
  }

  #greetNext() {
    for (const addr of this.#waiting) {
      if (this.#greetingCount >= GREETING_COUNT_MAX) return;
      this.#waiting.delete(addr);
      this.#greetingCount++;
      this.#greetOne(addr, this.#life);
    }
  }

  /** @param {string} addr @param {number} life */
  async #greetOne(addr, life) {
    const doc = this.#kept;
    try {
      const answer = await this.#ports.rpc(addr, this.#call, { ...writeDoc(doc), ask: true }, { timeout: ANSWER_MS });
      if (life !== this.#life) return;
      this.#isTold(addr, doc.version);
      this.#hear(answer, addr);
    } catch (error) {
      if (life !== this.#life) return;
      this.#failed(addr, /** @type {any} */ (error).code, doc.version);
    }
    this.#greetingCount--;
    this.#greetNext();
  }

  /** @param {string} addr @param {number} version he knows */
  #isTold(addr, version) {
    this.#peers.delete(addr);
    this.#peers.set(addr, { version, isBusy: false }); // what is still being told to who he was before tells nothing of this one
    if (this.#peers.size > PEER_COUNT_MAX) this.#peers.delete(/** @type {string} */ (this.#peers.keys().next().value));
    if (version < this.#kept.version) this.#telling.ask();
  }

  /** @param {any} said @param {string} from proven @returns {Promise<any>} */
  async #called(said, from) {
    if (this.#opening === null) throw new NktError('NKT_E_STATE', 'state: not here yet');
    await this.#opening;
    if (!this.#ports.users()[from]?.inRoom) throw new NktError('NKT_E_STATE', 'state: it is of the people in another room');
    this.#hear(said, from, said?.ask === true);
    this.#without.delete(from);
    if (said.ask !== true) return null;
    this.#isTold(from, this.#kept.version);
    return writeDoc(this.#kept);
  }

  /**
   * @param {any} said @param {string} from
   * @param {boolean} [isAnew] its author loads the plugin: what he says then holds, though he said more once, by a clock that was ahead
   */
  #hear(said, from, isAnew = false) {
    const users = this.#ports.users();
    const isGone = (author) => !isListed(users, author);
    try {
      this.#emit(this.#table.hear(from, readDoc(said), isGone, { self: this.#ports.self(), isAnew }));
    } catch (error) {
      this.#ports.dropped();
      throw error;
    }
  }

  /** @param {import('./shared_values.js').Change[]} changes */
  #emit(changes) {
    const self = this.#ports.self();
    for (const change of changes) {
      const told = Object.freeze({ ...change, own: change.from === self });
      for (const watcher of this.#watchers) this.#offer.guard('state', () => watcher(told));
    }
  }
}

/** @param {Set<string>} set @param {string} addr */
function note(set, addr) {
  set.delete(addr);
  set.add(addr);
  if (set.size > PEER_COUNT_MAX) set.delete(/** @type {string} */ (set.values().next().value));
}

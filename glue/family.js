// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One identity and its rooms. A core is in one room; whoever is in several at once runs a core for each, all with the same keys. Each has a
 * place of its own where its records are kept, with sessions, windows and a history of its own: to others it is the device that this person
 * has in that room, so nothing of one room is known in another, and what a core says never meets the sessions of its sister.
 *
 * The place that was made first is the home. Who is in one room at a time takes it along from room to room. Once a second one is entered
 * beside it, its records are those of the room where it was then, for good. What holds in all rooms is kept there: whom one has verified,
 * whom one ignores, what plugins keep.
 */
import { deferred } from './deferred.js';
import { closedMeanwhile, NktError } from './errors.js';
import { bytesOf } from './hex.js';
import { bindHome, leaveHome, noteRoom, openBeside, openHome, placeOf, storageText, takeHome } from './home.js';
import { joined } from './joined.js';
import { STORE_KEY_SIZE } from './store.js';
import { IDENTITY_NAMES } from './stores.js';

/** @typedef {import('./run.js').AnyStore} AnyStore */
/** @typedef {import('./run.js').Hands} Hands */
/** @typedef {Array<[string, Uint8Array]>} Records */

/** Rooms at once: each is a core with 2 to 20 MB, links to others, and a socket to each relay, which lets in 8 of one address. */
const ROOM_COUNT_MAX = 8;

/** What names the swarm of one who is in no room: the core has no name for it. */
const NO_ROOM = '0'.repeat(32);

/** @typedef {'PIN'|'IGNORE'} Kind of a mark */

/** What is kept with an identity that is not the core's. @typedef {{store: AnyStore, notes: Map<string, Uint8Array>}} Shelf */

/**
 * Who is in a room.
 * @typedef {object} Member
 * @property {any} nkt @property {(room: string|null, secret: string|null) => boolean} isIn whether it runs there
 * @property {string} place of its room @property {(fields: {value: number, bytes: Uint8Array}) => void} tellSisters if it runs
 * @property {(key: Uint8Array) => Promise<Uint8Array>} seal the identity, with that key
 * @property {(kind: Kind, fields: object) => boolean} mark somebody; false: it does not run
 */

/** @typedef {import('./home.js').Home} Home */

export class Family {
  /** @type {Home|null} */
  #home = null;
  /** By name of the place. @type {Map<string, AnyStore>} */
  #stores = new Map();
  /** Those in a room, in the order in which they came. @type {Map<Member, AnyStore>} */
  #members = new Map();
  /** Rooms that are being entered, or were, by name and secret. @type {Map<string, Promise<any>>} */
  #entered = new Map();
  /** The one who is found by address. @type {Member|null} */
  #found = null;
  /** What names the rooms of those at work, by place. @type {Map<string, string>} */
  #roomIds = new Map();
  /** Those with a place and no core yet. @type {Map<Member, ReturnType<typeof deferred>>} */
  #beginning = new Map();
  /** What was marked while a core was not there, the last of each kind and address. @type {Map<Member, Map<string, [Kind, object]>>} */
  #missed = new Map();
  #last = /** @type {Promise<unknown>} */ (Promise.resolve());

  /** What plugins keep, of all rooms: made by who needs it first. @type {import('./notes.js').Notes|null} */
  notes = null;

  /** @returns {any[]} */
  get nkts() {
    return [...this.#members.keys()].map(({ nkt }) => nkt);
  }

  /**
   * Whether somebody else is here: whose identity is kept elsewhere, or nowhere.
   * @param {any} storage as config has it @param {any} platform @param {boolean} [isGiven] the identity comes from a file
   */
  isElsewhere(storage, platform, isGiven = false) {
    const home = this.#home;
    return home !== null && (home.storage !== storageText(storage, platform) || (isGiven && home.store.key === null));
  }

  /** @param {Member} member @param {{room: string|null, secret: string|null}} place @throws {NktError} NKT_E_IN_USE: another is there */
  check(member, { room, secret }) {
    for (const other of this.#members.keys()) if (other !== member && other.isIn(room, secret)) throw taken();
  }

  /**
   * Opens the place of a room; the first one opens the home as well. One after the other: the next may have to know who this one is.
   * @param {Member} member @param {Record<string, any>} config complete
   * @param {{platform: any, derive: import('./seal_key.js').Derive, hands: Hands, onState: () => void, isWanted?: () => boolean}} parts
   *   isWanted: its page has not gone away meanwhile
   * @returns {Promise<{store: AnyStore, records: Records, seeds: Records}>} seeds: who it is, where the records do not tell. Rejects with
   *   NKT_E_STORAGE and others of the storage, NKT_E_IN_USE: the room is open here already, NKT_E_QUOTA. Followed by began() or leave()
   */
  enter(member, config, parts) {
    const entering = this.#next(() => this.#enter(member, config, parts));
    this.#next(() => this.#beginning.get(member)?.promise ?? Promise.resolve());
    return entering;
  }

  /**
   * What was stored is written, and the place let go of. Whoever enters it from now on waits for that.
   * @param {Member} member
   * @param {{immediate?: boolean, after?: Promise<void>}} [options] immediate: the page is going away, nothing is waited for; after: its
   *   core stores nothing any more @returns {Promise<void>}
   */
  leave(member, { immediate = false, after } = {}) {
    this.#end(member);
    if (immediate) return this.#leave(member, { immediate });
    return this.#next(async () => {
      try {
        await after;
      } finally {
        await this.#leave(member);
      }
    });
  }

  /**
   * Its core has begun. Relays hand what is for an address to all that have it: each has to know what is for another.
   * @param {Member} member @param {string|null} roomId @throws {NktError} NKT_E_IN_USE, NKT_E_STATE
   */
  began(member, roomId) {
    this.#end(member);
    const id = roomId ?? NO_ROOM;
    if (!this.#members.has(member)) throw closedMeanwhile();
    for (const other of this.#members.keys()) { // who named none may have been taken into that one
      if (other !== member && this.#roomIds.get(other.place) === id) throw taken();
    }
    this.#found ??= member;
    for (const [kind, fields] of this.#missed.get(member)?.values() ?? []) member.mark(kind, fields);
    this.#missed.delete(member);
    this.#place(member, id);
  }

  /** Who named no room was taken into one, or left it. @param {Member} member @param {string|null} roomId */
  moved(member, roomId) {
    const id = roomId ?? NO_ROOM;
    const { place } = member;
    if (this.#roomIds.has(place) && this.#roomIds.get(place) !== id) this.#place(member, id);
  }

  /**
   * Who others of this family are, where nothing is stored, or not any more.
   * @param {Member} member @param {{records: Records, seeds: Records}} entered @param {any} crypto
   * @returns {Promise<Uint8Array|null>} for IMPORT; null: nobody else runs, or the records tell
   */
  async identityFor(member, { records, seeds }, crypto) {
    if ([...records, ...seeds].some(([name]) => IDENTITY_NAMES.includes(name))) return null;
    for (const other of this.#members.keys()) {
      const key = crypto.getRandomValues(new Uint8Array(STORE_KEY_SIZE));
      const sealed = other === member ? null : await other.seal(key).catch(() => null); // it has only begun itself
      if (sealed !== null) return joined(key, sealed);
    }
    return null;
  }

  /**
   * Somebody was marked: he is so in all rooms.
   * @param {Member} by @param {Kind} kind @param {{address: string, text: string, value: number}} fields
   */
  marked(by, kind, fields) {
    for (const member of this.#members.keys()) {
      if (member === by || member.mark(kind, fields)) continue;
      const missed = this.#missed.get(member) ?? new Map();
      this.#missed.set(member, missed.set(`${kind} ${fields.address}`, [kind, fields]));
    }
  }

  /** What was kept with the identity, not with a room. @returns {Shelf} */
  get shelf() {
    return /** @type {Home} */ (this.#home);
  }

  /**
   * The one who is in that room, or make()s one. @template T
   * @param {{room: string|null, secret: string|null}} place @param {() => Promise<T>} make @returns {Promise<T>}
   */
  async soleOf({ room, secret }, make) {
    const label = JSON.stringify([room, secret]);
    const there = [...this.#members.keys()].find((member) => member.isIn(room, secret));
    if (there !== undefined) return there.nkt;
    const coming = this.#entered.get(label);
    if (coming !== undefined) return coming;
    const making = make();
    this.#entered.set(label, making);
    try {
      return await making;
    } finally {
      this.#entered.delete(label);
    }
  }

  /** One after the other. @template T @param {() => Promise<T>} run @returns {Promise<T>} */
  #next(run) {
    const running = this.#last.then(run);
    this.#last = running.catch(() => {});
    return running;
  }

  /** As enter(). @param {Member} member @param {Record<string, any>} config @param {any} parts */
  async #enter(member, config, parts) {
    if (this.#members.size >= ROOM_COUNT_MAX) {
      throw new NktError('NKT_E_QUOTA', `${ROOM_COUNT_MAX} rooms at once are the most: close() one of them`);
    }
    const { isWanted = () => true } = parts;
    if (!isWanted()) throw closedMeanwhile();
    const home = this.#home ??= await openHome(config.storage, parts);
    try {
      if (!isWanted()) throw closedMeanwhile();
      member.place = await placeOf(home.store, config, parts.platform.crypto);
      const entered = await this.#open(home, member.place, parts);
      this.#members.set(member, entered.store);
      if (!isWanted()) {
        await this.#leave(member);
        throw closedMeanwhile();
      }
      this.#beginning.set(member, deferred());
      return entered;
    } catch (error) {
      await this.#closeHome();
      throw error;
    }
  }

  /** @param {Home} home @param {string} place @param {{hands: Hands, onState: () => void}} parts */
  async #open(home, place, { hands, onState }) {
    if (this.#stores.has(place)) throw taken();
    if (home.room === '' && home.taken !== '') await bindHome(home, /** @type {string} */ (this.#roomIds.get(home.taken)));
    const isHome = ['', place].includes(home.room);
    const opened = isHome ? await takeHome(home, place, hands, onState) : await openBeside(home, place, hands, onState);
    if (this.#home !== home) { // the page went away meanwhile, and may be back
      await opened.store.close();
      throw closedMeanwhile();
    }
    this.#stores.set(place, opened.store);
    return opened;
  }

  /** It has begun, or will not: the next may enter. @param {Member} member */
  #end(member) {
    this.#beginning.get(member)?.resolve();
    this.#beginning.delete(member);
  }

  /** @param {Member} member @param {{immediate?: boolean}} [options] */
  async #leave(member, options) {
    const store = this.#members.get(member);
    const home = this.#home;
    if (store === undefined || home === null) return;
    this.#members.delete(member);
    this.#missed.delete(member);
    this.#stores.delete(member.place);
    this.#roomIds.delete(member.place);
    this.#passOn(member);
    if (store === home.store) leaveHome(home);
    const closing = store === home.store ? store.flush() : store.close(options);
    const ending = this.#closeHome(options); // at once: the page may be going away
    await closing;
    await ending;
  }

  /** Nobody is left. @param {{immediate?: boolean}} [options] */
  async #closeHome(options) {
    const home = this.#home;
    if (home === null || this.#members.size > 0) return;
    this.#home = null;
    this.#found = null;
    await home.store.close(options);
  }

  /** @param {Member} member who was found by address is gone */
  #passOn(member) {
    if (this.#found !== member) return;
    [this.#found = null] = this.#members.keys();
    this.#tellSisters();
  }

  /** @param {Member} member @param {string} roomId */
  #place({ place }, roomId) {
    const home = /** @type {Home} */ (this.#home);
    this.#roomIds.set(place, roomId);
    if (home.room !== '') noteRoom(home, place, roomId, (one) => this.#stores.has(one));
    this.#tellSisters();
  }

  #tellSisters() {
    const rooms = [...this.#home?.rooms.values() ?? []];
    const bytes = bytesOf(rooms.join(''));
    for (const member of this.#members.keys()) {
      if (rooms.length > 0 || this.#members.size > 1) member.tellSisters({ value: Number(member === this.#found), bytes });
    }
  }
}

const taken = () => new NktError('NKT_E_IN_USE', 'this room is open here already: the peer that is there is in nkt.rooms');

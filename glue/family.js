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
import { NktError } from './errors.js';
import { hexOf } from './hex.js';
import { HOME_NAME, splitNotes } from './records.js';
import { STORE_KEY_SIZE } from './store.js';
import { IDENTITY_NAMES, makeStore } from './stores.js';

/** @typedef {import('./run.js').AnyStore} AnyStore */
/** @typedef {import('./run.js').Hands} Hands */
/** @typedef {Array<[string, Uint8Array]>} Records */

/** Rooms at once: each is a core with 2 to 20 MB, links to others, and a socket to each relay, which lets in 8 of one address. */
const ROOM_COUNT_MAX = 8;

/** Rooms that have a place of their own, as many as a core takes (NKT_SISTER_COUNT_MAX); then the one entered first is no longer known. */
const PLACE_COUNT_MAX = 64;

/** Of the name of a room's place, and of the proof that it was the key's owner who wrote it; in bytes. */
const NAME_SIZE = 16;

const encoder = new TextEncoder();

/** Records of the core that hold in all rooms. */
const COMMON_NAMES = Object.freeze(['pins', 'ignored']);

/** What is kept with an identity that is not the core's. @typedef {{store: AnyStore, notes: Map<string, Uint8Array>}} Shelf */

/**
 * Who is in a room.
 * @typedef {object} Member
 * @property {any} nkt @property {(room: string|null, secret: string|null) => boolean} isIn whether it runs there
 * @property {string} place of its room @property {(fields: {value: number, bytes: Uint8Array}) => void} tellSisters if it runs
 * @property {(key: Uint8Array) => Promise<Uint8Array>} seal the identity, with that key
 * @property {(kind: 'PIN'|'IGNORE', fields: object) => void} mark somebody, if it runs
 */

/**
 * What is kept of an identity beside what is of a room.
 * @typedef {object} Home
 * @property {string} storage as config has it, as text
 * @property {AnyStore} store @property {Hands} hands of the core that has its records, if one has @property {() => void} onState
 * @property {Records|null} records as they were opened, until a core takes them
 * @property {Map<string, Uint8Array>} notes as they were opened
 * @property {string} room whose records these are for good, by the name of its place; '': of whichever one is in
 * @property {string} taken by the core in that room, '': by none
 * @property {any} crypto @property {Promise<void>} kept when what is below is written
 * @property {Map<string, string>} rooms what names a room, by the name of its place: those that have one of their own
 */

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
  #last = /** @type {Promise<unknown>} */ (Promise.resolve());

  /** What plugins keep, of all rooms: made by who needs it first. @type {import('./notes.js').Notes|null} */
  notes = null;

  /** @returns {any[]} */
  get nkts() {
    return [...this.#members.keys()].map(({ nkt }) => nkt);
  }

  /** Whether somebody is here whose identity is kept elsewhere. @param {any} storage as config has it */
  isElsewhere(storage) {
    return this.#home !== null && this.#home.storage !== textOf(storage);
  }

  /**
   * Opens the place of a room; the first one opens the home as well.
   * @param {Member} member @param {Record<string, any>} config complete
   * @param {{platform: any, derive: import('./seal_key.js').Derive, hands: Hands, onState: () => void}} parts
   * @returns {Promise<{store: AnyStore, records: Records, seeds: Records}>} seeds: who it is, where the records do not tell. Rejects with
   *   NKT_E_STORAGE and others of the storage, NKT_E_IN_USE: the room is open here already
   */
  enter(member, config, parts) {
    return this.#next(async () => {
      const { store: main } = this.#home ??= await openHome(config.storage, parts);
      try {
        const place = await placeOf(main, config, parts.platform.crypto);
        const entered = await this.#open(place, parts);
        member.place = place;
        this.#members.set(member, entered.store);
        return entered;
      } catch (error) {
        await this.#closeHome();
        throw error;
      }
    });
  }

  /**
   * What was stored is written, and the place let go of. @param {Member} member
   * @param {{immediate?: boolean}} [options] immediate: the page is going away, nothing is waited for @returns {Promise<void>}
   */
  leave(member, options) {
    return options?.immediate ? this.#leave(member, options) : this.#next(() => this.#leave(member, options));
  }

  /**
   * Its core has begun. Relays hand what is for an address to all that have it: each has to know what is for another.
   * @param {Member} member @param {string|null} roomId
   */
  began(member, roomId) {
    this.#found ??= member;
    const home = /** @type {Home} */ (this.#home);
    if (roomId !== null) this.#roomIds.set(member.place, roomId);
    if (home.room !== '') this.#noteRoom(home, member.place);
    this.#tellSisters();
  }

  /**
   * Who others of this family are, where nothing is stored. @param {Member} member @param {any} crypto
   * @returns {Promise<Uint8Array|null>} for IMPORT; null: nobody else runs, or the records tell
   */
  async identityFor(member, crypto) {
    if (this.#home?.store.key !== null) return null;
    for (const other of this.#members.keys()) {
      const key = crypto.getRandomValues(new Uint8Array(STORE_KEY_SIZE));
      const sealed = other === member ? null : await other.seal(key).catch(() => null); // it has only begun itself
      if (sealed !== null) return joined(key, sealed);
    }
    return null;
  }

  /** Somebody was marked: he is so in all rooms. @param {Member} by @param {'PIN'|'IGNORE'} kind @param {object} fields */
  marked(by, kind, fields) {
    for (const member of this.#members.keys()) if (member !== by) member.mark(kind, fields);
  }

  /** What was kept with the identity, not with a room. @returns {Shelf} */
  get shelf() {
    return /** @type {Home} */ (this.#home);
  }

  /**
   * The one who is in that room, or make()s one. @template T
   * @param {{room: string|null, secret: string|null}} place @param {() => Promise<T>} make @returns {Promise<T>} rejects with NKT_E_QUOTA
   */
  async soleOf({ room, secret }, make) {
    const label = JSON.stringify([room, secret]);
    const there = [...this.#members.keys()].find((member) => member.isIn(room, secret));
    if (there !== undefined) return there.nkt;
    const coming = this.#entered.get(label);
    if (coming !== undefined) return coming;
    if (this.#members.size + this.#entered.size >= ROOM_COUNT_MAX) {
      throw new NktError('NKT_E_QUOTA', `enter: ${ROOM_COUNT_MAX} rooms at once are the most: close() one of them`);
    }
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

  /** @param {string} place @param {{platform: any, hands: Hands, onState: () => void}} parts */
  async #open(place, { platform: { crypto }, hands, onState }) {
    const home = /** @type {Home} */ (this.#home);
    if (this.#stores.has(place)) throw new NktError('NKT_E_IN_USE', 'this room is open here already');
    if (home.room === '' && home.taken !== '') await this.#bind(home, crypto);
    const isHome = ['', place].includes(home.room);
    const opened = isHome ? await takeHome(home, place, hands, onState) : await openBeside(home, place, hands, onState);
    this.#stores.set(place, opened.store);
    return opened;
  }

  /** @param {Member} member @param {{immediate?: boolean}} [options] */
  async #leave(member, options) {
    const store = this.#members.get(member);
    const home = this.#home;
    if (store === undefined || home === null) return;
    this.#members.delete(member);
    for (const [place, one] of this.#stores) if (one === store) this.#stores.delete(place);
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

  /** Its records are those of the room it is in, from now on. @param {Home} home @param {any} crypto */
  async #bind(home, crypto) {
    home.room = home.taken;
    home.crypto = crypto;
    this.#noteRoom(home, home.taken);
    await home.kept; // before anything is stored elsewhere
  }

  /** @param {Home} home @param {string} place */
  #noteRoom(home, place) {
    const roomId = this.#roomIds.get(place);
    if (roomId === undefined || home.rooms.get(place) === roomId) return;
    home.rooms.set(place, roomId);
    for (const old of home.rooms.keys()) if (home.rooms.size > PLACE_COUNT_MAX && old !== home.room) home.rooms.delete(old);
    home.kept = keepHome(home);
  }

  #tellSisters() {
    const rooms = [...this.#home?.rooms.values() ?? []];
    const bytes = bytesOf(rooms.join(''));
    for (const member of this.#members.keys()) {
      if (rooms.length > 0 || this.#members.size > 1) member.tellSisters({ value: Number(member === this.#found), bytes });
    }
  }
}

const textOf = (/** @type {any} */ storage) => JSON.stringify(storage ?? null);

/** @param {any} storage as config has it @param {{platform: any, derive: any}} parts @returns {Promise<Home>} */
async function openHome(storage, { platform, derive }) {
  /** @type {Home} */
  const home = {
    storage: textOf(storage), store: /** @type {any} */ (null), hands: { driver: null }, onState: () => {},
    records: null, notes: new Map(), room: '', taken: '', rooms: new Map(), crypto: platform.crypto, kept: Promise.resolve(),
  };
  home.store = await makeStore(storage, {
    platform, derive,
    onDurable: (ticket) => home.hands.driver?.durable(ticket),
    onState: () => home.onState(),
  });
  try {
    home.records = await home.store.open();
    home.notes = splitNotes(home.records).notes;
    await readHome(home, home.notes.get(HOME_NAME));
    home.notes.delete(HOME_NAME);
    return home;
  } catch (error) {
    await home.store.close();
    throw error;
  }
}

/**
 * @param {Home} home @param {string} place @param {Hands} hands @param {() => void} onState
 * @returns {Promise<{store: AnyStore, records: Records, seeds: Records}>}
 */
async function takeHome(home, place, hands, onState) {
  const records = home.records ?? await home.store.reopen();
  Object.assign(home, { records: null, taken: place, hands, onState });
  return { store: home.store, records, seeds: [] };
}

/** @param {Home} home */
function leaveHome(home) {
  Object.assign(home, { taken: '', hands: { driver: null }, onState: () => {} });
}

/** @param {Home} home @param {string} place @param {Hands} hands @param {() => void} onState */
async function openBeside({ store: main }, place, hands, onState) {
  const store = main.beside(place, {
    onDurable: (/** @type {number} */ ticket) => hands.driver?.durable(ticket),
    onState,
    onPut: (/** @type {string} */ name, /** @type {Uint8Array|null} */ bytes) => {
      if (COMMON_NAMES.includes(name)) main.keep(name, bytes); // as well as here
    },
  });
  const own = new Map(await store.open());
  const atHome = await main.rows().catch(async (/** @type {unknown} */ error) => {
    await store.close();
    throw error;
  });
  for (const name of COMMON_NAMES) {
    const bytes = atHome.get(name);
    if (bytes === undefined) own.delete(name);
    else own.set(name, bytes);
  }
  const seeds = /** @type {Records} */ ([...atHome].filter(([name]) => IDENTITY_NAMES.includes(name)));
  return { store, records: /** @type {Records} */ ([...own]), seeds };
}

/**
 * What the place of a room is called: who has not the key learns nothing from it.
 * @param {AnyStore} store @param {Record<string, any>} config @param {any} crypto @returns {Promise<string>}
 */
async function placeOf({ key }, { room, secret }, crypto) {
  const label = `room ${JSON.stringify([room, secret])}`;
  return key === null || !crypto?.subtle ? label : hexOf(await tagOf(key, label, crypto)); // in memory alone, where there is no WebCrypto
}

/** @param {Uint8Array} key @param {string} label @param {any} crypto @returns {Promise<Uint8Array>} of NAME_SIZE */
async function tagOf(key, label, { subtle }) {
  const hmac = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', hmac, encoder.encode(`nkt ${label}`))).subarray(0, NAME_SIZE);
}

/**
 * The proof, the name of the home's room, and of each room that has a place its name and what names it.
 * @param {Home} home @param {Uint8Array|undefined} bytes none: not bound to a room; damaged ones are as none
 */
async function readHome(home, bytes) {
  const { store: { key }, crypto } = home;
  if (bytes === undefined || key === null || !crypto?.subtle) return;
  const [proof, ...names] = hexOf(bytes).match(/.{32}/g) ?? [];
  if (names.length % 2 !== 1 || proof !== hexOf(await tagOf(key, `home ${names.join(' ')}`, crypto))) return;
  [home.room] = names;
  for (let i = 1; i < names.length; i += 2) home.rooms.set(names[i], names[i + 1]);
}

/** @param {Home} home */
async function keepHome({ store, room, rooms, crypto }) {
  if (store.key === null || !crypto?.subtle) return;
  const names = [room, ...[...rooms].flat()];
  const proof = await tagOf(store.key, `home ${names.join(' ')}`, crypto);
  await store.keep(HOME_NAME, bytesOf(hexOf(proof) + names.join('')));
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function joined(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** @param {string} hex */
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));

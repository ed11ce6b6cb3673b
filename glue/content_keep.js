// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is kept of contents, whatever the place: within a quota, of which the one that was used longest ago goes first, and what one
 * shared oneself last of all.
 */
import { BLOB_COUNT_MAX, PIECE_SIZE } from './constants.js';
import { hexOf } from './content_seal.js';
import { NktError } from './errors.js';
import { Turns } from './turns.js';

/** What contents may take here if nobody says, in bytes. */
export const QUOTA = 500e6;

/** What nobody here asked for, but messages of others wait for, has so much of that, and makes nothing go that was shared here. */
export const UNASKED_SHARE = 0.25;

/** When something was used is written down so often at most, in ms. */
const USED_MS = 60_000;

const ABOUT = 'about';
const LEAVES = 'leaves';

/**
 * Where contents are kept. Names are 32 hexadecimal digits, records small letters.
 * @typedef {object} Place
 * @property {string} kind
 * @property {number} sizeMax of all, in bytes
 * @property {() => Promise<void>} open
 * @property {() => Promise<string[]>} list names
 * @property {(name: string, record: string, bytes: Uint8Array) => Promise<void>} put durably
 * @property {(name: string, record: string) => Promise<Uint8Array|null>} get
 * @property {(name: string, index: number, bytes: Uint8Array, isLast: boolean) => Promise<void>} write a piece, which proves itself: not
 *   synced. What it is lent is read before it returns. May wait for others, unless it is the last that is under way
 * @property {(name: string, index: number, use: (bytes: Uint8Array|null) => void) => Promise<void>} read lends it to `use`; null: none.
 *   Rejects without having called it
 * @property {(name: string, count: number) => Promise<Uint8Array>} held a bit for each piece that seems to be there
 * @property {(name: string) => Promise<void>} remove
 * @property {() => Promise<void>} close
 */

/**
 * What is kept about one.
 * @typedef {object} About
 * @property {number} version @property {string} id @property {number} size @property {string} type @property {string} name
 * @property {string} manifest in Base64url @property {string} thumbnail the same; '': none @property {string} from '': nobody
 * @property {boolean} [sealed] it is held for others: the manifest is a slip
 * @property {import('./large.js').Said[]} [said] messages that wait for it
 * @property {boolean} [unsaid] made for a message that is not said yet: with the run that ends before it goes
 * @property {boolean} [unasked] nobody but such messages ever wanted it
 * @property {boolean} own it was shared here @property {boolean} wanted it is to be fetched @property {number} usedAt Unix ms
 */

export class Keep {
  #place;
  #seal;
  #clock;
  #crypto;
  #quota;
  /** By name, the one used last in the end. @type {Map<string, {about: About, isBusy: () => boolean}>} */
  #kept = new Map();
  /** What is promised to contents that are still being shared. @type {Map<string, number>} */
  #promised = new Map();
  /** Writes and removals of one content are carried out in their order. @type {Map<string, Turns>} */
  #turns = new Map();
  #onEvicted;
  /** What the place is called in a browser. */
  name;

  /**
   * @param {object} parts
   * @param {Place} parts.place open @param {import('./content_seal.js').Seal} parts.seal
   * @param {{wall(): number}} parts.clock @param {any} parts.crypto @param {number} parts.quota
   * @param {(id: string) => void} parts.onEvicted @param {string} [parts.name] of the place in a browser
   */
  constructor({ place, seal, clock, crypto, quota, onEvicted, name = '' }) {
    this.#place = place;
    this.name = name;
    this.#seal = seal;
    this.#clock = clock;
    this.#crypto = crypto;
    this.#quota = Math.min(quota, place.sizeMax);
    this.#onEvicted = onEvicted;
  }

  get kind() {
    return this.#place.kind;
  }

  get quota() {
    return this.#quota;
  }

  /** In bytes; what is over it goes with fit(). */
  set quota(bytes) {
    this.#quota = Math.min(bytes, this.#place.sizeMax);
  }

  /** What contents take, or are going to, in bytes. */
  get used() {
    let sum = 0;
    for (const { about } of this.#kept.values()) sum += about.size;
    for (const size of this.#promised.values()) sum += size;
    return sum;
  }

  /** What is kept that nobody asked for, in bytes. */
  get #unasked() {
    let sum = 0;
    for (const { about } of this.#kept.values()) if (about.unasked) sum += about.size;
    return sum;
  }

  /** Those that are open, or going to be. */
  get #count() {
    let count = this.#kept.size;
    for (const name of this.#promised.keys()) count += this.#kept.has(name) ? 0 : 1;
    return count;
  }

  /**
   * What is there, the one used longest ago first. What was torn, or is another identity's, goes.
   * @param {(error: Error) => void} failed one could not be read this time: it stays, and hinders no other
   * @returns {Promise<Array<[string, About]>>}
   */
  async load(failed) {
    const all = [];
    for (const name of await this.#place.list()) {
      try {
        const sealed = await this.#place.get(name, ABOUT);
        const about = sealed && await this.#opened(sealed);
        if (about) all.push(/** @type {[string, About]} */ ([name, about]));
        else await this.#place.remove(name);
      } catch (error) {
        failed(/** @type {Error} */ (error));
      }
    }
    return all.sort(([, a], [, b]) => a.usedAt - b.usedAt);
  }

  /** Counts from now on. @param {string} name @param {About} about @param {() => boolean} isBusy it is not to go now */
  adopt(name, about, isBusy) {
    this.#kept.set(name, { about, isBusy });
  }

  newName() {
    return hexOf(this.#crypto.getRandomValues(new Uint8Array(16)));
  }

  /**
   * Makes room for one of that size, in bytes and in the core's table.
   * @param {number} size @param {string} name its own; asked again when it grows @param {boolean} [isUnasked] see UNASKED_SHARE
   * @throws {NktError} NKT_E_QUOTA
   */
  async room(size, name, isUnasked = false) {
    const before = this.#promised.get(name);
    if (before !== undefined && size <= before) return;
    if (size > this.#quota) throw noRoom(size, this.#quota);
    const isFull = () => before === undefined && this.#count >= BLOB_COUNT_MAX;
    while (isUnasked && this.#unasked + size > this.#quota * UNASKED_SHARE) {
      if (!await this.#evictOne(({ unasked }) => unasked === true)) throw noRoom(size, this.#quota);
    }
    while (this.used - (before ?? 0) + size > this.#quota || isFull()) {
      if (!await this.#evictOne(({ own }) => !own || !isUnasked)) throw isFull() ? tooMany() : noRoom(size, this.#quota);
    }
    this.#promised.set(name, size);
  }

  /** What is over the quota goes, as far as nobody uses it. */
  async fit() {
    while (this.used > this.#quota && await this.#evictOne());
  }

  /**
   * The one used longest ago, others' first.
   * @param {(about: About) => boolean} [mayGo] @returns {Promise<boolean>} false: all are in use
   */
  async #evictOne(mayGo = () => true) {
    const idle = [...this.#kept].filter(([, { about, isBusy }]) => mayGo(about) && !isBusy()); // now: somebody may have begun to read one
    const [gone, one] = idle.find(([, { about }]) => !about.own) ?? idle[0] ?? [];
    if (gone === undefined || one === undefined) return false;
    this.#kept.delete(gone);
    this.#onEvicted(one.about.id);
    await this.#removePlaced(gone);
    return true;
  }

  /** It is shared, or will not be. @param {string} name */
  promiseEnds(name) {
    this.#promised.delete(name);
  }

  /** What is gone by its turn does not come back. @param {string} name @param {About} about @returns {Promise<void>} */
  about(name, about) {
    const one = this.#kept.get(name);
    if (one) one.about = about;
    const text = JSON.stringify({ ...about, usedAt: this.#clock.wall() });
    return this.#inTurn(name, async () => {
      const sealed = await this.#seal.seal(new TextEncoder().encode(text));
      if (this.#kept.has(name) || this.#promised.has(name)) await named(this.#place.put(name, ABOUT, sealed));
    });
  }

  /** It is the one used last now. @param {string} name */
  touch(name) {
    const one = this.#kept.get(name);
    if (!one) return;
    this.#kept.delete(name);
    this.#kept.set(name, one);
    const now = this.#clock.wall();
    if (Math.abs(now - one.about.usedAt) < USED_MS) return;
    one.about = { ...one.about, usedAt: now };
    this.about(name, one.about).catch(() => {}); // then it counts as older than it is
  }

  /** @param {string} name @param {Uint8Array} bytes */
  leaves(name, bytes) {
    return named(this.#place.put(name, LEAVES, bytes));
  }

  /** @param {string} name @returns {Promise<Uint8Array|null>} */
  leavesOf(name) {
    return named(this.#place.get(name, LEAVES));
  }

  /** @param {string} name @param {number} index @param {Uint8Array} bytes lent @param {boolean} isLast of it nothing else is under way */
  write(name, index, bytes, isLast) {
    return this.#place.write(name, index, bytes, isLast);
  }

  /** @param {string} name @param {number} index @param {(bytes: Uint8Array|null) => void} use */
  read(name, index, use) {
    return this.#place.read(name, index, use);
  }

  /** @param {string} name @param {number} count */
  held(name, count) {
    return named(this.#place.held(name, count));
  }

  /** @param {string} name */
  async remove(name) {
    this.#kept.delete(name);
    this.#promised.delete(name);
    await this.#removePlaced(name);
  }

  /** @param {string} name */
  #removePlaced(name) {
    return this.#inTurn(name, () => named(this.#place.remove(name)));
  }

  /** @param {string} name @param {() => Promise<void>} work @returns {Promise<void>} as the work */
  #inTurn(name, work) {
    const turns = this.#turns.get(name) ?? new Turns();
    this.#turns.set(name, turns);
    return turns.take(work).finally(() => {
      if (turns.isFree && this.#turns.get(name) === turns) this.#turns.delete(name);
    });
  }

  close() {
    return this.#place.close();
  }

  /** @param {Uint8Array} sealed @returns {Promise<About|null>} null: torn, or of another identity */
  async #opened(sealed) {
    try {
      const about = JSON.parse(new TextDecoder().decode(await this.#seal.open(sealed)));
      return about?.version === 1 ? about : null;
    } catch {
      return null;
    }
  }
}

/** What a place failed with, by a name that callers know. @template T @param {Promise<T>} answer @returns {Promise<T>} */
async function named(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NktError) throw error;
    throw new NktError('NKT_E_STORAGE', `contents cannot be kept: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

/** @param {number} size @param {number} quota */
function noRoom(size, quota) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  return new NktError('NKT_E_QUOTA', `there is no room for ${megabytes(size + PIECE_SIZE)} MB: ${megabytes(quota)} MB are for contents here`
    + ' (config.contentQuota)');
}

function tooMany() {
  return new NktError('NKT_E_QUOTA', `there is no room for another: ${BLOB_COUNT_MAX} contents are in use here at once`);
}

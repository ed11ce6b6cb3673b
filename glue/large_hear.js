// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Messages that wait for bytes which are fetched as contents. Nobody asked for these, so there are caps; what is above one, or cannot be
 * fetched, is told at once with Contents in place of the bytes.
 */
import { madeOf } from './carriers.js';
import { UNASKED_SHARE } from './content_keep.js';

/** Messages of which something is fetched at a time, one content each. */
const FETCHING_COUNT_MAX = 4;

/** Messages that wait: of one author, and in all. Their bytes, in all, are at most UNASKED_SHARE of what contents may take here. */
const WAITING_PER_AUTHOR_MAX = 16;
const WAITING_COUNT_MAX = 64;

/** One that came no further for so long, in ms, lets another one try: what nobody has must not stand in the way. */
const STALL_MS = 5000;

/** So does one that was looked at so often since its turn began: who gives a piece now and then must not stand in the way either. */
const LOOK_COUNT_MAX = 6;

/** @typedef {import('./large.js').Said} Said */
/** @typedef {import('./content.js').Content} Content */
/**
 * @typedef {object} Waiting
 * @property {Said} said @property {import('./reading.js').Read} read @property {Content[]} named
 * @property {number} size in bytes
 * @property {number} next the part that is fetched next @property {number} loaded of it, when looked at last
 * @property {number} looks at it in this turn
 * @property {AbortController|null} turn while it is fetched
 */

export class Late {
  #parts;
  /** Not by id: that is the author's choice, and he may choose another's, or one twice. @type {Set<Waiting>} */
  #waiting = new Set();
  /** Those that are not fetched at the moment. @type {Waiting[]} */
  #queue = [];
  /** @type {Set<Waiting>} */
  #fetching = new Set();
  /** @type {any} */
  #timer = null;

  /** @param {import('./large.js').Parts & import('./contents.js').Workers} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {Said} said @param {import('./reading.js').Read} read with the contents in place @param {Content[]} named */
  async hear(said, read, named) {
    const { fetching, tell } = this.#parts;
    const one = this.#admit(said, read, named);
    if (one === null) return tell(said, read);
    try {
      await fetching.hold(named[0], said);
    } catch { // no room, or no place
      if (this.#waiting.delete(one)) tell(said, read);
      return;
    }
    if (this.#waiting.has(one)) this.#enqueue(one);
  }

  /** One that is noted already. @param {Said} said @param {import('./reading.js').Read} read @param {Content[]} named */
  wait(said, read, named) {
    this.#enqueue(this.#add(said, read, named));
  }

  /** Of him nothing is told nor fetched any more. @param {string} from */
  ignored(from) {
    for (const { said, turn } of this.#fetching) if (said.from === from) turn?.abort();
    const his = this.#queue.filter(({ said }) => said.from === from);
    this.#queue = this.#queue.filter((one) => !his.includes(one));
    for (const one of his) this.#tell(one);
    this.#watch();
  }

  /** The run ended. */
  end() {
    for (const { turn } of this.#fetching) turn?.abort();
    this.#waiting.clear();
    this.#fetching.clear();
    this.#queue = [];
    this.#watch();
  }

  /** @param {Said} said @param {import('./reading.js').Read} read @param {Content[]} named @returns {Waiting|null} null: above a cap */
  #admit(said, read, named) {
    const all = [...this.#waiting];
    const one = this.#add(said, read, named);
    const bytes = all.reduce((sum, { size }) => sum + size, one.size);
    const isOver = all.length >= WAITING_COUNT_MAX || bytes > this.#parts.shelf.quota * UNASKED_SHARE
      || all.filter(({ said: { from } }) => from === said.from).length >= WAITING_PER_AUTHOR_MAX;
    if (isOver) this.#waiting.delete(one);
    return isOver ? null : one;
  }

  /** @param {Said} said @param {import('./reading.js').Read} read @param {Content[]} named @returns {Waiting} */
  #add(said, read, named) {
    const one = { said, read, named, size: named.reduce((sum, { size }) => sum + size, 0), next: 0, loaded: -1, looks: 0, turn: null };
    this.#waiting.add(one);
    return one;
  }

  /** @param {Waiting} one */
  #enqueue(one) {
    this.#queue.push(one);
    this.#go();
  }

  #go() {
    while (this.#fetching.size < FETCHING_COUNT_MAX && this.#queue.length > 0) this.#fetch(/** @type {Waiting} */ (this.#queue.shift()));
    this.#watch();
  }

  /** Never rejects. @param {Waiting} one */
  async #fetch(one) {
    const turn = new AbortController();
    one.turn = turn;
    one.looks = 0;
    this.#fetching.add(one);
    await this.#fetchParts(one, turn.signal);
    if (!this.#waiting.has(one)) return; // the run ended
    this.#fetching.delete(one);
    one.turn = null;
    if (turn.signal.aborted && !this.#parts.isIgnored(one.said.from)) this.#queue.push(one);
    else await this.#tell(one);
    this.#go();
  }

  /** @param {Waiting} one @param {AbortSignal} signal */
  async #fetchParts(one, signal) {
    const { fetching, isIgnored } = this.#parts;
    const { coming } = one.read;
    for (; one.next < coming.length && !isIgnored(one.said.from); one.next++) {
      one.loaded = -1;
      try {
        const fetched = await fetching.fetchUnasked(one.named[one.next], signal);
        coming[one.next].put(madeOf(coming[one.next], new Uint8Array(await fetched.arrayBuffer())));
      } catch {
        if (signal.aborted) return;
        // no room, or dropped meanwhile: the Content stays in its place
      }
    }
  }

  /** It comes no further, so it is told: once, so the note goes first. @param {Waiting} one */
  async #tell(one) {
    const { said, read, named } = one;
    const { fetching, isIgnored, tell } = this.#parts;
    const isReleased = await fetching.release(named[0], said).then(() => true, () => false);
    if (!this.#waiting.delete(one) && !isReleased) return; // the run ended: the next one tells it
    if (!isIgnored(said.from)) tell(said, read);
    else for (const content of named) await fetching.dropUnasked(content).catch(() => {});
  }

  /** While others wait, who comes no further gives way. */
  #watch() {
    const { timers } = this.#parts;
    const isWanted = this.#queue.length > 0;
    if (isWanted === (this.#timer !== null)) return;
    if (!isWanted) timers.clearTimeout(this.#timer);
    this.#timer = isWanted ? timers.setTimeout(() => this.#look(), STALL_MS) : null;
  }

  #look() {
    this.#timer = null;
    for (const one of this.#fetching) {
      const { loaded } = one.named[one.next] ?? { loaded: -2 };
      if (loaded === one.loaded || ++one.looks >= LOOK_COUNT_MAX) one.turn?.abort();
      one.loaded = loaded;
    }
    this.#watch();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Messages that wait for bytes which are fetched as contents. Nobody asked for these, so there are caps, and every wait ends: what is
 * above a cap, comes no further or cannot be fetched is told with Contents in place of the bytes.
 */
import { madeOf } from './carriers.js';
import { UNASKED_SHARE } from './content_keep.js';
import { chooseWhoGoes } from './large_places.js';
import { Patience } from './patience.js';

/** Messages of which something is fetched at a time, one content each. */
const FETCHING_COUNT_MAX = 4;

/** How often those that wait are looked at, in ms. One that came no further since the last look lets another one try. */
const LOOK_MS = 5000;

/** So does one that was looked at so often since its turn began: who gives a piece now and then must not stand in the way either. */
const LOOK_COUNT_MAX = 6;

/**
 * So much counts of the time between two looks, or two runs, in ms: timers of a hidden tab come once a minute, and while a machine sleeps
 * or the peer is not there nobody could have brought anything.
 */
const GAP_MS_MAX = 60_000;

/**
 * A message that came no further for so long is told without its bytes, in ms: its author has had time to come back from a reload or a
 * change of networks, and while all places are taken each has had three turns (64 places, four at a time, 5 s each).
 */
const IDLE_MS_MAX = 5 * 60_000;

/** The same however it comes on, in ms: 16 MiB in an hour are 37 kbit/s; who is slower would hold its place for days. */
const WAIT_MS_MAX = 60 * 60_000;

/** How often it is written down how long one has waited, in ms: a crash costs so much of it. */
const NOTE_MS = 60_000;

/** Storage that does not answer for so long is not waited for, in ms: what is told then may be told again after a restart. */
const STORED_MS_MAX = 30_000;

/** @typedef {import('./large.js').Said} Said */
/** @typedef {import('./content.js').Content} Content */
/**
 * @typedef {object} Waiting
 * @property {Said} said @property {import('./reading.js').Read} read @property {Content[]} named
 * @property {number} size in bytes
 * @property {number} seen the most that was here of it, in bytes; -1: not looked at yet
 * @property {number} gained what of that came since it was heard, in bytes
 * @property {number} waitedMs since it was heard @property {number} idleMs since it came further
 * @property {number} notedMs how long it had waited when that was written down last
 * @property {boolean} hadTurn it gave way @property {boolean} isIdle since the last look
 * @property {number} next the part that is fetched next
 * @property {number} looks at it in this turn @property {number} turnNumber of its last turn; 0: none yet
 * @property {AbortController|null} turn while it is fetched @property {boolean} isEnding it is being told, and has no place any more
 * @property {Promise<void>} work of its last turn; never rejects
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
  #lookedAt = 0;
  #turnCount = 0;
  #patience;

  /** @param {import('./large.js').Parts & import('./contents.js').Workers} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#patience = new Patience(parts.timers);
  }

  /** @param {Said} said @param {import('./reading.js').Read} read with the contents in place @param {Content[]} named */
  async hear(said, read, named) {
    const { fetching, tell } = this.#parts;
    const one = this.#admit(said, read, named);
    if (one === null) return tell(said, read);
    try {
      await this.#patience.wait(fetching.hold(named[0], noteOf(one, this.#parts.clock.wall())), STORED_MS_MAX);
    } catch { // no room, no place, or the run ended: it is not noted
      this.#waiting.delete(one);
      this.#watch();
      return tell(said, read);
    }
    if (this.#waiting.has(one)) this.#enqueue(one);
  }

  /** One that is noted already. @param {Said} said @param {import('./reading.js').Read} read @param {Content[]} named */
  wait(said, read, named) {
    const one = this.#add(said, read, named);
    this.#note(one); // the time between the runs counts, also when this one ends soon
    this.#enqueue(one);
  }

  /** Of him nothing is told nor fetched any more. @param {string} from */
  ignored(from) {
    for (const one of this.#atRest()) if (one.said.from === from) this.#end(one);
    this.#go();
  }

  /** The run ended. */
  end() {
    for (const { turn } of this.#fetching) turn?.abort();
    this.#waiting.clear();
    this.#fetching.clear();
    this.#queue = [];
    this.#watch();
  }

  /** Those that are neither being noted nor being told. @returns {Waiting[]} */
  #atRest() {
    return [...this.#fetching, ...this.#queue];
  }

  /**
   * A place for it; who has to give one up for it is told without his bytes.
   * @param {Said} said @param {import('./reading.js').Read} read @param {Content[]} named @returns {Waiting|null} null: there is none
   */
  #admit(said, read, named) {
    const one = this.#add(said, read, named);
    const placed = [...this.#waiting].filter(({ isEnding }) => !isEnding);
    const gone = chooseWhoGoes(placed, new Set(this.#atRest()), one, this.#parts.shelf.quota * UNASKED_SHARE);
    if (gone === null) {
      this.#waiting.delete(one);
      this.#watch();
      return null;
    }
    for (const other of gone) this.#end(other);
    return one;
  }

  /** @param {Said} said @param {import('./reading.js').Read} read @param {Content[]} named @returns {Waiting} */
  #add(said, read, named) {
    const { waitedMs = 0, idleMs = 0, gained = 0, at = Infinity } = said.waited ?? {};
    const gapMs = Math.min(Math.max(this.#parts.clock.wall() - at, 0), GAP_MS_MAX);
    const one = {
      said, read, named, size: named.reduce((sum, { size }) => sum + size, 0), seen: said.waited ? -1 : hereOf(named), gained,
      waitedMs: waitedMs + gapMs, idleMs: idleMs + gapMs, notedMs: 0, hadTurn: false, isIdle: false, next: 0, looks: 0,
      turnNumber: 0, turn: null, isEnding: false, work: Promise.resolve(),
    };
    this.#waiting.add(one);
    this.#watch();
    return one;
  }

  /** @param {Waiting} one */
  #enqueue(one) {
    this.#queue.push(one);
    this.#go();
  }

  /** Whose author had his last turn longest ago is next: who has many that wait delays others by one of them. */
  #go() {
    while (this.#fetching.size < FETCHING_COUNT_MAX && this.#queue.length > 0) {
      /** @type {Map<string, number>} */
      const last = new Map();
      for (const { said: { from }, turnNumber } of this.#waiting) last.set(from, Math.max(turnNumber, last.get(from) ?? 0));
      const lasts = this.#queue.map(({ said: { from } }) => last.get(from) ?? 0);
      this.#fetch(this.#queue.splice(lasts.indexOf(Math.min(...lasts)), 1)[0]);
    }
  }

  /** Never rejects. @param {Waiting} one */
  async #fetch(one) {
    const turn = new AbortController();
    Object.assign(one, { turn, turnNumber: ++this.#turnCount, looks: 0 });
    this.#fetching.add(one);
    one.work = this.#fetchParts(one, turn.signal);
    await one.work;
    if (one.turn === turn && this.#fetching.has(one)) this.#end(one); // otherwise it gave way, or is told already, or the run ended
    this.#go();
  }

  /** @param {Waiting} one @param {AbortSignal} signal */
  async #fetchParts(one, signal) {
    const { fetching, isIgnored } = this.#parts;
    const { coming } = one.read;
    for (; one.next < coming.length && !isIgnored(one.said.from); one.next++) {
      try {
        const fetched = await fetching.fetchUnasked(one.named[one.next], signal);
        const bytes = await fetched.arrayBuffer();
        if (signal.aborted) return;
        coming[one.next].put(madeOf(coming[one.next], new Uint8Array(bytes)));
      } catch {
        if (signal.aborted) return;
        // no room, or dropped meanwhile: the Content stays in its place
      }
    }
  }

  /** Others may try. @param {Waiting} one */
  #giveWay(one) {
    this.#rest(one);
    one.hadTurn = true;
    this.#queue.push(one);
  }

  /** It is not fetched, nor going to be. @param {Waiting} one */
  #rest(one) {
    const { turn } = one;
    one.turn = null;
    this.#fetching.delete(one);
    this.#queue = this.#queue.filter((other) => other !== one);
    turn?.abort();
  }

  /** It waits no more, so it is told: once, so the note goes first. Never rejects. @param {Waiting} one */
  async #end(one) {
    const { said, read, named } = one;
    const { fetching, isIgnored, tell } = this.#parts;
    this.#rest(one);
    one.isEnding = true;
    await this.#patience.wait(one.work, STORED_MS_MAX).catch(() => {});
    const isReleased = await this.#patience.wait(fetching.release(named[0], said), STORED_MS_MAX).then(() => true, () => false);
    if (!this.#waiting.delete(one) && !isReleased) return; // the run ended: the next one tells it
    this.#watch();
    if (!isIgnored(said.from)) tell(said, read);
    else for (const content of named) await fetching.dropUnasked(content).catch(() => {});
  }

  /** How long it has waited is written down. @param {Waiting} one */
  #note(one) {
    one.notedMs = one.waitedMs;
    const { fetching, clock } = this.#parts;
    fetching.renote(one.named[0], noteOf(one, clock.wall())).catch(() => {}); // then it waits longer, if the run ends
  }

  /** While something waits it is looked at. */
  #watch() {
    const { timers, clock } = this.#parts;
    const isWanted = this.#waiting.size > 0;
    if (isWanted === (this.#timer !== null)) return;
    if (!isWanted) timers.clearTimeout(this.#timer);
    this.#timer = isWanted ? timers.setTimeout(() => this.#look(), LOOK_MS) : null;
    this.#lookedAt = clock.now();
  }

  #look() {
    const { clock } = this.#parts;
    const ms = Math.min(clock.now() - this.#lookedAt, GAP_MS_MAX);
    this.#timer = null;
    const areOthersWaiting = this.#queue.length > 0;
    for (const one of this.#atRest()) {
      this.#count(one, ms);
      if (one.idleMs >= IDLE_MS_MAX || one.waitedMs >= WAIT_MS_MAX) this.#end(one);
      else if (one.turn !== null && areOthersWaiting && (one.isIdle || ++one.looks >= LOOK_COUNT_MAX)) this.#giveWay(one);
      else if (one.waitedMs - one.notedMs >= NOTE_MS) this.#note(one);
    }
    this.#go();
    this.#watch();
  }

  /** @param {Waiting} one @param {number} ms since the last look */
  #count(one, ms) {
    const here = hereOf(one.named);
    one.isIdle = one.seen < 0 || here <= one.seen;
    if (!one.isIdle) one.gained += here - one.seen;
    one.seen = Math.max(here, one.seen);
    one.waitedMs += ms;
    one.idleMs = one.isIdle ? one.idleMs + ms : 0;
  }
}

/** @param {Content[]} named @returns {number} what is here of them, in bytes */
const hereOf = (named) => named.reduce((sum, { loaded }) => sum + loaded, 0);

/** @param {Waiting} one @param {number} at Unix ms @returns {Said} */
function noteOf({ said: { id, from, date, to, room, text }, waitedMs, idleMs, gained }, at) {
  return { id, from, date, to, room, text, waited: { waitedMs, idleMs, gained, at } };
}

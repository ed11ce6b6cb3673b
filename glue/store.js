// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The store port: keeps the records that the core hands out, each already encrypted by the core, and the key they are
 * encrypted with. Where they are kept is a place: store_tab.js, store_kept.js, store_files.js.
 */

import { NktError } from './errors.js';
import { ANSWER_MS, LateError, Patience, START_MS } from './patience.js';
import { overlay } from './records.js';

/** Of the key that the core seals records with, in bytes. */
export const STORE_KEY_SIZE = 32;

/** How often writing is tried again after it failed, in ms. */
const RETRY_MS = 10_000;

/**
 * Where writing failed again within CALM_MS_MAX after people were told that it works, it has to work for so long before they are told once
 * more, and twice as long each time, in ms: of a disk that is too slow now and then they would hear every few seconds.
 */
const CALM_MS = 60_000;
const CALM_MS_MAX = 3_600_000;

/** The longest that closing waits for the last write, in ms. */
const FLUSH_MS = 2000;

/** What a new place may take at least, in ms, however long looking for an old one took. */
const MAKE_MS_MIN = 1000;

/**
 * Where records are kept.
 * @typedef {object} Place
 * @property {string} kind
 * @property {{[key: string]: unknown}} health
 * @property {boolean} isStrict whether open() must not fail: nobody is to become somebody else without being asked
 * @property {boolean} isThere whether it can be written to, now or after a while
 * @property {() => Promise<{key: Uint8Array|null, records: Map<string, Uint8Array>, rest?: Map<string, Uint8Array|null>}>} open
 *   key null: it is new, and make() is called. rest: what the page before this one had not written
 * @property {(key: Uint8Array) => Promise<void>} make in the background; what is written waits for it
 * @property {(batch: Map<string, Uint8Array|null>) => Promise<void>} write all of it or nothing, durably; null deletes
 * @property {() => Promise<Map<string, Uint8Array>>} read what was written
 * @property {(rest: Map<string, Uint8Array|null>) => void} [leaveRest] at once: the page goes away
 * @property {(self: {address: string, nick: string}) => void} [about] who it is
 * @property {() => void} drop what is there stays as it is
 * @property {() => Promise<void>|void} release somebody else may have it
 * @property {((onLost: (error: Error) => void, onBack: () => void) => void)} [onLost] when it is taken away, and when it is there again
 *   with all that was written
 * @property {((onDeriving: (isDeriving: boolean) => void) => void)} [onDeriving] around what is computed, not waited for
 * @property {(room: string, key: Uint8Array) => Place} [beside] of a home: for another room of the same identity, whose records are sealed
 *   with that key; room: its name there, 32 hexadecimal digits
 */

/**
 * Writes behind the core's back: one write at a time, the newest value per name; what comes meanwhile goes into the next. A place
 * writes all of it or nothing, so after a crash it is as it was after one of the core's PUTs, never between two.
 * A place that does not answer is left alone until it does: nothing else is begun there, so that what was asked for earlier
 * never comes to lie over what was asked for later.
 */
export class Store {
  #place;
  #platform;
  #onDurable;
  #onState;
  #onPut;
  #patience;
  #given;

  /** What the room's place is called beside the home; '': this is the home. */
  room;

  /** 32 bytes for the core, null until open() is done. @type {Uint8Array|null} */
  key = null;

  /** @type {'opening'|'ok'|'memory'|'closed'} */
  #state = 'opening';
  /** What is told of it. @type {'opening'|'ok'|'memory'|'closed'} */
  #told = 'opening';
  #error = '';
  /** How long it has to work before that is told; when it was told last, and when it failed last. */
  #calm = 0;
  #backAt = -Infinity;
  #failedAt = 0;
  #isCalming = false;
  /** People were told no other reason than that it does not answer. */
  #isSilent = false;
  /** A new place is being made; writes wait. @type {Promise<void>} */
  #made = Promise.resolve();
  /** Whether what is in the place, if anything, is of who we are now. */
  #isOurs = false;
  /** What was asked of the place and not answered in time. @type {Promise<unknown>|null} */
  #late = null;

  /** What the next write takes along, newest wins; null deletes. @type {Map<string, Uint8Array|null>} */
  #pending = new Map();
  #ticket = 0;
  /** @type {Promise<void>|null} */
  #writing = null;
  /** A write begins in the next task. */
  #isSoon = false;
  /** What the write under way takes along, or the last one was refused. @type {Map<string, Uint8Array|null>} */
  #inFlight = new Map();
  /** Which record was refused last, and why. */
  #refusal = '';
  /** Counts cores: a write begun for the last one tells the next one nothing. */
  #life = 0;
  /** What would be stored, where there is no place to. @type {Map<string, Uint8Array|null>} */
  #shadow = new Map();
  /** @type {Set<any>} */
  #running = new Set();

  /**
   * @param {object} parts
   * @param {Place} parts.place
   * @param {{crypto: any, clock: {now(): number}, soon: (run: () => void) => void,
   *   timers: {setTimeout(f: () => void, ms: number): any, clearTimeout(timer: any): void}}} parts.platform
   * @param {(ticket: number) => void} parts.onDurable this PUT and all before it are durable
   * @param {() => void} [parts.onState] health changed
   * @param {(name: string, bytes: Uint8Array|null) => void} [parts.onPut] what the core wants stored
   * @param {string} [parts.room] @param {Uint8Array} [parts.given] the key, for records of another room; it is wiped in the end
   */
  constructor({ place, platform, onDurable, onState = () => {}, onPut = () => {}, room = '', given }) {
    this.room = room;
    this.#given = given;
    this.#onPut = onPut;
    this.#place = place;
    this.#platform = platform;
    this.#onDurable = onDurable;
    this.#onState = onState;
    this.#patience = new Patience(platform.timers);
    place.onDeriving?.((isDeriving) => {
      this.#patience.isBusy = isDeriving;
    });
  }

  /** Whether nobody is to become somebody else here without being asked. */
  get isStrict() {
    return this.#place.isStrict;
  }

  get health() {
    const health = { kind: this.#place.kind, state: this.#told, ...this.#place.health };
    const error = this.#error || this.#refusal;
    return error === '' ? health : { ...health, error };
  }

  /**
   * A new place is ready at once, while it is still being made; a strict one when it is made.
   * @returns {Promise<Array<[string, Uint8Array]>>} the records; rejects only where the place is strict
   */
  async open() {
    const { crypto, clock } = this.#platform;
    const place = this.#place;
    const begun = clock.now();
    const limit = place.isStrict ? START_MS : ANSWER_MS;
    const newKey = () => this.#given ?? crypto.getRandomValues(new Uint8Array(STORE_KEY_SIZE));
    let records = new Map();
    let opening;
    try {
      place.onLost?.((error) => this.#toMemory(error), () => this.#toPlace());
      opening = place.open();
      const opened = await this.#patience.wait(opening, limit);
      records = opened.records;
      this.key = opened.key ?? newKey();
      this.#isOurs = true;
      this.#pending = new Map(opened.rest ?? []);
      if (opened.key === null) this.#make(Math.max(MAKE_MS_MIN, limit - (clock.now() - begun)));
      if (place.isStrict) await this.#made;
      if (opened.key !== null) this.#setState('ok');
    } catch (error) {
      if (place.isStrict) {
        await this.#leave(error instanceof LateError ? opening : undefined);
        throw error instanceof LateError ? new NktError('NKT_E_STORAGE', error.message, { cause: error }) : error;
      }
      this.key = newKey();
      if (error instanceof LateError) this.#await(/** @type {Promise<any>} */ (opening), (opened) => this.#openedLate(opened));
      else place.drop();
      this.#toMemory(error);
    }
    return [...overlay(records, this.#pending)];
  }

  /**
   * What was collected so far is kept, for who was promised that.
   * @returns {Promise<void>} rejects with NKT_E_STORAGE where the place is strict and keeps nothing
   */
  async settle() {
    if (!this.isStrict) return;
    this.commit();
    await this.#patience.wait(this.#written(), START_MS).catch(() => {}); // the state tells
    if (this.#state !== 'ok') throw new NktError('NKT_E_STORAGE', `nothing can be kept: ${this.#error}`);
  }

  /** When nothing is under way: neither a write, nor one that did not answer in time and may yet, nor what that one left. */
  async #written() {
    while (this.#state !== 'closed' && (this.#writing ?? this.#late) !== null) {
      await (this.#writing ?? this.#late)?.catch(() => {}); // its end is told where it was asked for
    }
  }

  /** The records as they are now, for a core that starts again: its tickets begin anew. @returns {Promise<Array<[string, Uint8Array]>>} */
  async reopen() {
    await this.flush();
    this.#life++;
    this.#ticket = 0;
    return [...await this.rows()];
  }

  /** The same without a new core: whoever has them goes on. @returns {Promise<Map<string, Uint8Array>>} */
  async rows() {
    const ms = this.isStrict ? START_MS : ANSWER_MS;
    const stored = this.#place.isThere ? await this.#patience.wait(this.#place.read(), ms) : new Map();
    return overlay(overlay(overlay(stored, this.#shadow), this.#inFlight), this.#pending);
  }

  /**
   * A store for another room of the same identity, with a place of its own.
   * @param {string} room what its place is called
   * @param {{onDurable: (ticket: number) => void, onState: () => void, onPut: (name: string, bytes: Uint8Array|null) => void}} told
   */
  beside(room, told) {
    const given = /** @type {Uint8Array} */ (this.key).slice();
    return new Store({ place: /** @type {any} */ (this.#place).beside(room, given), platform: this.#platform, room, given, ...told });
  }

  /** Who is stored here. @param {{address: string, nick: string}} self */
  about(self) {
    this.#place.about?.(self);
  }

  /**
   * Collects a record for the next commit(); null deletes.
   * @param {number} ticket @param {string} name @param {Uint8Array|null} bytes
   */
  put(ticket, name, bytes) {
    this.#pending.set(name, bytes);
    this.#ticket = ticket;
    this.#onPut(name, bytes);
  }

  /**
   * Keeps a note; null: none.
   * @param {string} name @param {Uint8Array|null} bytes @returns {Promise<void>} when it is written, or that failed
   */
  async keep(name, bytes) {
    if (this.#state === 'closed') return;
    this.#pending.set(name, bytes);
    if (this.#state === 'memory') this.#toShadow();
    else if (this.#writing === null) this.#writeNow();
    for (let i = 0; i < 2 && this.#writing !== null; i++) await this.#writing; // the one under way, and one with this
  }

  /**
   * Writes what was collected; the next write waits for its end.
   * @param {boolean} [isWaitedFor] at once; else in the next task, so that what a listener says to what came in is in the same write
   * @returns {boolean} whether a PUT_DONE came of it at once
   */
  commit(isWaitedFor = true) {
    if (this.#ticket === 0) return false;
    if (this.#state === 'memory' || this.#state === 'closed') return this.#commitToMemory();
    if (this.#writing !== null) return false;
    if (isWaitedFor) this.#writeNow();
    else this.#writeSoon();
    return false;
  }

  /** When everything collected is durable, or after FLUSH_MS. @returns {Promise<void>} */
  async flush() {
    this.commit();
    this.#retry(); // there may be room by now
    const end = async () => { while (this.#writing !== null) await this.#writing; };
    await this.#patience.wait(end(), FLUSH_MS).catch(() => {}); // the state tells
  }

  /**
   * Writes what is left and lets go of the place.
   * @param {{immediate?: boolean}} [options] immediate: the page is going away, and nothing that takes time may come to its end
   */
  async close({ immediate = false } = {}) {
    if (this.#state === 'closed') return;
    const rest = new Map([...this.#inFlight, ...this.#pending]);
    if (immediate && rest.size > 0 && this.#isOurs) this.#place.leaveRest?.(rest);
    await this.flush();
    await this.#leave();
  }

  /**
   * Nothing more is asked of the place. Nobody else gets it while it may still do what it was asked for, which is not waited for here.
   * @param {Promise<unknown>} [opening]
   */
  async #leave(opening) {
    const place = this.#place;
    this.#state = this.#told = 'closed';
    for (const timer of this.#running) this.#platform.timers.clearTimeout(timer);
    this.#running.clear();
    this.key?.fill(0);
    place.drop();
    const isUnanswered = opening !== undefined || this.#writing !== null || this.#late !== null;
    const release = async () => {
      await Promise.allSettled([opening, this.#writing]);
      while (this.#late !== null) await Promise.allSettled([this.#late]);
      place.drop(); // what came late opened it again
      await place.release();
    };
    const released = release().catch(() => {}); // nobody is left who could do something about it
    if (!isUnanswered) await this.#patience.wait(released, ANSWER_MS).catch(() => {});
  }

  /** Makes a new place in the background. @param {number} ms until it counts as not answering */
  #make(ms) {
    const making = this.#place.make(/** @type {Uint8Array} */ (this.key));
    this.#made = this.#patience.wait(making, ms).then(() => this.#setState('ok'));
    this.#made.catch((error) => {
      if (error instanceof LateError) this.#await(making, () => this.#writeNow());
      else this.#place.drop();
      this.#toMemory(error);
    });
  }

  /** What did not answer in time may do so yet. @template T @param {Promise<T>} operation @param {(result: T) => void} then */
  #await(operation, then) {
    this.#late = operation;
    operation.then((result) => () => then(result), (error) => () => this.#failedLate(error)).then((go) => {
      this.#late = null;
      if (this.#state !== 'closed') go();
    });
  }

  /** @param {unknown} error of an operation that nobody waited for any more */
  #failedLate(error) {
    if (!this.#place.isThere) this.#place.drop();
    this.#takeBack();
    this.#toMemory(error);
  }

  /**
   * A tab has gone on as somebody new meanwhile. A place that was empty is made for him. What an earlier self kept is left as it is,
   * for the next time that this tab is loaded; two peers must not write to one place.
   * @param {{key: Uint8Array|null}} opened
   */
  #openedLate({ key }) {
    if (key === null) {
      this.#isOurs = true;
      this.#make(ANSWER_MS);
      this.#made.then(() => this.#writeNow(), () => {});
      return;
    }
    key.fill(0);
    this.#place.drop();
    this.#place.release();
    this.#toMemory(new Error('storage answered too late: who you were is there after a reload'));
  }

  #writeSoon() {
    if (this.#isSoon) return;
    this.#isSoon = true;
    this.#platform.soon(() => {
      this.#isSoon = false;
      if (this.#state !== 'closed') this.commit();
    });
  }

  #writeNow() {
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      if (this.#state === 'ok' && this.#pending.size > 0) this.#writeNow(); // some of it came while storage did not work
      else this.commit();
    });
  }

  /** One write with everything collected so far. */
  async #write() {
    let ticket = 0;
    const life = this.#life;
    try {
      await this.#made;
      ticket = this.#ticket;
      this.#takeBack();
      this.#inFlight = this.#pending;
      this.#pending = new Map();
      this.#ticket = 0;
      const writing = this.#writeAll(this.#inFlight);
      await this.#patience.wait(writing, ANSWER_MS).catch((error) => {
        if (error instanceof LateError) this.#await(writing, () => this.#writtenLate());
        throw error;
      });
      if (this.#state === 'memory') this.#setState('ok'); // it works again
    } catch (error) {
      if (this.#late === null) this.#takeBack();
      this.#toMemory(error);
      ticket = Math.max(ticket, this.#ticket);
      this.#ticket = 0;
    }
    if (ticket !== 0 && life === this.#life) this.#onDurable(ticket);
  }

  /**
   * All but what the place refuses by name. What is older of that stays where it is, but of a session: its keys would be used twice, and
   * without it another one begins.
   * @param {Map<string, Uint8Array|null>} batch
   */
  async #writeAll(batch) {
    const kept = new Map(batch);
    let refusal = '';
    for (;;) {
      try {
        await this.#place.write(kept);
        break;
      } catch (/** @type {any} */ error) {
        const { record } = error;
        if (!kept.has(record)) throw error;
        if (record.startsWith('peer/') && kept.get(record)) kept.set(record, null);
        else kept.delete(record);
        refusal = `${record}: ${error.message}`;
        if (kept.size === 0 && refusal !== this.#refusal) throw error; // perhaps nothing can be written
      }
    }
    this.#inFlight = new Map([...batch].filter(([name, bytes]) => kept.get(name) !== bytes));
    if (refusal !== this.#refusal) {
      this.#refusal = refusal;
      this.#onState();
    }
  }

  /** It answers again; whether in time is seen by the next write. */
  #writtenLate() {
    this.#writeNow();
  }

  /** What was not written goes along with the next write, unless there is newer. */
  #takeBack() {
    this.#pending = new Map([...this.#inFlight, ...this.#pending]);
    this.#inFlight = new Map();
  }

  /** Storage is blocked, full or silent: what is collected stays collected, and life goes on. @returns {boolean} */
  #commitToMemory() {
    const ticket = this.#ticket;
    this.#ticket = 0;
    this.#toShadow();
    this.#onDurable(ticket);
    return true;
  }

  #toShadow() {
    if (this.#place.isThere || this.#late !== null) return; // it may be written yet
    for (const [name, bytes] of this.#pending) this.#shadow.set(name, bytes);
    this.#pending.clear();
  }

  /** @param {unknown} error */
  #toMemory(error) {
    if (this.#state === 'closed') return;
    this.#failedAt = this.#platform.clock.now();
    this.#error = /** @type {Error} */ (error)?.message || String(error);
    this.#made = Promise.resolve();
    const isSilent = error instanceof LateError && (this.#isSilent || this.#told !== 'memory');
    const isKnown = this.#isSilent && !isSilent && this.#told === 'memory'; // why, by now
    this.#isSilent = isSilent;
    this.#setState('memory');
    if (isKnown) this.#onState();
    if (this.#place.isThere && this.#late === null) this.#later(RETRY_MS, () => this.#retry());
  }

  /** What the place missed is written. */
  #toPlace() {
    if (this.#state !== 'memory') return;
    this.#pending = new Map([...this.#shadow, ...this.#pending]);
    this.#shadow.clear();
    this.#retry();
    this.#later(RETRY_MS, () => this.#retry()); // if a write from before was not over
  }

  #retry() {
    if (this.#state === 'memory' && this.#writing === null && this.#late === null) this.#writeNow();
  }

  /** @param {'ok'|'memory'} state */
  #setState(state) {
    if (this.#state === 'closed') return;
    this.#state = state;
    if (state === this.#told) return;
    if (state === 'ok') return this.#tellBack();
    const isSoon = this.#failedAt - this.#backAt < CALM_MS_MAX;
    this.#calm = isSoon ? Math.min(2 * this.#calm || CALM_MS, CALM_MS_MAX) : 0;
    this.#tell(state);
  }

  /** Tells that it works, as soon as it did for long enough. */
  #tellBack() {
    const now = this.#platform.clock.now();
    const wait = this.#told === 'memory' ? this.#failedAt + this.#calm - now : 0;
    if (wait <= 0) {
      if (this.#told === 'memory') this.#backAt = now;
      this.#error = '';
      this.#tell('ok');
    } else if (!this.#isCalming) {
      this.#isCalming = true;
      this.#later(wait, () => {
        this.#isCalming = false;
        if (this.#state !== this.#told && this.#state === 'ok') this.#tellBack();
      });
    }
  }

  /** @param {'ok'|'memory'} state */
  #tell(state) {
    this.#told = state;
    this.#onState();
  }

  /** @param {number} ms @param {() => void} f */
  #later(ms, f) {
    const timer = this.#platform.timers.setTimeout(() => {
      this.#running.delete(timer);
      f();
    }, ms);
    this.#running.add(timer);
  }
}

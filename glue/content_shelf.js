// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Contents that are kept here: what is open in the core, what the core says of it, and what of it outlives a restart. New ones come from
 * content_share.js, which makes them, and content_fetch.js, which gets them from others; everything that both need of one that is open
 * is done here, so that nobody else writes what is known about it.
 */
import { fromBase64url } from './base64url.js';
import { BLOB_COUNT_MAX, CONTENT_LAST } from './constants.js';
import { Content, noContent } from './content.js';
import { Item, pieceCountOf } from './content_item.js';
import { Keep, QUOTA } from './content_keep.js';
import { noteHolding } from './content_note.js';
import { openPlace } from './content_places.js';
import { NktError, stopped } from './errors.js';

/** Of those in the core some places are left for what is fetched and shared next. */
const RESTORED_COUNT_MAX = BLOB_COUNT_MAX - 32;

/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./content_keep.js').About} About */

export class Shelf {
  #parts;
  /** @type {Keep|null} */
  #keep = null;
  /** What is kept is open again; never rejects. null: nobody asked yet. @type {Promise<void>|null} */
  #ready = null;
  #open = () => Promise.resolve();
  #closed = Promise.resolve();
  /** Why nothing can be kept. @type {Error|null} */
  #fault = null;
  /** @type {Map<string, Item>} */
  #byId = new Map();
  /** @type {Map<number, Item>} */
  #byTicket = new Map();
  /** What was not stored, and is opened again by the next core. @type {Item[]} */
  #lent = [];

  /** @param {import('./contents.js').Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  // ---- a run begins and ends ----

  /**
   * The core runs: what is kept is opened again. Where nothing can be, no place is made before somebody asks for one.
   * @param {Run} run @param {boolean} mayHold
   */
  begin(run, mayHold) {
    this.#open = () => {
      const opening = this.#closed.then(() => this.#begin(run)).catch((error) => {
        if (this.#ready === opening && this.#keep === null) this.#ready = null; // whoever asks next tries again
        this.#failed(error);
      });
      return opening;
    };
    this.#ready = mayHold || this.#lent.length > 0 ? this.#open() : null;
  }

  /** @param {Error} error @param {boolean} willGoOn another core takes up what is stored */
  end(error, willGoOn) {
    this.#lent = willGoOn ? [...this.#byTicket.values()].filter(({ lent, about }) => lent && about) : [];
    for (const item of this.#byTicket.values()) item.close(error);
    this.#byTicket.clear();
    this.#byId.clear();
    if (willGoOn) return;
    const keep = this.#keep;
    this.#keep = null;
    const begun = this.#ready ?? this.#closed;
    this.#ready = null;
    this.#open = () => Promise.resolve();
    this.#closed = begun.then(() => (keep ?? this.#keep)?.close()).catch(() => {}).then(() => { this.#keep = null; });
  }

  /** What was kept is let go of. @returns {Promise<void>} */
  get closed() {
    return this.#closed;
  }

  // ---- for the application ----

  /** What is kept here, the one used longest ago first. @returns {Content[]} */
  get list() {
    return [...this.#byId.values()].filter(({ about }) => about !== null).map((item) => this.contentOf(item));
  }

  /** What it takes here, for health(). */
  get health() {
    const keep = this.#keep;
    const base = { count: this.#byId.size, bytes: keep?.used ?? 0, quota: keep?.quota ?? 0, kind: keep?.kind ?? 'none' };
    return this.#fault === null ? base : { ...base, error: this.#fault.message };
  }

  /** In force, in bytes. */
  get quota() {
    return this.#keep?.quota ?? this.#parts.quota() ?? QUOTA;
  }

  /** @param {unknown} what @returns {Promise<boolean>} when nothing of it is here any more; false: nothing was */
  async drop(what) {
    const id = Content.is(what) ? what.id : what;
    if (typeof id !== 'string') throw noContent(); // a copy of one, perhaps, which stays
    await this.#parts.soon();
    const keep = await this.kept();
    await this.#byId.get(id)?.opening.catch(() => {}); // what is being opened would come back
    const item = this.#byId.get(id);
    if (!item) return false;
    this.close(item);
    await keep.remove(item.name);
    return true;
  }

  // ---- effects ----

  /** @type {Record<string, (fx: any) => void>} */
  effects = {
    CONTENT_MADE: (fx) => this.#byTicket.get(fx.ticket)?.made(fx.id, fx.bytes),
    CONTENT_KEEP_LEAVES: (fx) => this.#byTicket.get(fx.ticket)?.keepLeaves(fx.bytes),
    CONTENT_READ: (fx) => this.#byTicket.get(fx.ticket)?.read(fx.value),
    CONTENT_WRITE: (fx) => this.#byTicket.get(fx.ticket)?.write(fx.value, fx.view, (fx.flags & CONTENT_LAST) !== 0),
    CONTENT_TEXT: (fx) => this.#byTicket.get(fx.ticket)?.text(fx.value, fx.bytes),
    CONTENT: (fx) => this.#byTicket.get(fx.ticket)?.told(fx.value, fx.flags, fx.holders),
  };

  // ---- what is kept ----

  /** @param {Run} run */
  async #begin(run) {
    const { platform, current, quota } = this.#parts;
    if (current.run !== run) return;
    if (this.#keep === null) {
      const { place, seal, name } = await openPlace(platform, run.store);
      this.#keep = new Keep({
        place, seal, name, clock: platform.clock, crypto: platform.crypto, quota: quota() ?? QUOTA,
        onEvicted: (id) => {
          const item = this.#byId.get(id);
          if (item) this.close(item);
        },
      });
    }
    this.#fault = null;
    const keep = this.#keep;
    keep.quota = quota() ?? QUOTA; // another one, perhaps, than when this was made
    const failed = (/** @type {Error} */ error) => this.#failed(error);
    const all = await keep.load(failed);
    for (const [at, [name, about]] of all.entries()) {
      if (current.run !== run) return;
      try {
        if (about.unsaid || all.length - at > RESTORED_COUNT_MAX || !await this.#restore(run, keep, name, about)) await keep.remove(name);
      } catch (error) {
        failed(/** @type {Error} */ (error)); // of one: the others are there
      }
    }
    for (const lent of this.#lent.splice(0)) this.#lendAgain(run, keep, lent);
    await keep.fit();
  }

  /** @param {Error} error */
  #failed(error) {
    this.#fault = error;
    this.#parts.platform.log.error('nkt: contents:', error);
  }

  /** @param {Run} run @param {Keep} keep @param {Item} before of the core that is gone */
  #lendAgain(run, keep, { name, about, lent }) {
    const { id, size } = /** @type {About} */ (about);
    const item = this.newItem(run, keep, name, size, id);
    Object.assign(item, { about, lent });
    this.openItem(run, item, lent?.leaves ?? null, null);
  }

  /** @param {Run} run @param {Keep} keep @param {string} name @param {About} about */
  async #restore(run, keep, name, about) {
    const leaves = about.own ? await keep.leavesOf(name) : null;
    const bits = about.own ? null : await keep.held(name, pieceCountOf(about.size));
    if (this.#parts.current.run !== run) return true;
    const item = this.newItem(run, keep, name, about.size);
    item.about = about;
    keep.adopt(name, about, () => item.isBusy);
    this.#byId.set(about.id, item);
    try {
      this.openItem(run, item, leaves, bits);
      for (const said of about.said ?? []) this.#parts.waited(said);
      return true;
    } catch {
      this.close(item); // not what it was: of no use to anybody
      return false;
    }
  }

  /** In the core. @param {Run} run @param {Item} item @param {Uint8Array|null} leaves of an own one @param {Uint8Array|null} bits */
  openItem(run, item, leaves, bits) {
    const { ticket, about } = item;
    if (about === null) return;
    const { manifest, from, own, wanted } = about;
    const request = (kind, fields) => {
      const code = run.driver.ask(kind, { ticket, ...fields });
      if (code < 0) throw run.core.error(code);
    };
    request('CONTENT_OPEN', { bytes: fromBase64url(manifest), address: from || null });
    if (own) request('CONTENT_LEAVES', { bytes: leaves });
    request('CONTENT_HELD', { bytes: own ? null : bits });
    if (!own && !wanted) request('CONTENT_PAUSE', { value: 1 });
  }

  /** @returns {Promise<Keep>} */
  async kept() {
    this.#ready ??= this.#open();
    await this.#ready;
    if (this.#keep !== null) return this.#keep;
    if (this.#fault === null) throw stopped();
    throw new NktError('NKT_E_STORAGE', `contents cannot be kept: ${this.#fault.message}`);
  }

  /**
   * What makes a new content: should it fail, nothing of it stays, and the room that it was promised is free again.
   * @template T @param {Keep} keep @param {Item} item @param {() => Promise<T>} make @returns {Promise<T>}
   */
  async orNothing(keep, item, make) {
    try {
      return await make();
    } catch (error) {
      const isOver = !this.isOpen(item); // and what it is kept in is gone, perhaps: that is why
      this.close(item);
      await keep.remove(item.name).catch(() => {});
      if (isOver) await item.ended;
      throw error;
    } finally {
      if (!item.lent) keep.promiseEnds(item.name); // otherwise it has a place in the core's table as long as it is open
    }
  }

  // ---- one of them ----

  /** @param {string} id @returns {Item|undefined} */
  itemOf(id) {
    return this.#byId.get(id);
  }

  /** Of the run that is now. @param {Item} item */
  isOpen(item) {
    return this.#byTicket.get(item.ticket) === item;
  }

  /** @param {Run} run @param {Keep} keep @param {string} name @param {number} size @param {string} [id] if it is known @returns {Item} */
  newItem(run, keep, name, size, id) {
    const item = new Item(this.#parts.current.nextTicket(), name, size, {
      step: (kind, fields) => run.driver.ask(kind, fields),
      error: (code) => run.core.error(code),
      keep,
      changed: (which) => this.tell(which),
    });
    this.#byTicket.set(item.ticket, item);
    if (id !== undefined) this.#byId.set(id, item);
    return item;
  }

  /** Something is there from now on. @param {Keep} keep @param {Item} item @param {About} about */
  async add(keep, item, about) {
    const { platform, current } = this.#parts;
    item.about = about;
    if (!item.lent) { // otherwise nothing of it is kept
      if (current.run !== null) noteHolding(platform, current.run.store, keep.name);
      await keep.about(item.name, about);
      keep.adopt(item.name, about, () => item.isBusy);
    }
    if (this.isOpen(item)) this.#byId.set(about.id, item);
  }

  /**
   * What is known about one is another from now on.
   * @param {Keep} keep @param {Item} item @param {Partial<About>} changes @param {boolean} [isStored] false: by this run alone
   */
  async change(keep, item, changes, isStored = true) {
    if (item.about === null) return;
    const about = { ...item.about, ...changes };
    item.about = about;
    if (isStored && !item.lent) await keep.about(item.name, about);
  }

  /**
   * One that was held for others is opened again, to be read.
   * @param {Run} run @param {Keep} keep @param {Item} held @param {Partial<About>} changes
   */
  async reopen(run, keep, held, changes) {
    const bits = await keep.held(held.name, pieceCountOf(held.about?.size ?? 0));
    if (held.about === null || this.itemOf(held.about.id) !== held) return; // dropped meanwhile
    const about = { ...held.about, ...changes }; // as it is by now: a message may have been noted meanwhile
    this.close(held);
    const item = this.newItem(run, keep, held.name, about.size, about.id);
    item.about = about;
    keep.adopt(item.name, about, () => item.isBusy);
    this.openItem(run, item, null, bits);
    await keep.about(item.name, about);
  }

  /** @param {(progress: any) => void} onProgress of the application: what it throws is its own affair @param {object} progress */
  report(onProgress, progress) {
    const { dispatcher, platform } = this.#parts;
    dispatcher.queueCall(() => {
      try {
        onProgress(progress);
      } catch (error) {
        platform.log.error('nkt: onProgress:', error);
      }
    });
  }

  /** It has come further. @param {Item} item */
  tell(item) {
    const { dispatcher } = this.#parts;
    if (item.about === null) return;
    const { state, loaded, holders } = item.progress;
    const progress = Object.freeze({ state, loaded, total: item.about.size, sources: holders.length });
    for (const { onProgress } of /** @type {Set<any>} */ (item.users)) {
      if (onProgress) this.report(onProgress, progress);
    }
    dispatcher.queueDetail('nktcontentstate', this.contentOf(item));
  }

  /** It is not open any more. @param {Item} item */
  close(item) {
    const { run } = this.#parts.current;
    if (this.#byTicket.delete(item.ticket) && run !== null) run.driver.step('CONTENT_CLOSE', { ticket: item.ticket });
    if (item.about !== null && this.#byId.get(item.about.id) === item) this.#byId.delete(item.about.id);
    for (const [id, one] of this.#byId) if (one === item) this.#byId.delete(id);
    item.close();
    if (item.lent) this.#keep?.promiseEnds(item.name);
    if (item.about !== null) this.#parts.dispatcher.queueDetail('nktcontentstate', this.contentOf(item)); // known, and no more than that
  }

  /** @param {Item} item @returns {Content} */
  contentOf(item) {
    const { id, size, type, name, manifest, thumbnail, from, own, sealed } = /** @type {About} */ (item.about);
    const known = {
      id, size, type, name, manifest, thumbnail: thumbnail === '' ? null : fromBase64url(thumbnail), from: from || null, own, sealed,
    };
    return new Content(known, (which) => this.progressOf(which));
  }

  /** @param {string} id @returns {import('./content.js').Progress|null} null: nothing of it is kept here */
  progressOf(id) {
    return this.#byId.get(id)?.progress ?? null;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents that are kept here: what is open, what is being shared and fetched, and what of it outlives a restart. */
import { throwIfAborted } from './abort.js';
import { fromBase64url, toBase64url } from './base64url.js';
import { BLOB_COUNT_MAX, CONTENT_AGAIN, CONTENT_LAST } from './constants.js';
import { checkThumbnail, Content } from './content.js';
import { Item } from './content_item.js';
import { Keep, QUOTA } from './content_keep.js';
import { noteHolding } from './content_note.js';
import { openPlace } from './content_places.js';
import { FetchedContent } from './content_response.js';
import { inPieces, sourceOf } from './content_source.js';
import { writeWord } from './content_word.js';
import { NktError } from './errors.js';

/** Of those in the core some places are left for what is fetched and shared next. */
const RESTORED_COUNT_MAX = BLOB_COUNT_MAX - 32;

/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./content.js').Known} Known */
/** @typedef {{signal?: AbortSignal, onProgress?: (progress: import('./types.d.ts').ContentProgress) => void}} Options */

/**
 * @typedef {import('./contents.js').Parts & {look: (run: Run, bytes: Uint8Array) => Promise<any>}} Parts look: what a manifest says, and
 *   its slip; null: it is none
 */

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

  /** @param {Parts} parts */
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
        this.#fault = error;
        this.#parts.platform.log.error('nkt: contents:', error);
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
    return [...this.#byId.values()].filter(({ about }) => about !== null).map((item) => this.#contentOf(item));
  }

  /** What it takes here, for health(). */
  get health() {
    const keep = this.#keep;
    const base = { count: this.#byId.size, bytes: keep?.used ?? 0, quota: keep?.quota ?? 0, kind: keep?.kind ?? 'none' };
    return this.#fault === null ? base : { ...base, error: this.#fault.message };
  }

  /**
   * @param {any} what @param {{to?: string, name?: string, type?: string, thumbnail?: Uint8Array|null,
   *   sealed?: boolean} & Options} [options]
   * @returns {Promise<{content: Content, delivery: import('./delivery.js').Delivery}>}
   */
  async share(what, { to, name, type, thumbnail, sealed = false, signal, onProgress } = {}) {
    const run = await this.#parts.soon();
    const { core } = run;
    if (to !== undefined && !core.isAddress(to)) throw core.error(core.errorCode('NKT_E_ADDRESS'));
    const picture = checkThumbnail(thumbnail);
    let content = what;
    if (!Content.is(what)) {
      content = await this.make(run, what, { name, type, picture, signal, onProgress });
    }
    const known = Content.known(content);
    try {
      const word = sealed ? writeWord(await this.#slipOf(run, known.manifest), null)
        : writeWord(known.manifest, picture ?? known.thumbnail);
      const delivery = await this.#parts.say(run, word, to);
      return { content, delivery };
    } catch (error) {
      if (content !== what) await this.drop(content).catch(() => {}); // made for nobody: whoever tries again makes another
      throw error;
    }
  }

  /**
   * One that nobody is told of yet.
   * @param {Run} run @param {any} what
   * @param {{name?: string, type?: string, picture?: Uint8Array|null, unsaid?: boolean} & Options} options unsaid: see keepMade()
   * @returns {Promise<Content>}
   */
  async make(run, what, { name, type, picture = null, ...options }) {
    const source = sourceOf(what);
    return this.#make(run, source, { name: name ?? source.name, type: type ?? source.type, picture, ...options });
  }

  /** What was made as unsaid is going to be said: from now on it outlives this run. @param {Content[]} contents */
  async keepMade(contents) {
    const keep = await this.#kept();
    for (const { id } of contents) {
      const item = this.#byId.get(id);
      if (!item?.about) throw new NktError('NKT_E_CANCELLED', 'dropped before it was said');
      item.about = { ...item.about, unsaid: undefined };
      await keep.about(item.name, item.about);
    }
  }

  // ---- for messages that wait for one ----

  /** In force, in bytes. */
  get quota() {
    return this.#keep?.quota ?? this.#parts.quota() ?? QUOTA;
  }

  /** It is kept, though not fetched yet, and the message is noted. @param {Content} content @param {import('./large.js').Said} said */
  async hold(content, said) {
    const run = await this.#parts.soon();
    const keep = await this.#kept();
    const known = Content.known(content);
    await this.#byId.get(known.id)?.opening;
    const item = this.#byId.get(known.id);
    if (item === undefined) await this.#opening(run, keep, known, true, [said]).opening;
    else await this.#note(keep, item, [...item.about?.said ?? [], said]);
  }

  /** The message does not wait any more. @param {Content} content @param {import('./large.js').Said} message */
  async release({ id: contentId }, { id, from }) {
    const item = this.#byId.get(contentId);
    const said = item?.about?.said;
    if (item && said) await this.#note(await this.#kept(), item, said.filter((one) => one.id !== id || one.from !== from));
  }

  /** For a message: it goes before what somebody asked for. @param {Content} content @param {AbortSignal} signal */
  fetchUnasked(content, signal) {
    return this.#fetch(content, { signal }, true);
  }

  /** As drop(), but of what somebody else wants as well, or shared here, nothing goes. @param {Content} content */
  async dropUnasked(content) {
    const { about, users } = this.#byId.get(content.id) ?? {};
    if (about?.unasked && !about.said && users?.size === 0) await this.drop(content);
  }

  /** @param {Keep} keep @param {Item} item @param {import('./large.js').Said[]} said */
  async #note(keep, item, said) {
    if (item.about === null) return;
    item.about = { ...item.about, said: said.length > 0 ? said : undefined };
    if (item.lent) return; // nothing of it is kept
    await keep.about(item.name, item.about);
  }

  // ---- for the application ----

  /** @param {unknown} what a Content, or the id of one that is kept @param {Options} [options] @returns {Promise<FetchedContent>} */
  async fetch(what, options = {}) {
    return this.#fetch(what, options, false);
  }

  /** @param {unknown} what @param {Options} options @param {boolean} isUnasked @returns {Promise<FetchedContent>} */
  async #fetch(what, { signal, onProgress }, isUnasked) {
    throwIfAborted(signal);
    const run = await this.#parts.soon();
    const keep = await this.#kept();
    const known = this.#knownOf(what);
    const item = await this.#wanted(run, keep, known, isUnasked);
    keep.touch(item.name);
    this.#use(item, signal, onProgress);
    throwIfAborted(signal);
    return new FetchedContent(item, this.#contentOf(item), signal);
  }

  /** @param {unknown} what @returns {Promise<void>} when nothing of it is here any more */
  async drop(what) {
    await this.#parts.soon();
    const keep = await this.#kept();
    const id = typeof what === 'string' ? what : Content.is(what) ? what.id : '';
    await this.#byId.get(id)?.opening.catch(() => {}); // what is being opened would come back
    const item = this.#byId.get(id);
    if (!item) return;
    this.#close(item);
    await keep.remove(item.name);
  }

  /** @param {Run} run @param {string} manifest @returns {Promise<string>} what lets its holder ask and serve, and not read */
  async #slipOf(run, manifest) {
    const looked = await this.#parts.look(run, /** @type {Uint8Array} */ (fromBase64url(manifest)));
    if (looked === null) throw new NktError('NKT_E_STOPPED', 'the peer was stopped');
    return looked.slip;
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
          if (item) this.#close(item);
        },
      });
    }
    this.#fault = null;
    const keep = this.#keep;
    keep.quota = quota() ?? QUOTA; // another one, perhaps, than when this was made
    const all = await keep.load();
    for (const [at, [name, about]] of all.entries()) {
      if (current.run !== run) return;
      if (about.unsaid || all.length - at > RESTORED_COUNT_MAX || !await this.#restore(run, keep, name, about)) await keep.remove(name);
    }
    for (const lent of this.#lent.splice(0)) this.#lendAgain(run, keep, lent);
    await keep.fit();
  }

  /** @param {Run} run @param {Keep} keep @param {Item} before of the core that is gone */
  #lendAgain(run, keep, { name, about, lent }) {
    const { id, size } = /** @type {import('./content_keep.js').About} */ (about);
    const item = this.#item(run, keep, name, size);
    Object.assign(item, { about, lent });
    this.#byId.set(id, item);
    this.#openItem(run, item, lent?.leaves ?? null, null);
  }

  /** @param {Run} run @param {Keep} keep @param {string} name @param {import('./content_keep.js').About} about */
  async #restore(run, keep, name, about) {
    const item = this.#item(run, keep, name, about.size);
    item.about = about;
    const leaves = about.own ? await keep.leavesOf(name) : null;
    const bits = about.own ? null : await keep.held(name, item.pieceCount);
    if (this.#parts.current.run !== run) return true;
    keep.adopt(name, about, () => item.isBusy);
    this.#byId.set(about.id, item);
    try {
      this.#openItem(run, item, leaves, bits);
      for (const said of about.said ?? []) this.#parts.waited(said);
      return true;
    } catch {
      this.#close(item); // not what it was: of no use to anybody
      return false;
    }
  }

  /** Something is there from now on. @param {Keep} keep @param {Item} item @param {import('./content_keep.js').About} about */
  async #keepAbout(keep, item, about) {
    const { platform, current } = this.#parts;
    item.about = about;
    if (item.lent) return; // nothing of it is kept
    if (current.run !== null) noteHolding(platform, current.run.store, keep.name);
    await keep.about(item.name, about);
    keep.adopt(item.name, about, () => item.isBusy);
  }

  /** In the core. @param {Run} run @param {Item} item @param {Uint8Array|null} leaves of an own one @param {Uint8Array|null} bits */
  #openItem(run, item, leaves, bits) {
    const { ticket, about } = item;
    if (about === null) return;
    const { manifest, from, own, wanted } = about;
    const request = (kind, fields) => {
      const code = stepNow(run, kind, { ticket, ...fields });
      if (code < 0) throw run.core.error(code);
    };
    request('CONTENT_OPEN', { bytes: fromBase64url(manifest), address: from || null });
    if (own) request('CONTENT_LEAVES', { bytes: leaves });
    request('CONTENT_HELD', { bytes: own ? null : bits });
    if (!own && !wanted) request('CONTENT_PAUSE', { value: 1 });
  }

  /** @returns {Promise<Keep>} */
  async #kept() {
    this.#ready ??= this.#open();
    await this.#ready;
    if (this.#keep !== null) return this.#keep;
    if (this.#fault === null) throw new NktError('NKT_E_STOPPED', 'the peer was stopped');
    throw new NktError('NKT_E_STORAGE', `contents cannot be kept: ${this.#fault.message}`);
  }

  /**
   * What makes a new content: should it fail, nothing of it stays, and the room that it was promised is free again.
   * @template T @param {Keep} keep @param {Item} item @param {() => Promise<T>} make @returns {Promise<T>}
   */
  async #orNothing(keep, item, make) {
    try {
      return await make();
    } catch (error) {
      this.#close(item);
      await keep.remove(item.name).catch(() => {});
      throw error;
    } finally {
      if (!item.lent) keep.promiseEnds(item.name); // otherwise it has a place in the core's table as long as it is open
    }
  }

  // ---- sharing ----

  /**
   * What there is no room for is read where it lies, if it can be: no copy of it is kept.
   * @param {Run} run @param {import('./content_source.js').Source} source
   * @param {{name: string, type: string, picture: Uint8Array|null, unsaid?: boolean} & Options} options
   */
  async #make(run, source, options) {
    throwIfAborted(options.signal);
    const keep = await this.#kept();
    try {
      return await this.#makeOne(run, keep, source, options, null);
    } catch (error) {
      const { piece } = source;
      if (/** @type {any} */ (error).code !== 'NKT_E_QUOTA' || !piece) throw error;
      return this.#makeOne(run, keep, source, options, { piece, leaves: null });
    }
  }

  /**
   * @param {Run} run @param {Keep} keep @param {import('./content_source.js').Source} source
   * @param {{name: string, type: string, picture: Uint8Array|null, unsaid?: boolean} & Options} options
   * @param {import('./content_item.js').Lent|null} lent
   */
  async #makeOne(run, keep, source, { name, type, picture, unsaid, signal, onProgress }, lent) {
    const item = this.#item(run, keep, keep.newName(), -1);
    item.lent = lent;
    return this.#orNothing(keep, item, async () => {
      await keep.room(lent ? 0 : source.size ?? 0, item.name);
      const text = JSON.stringify({ ...(source.size !== undefined && { size: source.size }), type, name });
      const code = stepNow(run, 'CONTENT_SHARE', { ticket: item.ticket, text, flags: lent ? CONTENT_AGAIN : 0 });
      if (code < 0) throw run.core.error(code);
      let size = 0;
      let index = 0;
      for await (const { bytes, isLast } of inPieces(source.chunks())) {
        throwIfAborted(signal);
        size += bytes.length;
        if (source.size === undefined) await keep.room(size, item.name);
        await item.plain(index++, bytes, isLast ? CONTENT_LAST : 0);
        if (onProgress) this.#call(onProgress, { loaded: size, total: source.size ?? size, sources: 0, state: 'sharing' });
      }
      const { id, manifest } = await item.shared(size);
      await this.#keepAbout(keep, item, {
        version: 1, id, size, type, name, manifest: toBase64url(manifest), thumbnail: picture ? toBase64url(picture) : '', from: '',
        own: true, unsaid, wanted: true, usedAt: this.#parts.platform.clock.wall(),
      });
      this.#byId.set(id, item);
      return this.#contentOf(item);
    });
  }

  // ---- fetching ----

  /** @param {unknown} what @returns {import('./content.js').Known} */
  #knownOf(what) {
    if (Content.is(what)) return Content.known(what);
    const item = typeof what === 'string' ? this.#byId.get(what) : undefined;
    if (item?.about) return Content.known(this.#contentOf(item));
    throw new NktError('NKT_E_CONTENT_UNKNOWN', 'a Content is wanted, or the id of one that is kept here');
  }

  /**
   * It is open, and fetched.
   * @param {Run} run @param {Keep} keep @param {import('./content.js').Known} known @param {boolean} isUnasked @returns {Promise<Item>}
   */
  async #wanted(run, keep, known, isUnasked) {
    const held = this.#byId.get(known.id);
    if (held?.about?.sealed && !known.sealed) {
      held.unsealing ??= this.#unseal(run, keep, held, known).finally(() => { held.unsealing = undefined; }); // a failed try is tried again
      await held.unsealing;
    }
    const item = this.#byId.get(known.id) ?? this.#opening(run, keep, known, isUnasked);
    await item.opening;
    if (item.about?.unasked && !isUnasked) await this.#asked(keep, item);
    if (item.about?.own || item.isWhole || item.about?.wanted) return item;
    await this.#want(item, true);
    return item;
  }

  /** Somebody wants what only messages wanted until now. @param {Keep} keep @param {Item} item */
  async #asked(keep, item) {
    item.about = { .../** @type {import('./content_keep.js').About} */ (item.about), unasked: undefined };
    await keep.about(item.name, item.about);
  }

  /** One that was held for others can be read from now on. @param {Run} run @param {Keep} keep @param {Item} held @param {Known} known */
  async #unseal(run, keep, held, known) {
    const { type, name, manifest, thumbnail, from } = known;
    const about = {
      .../** @type {import('./content_keep.js').About} */ (held.about), type, name, manifest, from: from ?? '', sealed: false,
      thumbnail: thumbnail ? toBase64url(thumbnail) : '',
    };
    await keep.about(held.name, about);
    const bits = await keep.held(held.name, held.pieceCount);
    if (this.#byId.get(known.id) !== held) return; // dropped meanwhile
    this.#close(held);
    const item = this.#item(run, keep, held.name, about.size);
    item.about = about;
    keep.adopt(item.name, about, () => item.isBusy);
    this.#byId.set(about.id, item);
    this.#openItem(run, item, null, bits);
  }

  /**
   * One that is new here.
   * @param {Run} run @param {Keep} keep @param {Known} known @param {boolean} isUnasked
   * @param {import('./large.js').Said[]} [said] it is not fetched yet @returns {Item}
   */
  #opening(run, keep, known, isUnasked, said) {
    const item = this.#item(run, keep, keep.newName(), known.size);
    this.#byId.set(known.id, item);
    item.isOpening = true;
    item.opening = this.#openNew(run, keep, item, known, isUnasked, said).finally(() => { item.isOpening = false; });
    return item;
  }

  /** @param {Run} run @param {Keep} keep @param {Item} item @param {Known} known @param {boolean} isUnasked @param {any[]} [said] */
  async #openNew(run, keep, item, known, isUnasked, said) {
    const { id, size, type, name, manifest, thumbnail, from, sealed } = known;
    await this.#orNothing(keep, item, async () => {
      await keep.room(size, item.name, isUnasked);
      await this.#keepAbout(keep, item, {
        version: 1, id, size, type, name, manifest, thumbnail: thumbnail ? toBase64url(thumbnail) : '', from: from ?? '', own: false,
        sealed, said, unasked: isUnasked || undefined, wanted: said === undefined, usedAt: this.#parts.platform.clock.wall(),
      });
      this.#openItem(run, item, null, null);
    });
  }

  /** Whether it is to be fetched. @param {Item} item @param {boolean} isWanted */
  async #want(item, isWanted) {
    const { run } = this.#parts.current;
    if (item.about === null || run === null || !this.#byTicket.has(item.ticket)) return;
    item.about = { ...item.about, wanted: isWanted };
    stepNow(run, 'CONTENT_PAUSE', { ticket: item.ticket, value: isWanted ? 0 : 1 });
    if (!item.about.unasked) await this.#keep?.about(item.name, item.about); // messages say themselves whether they wait
  }

  /** Somebody wants all of it, until he does not. @param {Item} item @param {AbortSignal|undefined} signal @param {any} onProgress */
  #use(item, signal, onProgress) {
    const user = { onProgress };
    item.users.add(user);
    const end = () => {
      signal?.removeEventListener('abort', end);
      item.users.delete(user);
      if (item.users.size === 0 && signal?.aborted && !item.isWhole) this.#want(item, false).catch(() => {});
    };
    signal?.addEventListener('abort', end);
    item.whole(signal).then(end, end);
    if (signal?.aborted) end(); // before anybody listened
    if (item.isWhole) this.#tell(item);
  }

  // ---- all of them ----

  /** @param {Run} run @param {Keep} keep @param {string} name @param {number} size @returns {Item} */
  #item(run, keep, name, size) {
    const item = new Item(this.#parts.current.nextTicket(), name, size, {
      step: (kind, fields) => stepNow(run, kind, fields),
      error: (code) => run.core.error(code),
      keep,
      changed: (which) => this.#tell(which),
    });
    this.#byTicket.set(item.ticket, item);
    return item;
  }

  /** @param {(progress: any) => void} onProgress of the application: what it throws is its own affair @param {object} progress */
  #call(onProgress, progress) {
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
  #tell(item) {
    const { dispatcher } = this.#parts;
    if (item.about === null) return;
    const { state, loaded, holders } = item.progress;
    const progress = Object.freeze({ state, loaded, total: item.about.size, sources: holders.length });
    for (const { onProgress } of /** @type {Set<any>} */ (item.users)) {
      if (onProgress) this.#call(onProgress, progress);
    }
    dispatcher.queueDetail('nktcontentstate', this.#contentOf(item));
  }

  /** It is not open any more. @param {Item} item */
  #close(item) {
    const { run } = this.#parts.current;
    if (this.#byTicket.delete(item.ticket) && run !== null) run.driver.step('CONTENT_CLOSE', { ticket: item.ticket });
    if (item.about !== null && this.#byId.get(item.about.id) === item) this.#byId.delete(item.about.id);
    for (const [id, one] of this.#byId) if (one === item) this.#byId.delete(id);
    item.close();
    if (item.lent) this.#keep?.promiseEnds(item.name);
    if (item.about !== null) this.#parts.dispatcher.queueDetail('nktcontentstate', this.#contentOf(item)); // known, and no more than that
  }

  /** @param {Item} item @returns {Content} */
  #contentOf(item) {
    const { id, size, type, name, manifest, thumbnail, from, own, sealed } = /** @type {import('./content_keep.js').About} */ (item.about);
    return this.#content({
      id, size, type, name, manifest, thumbnail: thumbnail === '' ? null : fromBase64url(thumbnail), from: from || null, own, sealed,
    });
  }

  /** @param {import('./content.js').Known} known @returns {Content} */
  #content(known) {
    return new Content(known, (id) => this.progressOf(id));
  }

  /** @param {string} id @returns {import('./content.js').Progress|null} null: nothing of it is kept here */
  progressOf(id) {
    return this.#byId.get(id)?.progress ?? null;
  }
}

/** @param {Run} run @param {string} kind @param {object} fields @returns {number} its answer; 0: it is at work, and answers later */
function stepNow(run, kind, fields) {
  let answer = 0;
  run.driver.step(kind, fields, (code) => {
    answer = code;
  });
  return answer;
}


// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Contents that are fetched from others: because the application asked for them, or because a message waits for one (large_hear.js).
 * Whatever is open already is found on the shelf; what is not is opened there first.
 */
import { throwIfAborted } from './abort.js';
import { toBase64url } from './base64url.js';
import { Content, noContent } from './content.js';
import { FetchedContent } from './content_response.js';

/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./content.js').Known} Known */
/** @typedef {import('./content_item.js').Item} Item */
/** @typedef {import('./content_keep.js').Keep} Keep */
/** @typedef {import('./large.js').Said} Said */
/** @typedef {import('./content_share.js').Options} Options */

export class Fetching {
  #parts;

  /** @param {import('./contents.js').Parts & {shelf: import('./content_shelf.js').Shelf}} parts */
  constructor(parts) {
    this.#parts = parts;
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
    const { shelf } = this.#parts;
    const keep = await shelf.kept();
    const item = await this.#opened(run, keep, this.#knownOf(what), isUnasked);
    keep.touch(item.name);
    this.#use(keep, item, signal, onProgress);
    throwIfAborted(signal);
    const isWanted = item.about?.own || item.isWhole || item.about?.wanted; // by now: another may have given up
    if (!isWanted || item.progress.state === 'full') await this.#want(keep, item, true);
    return new FetchedContent(item, shelf.contentOf(item), signal);
  }

  // ---- for messages that wait for one ----

  /** It is kept, though not fetched yet, and the message is noted. @param {Content} content @param {Said} said */
  async hold(content, said) {
    const run = await this.#parts.soon();
    const { shelf } = this.#parts;
    const keep = await shelf.kept();
    const known = Content.known(content);
    await shelf.itemOf(known.id)?.opening;
    const item = shelf.itemOf(known.id);
    if (item === undefined) await this.#opening(run, keep, known, true, [said]).opening;
    else if (item.about !== null) await this.#note(keep, item, [...item.about.said ?? [], said]);
  }

  /** The message does not wait any more. @param {Content} content @param {Said} message */
  release(content, { id, from }) {
    return this.#renote(content, (said) => said.filter((one) => one.id !== id || one.from !== from));
  }

  /** It waits still, and something about it is another. @param {Content} content @param {Said} message */
  renote(content, message) {
    return this.#renote(content, (said) => said.map((one) => (one.id === message.id && one.from === message.from ? message : one)));
  }

  /** @param {Content} content @param {(said: Said[]) => Said[]} change */
  async #renote({ id }, change) {
    const { shelf } = this.#parts;
    const keep = await shelf.kept();
    const item = shelf.itemOf(id); // now: it may have been opened again meanwhile
    if (item?.about?.said) await this.#note(keep, item, change(item.about.said));
  }

  /** For a message: it goes before what somebody asked for. @param {Content} content @param {AbortSignal} signal */
  fetchUnasked(content, signal) {
    return this.#fetch(content, { signal }, true);
  }

  /** As drop(), but of what somebody else wants as well, or shared here, nothing goes. @param {Content} content */
  async dropUnasked(content) {
    const { shelf } = this.#parts;
    const { about, users } = shelf.itemOf(content.id) ?? {};
    if (about?.unasked && !about.said && users?.size === 0) await shelf.drop(content);
  }

  /** @param {Keep} keep @param {Item} item @param {Said[]} said */
  #note(keep, item, said) {
    return this.#parts.shelf.change(keep, item, { said: said.length > 0 ? said : undefined });
  }

  // ---- opened, and fetched ----

  /** @param {unknown} what @returns {import('./content.js').Known} */
  #knownOf(what) {
    if (Content.is(what)) return Content.known(what);
    const { shelf } = this.#parts;
    const item = typeof what === 'string' ? shelf.itemOf(what) : undefined;
    if (item?.about) return Content.known(shelf.contentOf(item));
    throw noContent();
  }

  /** @param {Run} run @param {Keep} keep @param {Known} known @param {boolean} isUnasked @returns {Promise<Item>} */
  async #opened(run, keep, known, isUnasked) {
    const { shelf } = this.#parts;
    const held = shelf.itemOf(known.id);
    if (held?.about?.sealed && !known.sealed) {
      held.unsealing ??= this.#unseal(run, keep, held, known).finally(() => { held.unsealing = undefined; }); // a failed try is tried again
      await held.unsealing;
    }
    const item = shelf.itemOf(known.id) ?? this.#opening(run, keep, known, isUnasked);
    await item.opening;
    if (item.about?.unasked && !isUnasked) await shelf.change(keep, item, { unasked: undefined }); // not messages alone want it now
    return item;
  }

  /** One that was held for others can be read from now on. @param {Run} run @param {Keep} keep @param {Item} held @param {Known} known */
  async #unseal(run, keep, held, known) {
    const { type, name, manifest, thumbnail, from } = known;
    await this.#parts.shelf.reopen(run, keep, held, {
      type, name, manifest, from: from ?? '', sealed: false, thumbnail: thumbnail ? toBase64url(thumbnail) : '',
    });
  }

  /**
   * One that is new here.
   * @param {Run} run @param {Keep} keep @param {Known} known @param {boolean} isUnasked
   * @param {Said[]} [said] it is not fetched yet @returns {Item}
   */
  #opening(run, keep, known, isUnasked, said) {
    const { shelf } = this.#parts;
    const item = shelf.newItem(run, keep, keep.newName(), known.size, known.id);
    item.isOpening = true;
    item.opening = this.#openNew(run, keep, item, known, isUnasked, said).finally(() => { item.isOpening = false; });
    return item;
  }

  /** @param {Run} run @param {Keep} keep @param {Item} item @param {Known} known @param {boolean} isUnasked @param {any[]} [said] */
  async #openNew(run, keep, item, known, isUnasked, said) {
    const { id, size, type, name, manifest, thumbnail, from, sealed } = known;
    const { shelf, platform } = this.#parts;
    await shelf.orNothing(keep, item, async () => {
      await keep.room(size, item.name, isUnasked);
      await shelf.add(keep, item, {
        version: 1, id, size, type, name, manifest, thumbnail: thumbnail ? toBase64url(thumbnail) : '', from: from ?? '', own: false,
        sealed, said, unasked: isUnasked || undefined, wanted: said === undefined, usedAt: platform.clock.wall(),
      });
      shelf.openItem(run, item, null, null);
    });
  }

  /** Whether it is to be fetched. Never rejects. @param {Keep} keep @param {Item} item @param {boolean} wanted */
  async #want(keep, item, wanted) {
    const { shelf, current: { run } } = this.#parts;
    if (item.about === null || run === null || !shelf.isOpen(item)) return;
    run.driver.ask('CONTENT_PAUSE', { ticket: item.ticket, value: wanted ? 0 : 1 });
    const isStored = !item.about.unasked; // messages say themselves whether they wait
    await shelf.change(keep, item, { wanted }, isStored).catch(() => {}); // then the next run does as it was before
  }

  /**
   * Somebody wants all of it, until he does not.
   * @param {Keep} keep @param {Item} item @param {AbortSignal|undefined} signal @param {any} onProgress
   */
  #use(keep, item, signal, onProgress) {
    const user = { onProgress };
    item.users.add(user);
    const end = () => {
      signal?.removeEventListener('abort', end);
      item.users.delete(user);
      if (item.users.size === 0 && signal?.aborted && !item.isWhole) this.#want(keep, item, false);
    };
    signal?.addEventListener('abort', end);
    item.whole(signal).then(end, end);
    if (signal?.aborted) end(); // before anybody listened
    if (item.isWhole) this.#parts.shelf.tell(item);
  }
}

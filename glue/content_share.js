// SPDX-License-Identifier: GPL-3.0-or-later
/** Contents that are shared here: made of what the application gives, piece by piece, and then said. */
import { cancelled, throwIfAborted } from './abort.js';
import { fromBase64url, toBase64url } from './base64url.js';
import { hasHalves } from './config.js';
import { CONTENT_AGAIN, CONTENT_LAST } from './constants.js';
import { checkThumbnail, Content } from './content.js';
import { fitType, inPieces, shortName, sourceOf, untilOver } from './content_source.js';
import { writeWord } from './content_word.js';
import { deferred } from './deferred.js';
import { NktError, stopped } from './errors.js';

/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./content_keep.js').Keep} Keep */
/** @typedef {{signal?: AbortSignal, onProgress?: (progress: import('./types.d.ts').ContentProgress) => void}} Options */

/**
 * @typedef {import('./contents.js').Parts & {shelf: import('./content_shelf.js').Shelf,
 *   look: (run: Run, bytes: Uint8Array) => Promise<any>}} Parts look: what a manifest says, and its slip; null: it is none
 */

/**
 * What one says of a content. The core is told in JSON, and would not see what stands behind a NUL.
 * @param {string} key @param {unknown} text none: what its source says @param {(text: string) => string} fit @param {string} wanted
 */
function checkText(key, text, fit, wanted) {
  if (text === undefined || text === null || (typeof text === 'string' && !hasHalves(text) && fit(text) === text)) return;
  throw new NktError('NKT_E_MANIFEST', `share: ${key} is ${wanted}`);
}

export class Sharing {
  #parts;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {any} what @param {{to?: string, name?: string, type?: string, thumbnail?: Uint8Array|null,
   *   sealed?: boolean} & Options} [options]
   * @returns {Promise<{content: Content, delivery: import('./delivery.js').Delivery}>}
   */
  async share(what, { to, name, type, thumbnail, sealed = false, signal, onProgress } = {}) {
    const run = await this.#parts.soon();
    const { core } = run;
    if (to !== undefined) core.checkAddress(to);
    const picture = checkThumbnail(thumbnail);
    checkText('name', name, shortName, 'text of at most 255 bytes: no path, no control characters, none that turn what follows');
    checkText('type', type, fitType, 'a media type, such as image/png');
    if (sealed !== false && sealed !== true) throw new NktError('NKT_E_ARGUMENT', 'share: sealed is true or false');
    let content = what;
    if (!Content.is(what)) {
      content = await this.make(run, what, { name, type, picture, signal, onProgress });
    }
    const known = Content.known(content);
    if (content === what) await this.#checkKept(content);
    try {
      const word = sealed ? writeWord(await this.#slipOf(run, known.manifest), null)
        : writeWord(known.manifest, picture ?? known.thumbnail);
      throwIfAborted(signal);
      const delivery = await this.#parts.say(run, word, to);
      return { content, delivery };
    } catch (error) {
      if (content !== what) await this.#parts.shelf.drop(content).catch(() => {}); // made for nobody: whoever tries again makes another
      throw error;
    }
  }

  /** Of what others gave they may be told again; of one's own that is here no more nobody may have anything. @param {Content} content */
  async #checkKept({ id, own }) {
    const { shelf } = this.#parts;
    if (!own) return;
    await shelf.kept();
    if (!shelf.itemOf(id)) throw new NktError('NKT_E_CONTENT_UNKNOWN', 'share: it is not kept here any more: share what it was made of');
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
    const { shelf } = this.#parts;
    const keep = await shelf.kept();
    for (const { id } of contents) {
      const item = shelf.itemOf(id);
      if (!item?.about) throw new NktError('NKT_E_CANCELLED', 'dropped before it was said');
      await shelf.change(keep, item, { unsaid: undefined });
    }
  }

  /** @param {Run} run @param {string} manifest @returns {Promise<string>} what lets its holder ask and serve, and not read */
  async #slipOf(run, manifest) {
    const looked = await this.#parts.look(run, /** @type {Uint8Array} */ (fromBase64url(manifest)));
    if (looked === null) throw stopped();
    return looked.slip;
  }

  /**
   * What there is no room for is read where it lies, if it can be: no copy of it is kept.
   * @param {Run} run @param {import('./content_source.js').Source} source
   * @param {{name: string, type: string, picture: Uint8Array|null, unsaid?: boolean} & Options} options
   */
  async #make(run, source, options) {
    throwIfAborted(options.signal);
    const keep = await this.#parts.shelf.kept();
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
    const { shelf, platform } = this.#parts;
    const item = shelf.newItem(run, keep, keep.newName(), -1);
    item.lent = lent;
    return shelf.orNothing(keep, item, async () => {
      await keep.room(lent ? 0 : source.size ?? 0, item.name);
      const text = JSON.stringify({ ...(source.size !== undefined && { size: source.size }), type, name });
      const code = run.driver.ask('CONTENT_SHARE', { ticket: item.ticket, text, flags: lent ? CONTENT_AGAIN : 0 });
      if (code < 0) throw run.core.error(code);
      const size = await this.#take(keep, item, source, signal, onProgress);
      const { id, manifest } = await item.shared(size);
      await shelf.add(keep, item, {
        version: 1, id, size, type, name, manifest: toBase64url(manifest), thumbnail: picture ? toBase64url(picture) : '', from: '',
        own: true, unsaid, wanted: true, usedAt: platform.clock.wall(),
      });
      return shelf.contentOf(item);
    });
  }

  /**
   * All that the source gives, for the core.
   * @param {Keep} keep @param {import('./content_item.js').Item} item @param {import('./content_source.js').Source} source
   * @param {AbortSignal|undefined} signal @param {Options['onProgress']} onProgress @returns {Promise<number>} its size
   */
  async #take(keep, item, source, signal, onProgress) {
    const over = deferred();
    const stop = () => over.reject(cancelled(signal));
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop(); // before anybody listened
    item.ended.catch(over.reject);
    let size = 0;
    let index = 0;
    try {
      for await (const { bytes, isLast } of inPieces(untilOver(source.chunks(), over.promise))) {
        throwIfAborted(signal);
        size += bytes.length;
        if (isLast && size !== (source.size ?? size)) throw new NktError('NKT_E_VALUE', 'share: reading it failed: it changed meanwhile');
        if (source.size === undefined) await keep.room(size, item.name);
        await item.plain(index++, bytes, isLast ? CONTENT_LAST : 0);
        if (!onProgress) continue;
        this.#parts.shelf.report(onProgress, { loaded: size, total: source.size ?? size, sources: 0, state: 'sharing' });
      }
      return size;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Contents: bytes that are named in a message and fetched piece by piece from whoever has them. What one is can be told at once; what
 * shares, keeps and fetches them is loaded when something is shared or fetched, or kept here, and no sooner.
 */
import { fromBase64url, toBase64url } from './base64url.js';
import { Content } from './content.js';
import { mayHold } from './content_note.js';
import { readWord } from './content_word.js';
import { NktError, stopped } from './errors.js';
import { fetched } from './fetched.js';

/** @typedef {import('./run.js').Run} Run */
/** @typedef {typeof import('./content_parts.js')} Code */
/**
 * What does the work.
 * @typedef {object} Workers
 * @property {import('./content_shelf.js').Shelf} shelf keeps @property {import('./content_share.js').Sharing} sharing
 * @property {import('./content_fetch.js').Fetching} fetching
 */

/**
 * @typedef {object} Parts
 * @property {any} platform
 * @property {import('./current.js').Current} current
 * @property {() => Promise<Run>} soon
 * @property {() => number|undefined} quota that is in force
 * @property {import('./events.js').Dispatcher} dispatcher
 * @property {(run: Run, text: string, to: string|undefined) => Promise<import('./delivery.js').Delivery>} say
 * @property {(said: import('./large.js').Said) => void} waited a message waits for what is open again
 */

export class Contents {
  #parts;
  /** What does the work, once it is loaded. @type {Code|null} */
  #code = null;
  /** @type {Workers|null} */
  #workers = null;
  /** Where it may hold something. @type {{run: Run, mayHold: boolean}|null} */
  #begun = null;
  /** Why it could not be loaded. @type {Error|null} */
  #fault = null;
  /** What the last run ended with, if none was to go on with it. @type {Error|null} */
  #stopped = null;
  /** Manifests being read, by ticket. @type {Map<number, (looked: any) => void>} */
  #looks = new Map();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  // ---- a run begins and ends ----

  /** The core runs. @param {Run} run */
  begin(run) {
    const { platform } = this.#parts;
    this.#begun = { run, mayHold: mayHold(platform, run.store) };
    if (this.#workers) this.#workers.shelf.begin(run, this.#begun.mayHold);
    else if (this.#begun.mayHold) {
      this.#loaded().catch((error) => {
        this.#fault = error;
        platform.log.error('nkt: contents:', error);
      });
    }
  }

  /** @param {Error} error @param {boolean} willGoOn another core takes up what is stored */
  end(error, willGoOn) {
    this.#begun = null;
    if (!willGoOn) this.#stopped = error;
    for (const done of this.#looks.values()) done(null);
    this.#looks.clear();
    this.#workers?.shelf.end(error, willGoOn);
  }

  /** What was kept is let go of. @returns {Promise<void>} */
  get closed() {
    return this.#workers?.shelf.closed ?? Promise.resolve();
  }

  // ---- for the application ----

  /** What is kept here, the one used longest ago first. @returns {Content[]} */
  get list() {
    return this.#workers?.shelf.list ?? [];
  }

  /** What it takes here, for health(). */
  get health() {
    const none = { count: 0, bytes: 0, quota: 0, kind: 'none' };
    return this.#workers?.shelf.health ?? (this.#fault === null ? none : { ...none, error: this.#fault.message });
  }

  /**
   * A value that was said as a content: what it names.
   * @param {any} value @param {{from: string|null, own: boolean}} whose @returns {Promise<Content|null>} null: it is none
   */
  async look(value, { from, own }) {
    const word = readWord(value);
    const bytes = word && fromBase64url(word.manifest);
    const { run } = this.#parts.current;
    if (!word || !bytes || run === null) return null;
    const looked = await this.#look(run, bytes);
    if (looked === null) return null;
    const { slip, ...said } = looked;
    const known = { ...said, manifest: word.manifest, thumbnail: word.thumbnail, from, own, sealed: slip === word.manifest };
    return new Content(known, (id) => this.#workers?.shelf.progressOf(id) ?? null);
  }

  /** What a manifest says, and its slip. @param {Run} run @param {Uint8Array} bytes @returns {Promise<any>} null: it is none */
  async #look(run, bytes) {
    const ticket = this.#parts.current.nextTicket();
    const looked = await new Promise((resolve) => {
      this.#looks.set(ticket, resolve);
      run.driver.step('CONTENT_LOOK', { ticket, bytes }, (code) => {
        if (code < 0) resolve(null);
      });
    });
    this.#looks.delete(ticket);
    return looked;
  }

  // ---- what does the work ----

  /** @type {Record<string, (fx: any) => void>} */
  #effects = {
    CONTENT_LOOKED: (fx) => this.#looks.get(fx.ticket)?.({ id: fx.id, ...JSON.parse(fx.text), slip: toBase64url(fx.bytes) }),
  };

  /** @param {any} fx an effect of the core */
  effect(fx) {
    (this.#effects[fx.kind] ?? this.#workers?.shelf.effects[fx.kind])?.(fx);
  }

  /** Of a peer that runs, and goes on running while they are loaded. @returns {Promise<Workers>} */
  async workers() {
    const before = this.#stopped;
    const workers = await this.#loaded();
    if (this.#stopped !== before) throw this.#stopped;
    return workers;
  }

  /** @returns {Promise<Workers>} */
  async #loaded() {
    const { Fetching, Sharing, Shelf } = await this.code();
    if (this.#workers === null) {
      const soon = () => this.#parts.soon().catch(() => { throw this.#stopped ?? stopped(); }); // it ran when they were asked for
      const shelf = new Shelf({ ...this.#parts, soon });
      const parts = { ...this.#parts, soon, shelf };
      const sharing = new Sharing({ ...parts, look: (run, bytes) => this.#look(run, bytes) });
      this.#workers = { shelf, sharing, fetching: new Fetching(parts) };
      if (this.#begun) shelf.begin(this.#begun.run, this.#begun.mayHold);
      this.#fault = null;
    }
    return this.#workers;
  }

  /** A failed try is tried again. @returns {Promise<Code>} */
  async code() {
    try {
      this.#code ??= await fetched(() => import('./content_parts.js'));
      return this.#code;
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new NktError('NKT_E_STORAGE', `what shares and fetches contents is not there: ${message}`, { cause: error });
    }
  }
}

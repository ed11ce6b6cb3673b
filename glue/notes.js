// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Notes: small documents that are kept with the identity, where the core's records are, and as long. Sealed, under a key that comes of
 * the one the core seals its records with; that key names them as well, so nobody sees of whom they are. Where nothing is stored
 * (`storage: 'none'`, no WebCrypto) they live as long as the peer's storage does: until close().
 */
import { makeSeal } from './content_seal.js';
import { NktError } from './errors.js';
import { NOTE_PREFIX } from './records.js';

/**
 * Notes of one identity: each of at most 64 KiB or so. What a plugin shares in a room is one, so whoever goes to ever more rooms comes to
 * the limit some day: the one of a room that was changed longest ago makes room then. What plugins keep for themselves never does.
 */
const NOTE_COUNT_MAX = 256;

/**
 * What of one identity is kept.
 * @typedef {object} Shelf
 * @property {Awaited<ReturnType<makeSeal>>|null} seal null: in memory alone
 * @property {Map<string, Uint8Array>} sealed as it was when the run began, by name; empty when it was written since
 * @property {Map<string, Promise<Note>>} notes by label
 * @property {Map<string, Note>} opened by name
 * @property {Map<string, number>} worths by name, as worthOf() has it
 */

/**
 * When a note of a room was changed, in ms since 1970; Infinity: it is no room's, and stays.
 * @param {{at?: unknown, value?: unknown}} note
 */
function worthOf({ at, value }) {
  if (Array.isArray(value) && value.length > 0) return Infinity; // as plugin_storage.js writes it
  return Number.isSafeInteger(at) ? /** @type {number} */ (at) : 0;
}

export class Notes {
  #crypto;
  #wall;
  /** @type {WeakMap<object, Promise<Shelf>>} */
  #shelves = new WeakMap();

  /** @param {any} crypto @param {() => number} wall */
  constructor(crypto, wall) {
    this.#crypto = crypto;
    this.#wall = wall;
  }

  /** @param {import('./run.js').Run} run @param {string} label @returns {Promise<Note>} the same one for the same identity and label */
  async open(run, label) {
    const { store } = run.shelf;
    if (!this.#shelves.has(store)) this.#shelves.set(store, this.#shelfOf(run.shelf));
    const shelf = await /** @type {Promise<Shelf>} */ (this.#shelves.get(store));
    const opening = shelf.notes.get(label) ?? this.#open(store, shelf, label);
    shelf.notes.set(label, opening);
    return opening;
  }

  /** @param {import('./run.js').Shelf} kept @returns {Promise<Shelf>} */
  async #shelfOf({ store, notes }) {
    const canSeal = store.key !== null && this.#crypto?.subtle;
    const seal = canSeal ? await makeSeal(this.#crypto, /** @type {Uint8Array} */ (store.key), 'nkt notes') : null;
    return { seal, sealed: new Map(notes), notes: new Map(), opened: new Map(), worths: new Map() };
  }

  /** @param {import('./run.js').AnyStore} store @param {Shelf} shelf @param {string} label @returns {Promise<Note>} */
  async #open(store, shelf, label) {
    const { seal, sealed, opened, worths } = shelf;
    const name = seal === null ? label : NOTE_PREFIX + await seal.name(label);
    const { value = null } = await read(shelf, name) ?? {};
    const note = new Note(value, {
      hasPlace: async () => {
        if (sealed.has(name)) return true;
        if (sealed.size >= NOTE_COUNT_MAX && !await this.#makeRoom(store, shelf)) return false;
        sealed.set(name, new Uint8Array()); // nobody else takes it
        worths.set(name, this.#wall());
        return true;
      },
      write: async (text) => {
        const at = this.#wall();
        worths.set(name, worthOf({ at, value: note.value }));
        sealed.set(name, new Uint8Array());
        if (seal === null) return;
        const bytes = await seal.seal(new TextEncoder().encode(`{"name":${JSON.stringify(name)},"at":${at},"value":${text}}`));
        await /** @type {import('./store.js').Store} */ (store).keep(name, bytes);
      },
    });
    opened.set(name, note);
    return note;
  }

  /** The one of least worth goes; of a room where one is it is written anew with the next change. False: none may go. */
  async #makeRoom(/** @type {any} */ store, /** @type {Shelf} */ shelf) {
    const { seal, sealed, opened, worths } = shelf;
    for (const name of sealed.keys()) {
      if (!worths.has(name)) worths.set(name, worthOf(await read(shelf, name) ?? {})); // what is damaged is worth nothing
    }
    const rank = (name) => /** @type {[boolean, number]} */ ([opened.has(name), worths.get(name) ?? 0]);
    const [least] = [...sealed.keys()].filter((name) => worths.get(name) !== Infinity).sort((a, b) => {
      const [[isOpen, at], [isOtherOpen, otherAt]] = [rank(a), rank(b)];
      return Number(isOpen) - Number(isOtherOpen) || at - otherAt;
    });
    if (least === undefined) return false;
    sealed.delete(least);
    worths.delete(least);
    if (seal === null) shelf.notes.delete(least);
    else await store.keep(least, null);
    return true;
  }
}

/** @param {Shelf} shelf @param {string} name @returns {Promise<{at?: number, value?: any}|null>} null: none, or damaged */
async function read({ seal, sealed }, name) {
  const bytes = sealed.get(name);
  if (seal === null || bytes === undefined) return null;
  try {
    const note = JSON.parse(new TextDecoder().decode(await seal.open(bytes)));
    return note.name === name ? note : null; // else somebody put another one in its place
  } catch {
    return null;
  }
}

/** One document. */
export class Note {
  /** What was kept; null: nothing. Whoever opened it knows what it may be. @type {any} */
  value;
  #place;
  /** The write that will take up what the value is by then. @type {Promise<void>|null} */
  #next = null;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @param {any} value @param {{hasPlace: () => Promise<boolean>, write: (text: string) => Promise<void>}} place */
  constructor(value, place) {
    this.value = value;
    this.#place = place;
  }

  /** Before it is changed. @returns {Promise<void>} rejects with NKT_E_QUOTA */
  async check() {
    if (await this.#place.hasPlace()) return;
    throw new NktError('NKT_E_QUOTA', `plugins: ${NOTE_COUNT_MAX} of them keep something here already`);
  }

  /** One write at a time, each with all that was changed until then. @returns {Promise<void>} when it is kept */
  save() {
    this.#next ??= this.#last.then(() => {
      this.#next = null;
      return this.#place.write(JSON.stringify(this.value));
    });
    const saving = this.#next;
    this.#last = saving.catch(() => {});
    return saving;
  }
}

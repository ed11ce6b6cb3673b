// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Notes: small documents that are kept with the identity, where the core's records are, and as long. Sealed, under a key that comes of
 * the one the core seals its records with; that key names them as well, so nobody sees of whom they are. Where nothing is stored
 * (`storage: 'none'`, no WebCrypto) they live as long as the peer's storage does: until close().
 */
import { makeSeal } from './content_seal.js';
import { NktError } from './errors.js';
import { NOTE_PREFIX } from './records.js';

/** Notes of one identity: each of at most 64 KiB or so. */
const NOTE_COUNT_MAX = 256;

/**
 * What of one identity is kept.
 * @typedef {object} Shelf
 * @property {Awaited<ReturnType<makeSeal>>|null} seal null: in memory alone
 * @property {Map<string, Uint8Array>} sealed as it was when the run began, by name; taken out when it is opened
 * @property {Map<string, Promise<Note>>} notes by label
 */

export class Notes {
  #crypto;
  /** @type {WeakMap<object, Promise<Shelf>>} */
  #shelves = new WeakMap();

  /** @param {any} crypto */
  constructor(crypto) {
    this.#crypto = crypto;
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
    return { seal, sealed: new Map(notes), notes: new Map() };
  }

  /** @param {import('./run.js').AnyStore} store @param {Shelf} shelf @param {string} label @returns {Promise<Note>} */
  async #open(store, { seal, sealed, notes }, label) {
    if (seal === null) return new Note(null, async () => {}, () => notes.size <= NOTE_COUNT_MAX);
    const name = NOTE_PREFIX + await seal.name(label);
    let value = null;
    let isKept = sealed.has(name);
    try {
      if (isKept) {
        const note = JSON.parse(new TextDecoder().decode(await seal.open(/** @type {Uint8Array} */ (sealed.get(name)))));
        if (note.name === name) value = note.value; // else somebody put another one in its place
      }
    } catch {
      // damaged: as if it were not there
    }
    const write = async (text) => {
      if (!isKept) sealed.set(name, new Uint8Array());
      isKept = true;
      const bytes = await seal.seal(new TextEncoder().encode(`{"name":${JSON.stringify(name)},"value":${text}}`));
      await /** @type {import('./store.js').Store} */ (store).keep(name, bytes);
    };
    return new Note(value, write, () => isKept || sealed.size < NOTE_COUNT_MAX);
  }
}

/** One document. */
export class Note {
  /** What was kept; null: nothing. Whoever opened it knows what it may be. @type {any} */
  value;
  #write;
  #hasPlace;
  /** The write that will take up what the value is by then. @type {Promise<void>|null} */
  #next = null;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @param {any} value @param {(text: string) => Promise<void>} write @param {() => boolean} hasPlace */
  constructor(value, write, hasPlace) {
    this.value = value;
    this.#write = write;
    this.#hasPlace = hasPlace;
  }

  /** Before it is changed. @throws {NktError} NKT_E_QUOTA */
  check() {
    if (this.#hasPlace()) return;
    throw new NktError('NKT_E_QUOTA', `plugins: ${NOTE_COUNT_MAX} of them, or rooms of them, keep something here already`);
  }

  /** One write at a time, each with all that was changed until then. @returns {Promise<void>} when it is kept */
  save() {
    this.#next ??= this.#last.then(() => {
      this.#next = null;
      return this.#write(JSON.stringify(this.value));
    });
    const saving = this.#next;
    this.#last = saving.catch(() => {});
    return saving;
  }
}

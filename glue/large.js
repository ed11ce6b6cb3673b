// SPDX-License-Identifier: GPL-3.0-or-later
/** Values above the limit of a message: their largest bytes travel as contents. What does it is loaded with the first one. */
import { BYTES_SIZE_MAX, isFitting, PARTS_COUNT_MAX } from './carriers.js';
import { Patience } from './patience.js';

/** The longest that stopping waits until what was just heard is noted, in ms: as for the last write of the store. */
const NOTED_MS_MAX = 2000;

/** @typedef {import('./reading.js').Read} Read */
/** @typedef {import('./content.js').Content} Content */
/**
 * How long a message has waited for its bytes, as it was `at` (Unix ms): in all, and since more of them came; how many did, in bytes.
 * @typedef {{waitedMs: number, idleMs: number, gained: number, at: number}} Waited
 */
/**
 * An encrypted message that was heard.
 * @typedef {{id: string, from: string, date: number, text: string, waited?: Waited} & import('./events.js').Where} Said
 */

/**
 * One that is neither noted nor told yet.
 * @typedef {{said: Said, read: Read, isLooked: boolean, isNoting: boolean, done: Promise<void>}} Heard
 */

/**
 * @typedef {object} Parts
 * @property {import('./contents.js').Contents} contents
 * @property {any} timers @property {{now(): number, wall(): number}} clock
 * @property {(from: string) => boolean} isIgnored
 * @property {(said: Said, read: Read) => void} tell the message
 * @property {() => void} dropped it lied
 */

export class Large {
  #parts;
  /** @type {import('./large_hear.js').Late|null} */
  #late = null;
  /** @type {Set<Heard>} */
  #heard = new Set();
  /** Counts runs. */
  #run = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @type {import('./sending.js').SayLarge} */
  async say(run, written, options, say) {
    const { contents } = this.#parts;
    const { sayLarge } = await contents.code();
    return sayLarge(await contents.workers(), run, written, options, say);
  }

  /** A message, some of which is still to come. @param {Said} said @param {Read} read */
  hear(said, read) {
    /** @type {Heard} */
    const one = { said, read, isLooked: false, isNoting: false, done: Promise.resolve() };
    this.#heard.add(one);
    one.done = this.#hear(one).finally(() => this.#heard.delete(one));
    return one.done;
  }

  /** @param {Heard} one */
  async #hear(one) {
    const { contents, dropped, tell } = this.#parts;
    const { said, read } = one;
    const named = await lookAll(contents, read, { from: said.from, own: false });
    if (named === null) return dropped();
    one.isLooked = true;
    const late = await this.#open().catch(() => null); // nothing is fetched then: the application may try
    if (!this.#heard.has(one)) return; // the run ended
    one.isNoting = late !== null;
    await (late === null ? tell(said, read) : late.hear(said, read, named));
  }

  /** One that waited when this peer ran last. @param {Said} said @param {Read} read */
  async restored(said, read) {
    const run = this.#run;
    const named = await lookAll(this.#parts.contents, read, { from: said.from, own: false });
    if (named === null) return;
    const late = await this.#loaded();
    if (run === this.#run) late.wait(said, read, named); // otherwise the next run does
  }

  /** What waits of him does not any more. @param {string} from */
  ignored(from) {
    this.#late?.ignored(from);
  }

  /** Before a run ends: what was heard is noted, or told. @returns {Promise<void>|null} never rejects; null: it is */
  settle() {
    if (this.#heard.size === 0) return null;
    const settled = async () => {
      while (this.#heard.size > 0) await Promise.allSettled([...this.#heard].map(({ done }) => done));
    };
    return new Patience(this.#parts.timers).wait(settled(), NOTED_MS_MAX).catch(() => {});
  }

  /** The run ended: what waits is noted, where there is storage. What is not yet is told now, while somebody may listen. */
  end() {
    this.#run++;
    this.#late?.end();
    for (const one of this.#heard) {
      if (!one.isLooked || one.isNoting) continue;
      this.#heard.delete(one);
      this.#parts.tell(one.said, one.read);
    }
  }

  /** With a place for what it waits for. */
  async #open() {
    const late = await this.#loaded();
    await (await this.#parts.contents.workers()).shelf.kept();
    return late;
  }

  async #loaded() {
    const { Late } = await this.#parts.contents.code();
    const workers = await this.#parts.contents.workers();
    this.#late ??= new Late({ ...this.#parts, ...workers });
    return this.#late;
  }
}

/**
 * Puts in place what is to come, as contents that may be fetched.
 * @param {{look: import('./contents.js').Contents['look']}} contents @param {Read} read @param {{from: string, own: boolean}} whose
 * @returns {Promise<Content[]|null>} null: it lies, and stays as it came
 */
export async function lookAll(contents, { coming, byteCount }, whose) {
  if (coming.length > PARTS_COUNT_MAX) return null;
  const named = await Promise.all(coming.map(({ manifest }) => contents.look({ manifest }, whose)));
  let sum = byteCount;
  for (const [i, content] of named.entries()) {
    if (content === null || content.sealed || !isFitting(coming[i].kind, content.size)) return null;
    sum += content.size;
  }
  if (sum > BYTES_SIZE_MAX) return null;
  coming.forEach(({ put }, i) => put(named[i]));
  return /** @type {Content[]} */ (named);
}

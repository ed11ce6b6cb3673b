// SPDX-License-Identifier: GPL-3.0-or-later
/** What a plugin keeps for itself, with the identity (notes.js). */
import { NktError } from './errors.js';
import { write } from './json.js';
import { fromJson } from './reading.js';
import { sizeOf } from './written.js';

/** Of one plugin. */
export const STORAGE_KEY_COUNT_MAX = 256;
/** In bytes of JSON, keys and values: it is written anew with each change. */
export const STORAGE_SIZE_MAX = 64 << 10;

/** Letters of a key. */
const KEY_LENGTH_MAX = 128;

/** @param {unknown} key @param {string} whose @returns {string} throws NKT_E_ARGUMENT */
export function checkKey(key, whose) {
  if (typeof key === 'string' && key !== '' && key.length <= KEY_LENGTH_MAX) return key;
  throw new NktError('NKT_E_ARGUMENT', `${whose}: a key is text of 1 to ${KEY_LENGTH_MAX} letters`);
}

/** @param {unknown} value @param {string} whose @returns {string} JSON; throws NKT_E_VALUE */
export function textOf(value, whose) {
  const written = write(value, whose);
  if (written.parts.length > 0) {
    const { path } = written.parts[0];
    throw Object.assign(new NktError('NKT_E_VALUE', `${path}: bytes cannot be kept there: share() keeps them`), { path });
  }
  return written.json();
}

/** What was kept by us; JSON texts by key. @param {any} kept @returns {Map<string, string>} */
export function readTexts(kept) {
  const pairs = Array.isArray(kept) ? kept : [];
  return new Map(pairs.filter((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((one) => typeof one === 'string')));
}

/** In bytes. @param {Map<string, string>} texts */
export const sizeOfTexts = (texts) => [...texts].reduce((sum, [key, text]) => sum + sizeOf(key) + sizeOf(text), 0);

/** One plugin's. Opened anew for each call: another identity may be here by then. */
export class Storage {
  #open;

  /** @param {() => Promise<import('./notes.js').Note>} open rejects while nothing runs */
  constructor(open) {
    this.#open = open;
  }

  /** @param {string} key @returns {Promise<any>} a copy; undefined: there is none */
  async get(key) {
    checkKey(key, 'storage');
    const text = readTexts((await this.#open()).value).get(key);
    return text === undefined ? undefined : fromJson(text);
  }

  /** @param {string} key @param {unknown} value @returns {Promise<void>} when it is kept */
  async set(key, value) {
    checkKey(key, 'storage');
    if (value === undefined) return this.delete(key);
    const text = textOf(value, 'value');
    return this.#change((texts) => texts.set(key, text), true);
  }

  /** @param {string} key @returns {Promise<void>} */
  async delete(key) {
    checkKey(key, 'storage');
    return this.#change((texts) => texts.delete(key), false);
  }

  /** @returns {Promise<string[]>} */
  async keys() {
    return [...readTexts((await this.#open()).value).keys()];
  }

  /** @param {(texts: Map<string, string>) => unknown} change @param {boolean} isMore it has to have a place */
  async #change(change, isMore) {
    const note = await this.#open();
    if (isMore) await note.check();
    else if (note.value === null) return; // there is nothing
    const texts = readTexts(note.value);
    change(texts);
    if (texts.size > STORAGE_KEY_COUNT_MAX || sizeOfTexts(texts) > STORAGE_SIZE_MAX) {
      const limits = `${STORAGE_KEY_COUNT_MAX} keys and ${STORAGE_SIZE_MAX} bytes as JSON`;
      throw new NktError('NKT_E_QUOTA', `storage: at most ${limits} for a plugin`);
    }
    note.value = [...texts];
    await note.save();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Small values that people share in a room: who has which, by author. Each author's are one document with a version, and the newest one
 * that was heard holds. What others say is bounded before anything of it is kept.
 */
import { NktError } from './errors.js';
import { checkKey, sizeOfTexts, textOf } from './plugin_storage.js';
import { fromJson } from './reading.js';

/** Of one author, for one plugin. */
export const STATE_KEY_COUNT_MAX = 64;
/** The same, in bytes of JSON, keys and values: all of it is said anew with each change. */
export const STATE_SIZE_MAX = 16 << 10;
/** Of all others together, for one plugin, in bytes; and authors: a swarm knows 1024 users, so nobody who is here is one too many. */
export const THEIRS_SIZE_MAX = 1 << 20;
export const AUTHOR_COUNT_MAX = 1025;

/**
 * @typedef {{version: number, texts: Map<string, string>}} Doc texts: JSON, by key
 * @typedef {{key: string, from: string, value: any}} Change value undefined: it is gone
 */

/** @returns {Doc} */
export const emptyDoc = () => ({ version: 0, texts: new Map() });

/** @param {Map<string, string>} texts @throws {NktError} NKT_E_QUOTA */
export function checkTexts(texts) {
  if (texts.size <= STATE_KEY_COUNT_MAX && sizeOfTexts(texts) <= STATE_SIZE_MAX) return;
  const limits = `${STATE_KEY_COUNT_MAX} keys and ${STATE_SIZE_MAX} bytes as JSON`;
  throw new NktError('NKT_E_QUOTA', `state: at most ${limits} for a plugin and author`);
}

/** What was said by anybody. @param {any} said @returns {Doc} throws NktError */
export function readDoc(said) {
  const bad = (why) => new NktError('NKT_E_VALUE', `state: ${why}`);
  if (said === null || typeof said !== 'object' || !Array.isArray(said.values)) throw bad('{version, values} is wanted');
  const { version, values } = said;
  if (!Number.isSafeInteger(version) || version < 0) throw bad('the version is no number of 0 to 2^53 - 1');
  if (values.length > STATE_KEY_COUNT_MAX) throw new NktError('NKT_E_QUOTA', 'state: too many keys');
  const texts = new Map();
  for (const pair of values) {
    if (!Array.isArray(pair) || pair.length !== 2) throw bad('a value is a pair of key and value');
    const key = checkKey(pair[0], 'state');
    if (texts.has(key)) throw bad('a key is there twice');
    texts.set(key, textOf(pair[1], 'state'));
  }
  checkTexts(texts);
  return { version, texts };
}

/** The reverse. @param {Doc} doc */
export const writeDoc = ({ version, texts }) => ({ version, values: [...texts].map(([key, text]) => [key, fromJson(text)]) });

/**
 * What differs.
 * @param {string} from @param {Map<string, any>} old @param {Map<string, any>} now parsed
 * @param {Map<string, string>} oldTexts @param {Map<string, string>} texts @returns {Change[]}
 */
function changesOf(from, old, now, oldTexts, texts) {
  const gone = [...old.keys()].filter((key) => !now.has(key)).map((key) => ({ key, from, value: undefined }));
  return [...gone, ...[...now].filter(([key]) => oldTexts.get(key) !== texts.get(key)).map(([key, value]) => ({ key, from, value }))];
}

export class SharedValues {
  /** @type {Map<string, Doc & {values: Map<string, any>, size: number}>} */
  #authors = new Map();
  #size = 0;

  /** @param {string} from @returns {number} 0: nothing was heard */
  versionOf(from) {
    return this.#authors.get(from)?.version ?? 0;
  }

  /** @param {string} key @param {string} from @returns {any} frozen; undefined: there is none */
  get(key, from) {
    return this.#authors.get(from)?.values.get(key);
  }

  /** @param {string} key @returns {Map<string, any>} by author */
  all(key) {
    const having = [...this.#authors].filter(([, { values }]) => values.has(key));
    return new Map(having.map(([from, { values }]) => [from, values.get(key)]));
  }

  /** One's own are put as they are. @param {string} from @param {Doc} doc @returns {Change[]} */
  put(from, { version, texts }) {
    const old = this.#authors.get(from);
    const values = new Map([...texts].map(([key, text]) => {
      return [key, old?.texts.get(key) === text ? old.values.get(key) : frozen(fromJson(text))];
    }));
    const size = sizeOfTexts(texts);
    this.#size += size - (old?.size ?? 0);
    this.#authors.set(from, { version, texts, values, size });
    return changesOf(from, old?.values ?? new Map(), values, old?.texts ?? new Map(), texts);
  }

  /**
   * What somebody else says. Who is gone makes room, then whoever has most, if that is more than this one has: many identities that fill
   * all there is shut out nobody who says little.
   * @param {string} from proven @param {Doc} doc @param {(author: string) => boolean} isGone
   * @param {{self?: string, isAnew?: boolean}} [options] self: makes no room; isAnew: its author begins anew, and counts from there
   * @returns {Change[]} throws NKT_E_QUOTA
   */
  hear(from, doc, isGone, { self = '', isAnew = false } = {}) {
    const old = this.#authors.get(from);
    const isKnown = isAnew ? doc.version === old?.version : doc.version <= (old?.version ?? 0);
    if (isKnown || (old === undefined && doc.texts.size === 0)) return [];
    const size = sizeOfTexts(doc.texts);
    const more = size - (old?.size ?? 0);
    const isFull = () => this.#size + more > THEIRS_SIZE_MAX || (old === undefined && this.#authors.size >= AUTHOR_COUNT_MAX);
    const changes = [];
    for (const author of isFull() ? this.#order([from, self], isGone) : []) {
      if (!isFull() || !(isGone(author) || this.#sizeOf(author) > size)) break;
      changes.push(...this.drop(author));
    }
    if (!isFull()) changes.push(...this.put(from, doc));
    else if (changes.length === 0) throw new NktError('NKT_E_QUOTA', 'state: there is no room for the values of another author');
    return changes;
  }

  #sizeOf(author) {
    return this.#authors.get(author)?.size ?? 0;
  }

  /** Who makes room for others, in this order. @param {string[]} spared @param {(author: string) => boolean} isGone */
  #order(spared, isGone) {
    const rank = (author) => (isGone(author) ? Infinity : this.#sizeOf(author));
    const ranks = [...this.#authors.keys()].filter((author) => !spared.includes(author)).map((author) => ({ author, rank: rank(author) }));
    return ranks.sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank)).map(({ author }) => author);
  }

  /** @param {string} from @returns {Change[]} */
  drop(from) {
    const old = this.#authors.get(from);
    if (old === undefined) return [];
    this.#authors.delete(from);
    this.#size -= old.size;
    return [...old.values.keys()].map((key) => ({ key, from, value: undefined }));
  }

  /** @returns {Change[]} */
  clear() {
    return [...this.#authors.keys()].flatMap((from) => this.drop(from));
  }
}

/** Nobody changes what others read. @param {any} value */
function frozen(value) {
  if (typeof value !== 'object' || value === null) return value;
  for (const one of Object.values(value)) frozen(one);
  return Object.freeze(value);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Values as JSON text. What neither JSON nor a carrier can carry is an error that names its place; it never arrives as {} or null.
 */
import { DOLLARS, partOf } from './carriers.js';
import { JSON_DEPTH_MAX, JSON_ITEM_MAX, VALUE_SIZE_MAX } from './constants.js';
import { messageOf, NktError } from './errors.js';
import { mark, sizeOf, Written } from './written.js';

/** Letters of a path, and of a key in it, that an error shows. */
const PATH_SIZE_MAX = 200;
const KEY_SIZE_MAX = 40;

/** Values within a carrier, where it is not the name of its kind and its bytes alone. @type {Record<string, number>} */
const ITEM_COUNTS = Object.freeze({ Blob: 3, File: 5 });

/** The object of a carrier that has something beside its value, its kind, and the carrier beside it: without what is in that one. */
const BESIDE_COUNT = 3;

/** What to do instead, by what Object.prototype.toString() calls it. */
const HINTS = Object.freeze({
  Map: 'send Object.fromEntries(map), or [...map]',
  Set: 'send [...set]',
  Promise: 'await it first',
  Error: 'send its message',
});

/**
 * @param {unknown} value
 * @param {string} [name] what to call it in an error
 * @param {unknown} [bytes] said beside it; null: none
 * @returns {Written} throws NKT_E_VALUE with the path of what cannot be sent
 */
export function write(value, name = 'value', bytes = null) {
  const hasBeside = bytes !== null && bytes !== undefined;
  const writer = new Writer(name, hasBeside);
  const text = writer.write(value);
  if (hasBeside) writer.beside(bytes);
  return new Written(text, writer.parts, hasBeside);
}

/**
 * @param {number} size in bytes @param {string} what it is, for an error
 * @param {number} [sizeMax]
 * @throws {NktError} NKT_E_SIZE, which says how large it is and may be
 */
export function checkSize(size, what, sizeMax = VALUE_SIZE_MAX) {
  if (size <= sizeMax) return;
  throw new NktError('NKT_E_SIZE', `${what}: ${grouped(size)} of at most ${grouped(sizeMax)} bytes as JSON`);
}

/** Walks a value once: getters and toJSON() are called once each. */
class Writer {
  /** From the outermost on: what we are in. @type {object[]} */
  #stack = [];
  /** @type {Array<string|number>} */
  #path;
  #count = 0;
  /** What holds bytes, by mark. @type {import('./carriers.js').Given[]} */
  parts = [];

  /** @param {string} name @param {boolean} hasBeside what is written becomes a part of a carrier */
  constructor(name, hasBeside) {
    this.#path = [name];
    if (!hasBeside) return;
    this.#stack.push(this.parts);
    this.#count = BESIDE_COUNT;
  }

  /** @param {unknown} bytes to be said beside the value */
  beside(bytes) {
    this.#path = ['bytes'];
    if (this.#part(bytes) === null) this.#refuse('an ArrayBuffer, a typed array or DataView, or a Blob is wanted');
  }

  /** @param {unknown} given @returns {string} */
  write(given) {
    return this.#text(this.#prepared(given));
  }

  /** @param {unknown} value prepared @returns {string} */
  #text(value) {
    this.#add(1);
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value);
      case 'boolean':
        return String(value);
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(`${value} is no number of JSON`);
        return Object.is(value, -0) ? '-0' : String(value);
      case 'object':
        return value === null ? 'null' : this.#compound(value);
      default:
        return this.#refuse(`${value === undefined ? 'undefined' : `a ${typeof value}`} cannot be sent`);
    }
  }

  /** @param {number} count */
  #add(count) {
    this.#count += count;
    if (this.#count > JSON_ITEM_MAX) this.#refuse(`more than ${grouped(JSON_ITEM_MAX)} values in one`);
  }

  /** What stands for the value: as JSON.stringify() sees it. @param {any} value @returns {unknown} */
  #prepared(value) {
    if ((typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'bigint') || value === null) return value;
    const isBytes = ArrayBuffer.isView(value); // a Buffer says of itself what nobody reads back
    const toJSON = isBytes ? undefined : this.#try(() => value.toJSON);
    if (typeof toJSON === 'function') {
      const key = this.#path.length > 1 ? String(this.#path.at(-1)) : '';
      const made = this.#try(() => toJSON.call(value, key));
      if (made === null && tagOf(value) === 'Date') this.#refuse('an invalid Date');
      return this.#try(() => unboxed(made));
    }
    return this.#try(() => unboxed(value));
  }

  /** @param {object} value @returns {string} */
  #compound(value) {
    const circle = this.#stack.indexOf(value);
    if (circle >= 0) this.#refuse(`a circle: it is ${pathText(this.#path.slice(0, circle + 1))} again`);
    if (this.#stack.length >= JSON_DEPTH_MAX) this.#refuse(`more than ${JSON_DEPTH_MAX} levels`);
    this.#stack.push(value);
    const text = this.#try(() => Array.isArray(value)) ? this.#list(/** @type {unknown[]} */ (value)) : this.#object(value);
    this.#stack.pop();
    return text;
  }

  /** @param {unknown[]} list @returns {string} */
  #list(list) {
    const length = this.#try(() => list.length);
    const parts = [];
    for (let i = 0; i < length; i++) {
      this.#path.push(i);
      if (!this.#try(() => i in list)) this.#refuse('a hole in a list cannot be sent');
      parts.push(this.write(this.#try(() => list[i])));
      this.#path.pop();
    }
    const more = this.#keysOf(list)[length];
    if (more !== undefined) this.#refuseKey(more, 'beside the items of a list JSON has nothing');
    return `[${parts.join()}]`;
  }

  /** @param {unknown} value @returns {string|null} what stands for it; null: it holds no bytes */
  #part(value) {
    const part = partOf(value, pathText(this.#path));
    if (typeof part === 'string') return this.#refuse(part);
    if (part === null) return null;
    this.#add(ITEM_COUNTS[part.kind] ?? 2);
    return mark(this.parts.push(part) - 1);
  }

  /** @param {object} object @returns {string} */
  #object(object) {
    const tag = this.#try(() => tagOf(object));
    if (tag !== 'Object' || !this.#try(() => isPlain(object))) {
      const part = this.#part(object);
      if (part !== null) return part;
      const hint = Object.hasOwn(HINTS, tag) ? `: ${HINTS[tag]}` : '';
      const what = tag === 'Object' ? `an instance of ${this.#classOf(object)} without toJSON()` : `this ${tag}`;
      this.#refuse(`${what} cannot be sent${hint}`);
    }
    const parts = [];
    for (const key of this.#keysOf(object)) {
      this.#path.push(key);
      const value = this.#prepared(this.#try(() => object[key]));
      const name = key.startsWith('$') && DOLLARS.test(key) ? `${key}$` : key; // one dollar sign alone is a carrier's
      if (value !== undefined) parts.push(`${JSON.stringify(name)}:${this.#text(value)}`); // else left out, as JSON does
      this.#path.pop();
    }
    return `{${parts.join()}}`;
  }

  /** Those that JSON would write; others that a person may have meant are refused. @param {object} object @returns {string[]} */
  #keysOf(object) {
    const keys = this.#try(() => Object.keys(object));
    const isShown = (key) => Object.prototype.propertyIsEnumerable.call(object, key);
    const symbol = this.#try(() => Object.getOwnPropertySymbols(object).find(isShown));
    if (symbol !== undefined) this.#refuseKey(String(symbol), 'a symbol as a key cannot be sent');
    return keys;
  }

  /** @param {object} object @returns {string} */
  #classOf(object) {
    const name = this.#try(() => Object.getPrototypeOf(object)?.constructor?.name);
    return typeof name === 'string' && name !== '' ? name.slice(0, KEY_SIZE_MAX) : 'a class';
  }

  /** Code of others: a getter, a proxy, toJSON(). @template T @param {() => T} read @returns {T} */
  #try(read) {
    try {
      return read();
    } catch (error) {
      return this.#refuse(`reading it failed: ${messageOf(error)}`, error);
    }
  }

  /** @param {string} key @param {string} why @returns {never} */
  #refuseKey(key, why) {
    this.#path.push(key);
    return this.#refuse(why);
  }

  /** @param {string} why @param {unknown} [cause] @returns {never} */
  #refuse(why, cause) {
    const path = pathText(this.#path);
    const error = new NktError('NKT_E_VALUE', `${path}: ${why}`, cause === undefined ? undefined : { cause });
    error.path = path;
    throw error;
  }
}

/** @param {object} value @returns {string} such as Map or Object */
export function tagOf(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Made by {} or Object.create(null), be it in another realm (a frame, vm). @param {object} object @returns {boolean} */
function isPlain(object) {
  const prototype = Object.getPrototypeOf(object);
  if (prototype === null || prototype === Object.prototype) return true;
  const isRoot = Object.getPrototypeOf(prototype) === null;
  return isRoot && Object.hasOwn(prototype, 'hasOwnProperty') && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** By their tags: what is unboxed. @type {Record<string, {prototype: {valueOf(): unknown}}>} */
const BOXES = Object.freeze({ Number, String, Boolean });

/** new Number(1) as 1, as JSON does. @param {any} value @returns {unknown} */
function unboxed(value) {
  if (typeof value !== 'object' || value === null) return value;
  const tag = tagOf(value);
  return Object.hasOwn(BOXES, tag) ? BOXES[tag].prototype.valueOf.call(value) : value;
}

/** @param {Array<string|number>} path @returns {string} such as value.items[3].when */
function pathText([name, ...keys]) {
  const text = String(name) + keys.map(step).join('');
  return text.length > PATH_SIZE_MAX ? `${text.slice(0, PATH_SIZE_MAX / 2)}…${text.slice(-PATH_SIZE_MAX / 2)}` : text;
}

/** @param {string|number} key */
function step(key) {
  if (typeof key === 'number') return `[${key}]`;
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) && key.length <= KEY_SIZE_MAX) return `.${key}`;
  if (/^Symbol\(/.test(key)) return `[${key.slice(0, KEY_SIZE_MAX)}]`;
  return `[${JSON.stringify(key.length > KEY_SIZE_MAX ? `${key.slice(0, KEY_SIZE_MAX)}…` : key)}]`;
}

/** @param {number} number @returns {string} such as 60,000 */
export function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** Values as they were said: JSON whose carriers are again what they stand for. Nothing that a peer writes can throw. */
import { DOLLARS, madeOf, readCarrier } from './carriers.js';
import { JSON_DEPTH_MAX } from './constants.js';

/**
 * Bytes that are shared as a content. `put` places them, or what stands for them until then.
 * @typedef {import('./carriers.js').Part & {manifest: string, put: (it: any) => void}} Coming
 * @typedef {{value: any, bytes: any, coming: Coming[], byteCount: number}} Read bytes: said beside the value; null: none.
 *   byteCount: of those that are here
 */

/** Whether there may be anything to restore. The first look is the quicker one: JSON is full of quotes. @param {string} text JSON */
export const mayCarry = (text) => text.includes('$') && text.includes('"$');

/** @param {string} text JSON @returns {any} with what it holds in itself; what is shared as a content is left as it came */
export function fromJson(text) {
  const holder = { value: JSON.parse(text) };
  if (mayCarry(text)) {
    restore(holder, 'value', (object) => {
      const part = readCarrier(object);
      return part?.bytes && madeOf(part, part.bytes);
    });
  }
  return holder.value;
}

/** @param {string} text JSON of an encrypted message @returns {Read} */
export function readMessage(text) {
  /** @type {Read} */
  const read = { value: JSON.parse(text), bytes: null, coming: [], byteCount: 0 };
  if (!mayCarry(text)) return read; // most
  const make = (object, put) => {
    const part = readCarrier(object);
    if (part?.manifest) read.coming.push({ .../** @type {any} */ (part), put });
    if (!part?.bytes) return undefined;
    read.byteCount += part.bytes.length;
    return madeOf(part, part.bytes);
  };
  const { value } = read;
  if (value?.$ === 'beside' && Object.keys(value).sort().join() === '$,b,v' && Object.hasOwn(value.b ?? {}, '$') && readCarrier(value.b)) {
    read.value = value.v;
    read.bytes = value.b;
    restore(read, 'bytes', make);
  }
  restore(read, 'value', make);
  return read;
}

/**
 * Keys lose the dollar sign that was added; each object with the key "$" is replaced by what is made of it, or left wholly as it is.
 * @param {any} holder @param {string} key @param {(object: any, put: (it: any) => void) => any} make undefined: nothing
 * @param {number} [depth] levels above it
 */
export function restore(holder, key, make, depth = 0) {
  let value = holder[key];
  if (typeof value !== 'object' || value === null || depth > JSON_DEPTH_MAX) return;
  if (!Array.isArray(value)) {
    if (Object.hasOwn(value, '$')) {
      const put = (it) => set(holder, key, it);
      const made = make(value, put);
      if (made !== undefined) put(made);
      return;
    }
    if (Object.keys(value).some((name) => DOLLARS.test(name))) {
      const whole = value;
      value = {};
      for (const name of Object.keys(whole)) set(value, DOLLARS.test(name) ? name.slice(1) : name, whole[name]);
      set(holder, key, value);
    }
  }
  for (const name of Object.keys(value)) restore(value, name, make, depth + 1);
}

/** As JSON.parse() does: __proto__ is a key like any other. @param {any} object @param {string} key @param {unknown} value */
function set(object, key, value) {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

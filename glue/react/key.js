// SPDX-License-Identifier: GPL-3.0-or-later
/** Whether two configurations are one: an object literal is another object in each rendering. */

import { messageOf } from '../errors.js';

/** Of functions and of objects that JSON does not show, by which each is known. @type {WeakMap<object, number>} */
const numbers = new WeakMap();
let count = 0;

/** @param {any} value */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** @param {string} name @param {any} value */
function stand(name, value) {
  if (value instanceof URL) return value.href;
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (!isObject || (typeof value === 'object' && isPlain(value))) return value;
  let number = numbers.get(value);
  if (number === undefined) numbers.set(value, number = ++count);
  return { '': number };
}

/** @param {object|null} config @returns {string} the same for the same; also for what init() is going to refuse, so that it can say so */
export function keyOf(config) {
  try {
    return JSON.stringify(config, stand) ?? typeof config;
  } catch (error) {
    return `unreadable: ${messageOf(error)}`;
  }
}

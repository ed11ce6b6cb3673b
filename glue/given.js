// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What a caller gives as an object, read once: what a class has by its prototype counts as well, and what a getter or a proxy throws is the
 * caller's mistake, told as one.
 */
import { messageOf, NktError } from './errors.js';
import { tagOf } from './json.js';

/** @param {string} code @param {string} where @param {unknown} error what reading it threw, which may be anything @returns {NktError} */
export function refusal(code, where, error) {
  return error instanceof NktError ? error : new NktError(code, `${where}: reading it failed: ${messageOf(error)}`, { cause: error });
}

/** @template T @param {string} code @param {string} where @param {() => T} read code of others @returns {T} */
export function orRefuse(code, where, read) {
  try {
    return read();
  } catch (error) {
    throw refusal(code, where, error);
  }
}

/**
 * A Map with `to` in it, a promise that nobody awaited or a signal outside of `{ signal }` would be no options at all, in silence.
 * @param {any} given @param {string[]} known @returns {boolean}
 */
export function isOptions(given, known) {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  return ['Object', 'Module'].includes(tagOf(given)) || known.some((key) => key in given);
}

/**
 * @param {any} object @param {string[]} known
 * @returns {Record<string, any>} its own keys, and those of its class that are known, with what they have now
 */
export function readOnce(object, known) {
  const keys = new Set([...Object.keys(object), ...known.filter((key) => key in object)]);
  return Object.fromEntries([...keys].map((key) => [key, object[key]]));
}

/** @param {string} what @param {unknown} given @throws {NktError} NKT_E_ARGUMENT */
export function checkFunction(what, given) {
  if (typeof given !== 'function') throw new NktError('NKT_E_ARGUMENT', `${what} is a function`);
}

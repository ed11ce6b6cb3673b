// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Values as JSON text.
 */
import { NktError } from './errors.js';

/** @param {unknown} value @returns {string} JSON; throws NKT_E_VALUE */
export function toJson(value) {
  let text;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new NktError('NKT_E_VALUE', `not a JSON value: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
  if (text === undefined) throw new NktError('NKT_E_VALUE', `not a JSON value: ${typeof value}`);
  return text;
}

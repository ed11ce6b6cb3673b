// SPDX-License-Identifier: GPL-3.0-or-later
/** What people are told of bytes in a message: for the page and the terminal. */
import { Content } from './content.js';

const isFile = (/** @type {any} */ it) => it instanceof Blob || Content.is(it);
const isBytes = (/** @type {any} */ it) => it instanceof ArrayBuffer || ArrayBuffer.isView(it) || isFile(it);

/** Of a text there would be as many as letters. @param {any} value */
const partsOf = (value) => (typeof value === 'object' ? Object.values(value ?? {}) : []);

/**
 * Those that are all of it or beside it, and Blobs and Contents in the first level. Other bytes in there are talk among programs.
 * @param {any} value @param {any} [bytes] beside it
 * @returns {Array<{size: number, what: string}>} what: a name or a type, of a peer's choice
 */
export function bytesIn(value, bytes = null) {
  const within = isBytes(value) ? [value] : partsOf(value).filter(isFile);
  return [...within, ...(isBytes(bytes) ? [bytes] : [])]
    .map((/** @type {any} */ { size, byteLength, name, type }) => ({ size: size ?? byteLength, what: name || type || 'bytes' }));
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** Bytes as Base64url without padding (RFC 4648, section 5), by what the platform has for it. */

/** Bytes that become letters at once: what a call may have as arguments, everywhere. */
const CHUNK_SIZE = 8190; // a multiple of 3

/** @param {number} size in bytes @returns {number} letters */
export const lengthOf = (size) => Math.ceil(size * 4 / 3);

/** @param {any} bytes a Uint8Array @returns {string} */
export function toBase64url(bytes) {
  if (bytes.toBase64) return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
  if (globalThis.Buffer) return globalThis.Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK_SIZE) text += btoa(String.fromCharCode(...bytes.subarray(at, at + CHUNK_SIZE)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param {string} text @returns {Uint8Array|null} with a buffer of its own; null: it is not what toBase64url() writes */
export function fromBase64url(text) {
  try {
    const bytes = decoded(text);
    return toBase64url(bytes) === text ? bytes : null; // else padded, with spaces, with bits that belong to no byte
  } catch {
    return null;
  }
}

/** @param {string} text @returns {Uint8Array} throws, or reads what is not quite right */
function decoded(text) {
  const { Uint8Array: Bytes } = /** @type {any} */ (globalThis);
  if (Bytes.fromBase64) return Bytes.fromBase64(text, { alphabet: 'base64url' });
  if (globalThis.Buffer) return new Bytes(globalThis.Buffer.from(text, 'base64url'));
  return Bytes.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

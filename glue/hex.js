// SPDX-License-Identifier: GPL-3.0-or-later
/** @param {Uint8Array} bytes @returns {string} two small digits for each */
export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The reverse, of digits that are two for each. @param {string} hex @returns {Uint8Array} */
export function bytesOf(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

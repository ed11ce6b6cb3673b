// SPDX-License-Identifier: GPL-3.0-or-later
/** @param {Uint8Array} bytes @returns {string} two small digits for each */
export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

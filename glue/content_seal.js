// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is kept about a content opens it (its key is in the manifest): so it is sealed, under a key that comes of the one the core seals
 * its records with. Where contents lie is named by that key as well, so a place is found again by whoever has the identity. The same for
 * notes of plugins, with keys of their own.
 */

import { hexOf } from './hex.js';
import { joined } from './joined.js';

export { hexOf };

const IV_SIZE = 12;

/**
 * @typedef {object} Seal
 * @property {(bytes: Uint8Array) => Promise<Uint8Array>} seal @property {(bytes: Uint8Array) => Promise<Uint8Array>} open
 * @property {string} folder
 * @property {(label: string) => Promise<string>} name of something, which says nothing to who has not the key: 32 hexadecimal digits
 */

/**
 * @param {any} crypto @param {Uint8Array} storeKey @param {string} [purpose] what is sealed for one is not opened for another
 * @returns {Promise<Seal>}
 */
export async function makeSeal(crypto, storeKey, purpose = 'nkt contents') {
  const { subtle } = crypto;
  const base = await subtle.importKey('raw', storeKey, 'HKDF', false, ['deriveKey', 'deriveBits']);
  const from = (info) => ({ name: 'HKDF', hash: 'SHA-256', salt: new TextEncoder().encode(purpose), info: new TextEncoder().encode(info) });
  const key = await subtle.deriveKey(from('seal'), base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const nameOf = async (info) => hexOf(new Uint8Array(await subtle.deriveBits(from(info), base, 128)));
  const folder = await nameOf('folder');
  return {
    folder,
    name: (label) => nameOf(`name ${label}`),
    async seal(bytes) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
      return joined(iv, new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes)));
    },
    async open(bytes) {
      return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: bytes.subarray(0, IV_SIZE) }, key, bytes.subarray(IV_SIZE)));
    },
  };
}

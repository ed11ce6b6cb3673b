// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is kept about a content opens it (its key is in the manifest): so it is sealed, under a key that comes of the one the core seals
 * its records with. Where contents lie is named by that key as well, so a place is found again by whoever has the identity.
 */

const SALT = new TextEncoder().encode('nkt contents');
const IV_SIZE = 12;

/** @typedef {{seal(bytes: Uint8Array): Promise<Uint8Array>, open(bytes: Uint8Array): Promise<Uint8Array>, folder: string}} Seal */

/** @param {any} crypto @param {Uint8Array} storeKey @returns {Promise<Seal>} */
export async function makeSeal(crypto, storeKey) {
  const { subtle } = crypto;
  const base = await subtle.importKey('raw', storeKey, 'HKDF', false, ['deriveKey', 'deriveBits']);
  const from = (info) => ({ name: 'HKDF', hash: 'SHA-256', salt: SALT, info: new TextEncoder().encode(info) });
  const key = await subtle.deriveKey(from('seal'), base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const folder = hexOf(new Uint8Array(await subtle.deriveBits(from('folder'), base, 128)));
  return {
    folder,
    async seal(bytes) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_SIZE));
      const sealed = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes));
      const both = new Uint8Array(IV_SIZE + sealed.length);
      both.set(iv);
      both.set(sealed, IV_SIZE);
      return both;
    },
    async open(bytes) {
      return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: bytes.subarray(0, IV_SIZE) }, key, bytes.subarray(IV_SIZE)));
    },
  };
}

/** @param {Uint8Array} bytes @returns {string} */
export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

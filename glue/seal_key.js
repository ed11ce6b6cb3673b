// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Keys under a passphrase: Argon2id makes a key of it, which seals another (AES-GCM), so that the passphrase itself never
 * is what records are sealed with. What is read comes from a disk or a file: bounded before anything is derived.
 */
import { KDF_MEMORY_KIB, KDF_MEMORY_KIB_MAX, KDF_MEMORY_KIB_MIN, KDF_PASS_COUNT, KDF_PASS_COUNT_MAX } from './constants.js';
import { NktError } from './errors.js';
import { bytesOf, hexOf as toHex } from './hex.js';

export { toHex };

/** Bytes of salt made here. */
const SALT_SIZE = 16;

/**
 * @typedef {{passphrase: string, salt: Uint8Array, passes: number, memoryKiB: number}} DeriveParams
 * @typedef {(params: DeriveParams) => Promise<Uint8Array>} Derive 32 bytes
 * @typedef {{kdf: 'argon2id', passes: number, memoryKiB: number, salt: string}} KdfNote how a key was derived; salt in hex
 * @typedef {KdfNote & {iv: string, box: string}} SealedKey in hex
 */

/** @param {Derive} derive @param {(isDeriving: boolean) => void} tell around each time @returns {Derive} */
export function tellingDerive(derive, tell) {
  return async (params) => {
    tell(true);
    try {
      return await derive(params);
    } finally {
      tell(false);
    }
  };
}

/** How a new key is derived. @param {any} crypto WebCrypto @returns {KdfNote} */
export function newKdfNote(crypto) {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_SIZE));
  return { kdf: 'argon2id', passes: KDF_PASS_COUNT, memoryKiB: KDF_MEMORY_KIB, salt: toHex(salt) };
}

/**
 * @param {any} note of unknown origin @param {string} passphrase @param {Derive} derive
 * @returns {Promise<Uint8Array>} rejects with NKT_E_STORAGE
 */
export async function deriveNoted(note, passphrase, derive) {
  const salt = fromHex(note?.salt, 8, 64);
  const isGood = note?.kdf === 'argon2id' && salt !== null && isWithin(note.passes, 1, KDF_PASS_COUNT_MAX)
    && isWithin(note.memoryKiB, KDF_MEMORY_KIB_MIN, KDF_MEMORY_KIB_MAX);
  if (!isGood) throw new NktError('NKT_E_STORAGE', 'the note of how the key was derived is damaged, or asks for too much');
  return derive({ passphrase, salt, passes: note.passes, memoryKiB: note.memoryKiB });
}

/** @param {{key: Uint8Array, passphrase: string, crypto: any, derive: Derive}} parts @returns {Promise<SealedKey>} */
export async function sealKey({ key, passphrase, crypto, derive }) {
  const note = newKdfNote(crypto);
  const wrapping = await wrappingKey(await deriveNoted(note, passphrase, derive), crypto);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { ...note, iv: toHex(iv), box: toHex(new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, wrapping, key))) };
}

/**
 * @param {{sealed: any, passphrase: string, crypto: any, derive: Derive}} parts
 * @returns {Promise<Uint8Array>} rejects with NKT_E_PASSPHRASE, NKT_E_STORAGE
 */
export async function openKey({ sealed, passphrase, crypto, derive }) {
  const iv = fromHex(sealed?.iv, 12, 12);
  const box = fromHex(sealed?.box, 48, 48);
  if (iv === null || box === null) throw new NktError('NKT_E_STORAGE', 'the sealed key is damaged');
  const wrapping = await wrappingKey(await deriveNoted(sealed, passphrase, derive), crypto);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, wrapping, box));
  } catch (error) {
    throw new NktError('NKT_E_PASSPHRASE', 'wrong passphrase, or the stored key is damaged', { cause: error });
  }
}

/** @param {Uint8Array} derived wiped @param {any} crypto */
async function wrappingKey(derived, crypto) {
  const key = await crypto.subtle.importKey('raw', derived, 'AES-GCM', false, ['encrypt', 'decrypt']);
  derived.fill(0);
  return key;
}

/** @param {unknown} text @param {number} sizeMin @param {number} sizeMax @returns {Uint8Array|null} */
export function fromHex(text, sizeMin, sizeMax) {
  if (typeof text !== 'string' || text.length % 2 !== 0 || text.length < 2 * sizeMin || text.length > 2 * sizeMax) return null;
  if (!/^[0-9a-f]*$/.test(text)) return null;
  return bytesOf(text);
}

/** @param {unknown} value @param {number} min @param {number} max */
function isWithin(value, min, max) {
  return Number.isInteger(value) && /** @type {number} */ (value) >= min && /** @type {number} */ (value) <= max;
}

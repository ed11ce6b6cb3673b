// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The identity as a file: text in JSON with how the key was derived, and the core's keys sealed with it. No session, no
 * message, no nick is in it: who imports it sets up new sessions, and reuses no key of old ones.
 */
import { NktError } from './errors.js';
import { joined } from './joined.js';
import { deriveNoted, fromHex, newKdfNote, toHex } from './seal_key.js';

const KIND = 'nkt identity';

/** A file is about 800 characters. */
const FILE_SIZE_MAX = 8192;

/**
 * @param {string} passphrase @param {any} crypto @param {import('./seal_key.js').Derive} derive
 * @param {(key: Uint8Array) => Promise<Uint8Array>} seal by the core @returns {Promise<string>}
 */
export async function writeIdentityFile(passphrase, crypto, derive, seal) {
  const note = newKdfNote(crypto);
  const key = await deriveNoted(note, passphrase, derive);
  const box = await seal(key);
  key.fill(0);
  return `${JSON.stringify({ kind: KIND, version: 1, ...note, box: toHex(box) }, null, 2)}\n`;
}

/**
 * @param {unknown} file text of unknown origin @param {string} passphrase @param {import('./seal_key.js').Derive} derive
 * @returns {Promise<Uint8Array>} what the core's IMPORT wants; rejects with NKT_E_FILE, NKT_E_NEWER
 */
export async function readIdentityFile(file, passphrase, derive) {
  const bad = () => new NktError('NKT_E_FILE', 'this is not the file of an nkt identity, or it is damaged');
  if (typeof file !== 'string' || file.length > FILE_SIZE_MAX) throw bad();
  let read;
  try {
    read = JSON.parse(file.trim()); // of a byte order mark as well
  } catch {
    throw bad();
  }
  if (read?.kind !== KIND || !Number.isInteger(read.version)) throw bad();
  if (read.version > 1) throw new NktError('NKT_E_NEWER', 'this file was written by a newer version of nkt');
  const box = fromHex(read.box, 64, 2048);
  if (box === null) throw bad();
  const key = await deriveNoted(read, passphrase, derive).catch((error) => {
    throw error.code === 'NKT_E_STORAGE' ? bad() : error;
  });
  const both = joined(key, box);
  key.fill(0);
  return both;
}

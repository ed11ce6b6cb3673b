// SPDX-License-Identifier: GPL-3.0-or-later
/** Files in Node, as store_files.js and folder_lock.js need them. */
import { open, readFile } from 'node:fs/promises';

/** @param {string} file @param {Uint8Array} bytes */
export async function writeSynced(file, bytes) {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The system does not say which file it could not read. @param {string} file */
export function readNamed(file) {
  return readFile(file).catch((error) => {
    throw Object.assign(error, { path: file });
  });
}

/** What there is not is null. @param {any} error @returns {null} */
export function absent(error) {
  if (error.code === 'ENOENT') return null;
  throw error;
}

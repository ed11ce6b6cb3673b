// SPDX-License-Identifier: GPL-3.0-or-later
/** Files in Node, as store_files.js and folder_lock.js need them. */
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * With what is missing on the way. Node's own (`recursive`) never ends, and takes a thread with it, where a folder is there and nothing can
 * be made in it (ENOENT: /proc, a mount that does not come).
 * @param {string} folder absolute @returns {Promise<void>}
 */
export async function makeFolder(folder) {
  const make = () => mkdir(folder, { mode: 0o700 });
  try {
    await make().catch(async (error) => {
      if (error.code !== 'ENOENT' || path.dirname(folder) === folder) throw error;
      await makeFolder(path.dirname(folder));
      await make();
    });
  } catch (error) {
    if (!(await stat(folder).then((found) => found.isDirectory(), () => false))) throw error;
  }
}

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

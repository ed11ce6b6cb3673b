// SPDX-License-Identifier: GPL-3.0-or-later
/** Where contents are kept here: files in Node; in a browser its private file system, else IndexedDB, else memory. */
import { IdbContentPlace } from './content_idb.js';
import { MemoryPlace } from './content_memory.js';
import { OpfsPlace } from './content_opfs.js';
import { hexOf, makeSeal } from './content_seal.js';
import { importInNode } from './platform.js';

/** @typedef {import('./content_keep.js').Place} Place */
/** @typedef {import('./content_seal.js').Seal} Seal */

/**
 * @param {any} platform @param {import('./run.js').AnyStore} store of the identity
 * @returns {Promise<{place: Place, seal: Seal, name: string}>} open; the name it has in a browser, '': none
 */
export async function openPlace(platform, store) {
  const { crypto } = platform;
  const isKept = store.key !== null;
  const key = store.key ?? crypto.getRandomValues(new Uint8Array(32)); // of one who is nobody later
  if (!crypto.subtle) return inMemory();
  const { room = '' } = /** @type {{room?: string}} */ (store);
  const seal = await makeSeal(crypto, key, room === '' ? undefined : `nkt contents of ${room}`);
  const { kind, folder } = /** @type {{kind: string, folder?: string}} */ (store.health);
  if (kind === 'folder' || !platform.hasTabs) {
    const { FilesPlace } = await importInNode('./content_files.js');
    return { place: await opened(new FilesPlace(kind === 'folder' ? `${folder}/content` : null)), seal, name: '' };
  }
  const name = isKept ? `${kind}-${seal.folder}` : `none-${hexOf(crypto.getRandomValues(new Uint8Array(16)))}`;
  for (const make of [
    () => platform.privateFiles && new OpfsPlace(platform.contentWorker, name, !isKept, platform.timers),
    () => platform.indexedDB && new IdbContentPlace(platform, name, !isKept),
  ]) {
    try {
      const place = make();
      if (place) return { place: await opened(place), seal, name };
    } catch {
      // the next one
    }
  }
  return inMemory();
}

/** @template {Place} T @param {T} place @returns {Promise<T>} */
async function opened(place) {
  await place.open();
  return place;
}

function inMemory() {
  const same = async (/** @type {Uint8Array} */ bytes) => bytes;
  return { place: new MemoryPlace(), seal: { folder: '', name: async () => '', seal: same, open: same }, name: '' };
}

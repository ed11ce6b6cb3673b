// SPDX-License-Identifier: GPL-3.0-or-later
/** A note of an identity that has contents here: without one nothing of what keeps them is loaded before somebody asks. */

import { idbDelete } from './idb.js';

/** Where folders of contents lie in the private file system, and what locks of places begin with. */
export const PLACES = 'nkt-content';
export const placeLock = (/** @type {string} */ place) => `${PLACES}/${place}`;
export const placeDatabase = (/** @type {string} */ place) => `${PLACES}-${place}`;

/**
 * Whether something of this identity may lie here: if not, no worker and no folder is made for nothing.
 * @param {any} platform
 * @param {import('./run.js').AnyStore} store @returns {boolean}
 */
export function mayHold(platform, store) {
  if (store.key === null) return false; // one who was nobody before
  if (!platform.hasTabs) return true;
  try {
    const { notes, item } = noteOf(platform, store);
    return notes.getItem(item) !== null;
  } catch {
    return true; // blocked: nobody knows
  }
}

/** From now on something may, there. @param {any} platform @param {import('./run.js').AnyStore} store @param {string} place its name */
export function noteHolding(platform, store, place) {
  if (store.key === null || !platform.hasTabs) return;
  try {
    const { notes, item } = noteOf(platform, store);
    notes.setItem(item, place);
  } catch {
    // blocked or full: what is there is found when somebody asks
  }
}

/**
 * Nobody will ever open what a kept identity of that name has here.
 * @param {any} platform @param {string} name @param {string} [room] of one beside its home @returns {Promise<void>}
 */
export async function forgetHeld({ indexedDB, locks, local, privateFiles }, name, room = '') {
  const item = itemOf(name, room);
  const place = local?.getItem(item) ?? '';
  if (!/^kept-[0-9a-f]{32}$/.test(place)) return;
  await locks.request(placeLock(place), async () => { // its worker may end a moment later than its page
    await idbDelete(indexedDB, placeDatabase(place));
    if (!privateFiles) return;
    try {
      const root = await (await globalThis.navigator.storage.getDirectory()).getDirectoryHandle(PLACES);
      await root.removeEntry(place, { recursive: true });
    } catch (error) {
      if (/** @type {any} */ (error).name !== 'NotFoundError') throw error;
    }
  });
  local?.removeItem(item);
}

/** @param {string} who @param {string} room beside the home, '' there; no name of anybody has a line break and 32 digits behind it */
const itemOf = (who, room) => `nkt-contents ${who}${room && `\n${room}`}`;

/** @param {any} platform @param {import('./run.js').AnyStore} store */
function noteOf({ session, local }, store) {
  const { kind, slot, name } = /** @type {Record<string, string>} */ (store.health);
  const { room } = /** @type {import('./store.js').Store} */ (store);
  return kind === 'tab' ? { notes: session, item: itemOf(slot, room) } : { notes: local, item: itemOf(name, room) };
}

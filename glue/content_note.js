// SPDX-License-Identifier: GPL-3.0-or-later
/** A note of an identity that has contents here: without one nothing of what keeps them is loaded before somebody asks. */

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

/** From now on something may. @param {any} platform @param {import('./run.js').AnyStore} store */
export function noteHolding(platform, store) {
  if (store.key === null || !platform.hasTabs) return;
  try {
    const { notes, item } = noteOf(platform, store);
    notes.setItem(item, '1');
  } catch {
    // blocked or full: what is there is found when somebody asks
  }
}

/** @param {any} platform @param {import('./run.js').AnyStore} store */
function noteOf({ session, local }, store) {
  const { kind, slot, name } = /** @type {Record<string, string>} */ (store.health);
  return kind === 'tab' ? { notes: session, item: `nkt-contents ${slot}` } : { notes: local, item: `nkt-contents ${name}` };
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** Records of a store by name: the core's, and notes, which are the glue's own (notes.js). */

/** What the names of notes begin with; the core has no such name. */
export const NOTE_PREFIX = 'plugin/';

/** The note that tells of which room the core's records are, where others have places of their own (family.js). */
export const HOME_NAME = `${NOTE_PREFIX}home`;

/** @param {Map<string, Uint8Array|null>} records @param {Map<string, Uint8Array|null>} newer @returns {Map<string, any>} */
export function overlay(records, newer) {
  const all = new Map(records);
  for (const [name, bytes] of newer) {
    if (bytes === null) all.delete(name);
    else all.set(name, bytes);
  }
  return all;
}

/** @template T @param {Array<[string, T]>} records @returns {{core: Array<[string, T]>, notes: Map<string, T>}} */
export function splitNotes(records) {
  const isNote = (/** @type {[string, T]} */ [name]) => name.startsWith(NOTE_PREFIX);
  return { core: records.filter((one) => !isNote(one)), notes: new Map(records.filter(isNote)) };
}

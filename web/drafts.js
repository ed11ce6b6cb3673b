// SPDX-License-Identifier: GPL-3.0-or-later
// What is written and not sent, over reloads of this tab: a draft for each room and person, to whom one was writing, and what could
// not be sent. Gone with the tab, or when one leaves.

const PREFIX = 'nkt-draft ';
const UNSENT_COUNT_MAX = 20; // texts that could not be sent: the oldest goes

/** Of the room one is in: those of one name differ by their secrets. */
const key = (what, room = window.nkt.roomId ?? '') => PREFIX + JSON.stringify([room, what]);

const written = new Map(); // by this page: it comes back also where nothing is kept

function read(what, room) {
  if (written.has(key(what, room))) return written.get(key(what, room));
  try {
    return sessionStorage.getItem(key(what, room)) ?? '';
  } catch {
    return ''; // blocked
  }
}

function write(what, text, room) {
  written.set(key(what, room), text);
  try {
    if (text) sessionStorage.setItem(key(what, room), text);
    else sessionStorage.removeItem(key(what, room));
  } catch {
    // full or blocked: it lives as long as the page
  }
}

/** of: an address, '' for everybody. @param {string} of @param {string} [room] its roomId: another one */
export const readDraft = (of, room) => read(`to ${of}`, room);
export const keepDraft = (of, text) => write(`to ${of}`, text);

export const readTarget = () => read('target');
export const keepTarget = (addr) => write('target', addr);

/** [{text, to}], the oldest first. @param {string} [room] its roomId: another one */
export function readUnsent(room) {
  try {
    return JSON.parse(read('unsent', room) || '[]');
  } catch {
    return []; // not ours
  }
}

export function keepUnsent(list, room) {
  const kept = list.slice(-UNSENT_COUNT_MAX);
  write('unsent', kept.length ? JSON.stringify(kept) : '', room);
  return kept;
}

export function forgetDrafts() {
  written.clear();
  try {
    for (const item of Object.keys(sessionStorage)) if (item.startsWith(PREFIX)) sessionStorage.removeItem(item);
  } catch {
    // blocked
  }
}

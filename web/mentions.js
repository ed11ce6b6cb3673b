// SPDX-License-Identifier: GPL-3.0-or-later
// Who is meant by @NICK in a text (docs/messages.md), and what is being typed after an @ or a colon. Pure, tested in Node
// (tests/glue/mentions.test.mjs).

import { MENTION_COUNT_MAX } from './said.js';

const WORD_LENGTH_MAX = 64; // letters of a word that may be completed: a nick has 64 bytes
const GOES_ON = /^[\p{L}\p{N}_]/u; // it is another word
const STUCK = /[\p{L}\p{N}_]$|https?:\/\/\S*$/iu; // as in an address of mail, and in a link to somebody's page
const LINK_LENGTH_MAX = 200; // letters of a link in which an @ is looked for
const TYPED = /(?:^|[\s([{«"'’“„*_~-])([@:])([^\s@:]*)$/u;

/** Small letters, at the same places: an İ would be two, and stays. */
const small = (text) => text.split('İ').map((part) => part.toLowerCase()).join('İ');
const folded = (nick) => small(nick.normalize('NFC'));

/**
 * Where a text names whom: [{start, end, addrs}], from the @ on. The longest name that fits counts; several with the same are all meant.
 * @param {string} text @param {{addr: string, nick: string}[]} people as they are shown
 */
export function findMentions(text, people) {
  const found = [];
  if (!text.includes('@')) return found;
  const low = small(text);
  const names = new Map();
  for (const { addr, nick } of people) {
    for (const name of new Set([folded(nick), small(nick)])) names.set(name, [...names.get(name) ?? [], addr]); // as it is written, too
  }
  names.delete('');
  const sizes = [...new Set([...names.keys()].map(({ length }) => length))].sort((a, b) => b - a);
  const isName = (name, at) => names.has(name) && !GOES_ON.test(text.slice(at + name.length, at + name.length + 2));
  const nameAt = (at) => sizes.map((size) => low.slice(at, at + size)).find((name) => isName(name, at));
  let count = 0;
  for (let at = text.indexOf('@'); at >= 0 && count < MENTION_COUNT_MAX; at = text.indexOf('@', at + 1), count++) {
    const name = STUCK.test(text.slice(Math.max(0, at - LINK_LENGTH_MAX), at)) ? undefined : nameAt(at + 1);
    if (name) found.push({ start: at, end: at + 1 + name.length, addrs: names.get(name) });
  }
  return found;
}

/** The word that is typed, up to the caret, if it begins with @ or a colon: {start, kind, typed}. */
export function wordAt(text, caret) {
  const [, kind, typed] = TYPED.exec(text.slice(Math.max(0, caret - WORD_LENGTH_MAX - 2), caret)) ?? [];
  return kind && typed.length <= WORD_LENGTH_MAX ? { start: caret - typed.length - 1, kind, typed } : null;
}

/** People whose name, or a word in it, begins with what is typed. @param {{addr: string, nick: string}[]} people */
export function fitting(typed, people) {
  const wanted = folded(typed);
  return people.filter(({ nick }) => folded(nick).split(/\s+/).some((word) => word.startsWith(wanted)) || folded(nick).startsWith(wanted));
}

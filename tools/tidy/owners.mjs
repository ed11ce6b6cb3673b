// SPDX-License-Identifier: GPL-3.0-or-later
// Who writes what: each part of the structures of state/swarm.h belongs to one room, and only that one changes it. Reading is free.
import { blank } from './c_rules.mjs';
import { knownWriters, owners, roomOf } from './rooms.mjs';

/** @typedef {import('./tidy.mjs').Source} Source */
/** @typedef {import('./tidy.mjs').Finding} Finding */

const parts = Object.keys(owners).join('|');
const named = String.raw`(?:->|\.)(${parts})\b`;
const way = String.raw`[\w.\-\[\]()*>]*`; // from a variable to there
const inside = String.raw`(?:\.\w+|\[[^\]]*\])*`;
const assigned = new RegExp(String.raw`${named}${inside}\s*(?:=(?!=)|[-+*/|&^]=|<<=|>>=|\+\+|--)`, 'g');
const stepped = new RegExp(String.raw`(?:\+\+|--)${way}?${named}`, 'g');
const lent = new RegExp(String.raw`(?<!&)&(?!&)${way}?${named}`, 'g'); // who is given the address may write there

/**
 * Files that change a part of another room.
 * @param {Source} source
 * @returns {Map<string, number>} 'file part' and the first line of it
 */
export function writersIn({ path, text }) {
  const file = path.replace(/^core\/src\//, '');
  const code = blank(text);
  const found = new Map();
  for (const rule of [assigned, stepped, lent]) {
    for (const match of code.matchAll(rule)) {
      const entry = `${file} ${match[1]}`;
      if (owners[match[1]] === roomOf(file)) continue;
      const line = code.slice(0, match.index).split('\n').length;
      found.set(entry, Math.min(line, found.get(entry) ?? line));
    }
  }
  return found;
}

/**
 * What is changed by others than its room and not known, and what is known and no more so.
 * @param {Source[]} sources of core/src
 * @returns {Finding[]}
 */
export function judgeWriters(sources, known = knownWriters) {
  const findings = [];
  const all = new Set();
  for (const source of sources) {
    for (const [entry, line] of writersIn(source)) {
      const part = entry.split(' ')[1];
      all.add(entry);
      if (!known.includes(entry)) findings.push({ file: source.path, line, what: `changes ${part}, which is ${owners[part]}/'s own` });
    }
  }
  for (const entry of known) {
    if (!all.has(entry)) findings.push({ file: 'tools/tidy/rooms.mjs', line: 1, what: `knows a writer that is gone: ${entry}` });
  }
  return findings;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody does again and again is one line, and how often: whatever he does to be talked of.

import { readPresence } from './choices.js';
import { setText } from './dom.js';
import { isListed, note } from './messages.js';
import { isolated } from './names.js';
import { texts } from './texts.js';

const GROUP_MS = 10 * 1000; // people who come this close share one line
const TOLD_MS = 60 * 60 * 1000; // the same of one person again is a number in the line that is there
const TOLD_COUNT_MAX = 4096;

const told = new Map(); // kind and address -> {at, count, line}; a line has its node
const lines = new Map(); // kind -> the line that takes in those who come now

/** The same of one person in the same hour: one line, and how often. Null if it is to be a new one. */
function again(kind, addr) {
  const before = told.get(`${kind} ${addr}`);
  if (!isListed(before?.line.node) || performance.now() - before.at >= TOLD_MS) return null; // taken out of the list: a new line
  before.count++;
  return before;
}

function remember(kind, addr, line) {
  told.delete(`${kind} ${addr}`);
  told.set(`${kind} ${addr}`, { at: performance.now(), count: 1, line });
  if (told.size > TOLD_COUNT_MAX) told.delete(told.keys().next().value);
}

/** A line about one person, whatever he does to be talked of: textOf(count) is what it says. */
export function noteOnce(kind, addr, textOf) {
  const before = again(kind, addr);
  if (before) setText(before.line.node, textOf(before.count));
  else remember(kind, addr, { node: note(textOf(1), 'error') });
}

/** Somebody came or went: kind is Joined, Left, Unreachable, Back, LinkUp or LinkDown. Who wants to know is told: the list shows it. */
export function noteNames(kind, addr, nick) {
  if (!readPresence()) return;
  const before = again(kind, addr);
  const now = performance.now(); // not a clock that is set
  let line = before?.line ?? lines.get(kind);
  if (!before && (!isListed(line?.node) || now - line.at >= GROUP_MS)) {
    line = { at: now, node: note('', kind), names: new Map() };
    lines.set(kind, line);
  }
  if (!before) remember(kind, addr, line);
  line.names.set(addr, texts.times(isolated(nick), before?.count ?? 1));
  setText(line.node, texts[`lines${kind}`]([...line.names.values()]));
}

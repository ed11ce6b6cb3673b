// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the core's rooms in what its files include. The rest of what C is held to: .clang-tidy, outside.mjs, calls.mjs, owners.mjs.

import { isRoom, levelOf, roomOf } from './rooms.mjs';

/** @typedef {import('./tidy.mjs').Source} Source */
/** @typedef {{line: number, what: string}} Remark */

/**
 * The text with comments, strings and characters blanked, line breaks kept.
 * @param {string} text
 */
export function blank(text) {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
  return text.replace(token, (found) => found.replace(/[^\n]/g, ' '));
}

/** @param {Source} source @returns {Remark[]} */
export function cIncludes({ path, lines }) {
  const inside = path.replace(/^core\/(src|include)\//, '');
  const remarks = [];
  lines.forEach((text, i) => {
    const found = /^\s*#\s*include\s+([<"])([^>"]+)[>"]/.exec(text);
    if (!found) return;
    const what = includeRemark(inside, found[2], found[1] === '"');
    if (what) remarks.push({ line: i + 1, what });
  });
  return remarks;
}

/**
 * @param {string} file relative to core/src
 * @param {string} header
 * @param {boolean} isQuoted
 * @returns {string | undefined}
 */
function includeRemark(file, header, isQuoted) {
  const room = roomOf(file);
  const target = roomOf(header);
  if (header.startsWith('../')) return 'an include path that climbs: name the room instead';
  if (!isQuoted || target === undefined || target === room) return undefined;
  if (!isRoom(target)) return `no such room: ${target}`;
  if (levelOf(header) < levelOf(file)) return undefined;
  return `${room ?? 'core'} must not include ${target}/: includes point downward`;
}

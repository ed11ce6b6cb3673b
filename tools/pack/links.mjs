// SPDX-License-Identifier: GPL-3.0-or-later
// Links in pages of Markdown: where they lead, and pages without those that lead to what is not there.
import { posix } from 'node:path';

/** Code is no text: fenced, and in a line. */
const CODE = /^(`{3,}|~{3,})[\s\S]*?^\1[^\n]*$|(`+)(?!`)[\s\S]*?[^`]\2(?!`)/gm;
/** [words](target "title"), ![words](target); words may hold code and a pair of brackets. */
const LINK = /(!?)\[((?:[^[\]]|\[[^[\]]*\])*)\]\(([^()\s]+)(?: "[^"]*")?\)/g;

/** In place of code, which has the same length: its place is found again. @param {string} text */
const withoutCode = (text) => text.replace(CODE, (code) => code.replace(/[^\n]/g, '\0'));

/** @typedef {{from: number, to: number, words: string, isPicture: boolean, target: string}} Link from, to: where it stands in the text */

/** @param {string} text of a page @returns {Link[]} */
export function linksOf(text) {
  return [...withoutCode(text).matchAll(LINK)].map(({ index, 0: whole, 1: mark, 2: { length }, 3: target }) => {
    const words = index + mark.length + 1;
    return { from: index, to: index + whole.length, words: text.slice(words, words + length), isPicture: mark === '!', target };
  });
}

/**
 * The file that a link leads to, from the same folder as the page's own path; null: to another server.
 * @param {string} page its path @param {string} target
 */
export function fileOf(page, target) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const [path] = target.split('#');
  return path === '' ? page : posix.normalize(posix.join(posix.dirname(page), decodeURIComponent(path))).replace(/\/$/, '');
}

/**
 * The names that a link may have behind its #: of headings, as GitHub makes them, and those that stand there.
 * @param {string} text of a page @returns {Set<string>}
 */
export function anchorsOf(text) {
  const names = new Set([...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id));
  const nameOf = headingNames();
  for (const { 0: line, index } of withoutCode(text).matchAll(/^#{1,6} .*$/gm)) {
    names.add(nameOf(text.slice(index, index + line.length).replace(/^#+ +/, '')));
  }
  return names;
}

/** Of one page. @returns {(heading: string) => string} the name of each, in their order: a second one of the same words has a number */
export function headingNames() {
  const counts = new Map();
  return (heading) => {
    const words = heading.replace(/<[^>]*>/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim().toLowerCase();
    const name = words.replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replace(/ /g, '-');
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count > 0 ? `${name}-${count}` : name;
  };
}

/**
 * A page whose links all lead somewhere: of the others the words stay, of pictures nothing.
 * @param {string} page its path @param {string} text @param {(path: string) => boolean} isThere
 */
export function withoutDead(page, text, isThere) {
  let result = '';
  let at = 0;
  for (const { from, to, words, isPicture, target } of linksOf(text)) {
    const file = fileOf(page, target);
    if (file === null || isThere(file)) continue;
    result += text.slice(at, from) + (isPicture ? '' : words);
    at = to;
  }
  return result + text.slice(at);
}

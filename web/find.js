// SPDX-License-Identifier: GPL-3.0-or-later
// What is searched for in texts, and where it stands in them. Pure, tested in Node (tests/glue/find.test.mjs).

const WORD_COUNT_MAX = 10;
const SNIPPET_BEFORE = 30; // letters before the first word that is found
const SNIPPET_LENGTH = 160;
const STEP = 1000; // letters that are looked through at a time
const WORD_LENGTH_MAX = 200; // letters: as many as can be typed
const PLACE_COUNT_MAX = 500; // in one text: more nobody looks at

/**
 * Without case and accents: é, É and e are the same; by way of capitals so are ß and ss, ı and i; and the sigmas, of which one is made by
 * what stands around it: a letter alone is folded as it is in a text, so that places can be told. One sign stands for all apostrophes, one
 * for all dashes, since telephones write others than are typed here, and a line ends as a word does.
 * @param {string} text @returns {string}
 */
export const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ')
  .replace(/[‘’ʼ]/g, "'").replace(/\p{Pd}/gu, '-').replace(/\s/g, ' ');

const QUOTED = /["“„«]([^"“”„«»]+)["”“»]|(\S+)/g; // as keyboards of any language write them
const LONE = /["“”„«»]/g;

/** Words, and what is in quotes as a whole. All have to be there. @param {string} typed @returns {string[]} */
export function readQuery(typed) {
  const words = [...typed.matchAll(QUOTED)].map(([, quoted, word]) => fold((quoted ?? word.replace(LONE, '')).trim()));
  return [...new Set(words.filter(Boolean))].slice(0, WORD_COUNT_MAX);
}

/** @param {string[]} words of readQuery() */
export function matches(text, words) {
  if (!words.length || !text) return false;
  const folded = fold(text);
  return words.every((word) => folded.includes(word));
}

/** Where the words stand in a text: [start, end], one after the other, none within another; the first of each. @returns {number[][]} */
export function placesOf(text, words) {
  let folded = '';
  const starts = []; // of each folded letter, where it is in the text
  let at = 0;
  for (const letter of text) {
    const small = fold(letter);
    for (let i = 0; i < small.length; i++) starts.push(at);
    folded += small;
    at += letter.length;
  }
  starts.push(text.length);
  const found = [];
  for (const word of words) {
    let count = 0;
    for (let i = folded.indexOf(word); i >= 0 && count < PLACE_COUNT_MAX; i = folded.indexOf(word, i + word.length), count++) {
      let end = i + word.length;
      while (end < folded.length && starts[end] === starts[end - 1]) end++; // the rest of a letter that is several
      found.push([starts[i], starts[end]]);
    }
  }
  let last = 0;
  return found.sort((a, b) => a[0] - b[0] || b[1] - a[1]).filter(([start, end]) => {
    if (start < last) return false;
    last = end;
    return true;
  });
}

/** Where the first of them stands: letter by letter a long text takes as long as a hundred others. */
function firstPlace(text, words) {
  for (let at = 0; at < text.length; at += STEP) {
    const part = text.slice(at, at + STEP + WORD_LENGTH_MAX);
    if (!words.some((word) => fold(part).includes(word))) continue;
    const [first] = placesOf(part, words);
    if (first) return at + first[0];
  }
  return 0;
}

/** What of a text is shown of a find: [{text, isFound}] in one line. @param {string} text @param {string[]} words */
export function snippet(text, words) {
  const first = firstPlace(text, words);
  let start = Math.max(0, first - SNIPPET_BEFORE);
  if (start > 0) start = text.lastIndexOf(' ', start) + 1 || (start > SNIPPET_BEFORE ? start : 0);
  if (/[\udc00-\udfff]/.test(text[start] ?? '')) start++;
  const cut = text.slice(start, start + SNIPPET_LENGTH).replace(/[\ud800-\udbff]$/, '').replace(/\s/g, ' ');
  const parts = [];
  let at = 0;
  for (const [from, to] of placesOf(cut, words)) {
    parts.push({ text: cut.slice(at, from), isFound: false }, { text: cut.slice(from, to), isFound: true });
    at = to;
  }
  parts.push({ text: cut.slice(at), isFound: false });
  if (start > 0) parts.unshift({ text: '…', isFound: false });
  if (start + SNIPPET_LENGTH < text.length) parts.push({ text: '…', isFound: false });
  return parts.filter((part) => part.text);
}

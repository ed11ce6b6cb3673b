// SPDX-License-Identifier: GPL-3.0-or-later
/** Whom a line names that a person typed, in a page or a terminal: nicks may have spaces, and anybody may choose any. */

/** What a quoted name begins and ends with, also as telephones and word processors have it. */
export const QUOTES = new Map([['"', '"'], ["'", "'"], ['“', '”'], ['„', '“'], ['‘', '’'], ['«', '»']]);

/** A nick has 64 bytes: no more words than that can be part of one. */
const WORD_COUNT_MAX = 33;

/** @param {string} text @returns {[string, string]|null} what is in quotes, and what follows; null if it begins with no quote */
function readQuoted(text) {
  const quote = QUOTES.get(text[0]);
  const end = quote === undefined ? -1 : text.indexOf(quote, 1);
  const after = text.slice(end + 1);
  return end > 1 && (after === '' || /^\s/.test(after)) ? [text.slice(1, end), after.trim()] : null;
}

/**
 * Splits 'WHO TEXT': `"Ada L" how are you`, or without quotes where only one beginning of it is somebody's name. Where several are, none is
 * taken: else somebody who calls himself 'Bob I' would get what begins with 'Bob I think'.
 * @param {string} line @param {(name: string) => boolean} isKnown
 * @returns {[string, string]} the first word where nothing is known; throws words that help where several are, and their `names`
 */
export function splitNamed(line, isKnown) {
  const text = line.trim();
  const ends = [...text.matchAll(/\s+/g)].slice(0, WORD_COUNT_MAX).map(({ index }) => index);
  if (ends.length < WORD_COUNT_MAX) ends.push(text.length);
  const known = ends.filter((end) => end > 0 && isKnown(text.slice(0, end)));
  if (known.length > 1) {
    const names = known.map((end) => `"${text.slice(0, end)}"`);
    throw Object.assign(new Error(`whom do you mean: ${names.join(' or ')}? Write the name in quotes`), { names });
  }
  const quoted = readQuoted(text);
  if (known.length === 0 && quoted !== null) return quoted;
  const end = known[0] ?? ends[0] ?? 0;
  return [text.slice(0, end), text.slice(end).trim()];
}

/** A name alone, with or without quotes. @param {string} text @param {(name: string) => boolean} isKnown */
export function readName(text, isKnown) {
  const name = text.trim();
  const quoted = readQuoted(name);
  return quoted !== null && quoted[1] === '' && !isKnown(name) ? quoted[0] : name;
}

/** How a line names somebody: the reverse. @param {string} nick @param {string} addr where the nick cannot be used */
export function writeName(nick, addr) {
  if (nick === '' || nick.includes('"')) return addr;
  return /\s/.test(nick) || QUOTES.has(nick[0]) ? `"${nick}"` : nick;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What people say, as values: docs/messages.md. Written and read here alone. Pure, tested in Node (tests/glue/said.test.mjs).

const ID = /^[0-9a-f]{32}$/; // as nkt writes those of messages
export const QUOTE_LENGTH_MAX = 200; // letters of what is answered: enough to know it again
export const N_MAX = 1e6; // changes of one message by one person: nobody makes so many
export const MENTION_COUNT_MAX = 20; // people whom one message names
const ADDRESS_LENGTH_MAX = 64; // letters: they have 34
export const SIGN_COUNT_MAX = 3; // by which one person reacts to one message
const SIGN_LENGTH_MAX = 40; // UTF-16 units: a family of four with all their skins has 33

/**
 * One emoji, also one of several parts. By a pattern, not by Intl.Segmenter, of which browsers have different versions, or none: all
 * have to see the same.
 */
const PART = '\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?[\\u{e0020}-\\u{e007f}]*';
const SIGN = new RegExp(`^(?:\\p{RI}{2}|${PART}(?:\\u200d${PART}){0,5})$`, 'u');

/** One line, and not longer than a quote may be. @param {string} text */
export function quoteOf(text) {
  const line = text.slice(0, 4 * QUOTE_LENGTH_MAX).replace(/\s+/gu, ' ').trim();
  return line.length <= QUOTE_LENGTH_MAX ? line : `${line.slice(0, QUOTE_LENGTH_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * A plain string for everybody, so that any plugin understands it; an object where there is more to say: to one person, since a receiver
 * cannot see to whom else something went; an answer; whom it names; an edit, which to those who know none is an answer to what it changes.
 * @param {string} text @param {string} [to] @param {{id: string, quote: string, n?: number} | null} [re] n: it is edited, this often now
 * @param {string[]} [mentions]
 */
export function writeValue(text, to, re, mentions = []) {
  if (!to && !re && !mentions.length) return text;
  const { id, quote, n } = re ?? {};
  const about = re && (n ? { re: { id }, edit: { id, n } } : { re: { id, quote } });
  return { text, ...(mentions.length && { mentions }), ...(to && { private: true }), ...about };
}

/** All that one's reaction to a message consists of now; n: this often now. @param {string} id @param {number} n @param {string[]} signs */
export const writeReaction = (id, n, signs, to = '') => ({ react: { id, n, signs }, ...(to && { private: true }) });

/** One's own message is not to be seen any more. @param {string} id */
export const writeGone = (id, to = '') => ({ gone: { id }, ...(to && { private: true }) });

/**
 * What a value of anybody's changes of another message: {kind: 'gone', id}, {kind: 'edit', id, n, text}, {kind: 'react', id, n, signs};
 * null: nothing. Whether its author may is another question (changes.js).
 */
export function readChange(value) {
  const { gone, edit, react, text } = value ?? {};
  if (isId(gone?.id)) return { kind: 'gone', id: gone.id };
  if (isId(edit?.id) && isNumber(edit.n) && typeof text === 'string') {
    return { kind: 'edit', id: edit.id, n: edit.n, text, mentions: readMentions(value) };
  }
  if (!isId(react?.id) || !isNumber(react.n) || !Array.isArray(react.signs)) return null;
  const signs = react.signs.slice(0, SIGN_COUNT_MAX).map(readSign).filter(Boolean);
  return { kind: 'react', id: react.id, n: react.n, signs: [...new Set(signs)] };
}

/** A sign as it is counted, '' if it is none: with or without the selector that asks for a picture it is the same. */
export const readSign = (sign) => (typeof sign === 'string' && sign.length <= SIGN_LENGTH_MAX && SIGN.test(sign)
  ? sign.replaceAll('\ufe0f', '') : '');

/** As it is shown: a picture, also where a font has a letter for it. @param {string} sign */
export const signShown = (sign) => sign.replace(/(?!\p{Emoji_Presentation})\p{Extended_Pictographic}(?!\p{Emoji_Modifier})/gu, '$&\ufe0f');

/** Whom a value says that it names; null if it says nothing about that. */
function readMentions(value) {
  const { mentions } = value ?? {};
  if (!Array.isArray(mentions)) return null;
  return mentions.slice(0, MENTION_COUNT_MAX).filter((one) => typeof one === 'string' && one.length <= ADDRESS_LENGTH_MAX);
}

const isId = (id) => typeof id === 'string' && ID.test(id);
const isNumber = (n) => Number.isInteger(n) && n >= 1 && n <= N_MAX;

/** What a value of anybody's says: {text, isPrivate, re, mentions}; text is null where there is none for people, mentions if not said. */
export function readSaid(value) {
  const said = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : value?.text;
  const text = typeof said === 'string' ? said : null;
  return { text, isPrivate: value?.private === true, re: readRe(value?.re), mentions: readMentions(value) };
}

/** What is answered, if it can be told. */
function readRe(re) {
  if (!isId(re?.id)) return null;
  return { id: re.id, quote: typeof re.quote === 'string' ? quoteOf(re.quote) : '' };
}

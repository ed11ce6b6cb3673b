// SPDX-License-Identifier: GPL-3.0-or-later
// What people say, as values: docs/messages.md. Written and read here alone. Pure, tested in Node (tests/glue/said.test.mjs).

const ID = /^[0-9a-f]{32}$/; // as nkt writes those of messages
export const QUOTE_LENGTH_MAX = 200; // letters of what is answered: enough to know it again

/** One line, and not longer than a quote may be. @param {string} text */
export function quoteOf(text) {
  const line = text.slice(0, 4 * QUOTE_LENGTH_MAX).replace(/\s+/gu, ' ').trim();
  return line.length <= QUOTE_LENGTH_MAX ? line : `${line.slice(0, QUOTE_LENGTH_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * A plain string for everybody, so that any plugin understands it; an object where there is more to say: to one person, since a receiver
 * cannot see to whom else something went; an answer.
 * @param {string} text @param {string} [to] @param {{id: string, quote: string} | null} [re]
 */
export function writeValue(text, to, re) {
  if (!to && !re) return text;
  return { text, ...(to && { private: true }), ...(re && { re: { id: re.id, quote: re.quote } }) };
}

/** What a value of anybody's says: {text, isPrivate, re}; text is null where there is none for people. */
export function readSaid(value) {
  const said = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : value?.text;
  return { text: typeof said === 'string' ? said : null, isPrivate: value?.private === true, re: readRe(value?.re) };
}

/** What is answered, if it can be told. */
function readRe(re) {
  if (typeof re?.id !== 'string' || !ID.test(re.id)) return null;
  return { id: re.id, quote: typeof re.quote === 'string' ? quoteOf(re.quote) : '' };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Links in what people write: where one ends, and whether it leads where it seems to. No document, no network.

const START = /(?:https?:\/\/|mailto:)/iy;
const LENGTH_MAX = 2048; // letters; longer ones are text
const ASCII_OUT = '<>"`\\^|'; // never part of an address as people write it
/** Letters and digits of any script, but none that cannot be seen: those would hide where it leads, as would signs of direction. */
const BEYOND_ASCII = /[\p{L}\p{M}\p{N}]/u;
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;
const CLOSED_BY = { ')': '(', ']': '[', '}': '{' };
const TRAILING = '.,:;!?\'*_~([{';

function isPart(sign) {
  if (sign > '~') return BEYOND_ASCII.test(sign) && !UNSEEN.test(sign);
  return sign > ' ' && !ASCII_OUT.includes(sign);
}

/**
 * What begins like a link at an index: {end, link}. end: how far it was read, and is not to be read again; link: null, or {href, leads},
 * where leads is the host when the text does not say it as the browser understands it, else ''.
 * Null when nothing begins there. @param {string} text @param {number} at
 */
export function linkAt(text, at) {
  START.lastIndex = at;
  if (!START.test(text)) return null;
  let end = at;
  while (end < text.length) {
    const sign = String.fromCodePoint(text.codePointAt(end));
    if (!isPart(sign)) break;
    end += sign.length;
  }
  const trimmed = trim(text, at, end);
  const link = trimmed - at > LENGTH_MAX ? null : read(text.slice(at, trimmed));
  return { end: link ? trimmed : end, link };
}

/** Without what is the sentence's: points, quotes, marks, and brackets that were opened before. */
function trim(text, at, end) {
  const counts = new Map();
  const add = (sign, more) => counts.set(sign, (counts.get(sign) ?? 0) + more);
  for (let i = at; i < end; i++) if ('()[]{}'.includes(text[i])) add(text[i], 1);
  for (; end > at; end--) {
    const sign = text[end - 1];
    const opened = CLOSED_BY[sign];
    if (opened ? (counts.get(sign) ?? 0) <= (counts.get(opened) ?? 0) : !TRAILING.includes(sign)) break;
    add(sign, -1);
  }
  return end;
}

/** An address in full. No name or password in it, since these are written to look like a host. */
function read(raw) {
  if (!URL.canParse(raw)) return null;
  const { href, protocol, hostname } = new URL(raw);
  if (protocol === 'mailto:') return /^mailto:[!-~]+@[!-~]+$/i.test(raw) ? { href, leads: '' } : null;
  const authority = /^https?:\/\/([^/?#]+)/i.exec(raw)?.[1];
  if (!authority || authority.includes('@')) return null;
  const said = authority.replace(/:\d*$/, '').toLowerCase();
  return { href, leads: said === hostname ? '' : hostname };
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The one fold of nicks, for API, page and terminal: what of a nick can be seen, and which nicks look alike (Unicode's UTS 39).
 */
import { fetched } from './fetched.js';

/** Drawn as nothing, or as a gap. U+2800 is a Braille sign without dots. */
const IGNORABLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;
const BLANK = /[\p{White_Space}\u2800]+/gu;

/** Not shown: moves the cursor, turns the direction of what follows, or is nothing at all. Joiners stay: emoji and scripts need them. */
const UNSHOWN = new RegExp('[\\p{Cc}\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u200e\\u200f\\u202a-\\u202e'
  + '\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb]', 'gu');

/** Written from right to left: would turn what stands beside it. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** By code point what it looks like, once that is loaded: code points in base 36. @type {Map<number, string>} */
const lookalikes = new Map();

/** What the table is written in. */
const SPACE = 0x20;
const ZERO = 0x30;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const SMALL_A = 0x61;

/** @type {Promise<void>|null} */
let loading = null;

/** What was calculated already, by nick: lists are painted often. @type {Map<string, string[]>} */
const known = new Map();

/** More nicks than a swarm knows users. */
const KNOWN_COUNT_MAX = 4096;

/** Fetches the table of look-alikes, once. Without it nicks are compared by case and compatibility forms alone. @returns {Promise<void>} */
export function loadLookalikes() {
  loading ??= fetched(() => import('./confusables.js')).then(({ CONFUSABLES }) => unpack(CONFUSABLES)).catch(() => {
    loading = null; // tried again with the next start
  });
  return loading;
}

/**
 * The reverse of tools/confusables.mjs, in one go over its letters: split() and parseInt() took three times as long, in the start of each
 * page. What a sign looks like is unpacked when it is met. @param {string} packed
 */
function unpack(packed) {
  known.clear();
  let begin = 0; // of a group
  let looks = ''; // of the group, once it is known
  let code = 0;
  let number = 0;
  for (let i = 0; i <= packed.length; i++) {
    const letter = packed.charCodeAt(i);
    if (letter === EQUALS) {
      looks = packed.slice(begin, i);
      code = 0;
      number = 0;
    } else if (letter >= ZERO && letter !== SEMICOLON) {
      number = number * 36 + letter - (letter < SMALL_A ? ZERO : SMALL_A - 10);
    } else {
      code += number;
      number = 0;
      if (looks) lookalikes.set(code, looks);
      if (letter === SPACE) continue;
      begin = i + 1;
      looks = '';
    }
  }
}

/** @param {string} text what is left of it, decomposed */
function visible(text) {
  return text.normalize('NFKD').replace(IGNORABLE, '').replace(BLANK, '');
}

/** @param {string} text */
function foldCase(text) {
  return text.toUpperCase().toLowerCase().normalize('NFKD');
}

/** @param {string} text decomposed */
function skeleton(text) {
  const spelled = (packed) => packed?.split(' ').map((code) => String.fromCodePoint(parseInt(code, 36))).join('');
  return [...text].map((sign) => spelled(lookalikes.get(/** @type {number} */ (sign.codePointAt(0)))) ?? sign).join('').normalize('NFKD');
}

/**
 * What a nick is compared by: two nicks look alike when they have one of these in common. One is of what it says (without case), the
 * other of how it is drawn: capital I is drawn like l, and i is not.
 * @param {unknown} nick @returns {string[]} none: nothing of it can be seen
 */
export function looksOf(nick) {
  const given = String(nick ?? '');
  let looks = known.get(given);
  if (!looks) {
    const text = visible(given);
    looks = text === '' ? [] : [...new Set([skeleton(foldCase(text)), skeleton(foldCase(skeleton(text)))])];
    if (known.size >= KNOWN_COUNT_MAX) known.clear();
    known.set(given, looks);
  }
  return looks;
}

/** @param {string[]} looks @param {string[]} others of looksOf() @returns {boolean} */
export function shareLooks(looks, others) {
  return looks.some((one) => others.includes(one));
}

/** A nick as it is shown: in one line, '' when nothing of it can be seen. @param {unknown} nick @returns {string} */
export function shownNick(nick) {
  const text = String(nick ?? '');
  return visible(text) === '' ? '' : text.replace(BLANK, ' ').replace(UNSHOWN, '').replace(/ +/g, ' ').trim();
}

/** Keeps a name from turning the direction of the line that it stands in. @param {string} name @returns {string} */
export function isolated(name) {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/**
 * Whom a person means by a nick: those who look so, with as many words.
 * @template {{nick: string}} T @param {string} who @param {T[]} users @returns {T[]}
 */
export function meant(who, users) {
  const wanted = looksOf(who);
  const words = shownNick(who).split(' ').length;
  return users.filter(({ nick }) => shareLooks(wanted, looksOf(nick)) && shownNick(nick).split(' ').length === words);
}

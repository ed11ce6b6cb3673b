// SPDX-License-Identifier: GPL-3.0-or-later
// Passphrases as they are typed: new ones twice and long enough, with how hard they are to guess; all of them to be shown on request.

import { $, el, setText } from './dom.js';
import { texts } from './texts.js';

/**
 * Of a new one, in characters. Whoever has copied the disk, or the file, can try as many as his machines allow, a few thousand a second
 * at most (Argon2id, 64 MiB): eight random letters and digits last for years then. Those that were chosen before open what they are for.
 */
export const LENGTH_MIN = 8;

const form = (text) => text.normalize('NFC'); // as the keys are made of it

/** What is wrong with a new passphrase: {id, text}, or null. Fields by id: where it is typed, and where it is typed again. */
export function checkNew(id, againId) {
  const [typed, again] = [id, againId].map((one) => form($(one).value));
  if ([...typed].length < LENGTH_MIN) return { id, text: texts.passphraseShort(LENGTH_MIN) };
  if (!again) return { id: againId, text: texts.passphraseOnce };
  return typed === again ? null : { id: againId, text: texts.passphraseDiffers };
}

const WORD_BITS = 13; // one of some thousands
const LETTER_BITS = 5;
const LETTERS_LOOKED_AT = 200; // who pastes a book has enough of them, and repetitions are searched for in quadratic time
const BITS = [35, 52]; // seven signs by chance; four words

/**
 * How hard a passphrase is to guess, 0 to 2: by its words, which may be of a dictionary, and its other signs, of which those that repeat or
 * count on add nothing.
 */
export function strengthOf(text) {
  const plain = form(text.slice(0, LETTERS_LOOKED_AT)).toLowerCase().replace(/(.+?)\1+/gu, '$1');
  const words = plain.match(/\p{L}{4,}/gu) ?? [];
  const others = [...plain.replace(/\p{L}{4,}|\s/gu, '')];
  const isNext = (sign, i) => Math.abs(sign.codePointAt(0) - (others[i - 1]?.codePointAt(0) ?? 0)) === 1;
  const bits = LETTER_BITS * new Set(others.filter((sign, i) => !isNext(sign, i))).size
    + new Set(words).size * WORD_BITS + words.reduce((sum, { length }) => sum + LETTER_BITS * Math.max(0, length - 10), 0);
  return BITS.filter((least) => bits >= least).length;
}

/** A line below the field of a new one: how hard it is to guess. */
export function strengthLine(id) {
  const line = el('p', { className: 'small', id: `${id}-strength`, role: 'status' });
  const paint = () => setText(line, $(id).value && $(id).autocomplete === 'new-password' ? texts.strength[strengthOf($(id).value)] : '');
  $(id).addEventListener('input', paint);
  return line;
}

/** A checkbox that shows what is typed in those fields. */
export function showBox(id, fields) {
  const box = el('input', { type: 'checkbox', id, onchange: () => show(fields, box.checked) });
  return el('label', { className: 'check' }, box, texts.passphraseShow);
}

/** Hidden again and empty. */
export function clearFields(fields, boxId) {
  for (const id of fields) {
    $(id).value = '';
    $(id).dispatchEvent(new Event('input')); // what is said of it goes as well
  }
  $(boxId).checked = false;
  show(fields, false);
}

function show(fields, isShown) {
  for (const id of fields) $(id).type = isShown ? 'text' : 'password';
}

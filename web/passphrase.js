// SPDX-License-Identifier: GPL-3.0-or-later
// Passphrases as they are typed: new ones twice and long enough, all of them to be shown on request.

import { $, el } from './dom.js';
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

/** A checkbox that shows what is typed in those fields. */
export function showBox(id, fields) {
  const box = el('input', { type: 'checkbox', id, onchange: () => show(fields, box.checked) });
  return el('label', { className: 'check' }, box, texts.passphraseShow);
}

/** Hidden again and empty. */
export function clearFields(fields, boxId) {
  for (const id of fields) $(id).value = '';
  $(boxId).checked = false;
  show(fields, false);
}

function show(fields, isShown) {
  for (const id of fields) $(id).type = isShown ? 'text' : 'password';
}

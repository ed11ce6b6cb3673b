// SPDX-License-Identifier: GPL-3.0-or-later
// One's own identity as a file, once somebody wants it: fetched with what compares numbers.

import { $, el, setText } from './dom.js';
import { FIELDS } from './identity.js';
import { ownAddress, ownNick, short } from './names.js';
import { checkNew, clearFields } from './passphrase.js';
import { texts, wordsOf } from './texts.js';

/** What is wrong is said below the fields. */
export async function saveIdentity() {
  const button = $('export').querySelector('button');
  const problem = checkNew(...FIELDS);
  for (const id of FIELDS) $(id).setAttribute('aria-invalid', String(problem?.id === id));
  if (problem) {
    setText($('export-status'), problem.text);
    $(problem.id).focus();
    return;
  }
  button.disabled = true;
  $('export-name').value = `${ownNick()} ${short(ownAddress())}`; // for what keeps passphrases
  try {
    const text = await window.nkt.exportIdentity($('export-passphrase').value);
    download(text, `nkt-${ownNick().replace(/[^\p{L}\p{N}]+/gu, '-')}-${short(ownAddress())}.json`);
    setText($('export-status'), texts.exported);
    clearFields(FIELDS, 'export-show');
  } catch (error) {
    setText($('export-status'), wordsOf(error));
  }
  button.disabled = false;
}

function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser has taken it by then
}

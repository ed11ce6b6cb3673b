// SPDX-License-Identifier: GPL-3.0-or-later
// One's own identity: saving it as a file, forgetting what was said, and whether what is stored can be trusted to be there.

import { $, el, setText } from './dom.js';
import { clearMessages, note } from './messages.js';
import { ownAddress, ownNick, short } from './names.js';
import { checkNew, clearFields, showBox } from './passphrase.js';
import { texts, wordsOf } from './texts.js';

const FIELDS = ['export-passphrase', 'export-again'];

export function setUpIdentity() {
  $('export-again').after(showBox('export-show', FIELDS));
  $('export').addEventListener('submit', (event) => {
    event.preventDefault();
    save();
  });
  $('clear-history').addEventListener('click', async () => {
    await window.nkt.clearHistory();
    clearMessages();
    note(texts.historyCleared);
  });
  window.addEventListener('nktrestarted', () => note(texts.restarted));
  window.addEventListener('nktstatus', ({ detail }) => {
    tellStorage(detail.storage);
    tellAddress(detail);
  });
}

let isChangeTold = false;

/** Once: who knew the old address has to be told the new one. */
function tellAddress({ addressChanged }) {
  if (!addressChanged || isChangeTold) return;
  isChangeTold = true;
  note(texts.addressChanged(ownAddress()), 'error');
}

let isInMemory = false;
let isTooLate = false;

/** Said once when nothing is kept any more, and once when that is over, or cannot be over before a reload. */
function tellStorage({ state, error = '' }) {
  const isNow = state === 'memory';
  const isTooLateNow = isNow && /too late/.test(error);
  if ((isNow === isInMemory && isTooLateNow === isTooLate) || !['memory', 'ok'].includes(state)) return;
  isInMemory = isNow;
  isTooLate = isTooLateNow;
  if (isNow) note(window.isSecureContext ? texts.storageMemory(error) : texts.storageInsecure, 'error');
  else note(texts.storageBack);
}

async function save() {
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

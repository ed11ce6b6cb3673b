// SPDX-License-Identifier: GPL-3.0-or-later
// One's own identity: saving it as a file (save.js), forgetting what was said, and whether what is stored can be trusted to be there.

import { $, setText } from './dom.js';
import { saveIdentity } from './later.js';
import { clearMessages, note } from './messages.js';
import { ownAddress } from './names.js';
import { showBox, strengthLine } from './passphrase.js';
import { texts } from './texts.js';

export const FIELDS = ['export-passphrase', 'export-again'];

export function setUpIdentity() {
  $('export-passphrase').after(strengthLine('export-passphrase'));
  $('export-again').after(showBox('export-show', FIELDS));
  $('export').addEventListener('submit', (event) => {
    event.preventDefault();
    saveIdentity();
  });
  const button = $('clear-history');
  const ask = (isAsked) => setText(button, isAsked ? texts.clearHistorySure : texts.clearHistory);
  button.addEventListener('blur', () => ask(false));
  button.addEventListener('click', async ({ detail }) => { // asked once: nobody takes it back, and one press is soon made
    if (detail > 1) return;
    const isSure = button.textContent === texts.clearHistorySure;
    ask(!isSure);
    if (!isSure) return;
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

let told = '';

/** Said once when nothing is kept any more, once when it is known why, and once when that is over, or cannot be over before a reload. */
function tellStorage({ state, error = '' }) {
  if (!['memory', 'ok'].includes(state)) return;
  const [why] = state === 'ok' ? [''] : /too late|does not answer/.exec(error) ?? ['known'];
  if (why === told || (told && why === 'does not answer')) return;
  told = why;
  if (why) note(window.isSecureContext ? texts.storageMemory(error) : texts.storageInsecure, 'error');
  else note(texts.storageBack);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One's own identity: saving it as a file, forgetting what was said, and whether what is stored can be trusted to be there.

import { $, el, setText } from './dom.js';
import { clearMessages, note } from './messages.js';
import { ownAddress, ownNick, short } from './names.js';
import { texts } from './texts.js';

export function setUpIdentity() {
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
  window.addEventListener('nktstatus', ({ detail }) => tellStorage(detail.storage));
}

let isInMemory = false;

/** Said once when nothing is kept any more, and once when that is over. */
function tellStorage({ state, error = '' }) {
  const isNow = state === 'memory';
  if (isNow === isInMemory || !['memory', 'ok'].includes(state)) return;
  isInMemory = isNow;
  if (isNow) note(texts.storageMemory(error), 'error');
  else note(texts.storageBack);
}

async function save() {
  const field = $('export-passphrase');
  const button = $('export').querySelector('button');
  button.disabled = true;
  try {
    const text = await window.nkt.exportIdentity(field.value);
    download(text, `nkt-${ownNick().replace(/[^\p{L}\p{N}]+/gu, '-')}-${short(ownAddress())}.json`);
    setText($('export-status'), texts.exported);
    field.value = '';
  } catch (error) {
    setText($('export-status'), error.code === 'NKT_E_OPTIONS' ? texts.exportPassphrase : error.message);
  }
  button.disabled = false;
}

function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser has taken it by then
}

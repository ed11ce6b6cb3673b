// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are to be sent, from wherever they come: chosen, dropped, pasted. What shows and sends them is fetched with the first.

import { $, setText } from './dom.js';
import { loadFiles } from './later.js';
import { texts } from './texts.js';

/** attached.js and card.js, once they are there. */
let files = null;
/** How many times something is still being added; what is to be done after that, in order. */
let adding = 0;
let after = Promise.resolve();
let focusLine;

export function setUpAttach({ focus }) {
  focusLine = focus;
  $('attach').addEventListener('click', () => {
    loadFiles().catch(() => {}); // while somebody chooses
    $('attach-file').click();
  });
  $('attach-file').addEventListener('change', () => {
    addFiles($('attach-file').files);
    $('attach-file').value = ''; // the same one may be chosen again
  });
  $('line').addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.files ?? [];
    if (!pasted.length) return;
    event.preventDefault();
    addFiles(pasted);
  });
  const app = $('app');
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  app.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    app.dataset.dropping = 'true';
  });
  for (const type of ['dragleave', 'drop']) app.addEventListener(type, () => delete app.dataset.dropping);
  app.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // or the browser would leave the page for the file
    addFiles(event.dataTransfer.files);
  });
}

/** Does anything wait to be sent, or is going to? */
export const hasAttached = () => adding > 0 || Boolean(files?.hasAttached());

/** Sends what waits, to one or to everybody: also what is still being looked at. */
export const sendAttached = (to) => inTurn(() => files?.sendAttached(to));

/** The person left, or went to another room. */
export const clearAttached = () => inTurn(() => files?.clearAttached());

/** @param {Iterable<File>} list */
export function addFiles(list) {
  const all = [...list]; // the list is emptied
  adding++;
  after = after.then(async () => {
    files ??= await loadFiles();
    await files.add(all, focusLine);
  }).catch(() => setText($('say-error'), texts.attachNotFetched)).finally(() => { adding--; });
}

/** At once when nothing is being added. */
function inTurn(act) {
  if (adding === 0) act();
  else after = after.then(act);
}

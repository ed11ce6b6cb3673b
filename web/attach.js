// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are to be sent, from wherever they come: chosen, dropped, pasted. What shows and sends them is fetched with the first.

import { $, setText } from './dom.js';
import { loadFiles } from './later.js';
import { note } from './messages.js';
import { texts } from './texts.js';

/** attached.js and card.js, once they are there. */
let files = null;
/** How many times something is still being added; what is to be done after that, in order. */
let adding = 0;
let after = Promise.resolve();
let visit = 0; // to a room: what is chosen there is for nobody else
let lost = []; // names of files that were on their way when one left their room: told in the next one
let isHere = false; // in a room
let hasLeft = false; // who comes then may be somebody else
let focusLine;
let target; // for whom the line is

export function setUpAttach({ focus, targetNow }) {
  focusLine = focus;
  target = targetNow;
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
    if (!pasted.length || isPictureOfText(event.clipboardData)) return;
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

/** Office programs and spreadsheets give a picture of a text beside it: the text is what is meant. */
function isPictureOfText(data) {
  const [{ name }, ...more] = data.files;
  return !more.length && name === 'image.png' && !['', name].includes(data.getData('text/plain').trim());
}

/** Does anything wait to be sent to them, an address or '' for everybody, or is going to? */
export const hasAttached = (to) => adding > 0 || Boolean(files?.hasAttached(to));

/** Sends what waits for them: also what is still being looked at. */
export const sendAttached = (to) => inTurn(() => files?.sendAttached(to));

/** The line is for them. */
export const showAttached = (to) => files?.showAttached(to);

/** The room was entered. */
export function openAttached() {
  isHere = true;
  hasLeft = false;
  files?.openAttached();
  tellLost();
}

/** The person left; isMoving: for another room. */
export function clearAttached(isMoving) {
  visit++;
  isHere = false;
  hasLeft = !isMoving;
  if (hasLeft) lost = [];
  files?.clearAttached(isMoving);
}

/** A file was not sent, as its room was left. @param {string} name */
export function lose(name) {
  if (hasLeft) return;
  lost.push(name);
  if (isHere) tellLost();
}

function tellLost() {
  for (const name of lost.splice(0)) note(texts.attachMoved(name), 'error');
}

/** @param {Iterable<File>} list */
export function addFiles(list) {
  const all = [...list]; // the list is emptied
  const { nkt } = window;
  const to = target();
  adding++;
  after = after.then(async () => {
    files ??= await loadFiles();
    files.showAttached(target());
    if (nkt.roomId) await files.add(all, to, focusLine, nkt);
  }).catch(() => setText($('say-error'), texts.attachNotFetched)).finally(() => { adding--; });
}

/** At once when nothing is being added. */
function inTurn(act) {
  const now = visit;
  if (adding === 0) act();
  else after = after.then(() => { if (now === visit) act(); });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are going to be sent: shown beside the line until it is sent, then shared one by one: others hear
// of them in the order in which they were chosen.

import { lose } from './attach.js';
import { $, el, setText } from './dom.js';
import { Card } from './card.js';
import { showOwnContent, takeBack } from './messages.js';
import { calledFile, isolated } from './names.js';
import { pictureTypeOf, prepare } from './shrink.js';
import { texts, wordsOf } from './texts.js';

const COUNT_MAX = 20; // that wait beside the line

const rooms = new Map(); // a room's peer -> for whom -> [{file, isPicture, asItIs}]
let shown = ''; // for whom the line is: an address, or everybody
let visit = 0; // to a room: what was for those in it is for nobody else
let focusLine = () => {};
let turn = Promise.resolve(); // the one before is said
let sharingCount = 0; // files that were sent, and that nobody has heard of yet

/** What waits in a room, the one that is shown. */
function attachedIn(nkt = window.nkt) {
  if (!rooms.has(nkt)) rooms.set(nkt, new Map());
  return rooms.get(nkt);
}

const waiting = (to) => attachedIn().get(to) ?? [];

/** Does anything wait to be sent to them? */
export const hasAttached = (to) => waiting(to).length > 0;

/** The person left; isMoving: for another room, and is coming back. */
export function clearAttached(isMoving) {
  visit++;
  if (!isMoving) rooms.clear();
  $('attached').replaceChildren();
  $('attached').hidden = true;
}

/** The room was entered, or another one: what waits there. */
export function openAttached() {
  for (const nkt of rooms.keys()) if (!nkt.roomId) rooms.delete(nkt); // left
  paint();
}

/** What waits for them is beside the line. */
export function showAttached(to) {
  shown = to;
  paint();
}

/** @param {File[]} files @param {string} to @param {() => void} focus back to the line @param {any} nkt in whose room they were chosen */
export async function add(files, to, focus, nkt) {
  focusLine = focus;
  const room = COUNT_MAX - (attachedIn(nkt).get(to)?.length ?? 0);
  const taken = [];
  for (const file of files.slice(0, room)) {
    const isPicture = Boolean(await pictureTypeOf(file).catch(() => '')); // a folder cannot be read
    taken.push({ file, isPicture, asItIs: false });
  }
  if (!nkt.roomId) return; // left
  attachedIn(nkt).set(to, [...attachedIn(nkt).get(to) ?? [], ...taken]);
  if (nkt !== window.nkt) return holdPage();
  setText($('say-error'), files.length > room ? texts.attachMany(COUNT_MAX) : '');
  paint();
  focusLine();
  return undefined;
}

function paint() {
  holdPage();
  const all = waiting(shown);
  $('attached').replaceChildren(...all.map((one) => {
    const drop = () => {
      attachedIn().set(shown, waiting(shown).filter((other) => other !== one));
      paint();
      focusLine();
    };
    const asItIs = el('input', { type: 'checkbox', checked: one.asItIs, onchange: () => { one.asItIs = asItIs.checked; } });
    const name = calledFile(one.file.name);
    return el('li', {},
      el('span', { dir: 'auto', textContent: `${name} · ${texts.bytes(one.file.size)}` }),
      ...(one.isPicture ? [el('label', { title: texts.attachAsItIsHelp }, asItIs, texts.attachAsItIs)] : []),
      el('button', {
        type: 'button', className: 'icon-button', textContent: '✕', 'aria-label': texts.attachDrop(name), onclick: drop,
      }));
  }));
  $('attached').hidden = !all.length;
}

/** Sends what waits for one, or for everybody. */
export function sendAttached(to) {
  const all = waiting(to);
  attachedIn().delete(to);
  paint();
  for (const one of all) share(one, to);
}

/** The browser asks whether the page may go, with files that would be gone with it: they are nowhere else. */
const hold = (event) => event.preventDefault();

function holdPage() {
  const all = [...rooms.values()].flatMap((room) => [...room.values()]);
  const isNeeded = sharingCount > 0 || all.some(({ length }) => length);
  if (isNeeded) window.addEventListener('beforeunload', hold);
  else window.removeEventListener('beforeunload', hold);
}

async function share(one, to) {
  const { file, asItIs } = one;
  const now = visit;
  const { nkt } = window; // of the room it is for, which goes on when another one is shown
  const card = new Card({ name: file.name, size: file.size });
  sharingCount++;
  holdPage();
  const sharing = turn.then(() => prepare(file, asItIs))
    .then(({ blob, thumbnail }) => {
      if (now !== visit && !nkt.roomId) throw new Error('left');
      return nkt.share(new File([blob], file.name, { type: blob.type }), {
        to: to || undefined, thumbnail, onProgress: (progress) => card.sealing(progress), // a file's name is made fit
      });
    });
  turn = sharing.then(() => {}, () => {});
  const node = showOwnContent({ card, to: to || undefined, delivering: sharing.then(({ delivery }) => delivery) });
  try {
    card.show((await sharing).content);
  } catch (error) {
    if (now !== visit) return lose(isolated(calledFile(file.name)));
    takeBack(node);
    attachedIn().set(to, [...waiting(to), one]);
    paint();
    setText($('say-error'), texts.notSent(wordsOf(error)));
  } finally {
    sharingCount--;
    holdPage();
  }
  return undefined;
}

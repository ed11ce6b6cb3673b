// SPDX-License-Identifier: GPL-3.0-or-later
// What one says: sent and shown, and given back when it is refused, into the line or beside it.

import { slashed } from './command.js';
import { $, el, setText } from './dom.js';
import { keepUnsent, readUnsent } from './drafts.js';
import { takeChange } from './changed.js';
import { readValue, showOwn, takeBack } from './messages.js';
import { mentionedIn } from './mentioned.js';
import { inLine, known, ownAddress } from './names.js';
import { writeValue } from './said.js';
import { texts, wordsOf } from './texts.js';

let unsent = []; // [{text, to}] that could not be sent while something else was written
let visit = { room: '', isOver: false, isKept: false }; // to a room: isOver, and what was written there is for when one is back
/**
 * The line: isFree(to): nothing is written in it, and it is for them; write(text, re): re is answered with it; back(one): one of
 * `unsent` is in it again; focus().
 */
let line;

export function setUpSay(theLine) {
  line = theLine;
}

/** The room was entered, or another one. */
export function openUnsent() {
  visit = { room: window.nkt.roomId ?? '', isOver: false, isKept: false };
  unsent = readUnsent();
  paintUnsent();
}

/** The person left; isMoving: for another room. */
export function closeUnsent(isMoving) {
  Object.assign(visit, { isOver: true, isKept: isMoving });
  unsent = [];
  paintUnsent();
}

/**
 * Says something. typed: what comes back into the line if it is refused; re: what it answers, or edits.
 */
export function say(text, to, typed = slashed(text), re = null) {
  let sending = null; // plugins may have changed what is sent
  const said = { typed, to: to ?? '', re, visit };
  const refused = (error) => giveBack(said, wordsOf(error));
  const look = (event) => { sending = event; };
  window.addEventListener('nktsendingmessage', look);
  const value = writeValue(text, to, re, mentionedIn(text));
  const delivering = to ? send(value, to) : send(value);
  window.removeEventListener('nktsendingmessage', look);
  if (re?.n) return edited(delivering, to ?? '', () => sending?.detail ?? value, refused);
  const node = showOwn({ ...(readValue(sending?.detail, sending?.bytes) ?? { text, re }), to, delivering });
  return delivering.catch((error) => {
    takeBack(node);
    refused(error);
  });
}

/** Says a value of a plugin's, and shows it if it is for people. @param {unknown} value @param {string} [to] */
export async function sayValue(value, to) {
  const delivering = to ? send(value, to) : send(value);
  const shown = readValue(value);
  const node = shown && showOwn({ ...shown, to, delivering });
  try {
    const { id, cancelled } = await delivering;
    if (cancelled && node) takeBack(node);
    return id;
  } catch (error) {
    if (node) takeBack(node);
    throw error;
  }
}

/** An edit is seen where its message is, once it is said. */
async function edited(delivering, partner, value, refused) {
  try {
    const { id, cancelled } = await delivering;
    if (!cancelled) takeChange(value(), { id, from: ownAddress(), partner, date: Date.now() });
  } catch (error) {
    refused(error);
  }
}

/** Of what is said, as the limit counts: bytes of JSON as UTF-8. */
export const sizeOf = (text, to, re) => new TextEncoder().encode(JSON.stringify(writeValue(text, to, re, mentionedIn(text)))).length;

async function send(...args) { // async: an error thrown at once is a rejection as well
  return window.nkt.sendEncryptedMessage(...args);
}

/** What was refused is in the line again, or beside what was typed meanwhile: never with what is for others. */
function giveBack({ typed: text, to, re, visit: { room, isOver, isKept } }, reason) {
  if (isOver) return void (isKept && keepUnsent([...readUnsent(room), { text, to }], room));
  if (line.isFree(to)) line.write(text, re);
  else {
    unsent = keepUnsent([...unsent, { text, to }]);
    paintUnsent();
  }
  setText($('say-error'), texts.notSent(reason));
  return undefined;
}

function paintUnsent() {
  const drop = (one) => {
    unsent = keepUnsent(unsent.filter((other) => other !== one));
    paintUnsent();
    line.focus();
  };
  const isLost = ({ to }) => Boolean(to) && !known(to);
  const back = (one) => {
    if (isLost(one)) return paintUnsent(); // since it was painted: what was for one is not put into the line for others
    line.back(one);
    return drop(one);
  };
  $('unsent').replaceChildren(...unsent.map((one) => el('li', {},
    el('span', { dir: 'auto', textContent: texts.unsent(one.text, one.to && inLine(one.to)) }),
    ...(isLost(one) ? [] : [el('button', { type: 'button', textContent: texts.unsentBack, onclick: () => back(one) })]),
    el('button', { type: 'button', className: 'quiet', textContent: texts.unsentDrop, onclick: () => drop(one) }))));
  $('unsent').hidden = !unsent.length;
}

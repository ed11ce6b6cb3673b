// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are going to be sent: shown beside the line until it is sent, then shared one by one: others hear
// of them in the order in which they were chosen.

import { $, el, setText } from './dom.js';
import { Card } from './card.js';
import { showOwnContent, takeBack } from './messages.js';
import { pictureTypeOf, prepare } from './shrink.js';
import { texts, wordsOf } from './texts.js';

const COUNT_MAX = 20; // that wait beside the line

let attached = []; // [{file, isPicture, asItIs}]
let focusLine = () => {};
let turn = Promise.resolve(); // the one before is said

/** Does anything wait to be sent? */
export const hasAttached = () => attached.length > 0;

/** The person left, or went to another room. */
export function clearAttached() {
  attached = [];
  paint();
}

/** @param {File[]} files @param {() => void} focus back to the line */
export async function add(files, focus) {
  focusLine = focus;
  const room = COUNT_MAX - attached.length;
  const taken = files.slice(0, room);
  setText($('say-error'), files.length > room ? texts.attachMany(COUNT_MAX) : '');
  for (const file of taken) {
    const isPicture = Boolean(await pictureTypeOf(file).catch(() => '')); // a folder cannot be read
    attached.push({ file, isPicture, asItIs: false });
  }
  paint();
  focusLine();
}

function paint() {
  $('attached').replaceChildren(...attached.map((one) => {
    const drop = () => {
      attached = attached.filter((other) => other !== one);
      paint();
      focusLine();
    };
    const asItIs = el('input', { type: 'checkbox', checked: one.asItIs, onchange: () => { one.asItIs = asItIs.checked; } });
    return el('li', {},
      el('span', { dir: 'auto', textContent: `${one.file.name} · ${texts.bytes(one.file.size)}` }),
      ...(one.isPicture ? [el('label', { title: texts.attachAsItIsHelp }, asItIs, texts.attachAsItIs)] : []),
      el('button', {
        type: 'button', className: 'icon-button', textContent: '✕', 'aria-label': texts.attachDrop(one.file.name), onclick: drop,
      }));
  }));
  $('attached').hidden = !attached.length;
}

/** Sends what waits, to one or to everybody. */
export function sendAttached(to) {
  const all = attached;
  clearAttached();
  for (const one of all) share(one, to);
}

async function share(one, to) {
  const { file, asItIs } = one;
  const card = new Card({ name: file.name, size: file.size });
  const sharing = turn.then(() => prepare(file, asItIs))
    .then(({ blob, thumbnail }) => window.nkt.share(new File([blob], file.name, { type: blob.type }), {
      to, thumbnail, onProgress: (progress) => card.sealing(progress), // a file's name is made fit
    }));
  turn = sharing.then(() => {}, () => {});
  const node = showOwnContent({ card, to, delivering: sharing.then(({ delivery }) => delivery) });
  try {
    card.show((await sharing).content);
  } catch (error) {
    takeBack(node);
    attached.push(one);
    paint();
    setText($('say-error'), texts.notSent(wordsOf(error)));
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Contents that are kept here, in the settings: how much they take, each with a button that deletes it from this device.

import { $, el, setText } from './dom.js';
import { calledFile } from './names.js';
import { texts, wordsOf } from './texts.js';

const list = el('ul', { id: 'settings-kept', 'aria-label': texts.keptFiles });
const use = el('p', { id: 'settings-kept-use', className: 'small', role: 'status' });

window.addEventListener('nktcontentstate', () => { if ($('settings')?.open) paintKept(); });

export const keptFiles = () => [use, list];

/** As it is now; the one used last first. */
export function paintKept() {
  const all = window.nkt.contents.toReversed();
  const { bytes, quota } = window.nkt.health().contents;
  setText(use, all.length ? texts.keptUse(bytes, quota) : texts.keptNothing);
  const key = all.map(({ id, state, loaded }) => `${id} ${state} ${loaded}`).join();
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const at = [...list.children].findIndex((row) => row.contains(document.activeElement));
  list.replaceChildren(...all.map(row));
  if (at >= 0) (list.children[Math.min(at, all.length - 1)]?.querySelector('button') ?? $('settings-close')).focus();
}

function row(content) {
  const { name, size, loaded, state, own } = content;
  const label = calledFile(name);
  let isGoing = false;
  const drop = async ({ target }) => {
    if (isGoing) return;
    isGoing = true;
    target.setAttribute('aria-disabled', 'true'); // what is disabled loses the focus, and who is on it his place
    await window.nkt.drop(content).catch((error) => setText(use, texts.cardFailed(wordsOf(error))));
    paintKept();
  };
  return el('li', {}, el('b', { dir: 'auto', textContent: label }),
    el('span', { className: 'small', textContent: texts.keptAbout({ size, loaded, isWhole: state === 'complete', own }) }),
    el('button', { type: 'button', textContent: texts.keptDelete, 'aria-label': texts.keptDeleteName(label), onclick: drop }));
}

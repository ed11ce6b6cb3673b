// SPDX-License-Identifier: GPL-3.0-or-later
// Contents that are kept here, in the settings: how much they take, each with a button that deletes it from this device.

import { $, el, place, setText } from './dom.js';
import { calledFile } from './names.js';
import { texts, wordsOf } from './texts.js';

const list = el('ul', { id: 'settings-kept', 'aria-label': texts.keptFiles });
const use = el('p', { id: 'settings-kept-use', className: 'small', role: 'status' });
const rows = new Map(); // id of a content -> {node, about}: what is pressed while another one comes stays where it is

window.addEventListener('nktcontentstate', () => { if ($('settings')?.open) paintKept(); });

export const keptFiles = () => [use, list];

/** As it is now; the one used last first. */
export function paintKept() {
  const all = window.nkt.contents.toReversed();
  const { bytes, quota } = window.nkt.health().contents;
  setText(use, all.length ? texts.keptUse(bytes, quota) : texts.keptNothing);
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const at = [...list.children].findIndex((node) => node.contains(focused));
  for (const [id, { node }] of rows) {
    if (all.some((content) => content.id === id)) continue;
    node.remove();
    rows.delete(id);
  }
  all.forEach((content, i) => {
    const { id, size, loaded, state, own } = content;
    if (!rows.has(id)) rows.set(id, row(content));
    const { node, about } = rows.get(id);
    setText(about, texts.keptAbout({ size, loaded, isWhole: state === 'complete', own }));
    place(list, node, i);
  });
  if (!focused || focused === document.activeElement) return;
  const next = list.children[Math.min(at, all.length - 1)]?.querySelector('button');
  (focused.isConnected ? focused : next ?? $('settings-close')).focus();
}

function row(content) {
  const label = calledFile(content.name);
  let isGoing = false;
  const drop = async ({ target }) => {
    if (isGoing) return;
    isGoing = true;
    target.setAttribute('aria-disabled', 'true'); // what is disabled loses the focus, and who is on it his place
    try {
      await window.nkt.drop(content);
      paintKept();
    } catch (error) {
      setText(use, texts.cardFailed(wordsOf(error)));
    }
    isGoing = false; // it is still there, where that failed
    target.removeAttribute('aria-disabled');
  };
  const about = el('span', { className: 'small' });
  const node = el('li', {}, el('b', { dir: 'auto', textContent: label }), about,
    el('button', { type: 'button', textContent: texts.keptDelete, 'aria-label': texts.keptDeleteName(label), onclick: drop }));
  return { node, about };
}

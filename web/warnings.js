// SPDX-License-Identifier: GPL-3.0-or-later
// Warnings when a known nick shows up with other keys.

import { $, el } from './dom.js';
import { cleanNick, isolated, known, short } from './names.js';
import { noteOnce } from './notes.js';
import { openVerify } from './later.js';
import { texts } from './texts.js';

const WARNING_COUNT_MAX = 3; // shown at once; whoever changes nicks all day must not fill the screen

export function setUpWarnings() {
  $('say').prepend(el('div', { id: 'warnings', className: 'warnings', role: 'alert' }));
  window.addEventListener('nktkeychanged', ({ detail }) => keyChanged(detail));
}

export function clearWarnings() {
  $('warnings').replaceChildren();
}

export function dismiss(addr) {
  for (const node of $('warnings').children) if (node.dataset.address === addr) node.remove();
}

/** Somebody uses the nick of a verified user: stays until it is dismissed. Of any other: a line. */
function keyChanged({ addr, nick, previous, verified }) {
  const name = isolated(cleanNick(nick));
  if (!verified) {
    noteOnce('keys', addr, (count) => texts.keyChanged(name, count));
    return;
  }
  dismiss(addr);
  const text = texts.keyChangedVerified(name, short(addr), short(previous));
  const compare = el('button', { type: 'button', textContent: texts.verifyCompare, onclick: () => { if (known(addr)) openVerify(addr); } });
  const close = el('button', { type: 'button', className: 'quiet', textContent: texts.dismiss, onclick: () => dismiss(addr) });
  $('warnings').append(el('div', { className: 'warning', data: { address: addr, previous } },
    el('p', { dir: 'auto', textContent: text }), compare, close));
  if ($('warnings').childElementCount > WARNING_COUNT_MAX) $('warnings').firstElementChild.remove();
  noteOnce('verified', addr, () => text);
}

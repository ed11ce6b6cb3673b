// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing an emoji: a line to search in, and what is found. Fetched with the menu.

import { el, isComposing, setText } from './dom.js';
import { texts } from './texts.js';

/** @param {typeof import('./emoji.js')} table @param {(emoji: string) => void} choose */
export function chooser({ EMOJI, findEmoji }, choose) {
  const found = el('div', { className: 'emoji-found' });
  const told = el('p', { className: 'off', role: 'status' });
  const words = texts.emojiSearch;
  const input = el('input', { type: 'search', 'aria-label': words, placeholder: words, maxLength: 40, autocomplete: 'off' });
  const paint = () => {
    const typed = input.value.trim().replaceAll(':', '').replace(/\s+/g, '_');
    const all = new Map((typed ? findEmoji(typed) : EMOJI).map(([name, emoji]) => [emoji, name]));
    found.replaceChildren(...[...all].map(([emoji, name]) => el('button', {
      type: 'button', className: 'sign', tabIndex: -1, textContent: emoji, title: `:${name}:`, 'aria-label': name.replaceAll('_', ' '),
      onclick: () => choose(emoji),
    })));
    setText(told, typed && !all.size ? texts.emojiNone : '');
  };
  input.addEventListener('input', paint);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || isComposing(event)) return;
    event.preventDefault();
    found.firstChild?.click();
  });
  paint();
  return el('div', { className: 'emoji' }, input, told, found);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Long text: its beginning, and the rest when somebody asks for it. A browser spends 3.5 MB on 59 KB that are laid out.

import { el } from './dom.js';
import { foldAt } from './folding.js';
import { hold, textOf } from './held.js';
import { marked } from './marked.js';
import { texts } from './texts.js';

/** The element of a text; with a button behind it when it is long. people: whom it may name; held: what is kept of it. */
export function textNodes(text, title, people, held = hold(text)) {
  const cut = foldAt(text);
  const shown = el('div', { className: 'text', dir: 'auto', title });
  if (cut === text.length) {
    shown.append(...marked(text, people));
    return [shown];
  }
  const button = el('button', { type: 'button', className: 'quiet unfold' });
  const paint = (isOpen, text) => {
    shown.replaceChildren(...(isOpen ? marked(text, people) : [...marked(text.slice(0, cut), people), '…']));
    button.textContent = isOpen ? texts.showLess : texts.showAll(text.length);
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.addEventListener('click', () => paint(button.getAttribute('aria-expanded') !== 'true', textOf(held)));
  paint(false, text);
  return [shown, button];
}

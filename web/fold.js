// SPDX-License-Identifier: GPL-3.0-or-later
// Long text: its beginning, and the rest when somebody asks for it. A browser spends 3.5 MB on 59 KB that are laid out.

import { el } from './dom.js';
import { marked } from './marked.js';
import { texts } from './texts.js';

const LENGTH_MAX = 1000; // letters that are shown at once
const LINE_COUNT_MAX = 20;
const REST_MIN = 400; // less is not worth a button

/** Where a text is folded; its length if it is not. */
export function foldAt(text) {
  let cut = Math.min(LENGTH_MAX, text.length);
  for (let at = -1, lines = 0; (at = text.indexOf('\n', at + 1)) >= 0 && at < cut;) {
    if (++lines === LINE_COUNT_MAX) cut = at;
  }
  if (text.length - cut < REST_MIN && cut === LENGTH_MAX) return text.length;
  const space = text.lastIndexOf(' ', cut);
  if (cut === LENGTH_MAX && space > cut - 40) cut = space;
  return /[\ud800-\udbff]/.test(text[cut - 1] ?? '') ? cut - 1 : cut; // no half of a sign
}

/** The element of a text; with a button behind it when it is long. people: whom it may name. */
export function textNodes(text, title, people) {
  const cut = foldAt(text);
  const shown = el('div', { className: 'text', dir: 'auto', title });
  if (cut === text.length) {
    shown.append(...marked(text, people));
    return [shown];
  }
  const button = el('button', { type: 'button', className: 'quiet unfold' });
  const paint = (isOpen) => {
    shown.replaceChildren(...(isOpen ? marked(text, people) : [...marked(text.slice(0, cut), people), '…']));
    button.textContent = isOpen ? texts.showLess : texts.showAll(text.length);
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.addEventListener('click', () => paint(button.getAttribute('aria-expanded') !== 'true'));
  paint(false);
  return [shown, button];
}

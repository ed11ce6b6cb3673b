// SPDX-License-Identifier: GPL-3.0-or-later
// The place of a content in the talk: says at once what comes there, and is a card as soon as what draws cards is fetched.

import { el } from './dom.js';
import { loadFiles } from './later.js';
import { calledFile } from './names.js';
import { texts } from './texts.js';

export class Place {
  node = el('div', { className: 'card-content' });
  #content;
  #card = null;
  #isGone = false;
  #isNew;

  /** isNew: somebody said it just now */
  constructor(content, { isNew = false } = {}) {
    this.#content = content;
    this.#isNew = isNew;
    this.node.dataset.content = content.id;
    this.#fill();
  }

  /** As a card's. */
  forget(isWiped) {
    this.#isGone = true;
    this.#card?.forget(isWiped);
  }

  async #fill() {
    const { name, size } = this.#content;
    const about = el('span', { className: 'card-about', role: 'status', textContent: texts.bytes(size) });
    this.node.replaceChildren(el('b', { className: 'card-name', dir: 'auto', textContent: calledFile(name) }), about);
    try {
      const { Card } = await loadFiles();
      if (this.#isGone) return;
      this.#card = new Card(this.#content, this.node).show(this.#content);
      if (this.#isNew) this.#card.isNew();
    } catch {
      about.textContent = texts.cardNotFetched;
      this.node.append(el('button', { type: 'button', textContent: texts.tryAgain, onclick: () => this.#fill(), data: { act: 'again' } }));
    }
  }
}

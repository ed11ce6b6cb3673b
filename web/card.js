// SPDX-License-Identifier: GPL-3.0-or-later
// A content as it is shown: a card with name, size and how far it has come; a picture in its place. What a peer says of it is text, and
// never becomes a part of the page: pictures are known by their first bytes, all else is only ever saved.

import { el, setText } from './dom.js';
import { pictureType } from './shrink.js';
import { texts } from './texts.js';

const PICTURE_SIZE_MAX = 32e6; // bytes: a larger one is saved, not shown
const OTHER = 'application/octet-stream'; // nothing is opened by the type that its sender says

const cards = new Map(); // id -> cards that show it

window.addEventListener('nktcontentstate', ({ detail }) => {
  for (const card of cards.get(detail.id) ?? []) card.paint();
});

/** A card that shows a content, and one's own while it is being sealed. */
export class Card {
  #content = null;
  #picture = el('div', { className: 'card-picture', hidden: true });
  #name = el('b', { className: 'card-name', dir: 'auto' });
  #about = el('span', { className: 'card-about', role: 'status' });
  #bar = el('progress', { max: 1, value: 0, hidden: true });
  #buttons = el('span', { className: 'card-buttons' });
  #abort = null;
  #error = '';
  #speed = { at: 0, loaded: 0, rate: 0 };
  #url = '';

  /** node: where it is to be shown */
  constructor({ name, size }, node = el('div', { className: 'card-content' })) {
    this.node = node;
    node.replaceChildren(this.#picture, this.#name, this.#about, this.#bar, this.#buttons);
    this.#write(name, size);
  }

  /** What is known of it by now. */
  show(content) {
    this.#content = content;
    this.node.dataset.content = content.id;
    this.#write(content.name, content.size);
    const known = cards.get(content.id) ?? new Set();
    cards.set(content.id, known.add(this));
    const small = content.thumbnail;
    const type = small && pictureType(small);
    if (type) this.#draw(new Blob([small], { type }));
    this.paint();
    return this;
  }

  /** One's own, while it is read and sealed. */
  sealing({ loaded, total }) {
    this.#progress(loaded, total);
    setText(this.#about, texts.cardSealing(loaded, total));
  }

  /** Nobody shows it any more. */
  forget() {
    cards.get(this.#content?.id)?.delete(this);
    this.#abort?.abort();
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  paint() {
    const content = this.#content;
    const { state, loaded, size, sources, relayed } = content;
    this.node.dataset.state = this.#error ? 'failed' : state;
    const isMoving = state === 'fetching' || state === 'waiting';
    if (isMoving) this.#progress(loaded, size);
    else this.#bar.hidden = true;
    setText(this.#about, this.#error || texts.card[state]({ size, loaded, sources, relayed, rate: this.#rate(loaded) }));
    const press = (name, act) => el('button', { type: 'button', textContent: texts[name], onclick: act, data: { act: name } });
    const wanted = {
      known: [['cardFetch', () => this.#fetch()]], paused: [['cardOn', () => this.#fetch()]], full: [['cardOn', () => this.#fetch()]],
      waiting: [['cardPause', () => this.#pause()]], fetching: [['cardPause', () => this.#pause()]],
      complete: [['cardSave', () => this.#save()]],
    }[state];
    const names = wanted.map(([name]) => name).join();
    if (this.#buttons.dataset.names === names) return;
    this.#buttons.dataset.names = names;
    this.#buttons.replaceChildren(...wanted.map(([name, act]) => press(name, act)));
  }

  #write(name, size) {
    setText(this.#name, name || texts.cardNoName);
    setText(this.#about, texts.bytes(size));
  }

  #progress(loaded, total) {
    this.#bar.hidden = false;
    this.#bar.value = total ? loaded / total : 1;
    this.#bar.setAttribute('aria-label', texts.cardProgress);
  }

  #rate(loaded) {
    const now = performance.now();
    const { at } = this.#speed;
    if (now - at > 1000) {
      this.#speed = { at: now, loaded, rate: at ? Math.max(0, loaded - this.#speed.loaded) / (now - at) * 1000 : 0 };
    }
    return this.#speed.rate;
  }

  async #fetch() {
    this.#error = '';
    this.#abort = new AbortController();
    try {
      const fetched = await window.nkt.fetch(this.#content, { signal: this.#abort.signal });
      this.paint();
      await fetched.complete;
      if (this.#content.size <= PICTURE_SIZE_MAX) await this.#showWhole(fetched);
    } catch (error) {
      if (error?.code !== 'NKT_E_CANCELLED') this.#error = texts.cardFailed(error?.message ?? String(error));
    }
    this.paint();
  }

  /** One that goes on by itself, of an earlier visit, is given up by who wants it and then does not. */
  async #pause() {
    const abort = this.#abort ?? new AbortController();
    if (!this.#abort) await window.nkt.fetch(this.#content, { signal: abort.signal }).catch(() => {});
    abort.abort();
    this.#abort = null;
  }

  /** A picture takes the place of its small one. */
  async #showWhole(fetched) {
    const blob = await fetched.blob();
    const type = pictureType(new Uint8Array(await blob.slice(0, 12).arrayBuffer()));
    if (type) this.#draw(blob.slice(0, blob.size, type));
  }

  #draw(blob) {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(blob);
    const alt = texts.cardPicture(this.#content.name);
    this.#picture.replaceChildren(el('img', { src: this.#url, alt, decoding: 'async', draggable: false }));
    this.#picture.hidden = false;
  }

  async #save() {
    try {
      const blob = await (await window.nkt.fetch(this.#content)).blob();
      const url = URL.createObjectURL(blob.slice(0, blob.size, OTHER));
      el('a', { href: url, download: this.#content.name || 'nkt' }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      this.#error = texts.cardFailed(error?.message ?? String(error));
      this.paint();
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A content as it is shown: a card with name, size and how far it has come; a picture, or what plays, in its place. What a peer says of it
// is text, and never becomes a part of the page: pictures are known by their first bytes, what plays is of a list, all else is only saved.

import { el, place, setText } from './dom.js';
import { playableType, sourceOf } from './media.js';
import { calledFile, cleanNick, inLine } from './names.js';
import { AREA_MAX, pictureType, readPicture, THUMBNAIL_AREA_MAX, UNASKED_AREA_MAX } from './shrink.js';
import { texts, wordsOf } from './texts.js';
import { mayFetchUnasked } from './unasked.js';

const PICTURE_SIZE_MAX = 32e6; // bytes: a larger one is saved, not shown
const OTHER = 'application/octet-stream'; // nothing is opened by the type that its sender says
const RATE_MS = 1000;
const PAINT_MS = 500; // numbers that change more often nobody reads, and a frame costs what three pieces do

const BUTTONS = {
  known: ['cardFetch'], paused: ['cardOn'], full: ['cardOn'], waiting: ['cardPause'], fetching: ['cardPause'], complete: ['cardSave'],
};

const cards = new Map(); // id -> cards that show it
const going = new WeakMap(); // a room's peer -> id -> what gives up what the person fetches there, while no card shows it

window.addEventListener('nktcontentstate', ({ detail }) => {
  for (const card of cards.get(detail.id) ?? []) card.paintInTurn();
});

/** Pictures that are whole are shown so when somebody looks there: those of an earlier visit would all be in memory otherwise. */
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) target.dispatchEvent(new Event('nktseen'));
});

/** Those who have all of it. */
const whoHas = (holders, size) => holders.filter(({ loaded }) => loaded >= size).map(({ addr }) => inLine(addr));

/** A card that shows a content, and one's own while it is being sealed. */
export class Card {
  #nkt = window.nkt; // of its room, whichever is shown
  #isGone = false; // nobody shows it any more
  #content = null;
  #view = el('div', { className: 'card-view', hidden: true });
  #name = el('b', { className: 'card-name', dir: 'auto' });
  #about = el('span', { className: 'card-about' });
  #bar = el('progress', { max: 1, value: 0, hidden: true });
  #buttons = el('span', { className: 'card-buttons' });
  #told = el('span', { className: 'off', role: 'status' }); // what a screen reader says, unlike numbers that change all the time
  #abort = null;
  #error = '';
  #speed = { at: 0, loaded: 0, rate: 0 };
  #paintedAt = -Infinity;
  #painting = null; // a timer
  #url = ''; // of the picture that is shown
  #drawing = 0; // which picture is the last that was to be shown
  #isAsked = false; // the person wanted it, or made it
  #isPicture = false; // its small picture is one
  #isWholeShown = false;
  #media = null; // what plays
  #source = null; // where it plays from: {url, close()}
  #acts = {
    cardFetch: () => this.#ask(), cardOn: () => this.#ask(), cardPause: () => this.#pause(), cardSave: () => this.#save(),
    cardPlay: () => this.#play(),
  };

  /** node: where it is to be shown */
  constructor({ name, size }, node = el('div', { className: 'card-content' })) {
    this.node = node;
    node.setAttribute('aria-live', 'off');
    node.replaceChildren(this.#view, this.#name, this.#about, this.#bar, this.#buttons, this.#told);
    this.#write(name, size);
  }

  /** What is known of it by now. */
  show(content) {
    this.#content = content;
    if (this.#isGone) return this; // it was sealed for another room than the one that is shown by now
    this.node.dataset.content = content.id;
    this.#write(content.sealed ? texts.cardSealed : content.name, content.size);
    const known = cards.get(content.id) ?? new Set();
    cards.set(content.id, known.add(this));
    const small = content.thumbnail;
    const type = small && pictureType(small);
    this.#isPicture = Boolean(type);
    const before = going.get(this.#nkt);
    this.#abort = before?.get(content.id) ?? null;
    before?.delete(content.id);
    this.#isAsked ||= content.own || Boolean(this.#abort);
    if (type) this.#draw(new Blob([small], { type }), THUMBNAIL_AREA_MAX);
    this.node.addEventListener('nktseen', () => this.#showWhole());
    this.paint();
    return this;
  }

  /** Somebody said it just now: small pictures are fetched unasked, if that is set. */
  isNew() {
    if (mayFetchUnasked(this.#content, this.#isPicture)) this.#fetch();
  }

  /** One's own, while it is read and sealed. */
  sealing({ loaded, total }) {
    this.#progress(loaded, total);
    setText(this.#about, texts.cardSealing(loaded, total));
  }

  /** Nobody shows it any more; what the person fetches comes all the same. isWiped: it is not to be had any more. */
  forget(isWiped = false) {
    this.#isGone = true;
    const known = cards.get(this.#content?.id);
    known?.delete(this);
    if (known?.size === 0) cards.delete(this.#content.id);
    seen.unobserve(this.node);
    if (!this.#isAsked || isWiped) this.#abort?.abort();
    else if (this.#abort) going.set(this.#nkt, (going.get(this.#nkt) ?? new Map()).set(this.#content.id, this.#abort));
    clearTimeout(this.#painting);
    this.#stopPlaying();
    this.#drawing++;
    URL.revokeObjectURL(this.#url);
  }

  /** It has come further: what only that changes is painted now and then. */
  paintInTurn() {
    const wait = this.#paintedAt + PAINT_MS - performance.now();
    if (wait <= 0 || this.node.dataset.state !== this.#content.state) this.paint();
    else this.#painting ??= setTimeout(() => this.paint(), wait);
  }

  paint() {
    if (this.#isGone) return;
    clearTimeout(this.#painting);
    this.#painting = null;
    this.#paintedAt = performance.now();
    const content = this.#content;
    const { state, loaded, size, sources, relayed, holders } = content;
    this.node.dataset.state = this.#error ? 'failed' : state;
    const isMoving = state === 'fetching' || state === 'waiting';
    if (isMoving) this.#progress(loaded, size);
    else this.#bar.hidden = true;
    const who = whoHas(holders, size);
    setText(this.#about, this.#error || texts.card[state]({ size, loaded, sources, relayed, who, rate: this.#rate(loaded) }));
    if (state === 'complete' && this.#isPicture && !this.#isWholeShown) seen.observe(this.node);
    const isHeld = state === 'complete' && content.sealed; // there is nothing that one could do with it
    this.#paintButtons(isHeld ? [] : [...(this.#isPlayable() ? ['cardPlay'] : []), ...BUTTONS[state]]);
  }

  /** Whoever is on a button that goes is on the one that comes in its place. One that stays is not touched: it may be pressed just now. */
  #paintButtons(wanted) {
    if (this.#buttons.dataset.names === wanted.join()) return;
    this.#buttons.dataset.names = wanted.join();
    const { children } = this.#buttons;
    const before = [...children];
    const at = before.indexOf(document.activeElement);
    const named = calledFile(this.#content.name);
    for (const one of before) if (!wanted.includes(one.dataset.act)) one.remove();
    wanted.forEach((name, i) => {
      const button = before.find((one) => one.dataset.act === name) ?? el('button', {
        type: 'button', textContent: texts[name], 'aria-label': `${texts[name]}: ${named}`, onclick: this.#acts[name], data: { act: name },
      });
      place(this.#buttons, button, i);
    });
    if (at >= 0 && !this.#buttons.contains(document.activeElement)) children[Math.min(at, wanted.length - 1)]?.focus();
  }

  #write(name, size) {
    setText(this.#name, calledFile(name));
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
    if (now - at > RATE_MS) {
      this.#speed = { at: now, loaded, rate: at ? Math.max(0, loaded - this.#speed.loaded) / (now - at) * 1000 : 0 };
    }
    return this.#speed.rate;
  }

  #ask() {
    this.#isAsked = true;
    return this.#fetch();
  }

  /** It is here, or will be; what hinders that is said. */
  async #fetch() {
    this.#error = '';
    this.#abort ??= new AbortController(); // one for all that this card asks: what plays is asked for once more
    try {
      const fetched = await this.#nkt.fetch(this.#content, { signal: this.#abort.signal });
      this.paint();
      await fetched.complete;
      if (this.#isGone) return;
      setText(this.#told, texts.cardHere(calledFile(this.#content.name)));
      await this.#showWhole();
    } catch (error) {
      this.#fail(error);
    }
    this.paint();
  }

  #fail(error) {
    if (error?.code === 'NKT_E_CANCELLED' || this.#isGone) return;
    this.#error = texts.cardErrors[error?.code] ?? texts.cardFailed(wordsOf(error));
    setText(this.#told, this.#error);
    this.paint();
  }

  /** For all cards that show it. One that goes on by itself, of an earlier visit, is given up by who wants it and then does not. */
  async #pause() {
    for (const card of cards.get(this.#content.id)) card.#giveUp();
    going.get(this.#nkt)?.get(this.#content.id)?.abort();
    const abort = new AbortController();
    await this.#nkt.fetch(this.#content, { signal: abort.signal }).catch(() => {});
    abort.abort();
  }

  #giveUp() {
    if (this.#media) this.#view.hidden = true;
    this.#stopPlaying(); // it would go on asking
    this.#abort?.abort();
    this.#abort = null;
  }

  /** A picture takes the place of its small one. */
  async #showWhole() {
    const { state, size } = this.#content;
    if (this.#isWholeShown || this.#media || state !== 'complete' || size > PICTURE_SIZE_MAX) return;
    this.#isWholeShown = true;
    seen.unobserve(this.node);
    try {
      const blob = await (await this.#nkt.fetch(this.#content)).blob();
      const type = pictureType(new Uint8Array(await blob.slice(0, 12).arrayBuffer()));
      if (type) await this.#draw(blob.slice(0, blob.size, type), this.#isAsked ? AREA_MAX : UNASKED_AREA_MAX);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Instead of the one before; one of more pixels is only saved. */
  async #draw(blob, areaMax) {
    const drawing = ++this.#drawing;
    const read = await readPicture(blob, areaMax);
    if (!read) return;
    if (drawing !== this.#drawing || this.#media) return void URL.revokeObjectURL(read.url);
    URL.revokeObjectURL(this.#url);
    this.#url = read.url;
    read.img.alt = texts.cardPicture(cleanNick(this.#content.name));
    this.#view.replaceChildren(read.img);
    this.#view.hidden = false;
  }

  // ---- what plays ----

  #isPlayable() {
    return !this.#media && Boolean(playableType(this.#content.type));
  }

  /** It plays as it comes, for whoever pressed the button: nothing plays by itself. */
  async #play() {
    if (this.#media) return;
    const type = playableType(this.#content.type);
    const media = el(type.startsWith('video') ? 'video' : 'audio', {
      controls: true, playsInline: true, preload: 'auto', 'aria-label': calledFile(this.#content.name),
    });
    this.#media = media;
    media.addEventListener('error', () => this.#unplayable(media));
    const { state } = this.#content;
    if (state !== 'complete') this.#fetch();
    try {
      const source = await sourceOf(await this.#nkt.fetch(this.#content, { signal: this.#abort?.signal }), type);
      if (this.#media !== media) {
        source.close(); // not wanted any more
        return;
      }
      this.#source = source;
      media.src = this.#source.url;
      this.#view.replaceChildren(media);
      this.#view.hidden = false;
      this.paint();
      media.focus({ preventScroll: true });
      await media.play().catch(() => {}); // whoever wants to presses play there
    } catch (error) {
      if (this.#media === media) this.#media = null;
      this.#fail(error);
    }
  }

  #unplayable(media) {
    if (this.#media !== media) return;
    this.#stopPlaying();
    this.#view.hidden = true;
    this.#error = texts.cardUnplayable;
    setText(this.#told, this.#error);
    this.paint();
  }

  #stopPlaying() {
    const media = this.#media;
    this.#media = null;
    media?.removeAttribute('src');
    media?.load(); // lets go of what it holds
    media?.remove();
    this.#source?.close();
    this.#source = null;
  }

  async #save() {
    try {
      const blob = await (await this.#nkt.fetch(this.#content)).blob();
      const url = URL.createObjectURL(blob.slice(0, blob.size, OTHER));
      el('a', { href: url, download: cleanNick(this.#content.name) || 'nkt' }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      this.#fail(error);
    }
  }
}

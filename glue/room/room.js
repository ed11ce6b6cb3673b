// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * <nkt-room room="tea" nick="Ada" relays="wss://your.host/relay">: a room to talk in, on any page. See docs/room.md and room.d.ts.
 */
import { isolated, shownNick } from '../fold.js';
import { Nkt } from '../nkt.js';
import { STYLE } from './style.js';
import { textsFor } from './texts.js';
import { element, RoomView } from './view.js';

/** On a server there are no elements; importing this does nothing there. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** Messages of which it is remembered that they are shown: twice what is shown. */
const SEEN_COUNT_MAX = 1000;

/** What another value of begins anew. */
const BEGINNING = ['room', 'secret', 'relays', 'trackers', 'wasm'];
const PAST_COUNT = 50;
/** A browser has begun to save by then, in ms. */
const SAVING_MS = 60_000;

/** Of each document, which takes none of another's. @type {WeakMap<Document, CSSStyleSheet[]>} */
const sheets = new WeakMap();

/** @param {Document} document @returns {CSSStyleSheet[]} none where nothing is shown */
function sheetsOf(document) {
  const Sheet = document.defaultView?.CSSStyleSheet;
  if (Sheet === undefined) return [];
  let found = sheets.get(document);
  if (found === undefined) {
    const sheet = new Sheet(); // a <style> would be forbidden by many a policy
    sheet.replaceSync(STYLE);
    sheets.set(document, found = [sheet]);
  }
  return found;
}

/** @param {string|null} text URLs, with commas or spaces between @returns {string[]} */
const listOf = (text) => (text ?? '').split(/[\s,]+/).filter(Boolean);

/** The language of what an element stands in, in whatever tree. @param {any} element @returns {string} */
function languageAround(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) if (at.lang) return at.lang;
  return '';
}

/** @param {number} size in bytes */
const kilobytes = (size) => `${Math.ceil(size / 1000).toLocaleString()} KB`;

/** What somebody said, as text; null: nothing for people (docs/messages.md). @param {any} value */
function textOf(value) {
  const said = ['number', 'boolean'].includes(typeof value) ? String(value) : value;
  const text = typeof said === 'object' && said !== null ? said.text : said;
  return typeof text === 'string' && text.trim() !== '' ? text : null;
}

export class NktRoomElement extends Base {
  static observedAttributes = ['nick', 'lang', ...BEGINNING];

  /** @type {Nkt|null} */
  #nkt = null;
  /** @type {RoomView|null} */
  #view = null;
  #texts = textsFor([]);
  /** Chosen by the person. */
  #nick = '';
  #isDue = false;
  /** Whether it runs, or tries to, with what BEGINNING says. */
  #begun = '';
  /** Of the peer that there is. @type {string|null} */
  #wasm = null;
  /** Shown already: ids, each with its author. @type {Set<string>} */
  #seen = new Set();

  get nkt() {
    return this.#nkt;
  }

  connectedCallback() {
    if (this.#view === null) this.#build();
    this.#view?.first(this.closest('dialog') !== null); // once it is there: a page that loads with it keeps its own cursor
    this.#speak();
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    root.adoptedStyleSheets = sheetsOf(this.ownerDocument); // what moves into another document leaves its own behind
    this.#soon();
  }

  disconnectedCallback() {
    setTimeout(() => !this.isConnected && this.#stop()); // moved: it is somewhere else by then
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.isConnected || this.#view === null) return;
    if (name === 'lang') this.#speak();
    this.#soon();
  }

  /** The line, not the first of what can have the focus. @param {FocusOptions} [options] */
  focus(options) {
    this.#view?.focus(options);
  }

  #speak() {
    this.#texts = textsFor([languageAround(this), ...navigator.languages]);
    this.#view?.speak(this.#texts);
    if (this.#nkt !== null) this.#look(this.#nkt);
  }

  #build() {
    this.#view = new RoomView(this.#texts, (text, isJoining) => (isJoining ? this.#join(text) : this.#say(text)));
    this.attachShadow({ mode: 'open', delegatesFocus: true }).append(this.#view.node);
  }

  /** Once for all attributes that are set in one go. */
  #soon() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.isConnected) this.#begin();
    });
  }

  /** @param {string} nick */
  #join(nick) {
    this.#nick = nick;
    this.#begin();
    this.focus();
  }

  #wanted() {
    return this.getAttribute('nick')?.trim() || this.#nick;
  }

  /** As the page has it: spaces around are none of it, and one without a name is the usual one. */
  get #room() {
    return this.getAttribute('room')?.trim() || 'nkt';
  }

  async #begin() {
    const view = /** @type {RoomView} */ (this.#view);
    const nick = this.#wanted();
    view.name(this.#room);
    view.ask(nick === '');
    if (nick === '') return;
    const key = JSON.stringify(BEGINNING.map((name) => this.getAttribute(name)));
    if (key === this.#begun) {
      this.#rename(nick);
      return;
    }
    this.#begun = key;
    this.#seen.clear();
    view.clear();
    view.say(this.#texts.connecting, 'connecting');
    try {
      await this.#take(nick);
      if (key !== this.#begun) return;
      this.#rename(this.#wanted() || nick); // another one since
      await this.#past();
    } catch (error) {
      if (key !== this.#begun) return;
      const isOther = this.#wanted() !== nick;
      this.#failed(/** @type {Error} */ (error));
      if (isOther) this.#soon();
    }
  }

  /** @param {string} nick */
  async #take(nick) {
    const wasm = this.getAttribute('wasm');
    if (this.#nkt !== null && this.#wasm !== wasm) await this.#leave(); // a peer has one module
    this.#wasm = wasm;
    await (this.#nkt ??= this.#make()).init({
      nick, room: this.#room, secret: this.getAttribute('secret'),
      relays: listOf(this.getAttribute('relays')), trackers: listOf(this.getAttribute('trackers')),
    });
  }

  /** @param {string} nick */
  #rename(nick) {
    const nkt = this.#nkt;
    if (!nkt?.nick || nkt.nick === nick) return;
    try {
      nkt.nick = nick;
    } catch (error) {
      this.#view?.note(`${this.#texts.unnamed} ${/** @type {Error} */ (error).message}`);
    }
  }

  /**
   * What is other next begins anew, and a name that was typed may be another. Nobody stays where he was before, which is not shown any more
   * and would say its own state over this one.
   * @param {Error} error
   */
  #failed(error) {
    void this.#stop();
    if (!this.getAttribute('nick')?.trim()) {
      this.#nick = '';
      this.#view?.ask(true);
    }
    this.#view?.say(`${this.#texts.failed} ${error.message}`, 'failed');
  }

  #make() {
    const nkt = new Nkt(this.#wasm === null ? {} : { wasm: new URL(this.#wasm, document.baseURI) });
    const look = () => this.#look(nkt);
    for (const type of ['nktnewpeer', 'nktpeerleft', 'nktsession', 'nktstatus']) nkt.addEventListener(type, look);
    nkt.addEventListener('nktencryptedmessagereceived', ({ id, date, from, to, room, detail }) => {
      this.#show({ id, date, from, to, room, value: detail });
    });
    nkt.addEventListener('nktcontent', ({ id, date, from, to, room, detail }) => this.#show({ id, date, from, to, room, content: detail }));
    nkt.addEventListener('nktkeychanged', ({ detail: { nick } }) => this.#view?.note(`${isolated(shownNick(nick))} ${this.#texts.keys}`));
    return nkt;
  }

  /** @param {Nkt} nkt */
  #look(nkt) {
    const view = this.#view;
    const health = nkt.health();
    if (view === null || nkt !== this.#nkt || !health.running) return;
    const users = Object.values(nkt.userList).filter(({ ignored }) => !ignored);
    view.people(shownNick(nkt.nick), users);
    const isOut = Object.keys(nkt.mySwarm.peers).length > 0 || health.relays?.some(({ state }) => state === 'open');
    if (!isOut) view.say(this.#texts.offline, 'offline');
    else if (users.length === 0) view.say(this.#texts.alone, 'alone');
    else view.say(this.#texts.here, 'here');
  }

  /** What was said before, also in this tab's earlier lives. */
  async #past() {
    const nkt = this.#nkt;
    for (const entry of await nkt?.history({ count: PAST_COUNT }) ?? []) if (nkt === this.#nkt) this.#show(entry);
    if (nkt !== null) this.#look(nkt);
  }

  /**
   * What was said to one alone is marked, and what was said elsewhere is not of this room. A version that does not tell may say it itself.
   * @param {{id: string, date: number, from: string, to?: string|null, room?: string|null, value?: any, content?: any,
   *   own?: boolean, isNew?: boolean}} message isNew: one's own, whose delivery is yet to be told
   */
  #show({ id, date, from, to, room, value, content, own = false, isNew = false }) {
    const text = content ? `${this.#texts.shared} ${this.#called(content)} (${kilobytes(content.size)})` : textOf(value);
    const key = `${id} ${from}`;
    if (text === null || room !== this.#nkt?.roomId || this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.#seen.size > SEEN_COUNT_MAX) this.#seen.delete(/** @type {string} */ (this.#seen.values().next().value));
    const isPrivate = to === undefined ? value?.private === true : to !== null;
    const author = own ? this.#texts.you : shownNick(this.#nkt?.userList[from]?.nick) || from.slice(0, 8);
    const save = content && !own ? () => this.#save(content) : null;
    this.#view?.message({ id, author, text, date, isOwn: own, isNew, mark: isPrivate ? this.#texts.private : '', save });
  }

  /** @param {any} content of whose name nothing may be to be seen */
  #called({ name }) {
    return isolated(shownNick(name)) || this.#texts.file;
  }

  /** @param {any} content */
  async #save(content) {
    try {
      const blob = await (await /** @type {Nkt} */ (this.#nkt).fetch(content)).blob();
      const href = URL.createObjectURL(blob.slice(0, blob.size, 'application/octet-stream')); // never shown as a page of this origin
      /** @type {HTMLAnchorElement} */ (element('a', '', { href, download: shownNick(content.name) || 'nkt' })).click();
      setTimeout(() => URL.revokeObjectURL(href), SAVING_MS);
    } catch (error) {
      this.#view?.note(`${this.#texts.unsaved} ${this.#called(content)} (${/** @type {Error} */ (error).message})`);
    }
  }

  /** @param {string} text */
  async #say(text) {
    const nkt = this.#nkt;
    try {
      const { roomId: room, mySwarm } = /** @type {Nkt} */ (nkt);
      const delivery = await /** @type {Nkt} */ (nkt).sendEncryptedMessage(text);
      this.#show({ id: delivery.id, date: Date.now(), from: mySwarm.address(), to: null, room, value: text, own: true, isNew: true });
      const states = [...(await delivery.settled).values()];
      this.#view?.delivered(delivery.id, states.length === 0 ? null : states.every((state) => state === 'delivered'));
    } catch (error) {
      this.#view?.note(`${this.#texts.unsent} ${text} (${/** @type {Error} */ (error).message})`);
    }
  }

  async #stop() {
    this.#begun = '';
    await this.#leave();
  }

  async #leave() {
    const nkt = this.#nkt;
    this.#nkt = null;
    await nkt?.close();
  }
}

if (globalThis.customElements?.get('nkt-room') === undefined) globalThis.customElements?.define('nkt-room', NktRoomElement);

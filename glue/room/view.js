// SPDX-License-Identifier: GPL-3.0-or-later
/** What <nkt-room> shows, as nodes: text is text, whoever wrote it. */
import { shownNick } from '../fold.js';

/** Shown at most; those said longest ago go first. */
const MESSAGE_COUNT_MAX = 500;
const PERSON_COUNT_MAX = 100;
/** Of one message, in letters; the rest is cut. */
const TEXT_MAX = 4000;

/** Near enough to the end that a reader follows what comes, in pixels. */
const NEAR_END = 60;

/**
 * @param {string} name @param {string} part under which the page styles it @param {Record<string, string>} [attributes]
 * @param {...(Node|string)} children
 */
export function element(name, part, attributes = {}, ...children) {
  const node = document.createElement(name);
  if (part !== '') {
    node.setAttribute('part', part);
    node.className = part;
  }
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export class RoomView {
  #texts;
  #status = element('p', 'status', { role: 'status', dir: 'auto' });
  #people = element('ul', 'people');
  #messages = element('div', 'messages', { tabindex: '0', role: 'log' });
  #form = /** @type {HTMLFormElement} */ (element('form', 'form'));
  #label = element('span', '');
  #line = /** @type {HTMLInputElement} */ (element('input', 'line', { type: 'text', autocomplete: 'off', dir: 'auto' }));
  #button = /** @type {HTMLButtonElement} */ (element('button', 'send', { type: 'submit' }));
  /** Own ones, by id. @type {Map<string, HTMLElement>} */
  #own = new Map();
  #isJoining = false;
  /** What is typed and not sent while a name is asked for, and the reverse. */
  #other = '';

  /** @param {ReturnType<typeof import('./texts.js').textsFor>} texts @param {(text: string, isJoining: boolean) => void} onLine */
  constructor(texts, onLine) {
    this.#texts = texts;
    const label = element('label', '', {}, this.#label, this.#line);
    this.#form.append(label, this.#button);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.#line.value.trim();
      if (text === '') return;
      this.#line.value = '';
      onLine(text, this.#isJoining);
    });
    const heading = element('slot', '', { name: 'heading' });
    this.node = element('section', 'room', {}, heading, this.#status, this.#people, this.#messages, this.#form);
  }

  /** @param {ReturnType<typeof import('./texts.js').textsFor>} texts of what is said from now on */
  speak(texts) {
    this.#texts = texts;
    this.#people.setAttribute('aria-label', texts.people);
    this.#messages.setAttribute('aria-label', texts.messages);
    this.#label.textContent = this.#isJoining ? texts.nick : texts.line;
    this.#button.textContent = this.#isJoining ? texts.join : texts.send;
  }

  /** Where a dialog that is opened puts the cursor; else that were on the messages. @param {boolean} isFirst */
  first(isFirst) {
    this.#line.toggleAttribute('autofocus', isFirst);
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.#line.focus(options);
  }

  /** @param {string} room */
  name(room) {
    this.node.setAttribute('aria-label', room);
  }

  /** Asks for a name, or for a line. @param {boolean} isJoining */
  ask(isJoining) {
    if (isJoining !== this.#isJoining) [this.#line.value, this.#other] = [this.#other, this.#line.value]; // a message is no name
    this.#isJoining = isJoining;
    this.speak(this.#texts);
    this.#button.disabled = !isJoining && this.#isOut();
    this.#line.maxLength = isJoining ? 40 : TEXT_MAX;
    this.#people.hidden = isJoining;
    this.#messages.hidden = isJoining;
  }

  /** Nothing can be sent, and what is typed stays. */
  #isOut() {
    return ['connecting', 'failed'].includes(this.node.dataset.state ?? '');
  }

  /** @param {string} text @param {string} state for the page's style */
  say(text, state) {
    this.node.dataset.state = state;
    this.#button.disabled = !this.#isJoining && this.#isOut();
    if (this.#status.textContent !== text) this.#status.textContent = text; // said aloud once
  }

  /** @param {string} own nick @param {Array<{addr: string, nick: string}>} users */
  people(own, users) {
    const others = users.slice(0, PERSON_COUNT_MAX).map(({ nick, addr }) => shownNick(nick) || addr.slice(0, 8));
    const names = [`${own} (${this.#texts.you})`, ...others];
    if (users.length > PERSON_COUNT_MAX) names.push(`+${users.length - PERSON_COUNT_MAX}`);
    this.#people.replaceChildren(...names.map((name) => element('li', 'person', { dir: 'auto' }, name)));
  }

  /**
   * isNew: delivered() tells how it went; mark: beside the author; save: what was shared
   * @param {{id: string, author: string, text: string, date: number, isOwn: boolean, isNew: boolean, mark: string,
   *   save: (() => Promise<void>)|null}} message
   */
  message({ id, author, text, date, isOwn, isNew, mark, save }) {
    const time = element('time', 'time', { datetime: new Date(date).toISOString() });
    time.textContent = new Date(date).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    const shown = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)} …` : text;
    const row = element('p', isOwn ? 'message own' : 'message', {},
      element('span', 'author', { dir: 'auto' }, author), ' ', ...(mark ? [element('span', 'mark', {}, mark), ' '] : []),
      element('span', 'text', { dir: 'auto' }, shown), ' ', time);
    if (save) row.append(' ', this.#saveButton(save, text));
    if (isNew) {
      row.append(' ', element('span', 'state', { 'aria-hidden': 'true' }, '…'));
      this.#own.set(id, row);
    }
    this.#add(row, isOwn);
  }

  /** @param {() => Promise<void>} save @param {string} text which file that is */
  #saveButton(save, text) {
    const button = /** @type {HTMLButtonElement} */ (element('button', 'save', { type: 'button' }, this.#texts.save));
    button.setAttribute('aria-label', `${this.#texts.save}: ${text}`);
    button.addEventListener('click', async () => {
      button.disabled = true;
      await save();
      button.disabled = false;
    });
    return button;
  }

  /** A line of the room itself. @param {string} text */
  note(text) {
    this.#add(element('p', 'note', { dir: 'auto' }, text), false);
  }

  /** @param {string} id @param {boolean|null} isDelivered to all; null: nobody is there */
  delivered(id, isDelivered) {
    const row = this.#own.get(id);
    const state = row?.querySelector('.state');
    if (state && isDelivered === null) state.remove();
    else if (row && state) {
      state.textContent = isDelivered ? '✓' : '!';
      row.part.add(isDelivered ? 'delivered' : 'failed');
    }
    this.#own.delete(id);
  }

  clear() {
    this.#messages.replaceChildren();
    this.#own.clear();
  }

  /** @param {HTMLElement} row @param {boolean} isOwn */
  #add(row, isOwn) {
    const list = this.#messages;
    const isNear = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
    list.append(row);
    while (list.childElementCount > MESSAGE_COUNT_MAX) list.firstElementChild?.remove();
    if (isOwn || isNear) list.scrollTop = list.scrollHeight;
  }
}

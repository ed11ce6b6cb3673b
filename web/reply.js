// SPDX-License-Identifier: GPL-3.0-or-later
// Answers: the button at each message, what is being answered above the line, what was answered above a message.

import { $, el, icon, setLabel, setText } from './dom.js';
import { inLine, nameOf, ownAddress } from './names.js';
import { quoteOf } from './said.js';
import { texts } from './texts.js';

let list;
let current = null; // {id, quote, words, from, to}: what is being answered, here in words, and to whom the answer goes; '' for everybody
let newest = null; // the button that the Tab key finds; arrows lead to the others
const partners = new WeakMap(); // a private message -> the one person an answer goes to

/** aim(to): the line is for that person, or for everybody. */
export function setUpReply(aim) {
  list = $('messages');
  list.addEventListener('click', ({ target }) => {
    const button = target.closest('.answer');
    if (button) answer(button.parentElement, aim);
    const id = target.closest('.quoted')?.dataset.of;
    if (id) visit(id);
  });
  list.addEventListener('keydown', (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.target.matches('.answer')) return;
    event.preventDefault();
    const all = [...list.querySelectorAll('.message[data-id]:not([hidden]) > .answer')];
    all[all.indexOf(event.target) + step]?.focus();
  });
  $('reply-clear').addEventListener('click', () => {
    setReply(null);
    $('line').focus();
  });
}

/** What is being answered: {id, quote, to}, or null. */
export const replyNow = () => current;

export function setReply(re) {
  current = re;
  $('reply').hidden = !re;
  setText($('reply-text'), re ? texts.replying(inLine(re.from), re.words) : '');
}

function answer(node, aim) {
  const { id, from } = node.dataset;
  if (!id) return; // on its way, or nobody gave it a name
  const to = partners.get(node) ?? '';
  aim(to);
  const words = quoteOf(wordsIn(node));
  setReply({ id, from, to, words, quote: isForAll(node) ? words : '' });
}

/** A content does not say whether it came to one person alone: its name is not told to others. */
const isForAll = (node) => node.querySelector('.text') !== null || node.dataset.from === ownAddress();

const find = (id) => list.querySelector(`.message[data-id="${CSS.escape(id)}"]:not([hidden])`);
const wordsIn = (node) => node.querySelector('.text, .card-name')?.textContent ?? '';

function visit(id) {
  const node = find(id);
  if (!node) return;
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: 'center' });
}

/** The button of a message; partner: to whom alone an answer goes. */
export function addAnswer(node, from, partner) {
  if (partner) partners.set(node, partner);
  const button = el('button', { type: 'button', className: 'icon-button answer', 'aria-live': 'off' }, icon('reply'));
  setLabel(button, texts.reply(nameOf(from)));
  newest?.setAttribute('tabindex', '-1');
  newest = button;
  node.append(button);
}

/**
 * What was answered, as it is in this list, if it is; else as the one who answers says it was, which may be anything, so without a name.
 * @param {{id: string, quote: string}} re
 */
export function quoted({ id, quote }) {
  const node = find(id);
  const words = node ? quoteOf(wordsIn(node)) : quote;
  const by = el('b', { dir: 'auto', textContent: node ? nameOf(node.dataset.from) : texts.replyUnknown });
  const parts = [by, ' ', el('span', { dir: 'auto', textContent: words })];
  if (!node) return el('div', { className: 'quoted' }, ...parts);
  return el('button', { type: 'button', className: 'quoted', data: { of: id }, title: texts.replyShow, 'aria-live': 'off' }, ...parts);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Answers, and edits of one's own: what is being answered or edited above the line, what was answered above a message.

import { shownAs } from './changed.js';
import { $, el, icon, setLabel, setText } from './dom.js';
import { inLine, named } from './names.js';
import { quoteOf } from './said.js';
import { texts } from './texts.js';

let list;
let current = null; // {id, quote, words, from, to, n}: what is answered, here in words, to whom that goes, '' for everybody; n: edited
let aim;
let giveUp; // what is being answered or edited: the line is as before

/** onAim(to): the line is for that person, or for everybody; onGiveUp(): nothing is answered or edited after all. */
export function setUpReply(onAim, onGiveUp) {
  list = $('messages');
  aim = onAim;
  giveUp = onGiveUp;
  list.addEventListener('click', ({ target }) => {
    const { of, by } = target.closest('.quoted')?.dataset ?? {};
    const node = of && find(of, { from: by });
    if (node) visit(node);
  });
  $('reply-clear').addEventListener('click', () => {
    giveUp();
    $('line').focus();
  });
}

/** What is being answered or edited: {id, quote, to, n}, or null. */
export const replyNow = () => current;

export function setReply(re) {
  current = re;
  $('reply').hidden = !re;
  setText($('reply-text'), re ? (re.n ? texts.editing(re.words) : texts.replying(inLine(re.from), re.words)) : '');
}

/** A message is to be answered. @param {import('./actions.js').Message} message */
export function answer({ id, from, own, partner, text, node }) {
  aim(partner);
  if (current?.n) giveUp(); // an edit is no answer
  const words = quoteOf(wordsIn(node));
  setReply({ id, from, to: partner, words, quote: text !== null || own ? words : '' }); // of a file nobody knows to whom it went
}

/** One's own message is to be edited, for the n-th time. */
export function edit({ id, from, partner, node }, n) {
  aim(partner);
  setReply({ id, from, to: partner, words: quoteOf(wordsIn(node)), quote: '', n });
}

/**
 * In the conversation that is shown, or in that one: what was said to one is no answer among all. By its author, or by its words, where
 * another has chosen the same id.
 */
function find(id, { talk, from, quote }) {
  const isIn = ({ hidden, dataset }) => (talk === undefined ? !hidden : dataset.talk === talk);
  const found = shownAs(id).filter((node) => !node.hidden && node.parentElement && isIn(node.parentElement)
    && (from === undefined || node.dataset.from === from));
  return found.length > 1 ? found.find((node) => quoteOf(wordsIn(node)) === quote) : found[0];
}
const wordsIn = (node) => node.querySelector('.text, .card-name')?.textContent ?? '';

/** Goes to a message. @param {HTMLElement} node */
export function visit(node) {
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: 'center' });
}

/** A message is another one now, or gone: so is what was quoted of it. */
export function requote(node, isGone) {
  const { id, from } = node.dataset;
  const words = quoteOf(wordsIn(node));
  for (const one of list.querySelectorAll(`.quoted[data-of="${CSS.escape(id)}"]`)) {
    if (one.dataset.by === from) setText(one.lastChild, words);
  }
  if (current?.id !== id || current.from !== from) return;
  if (isGone) setReply(null);
  else setReply({ ...current, words, quote: current.quote && words });
}

/**
 * What was answered, as it is in this list, if it is; else as the one who answers says it was, which may be anything, so without a name.
 * @param {{id: string, quote: string}} re @param {string} talk the conversation in which it is answered
 */
export function quoted({ id, quote }, talk) {
  const node = find(id, { talk, quote });
  const words = node ? quoteOf(wordsIn(node)) : quote;
  const by = el('b', { dir: 'auto', textContent: node ? named(node.dataset.from) : texts.replyUnknown });
  const parts = [by, ' ', el('span', { dir: 'auto', textContent: words })];
  if (!node) return el('div', { className: 'quoted' }, ...parts);
  const data = { of: id, by: node.dataset.from };
  return el('button', { type: 'button', className: 'quoted', data, title: texts.replyShow, 'aria-live': 'off' }, ...parts);
}

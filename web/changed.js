// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of messages that are shown: edited, reacted to, deleted. What may become of them is in changes.js; here it is seen.

import { Changes } from './changes.js';
import { el, soon } from './dom.js';
import { textNodes } from './fold.js';
import { mentionsOf } from './mentioned.js';
import { inLine, ownAddress } from './names.js';
import { readChange, signShown } from './said.js';
import { texts } from './texts.js';

const SIGNS_SHOWN_MAX = 20; // different ones at a message: the most frequent
const PAINT_MS = 40;
const PAINT_COUNT_MAX = 40; // so many are drawn at once, the others the next time: no long task

const changes = new Changes(ownAddress);
const nodes = new Map(); // message id -> element
const stale = new Set(); // ids to paint
let ports; // resize(node, size): it takes more room, or less; letGo(node): its file is not shown; requote(id, isGone): where it is quoted
const paintSoon = soon(() => {
  for (const id of [...stale].slice(0, PAINT_COUNT_MAX)) paint(id);
  if (stale.size) paintSoon();
}, PAINT_MS);

export function setUpChanged(given) {
  ports = given;
}

/**
 * A message is shown, under its id.
 * @param {HTMLElement} node @param {{id: string, from: string, partner: string, text: string | null, date: Date}} message
 */
export function know(node, message) {
  const { id } = message;
  if (!id || nodes.has(id)) return;
  nodes.set(id, node);
  changes.meet(message);
  const { isGone, earlier, signs } = changes.of(id);
  if (isGone || earlier.length || signs.length) paint(id);
}

/** It is not shown any more. */
export function unknow({ dataset: { id } }) {
  nodes.delete(id);
  changes.forget(id);
}

export function forgetChanges() {
  nodes.clear();
  changes.clear();
}

/** What became of a message; see Changes.of(). */
export const changeOf = (id) => changes.of(id);
export const nextEdit = (id) => changes.nextEdit(id);
export const ownReaction = (id) => changes.reactionOf(id, ownAddress());

/**
 * Takes what changes a message: true if it was that, and nothing to be shown by itself. id, from: its own, proven; date: in ms.
 * @param {any} value @param {{id: string, from: string, date: number}} event
 */
export function takeChange(value, { id, from, date }) {
  const change = readChange(value);
  if (!change) return false;
  if (!changes.take(change.id, { ...change, id, from, date })) return true;
  stale.add(change.id);
  if (change.kind === 'gone') paint(change.id); // nobody is to read it any more
  else paintSoon();
  return true;
}

function paint(id) {
  stale.delete(id);
  const node = nodes.get(id);
  const now = changes.of(id);
  if (!node || !now) return;
  const isOther = now.isGone ? !node.dataset.gone : now.earlier.length > 0 && node.dataset.edited !== String(now.edited);
  if (isOther && now.isGone) wipe(node);
  else if (isOther) rewrite(node, now);
  tail(node, now);
  if (isOther) {
    ports.resize(node, now.size);
    ports.requote(id, now.isGone);
  }
  const { from, isGone, text } = now;
  window.dispatchEvent(new CustomEvent('nktmessagechange', { detail: Object.freeze({ id, from, isGone, text }) }));
}

function rewrite(node, { from, text, edited, mentions }) {
  node.dataset.edited = edited; // which edit it shows
  const old = node.querySelector('.text');
  const open = node.querySelector(':scope > .unfold');
  open?.remove();
  const { isMe, people } = mentionsOf(text, mentions);
  if (isMe && from !== ownAddress()) node.dataset.mention = 'true';
  else delete node.dataset.mention;
  old.replaceWith(...textNodes(text, old.title, people));
}

/** Nothing of what was said is in the page any more. */
function wipe(node) {
  node.dataset.gone = 'true';
  delete node.dataset.mention;
  ports.letGo(node);
  for (const one of node.querySelectorAll(':scope > :is(.quoted, .unfold)')) one.remove();
  node.querySelector('.text, .card-content').replaceWith(el('div', { className: 'text', textContent: texts.gone }));
}

/** Below a message: that it was edited, and who reacted how. */
function tail(node, { isGone, earlier, signs }) {
  node.querySelector(':scope > .tail')?.remove();
  if (isGone || !(earlier.length || signs.length)) return;
  const made = el('div', { className: 'tail', 'aria-live': 'off' }, ...signs.slice(0, SIGNS_SHOWN_MAX).map(sign));
  if (earlier.length) made.prepend(el('button', { type: 'button', className: 'edited quiet', tabIndex: -1, textContent: texts.edited }));
  const body = node.querySelector(':scope > .unfold') ?? node.querySelector('.text, .card-content');
  body.after(made);
}

function sign({ sign: one, by }) {
  const picture = signShown(one);
  return el('button', {
    type: 'button', className: 'sign', tabIndex: -1, data: { sign: one }, 'aria-pressed': String(by.includes(ownAddress())),
    title: texts.signBy(by.map(inLine)), 'aria-label': texts.signOf(picture, by.length),
  }, picture, el('b', { textContent: String(by.length) }));
}

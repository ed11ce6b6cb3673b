// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of messages that are shown: edited, reacted to, deleted. What may become of them is in changes.js; here it is seen.

import { undress, weightOf } from './bodies.js';
import { Changes } from './changes.js';
import { el, place, setText, soon } from './dom.js';
import { textNodes } from './fold.js';
import { mentionsOf } from './mentioned.js';
import { inLine, ownAddress } from './names.js';
import { readChange, signShown } from './said.js';
import { texts } from './texts.js';

const SIGNS_SHOWN_MAX = 20; // different ones at a message: the most frequent
const PAINT_MS = 40;
const PAINT_COUNT_MAX = 40; // so many are drawn at once, the others the next time: no long task

const hidden = new Set(); // of those whom the person ignores
const changes = new Changes(ownAddress, (addr) => hidden.has(addr));
const nodes = new Map(); // message id -> author -> element: two may have chosen the same id
const stale = new Set(); // ids to paint
let ports; // resize(node, size): it takes more room, or less; letGo(node): its file is not shown; requote(node, isGone): where it is quoted
const paintSoon = soon(() => {
  for (const id of [...stale].slice(0, PAINT_COUNT_MAX)) paint(id);
  if (stale.size) paintSoon();
}, PAINT_MS);

export function setUpChanged(given) {
  ports = given;
}

/**
 * A message is shown, under its id. Of what is said in clear nothing becomes: it is in no history.
 * @param {HTMLElement} node
 * @param {{id: string, from: string, partner: string, text: string | null, date: Date, encrypted: boolean}} message
 */
export function know(node, message) {
  const { id, from, encrypted } = message;
  const twins = nodes.get(id) ?? new Map();
  if (!id || twins.has(from)) return;
  nodes.set(id, twins.set(from, node));
  if (!encrypted) return;
  changes.meet(message);
  if (changes.isTouched(id, from)) paint(id);
}

/** Those that are shown under an id: found without looking through all. @returns {HTMLElement[]} */
export const shownAs = (id) => [...nodes.get(id)?.values() ?? []];

/** It is not shown any more. */
export function unknow(node) {
  const { id, from } = node.dataset;
  const twins = nodes.get(id);
  if (twins?.get(from) !== node) return;
  twins.delete(from);
  if (!twins.size) nodes.delete(id);
  changes.forget(id, from);
}

export function forgetChanges() {
  nodes.clear();
  stale.clear();
  changes.clear();
}

/** What became of a message; see Changes.of(). */
export const changeOf = (id, from) => changes.of(id, from);
export const nextEdit = (id, from) => changes.nextEdit(id, from);
export const ownReaction = (id, from) => changes.reactionOf(id, from, ownAddress());

/** Nothing of somebody is to be seen, or all of it again: reactions as well. */
export function hideReactions(addr, isHidden) {
  if (isHidden) hidden.add(addr);
  else hidden.delete(addr);
  for (const id of changes.reactedBy(addr)) stale.add(id);
  paintSoon();
}

/**
 * Takes what changes a message: true if it was that, and nothing to be shown by itself. id, from: its own, proven; partner: with whom alone
 * it was said, '' for everybody; date: in ms.
 * @param {any} value @param {{id: string, from: string, partner: string, date: number}} event
 */
export function takeChange(value, { id, from, partner, date }) {
  const change = readChange(value);
  if (!change) return false;
  if (!changes.take(change.id, { ...change, id, from, partner, date })) return true;
  stale.add(change.id);
  if (change.kind === 'gone') paint(change.id); // nobody is to read it any more
  else paintSoon();
  return true;
}

function paint(id) {
  stale.delete(id);
  for (const [from, node] of nodes.get(id) ?? []) {
    const now = changes.of(id, from);
    if (now) paintOne(node, now);
  }
}

function paintOne(node, now) {
  const isOther = now.isGone ? !node.dataset.gone : now.earlier.length > 0 && node.dataset.edited !== String(now.edited);
  if (isOther) undress(node); // what a plugin made of what it said before
  if (isOther && now.isGone) wipe(node);
  else if (isOther) rewrite(node, now);
  tail(node, now);
  const { id, from, isGone, text } = now;
  if (isOther) {
    ports.resize(node, now.size + weightOf(node));
    ports.requote(node, isGone);
  }
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
  const old = node.querySelector(':scope > .tail');
  if (isGone || !(earlier.length || signs.length)) return void old?.remove();
  const made = old ?? el('div', { className: 'tail', 'aria-live': 'off' });
  const body = node.querySelector(':scope > :is(.plugin-body, .unfold)') ?? node.querySelector('.text, .card-content');
  if (body.nextSibling !== made) body.after(made);
  const there = new Map([...made.children].map((button) => [button.dataset.sign, button])); // one of them may be pressed just now
  const button = (className, of) => there.get(of) ?? el('button', { type: 'button', className, tabIndex: -1 });
  const all = signs.slice(0, SIGNS_SHOWN_MAX).map((one) => paintSign(button('sign', one.sign), one));
  if (earlier.length) {
    all.unshift(button('edited quiet'));
    setText(all[0], texts.edited);
  }
  for (const one of there.values()) if (!all.includes(one)) one.remove();
  all.forEach((one, i) => place(made, one, i));
}

function paintSign(button, { sign, by }) {
  const picture = signShown(sign);
  button.dataset.sign = sign;
  button.setAttribute('aria-pressed', String(by.includes(ownAddress())));
  button.title = texts.signBy(by.map(inLine));
  button.setAttribute('aria-label', texts.signOf(picture, by.length));
  if (!button.firstChild) button.append(picture, el('b'));
  setText(button.lastChild, String(by.length));
  return button;
}

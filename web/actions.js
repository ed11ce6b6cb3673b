// SPDX-License-Identifier: GPL-3.0-or-later
// What one can do with a message: two buttons at each, and the menu behind the second, fetched when it is first opened (menu.js). Plugins
// add to it here.

import { $, el, icon, setLabel } from './dom.js';
import { changeOf } from './changed.js';
import { textOf } from './held.js';
import { openMenu } from './later.js';
import { nameOf, ownAddress } from './names.js';
import { texts } from './texts.js';

const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const COUNT_MAX = 20; // that plugins may add

/**
 * A message as actions see it; a copy. text: as it is by now, null for a file, '' when it is deleted; partner: to whom alone an answer
 * goes, '' for everybody; way: how its author was reached when it came, '' for what is of an earlier visit, or one's own.
 * @typedef {{id: string, from: string, own: boolean, partner: string, date: Date, text: string | null, isGone: boolean, encrypted: boolean,
 *   way: string, node: HTMLElement}} Message
 * @typedef {{id: string, label: string | (() => string), icon?: string, applies?: (message: Message) => boolean,
 *   run: (message: Message) => unknown}} Action icon: of the page's sprite, without its i-
 */

/** @type {Map<string, Action>} */
const added = new Map();
/** @type {WeakMap<HTMLElement, object>} */
const known = new WeakMap();
let stops = []; // the buttons that the Tab key finds; arrows lead to the others

/**
 * Adds one to the menu of each message it applies to; one of the same id is replaced. Returns a function that takes it away.
 * @param {Action} action
 */
export function addAction(action) {
  if (!action?.id || typeof action.run !== 'function') throw new TypeError('an action has an id and run()');
  if (!added.has(action.id) && added.size >= COUNT_MAX) throw new RangeError(`${COUNT_MAX} actions are there`);
  added.set(action.id, action);
  return () => { if (added.get(action.id) === action) added.delete(action.id); };
}

/** Those of plugins, in the order in which they came. */
export const addedActions = () => [...added.values()];

/** When the message of an element of the list was said; ms. */
export const dateAt = (node) => known.get(node)?.date.getTime() ?? 0;

/** The message of an element of the list. @returns {Message | null} */
export function messageAt(node) {
  const about = known.get(node);
  if (!about) return null;
  const { id = '' } = node.dataset;
  const { text, isGone } = changeOf(id, about.from) ?? { text: textOf(about.text), isGone: false };
  return { ...about, id, own: about.from === ownAddress(), text, isGone, node };
}

/** reply(message): it is to be answered. */
export function setUpActions(reply) {
  const list = $('messages');
  list.addEventListener('click', ({ target }) => {
    const button = target.closest('.answer, .more, .tail > button');
    const message = button && messageAt(button.closest('.message'));
    if (!message?.id) return; // on its way, or nobody gave it a name
    if (button.matches('.answer')) reply(message);
    else openMenu(message, button);
  });
  list.addEventListener('keydown', (event) => {
    const kind = STEPS[event.key] && ['answer', 'more'].find((one) => event.target.classList.contains(one));
    if (!kind) return;
    event.preventDefault();
    const seen = '.chunk:not([hidden]) > .message[data-id]:not([data-id=""], [hidden])';
    const all = [...list.querySelectorAll(`${seen} > .${kind}`)];
    all[all.indexOf(event.target) + STEPS[event.key]]?.focus();
  });
}

/** The buttons of a message. @param {HTMLElement} node @param {object} about */
export function addActs(node, about) {
  known.set(node, about);
  const name = nameOf(about.from);
  const make = (kind, symbol, label, more) => {
    const props = { type: 'button', className: `icon-button ${kind}`, 'aria-live': 'off', tabIndex: -1, ...more };
    const button = el('button', props, icon(symbol));
    setLabel(button, label);
    return button;
  };
  node.append(make('answer', 'reply', texts.reply(name)), make('more', 'more', texts.more(name), { 'aria-expanded': 'false' }));
}

/** The Tab key finds the buttons of the newest message that is to be seen. */
export function findStop() {
  const node = newestOf($('messages'));
  const found = node ? [...node.querySelectorAll(':scope > :is(.answer, .more)')] : [];
  if (found[0] === stops[0]) return;
  for (const one of stops) one.setAttribute('tabindex', '-1');
  for (const one of found) one.removeAttribute('tabindex');
  stops = found;
}

function newestOf(list) {
  for (let chunk = list.lastElementChild; chunk; chunk = chunk.previousElementSibling) {
    for (let node = chunk.hidden ? null : chunk.lastElementChild; node; node = node.previousElementSibling) {
      if (node.dataset.id && !node.hidden) return node;
    }
  }
  return null;
}

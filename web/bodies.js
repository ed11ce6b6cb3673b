// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that a plugin shows in its own way (`messages` of docs/plugins.md): its body stands in place of the text, as long as it is
// loaded.

import { el } from './dom.js';

/** @type {Set<{plugin: string, key?: string, test?: Function, render?: Function, text?: Function, guard: Function}>} */
const types = new Set();
/** What the messages say that may be of a type: message -> {value, context}. */
const said = new WeakMap();

/** What a plugin's code answers; undefined if it threw, which is its own fault. */
function ask(type, call) {
  let answer;
  type.guard('messages', () => { answer = call(); });
  return answer;
}

const isOf = (type, value) => (type.key === undefined || Object.hasOwn(value, type.key)) && (type.key !== undefined || type.test)
  && (!type.test || ask(type, () => type.test(value)) === true);

function typeOf(value) {
  if (value === null || typeof value !== 'object') return undefined;
  return [...types].find((type) => isOf(type, value));
}

/** The words of a value that has none of its own; null if it is of no type. */
export function typedWords(value) {
  const type = typeOf(value);
  return type ? String((type.text && ask(type, () => type.text(value))) ?? '') : null;
}

/** context: {from, id, date, own} of the message. @param {HTMLElement} node */
export function dress(node, value, context) {
  if (value === null || typeof value !== 'object') return node;
  said.set(node, { value, context });
  paint(node);
  return node;
}

function paint(node) {
  const { value, context } = said.get(node);
  const type = typeOf(value);
  node.querySelector(':scope > .plugin-body')?.remove();
  node.classList.remove('dressed');
  const id = node.dataset.id ?? context.id;
  const body = type?.render && ask(type, () => type.render(value, Object.freeze({ ...context, id })));
  if (!(body instanceof Node)) return;
  node.classList.add('dressed');
  node.querySelector(':scope > .text').after(el('div', { className: 'plugin-body', data: { plugin: type.plugin } }, body));
}

/** A type of a plugin that is being loaded, until the signal. */
export function addType(plugin, type, { guard, signal }) {
  const added = { plugin, ...type, guard }; // its functions may need `this` no more than those of a list do
  const repaint = (isWanted) => {
    for (const node of document.querySelectorAll('#messages .message')) if (said.has(node) && isWanted(node)) paint(node);
  };
  types.add(added);
  queueMicrotask(() => { if (types.has(added)) repaint((node) => isOf(added, said.get(node).value)); }); // its init() has run by then
  signal.addEventListener('abort', () => {
    types.delete(added);
    repaint((node) => node.querySelector(':scope > .plugin-body')?.dataset.plugin === plugin);
  });
}

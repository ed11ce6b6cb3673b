// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that a plugin shows in its own way (`messages` of docs/plugins.md): its body stands in place of the text, as long as it is
// loaded.

import { el } from './dom.js';
import { textOf } from './held.js';

/** @type {Set<{plugin: string, key?: string, test?: Function, render?: Function, text?: Function, guard: Function}>} */
const types = new Set();
/** What the messages say that may be of a type: message -> {value, context, weight}. */
const said = new WeakMap();

const NODE_WEIGHT = 20; // letters that an object or a list counts for, as it takes about as much memory
const NUMBER_WEIGHT = 4;
const DEPTH_MAX = 32; // that a message may have; a plugin may say anything

/** Letters that what a value says counts for. @param {any} value */
export function weigh(value, depth = 0) {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return NUMBER_WEIGHT;
  if (value instanceof Blob) return NODE_WEIGHT + value.size / 2;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return NODE_WEIGHT + value.byteLength / 2;
  const ofKey = (key) => (Array.isArray(value) ? 0 : key.length);
  return Object.entries(value).reduce((sum, [key, one]) => sum + ofKey(key) + weigh(one, depth + 1), NODE_WEIGHT);
}

/** What is kept of a message beside its text, in letters. @param {HTMLElement} node */
export const weightOf = (node) => said.get(node)?.weight ?? 0;

/** What a plugin's code answers; undefined if it threw, which is its own fault. */
function ask(type, call) {
  let answer;
  type.guard('messages', () => {
    answer = call();
    return answer; // which may be a promise
  });
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
  const words = type?.text && ask(type, () => type.text(value));
  return type ? (typeof words === 'string' ? words : '') : null;
}

/** context: {from, id, date, own} of the message; held: what is kept of its text. @param {HTMLElement} node */
export function dress(node, value, context, held) {
  if (value === null || typeof value !== 'object') return node;
  const weight = weigh(value) - (typeof value.text === 'string' ? value.text.length : 0);
  const isHeld = held?.forget && held.length === value.text?.length;
  const kept = isHeld ? { ...value, get text() { return textOf(held); } } : value;
  said.set(node, { value: kept, context, weight });
  paint(node);
  return node;
}

/** It says something else now, or nothing any more: no plugin shows what it said, those that are loaded later neither. */
export function undress(node) {
  said.delete(node);
  node.querySelector(':scope > .plugin-body')?.remove();
  node.classList.remove('dressed');
}

function paint(node) {
  const { value, context } = said.get(node);
  const type = typeOf(value);
  node.querySelector(':scope > .plugin-body')?.remove();
  node.classList.remove('dressed');
  const id = node.dataset.id ?? context.id;
  const place = el('div', { className: 'plugin-body', data: { plugin: type?.plugin } });
  const put = () => {
    const body = type.render(value, Object.freeze({ ...context, id }));
    if (!(body instanceof Node) || !types.has(type)) return body; // it may have unloaded itself
    if (body.contains(document.getElementById('messages'))) throw new Error('a body is a node of its own');
    place.append(body);
    return true;
  };
  if (!type?.render || ask(type, put) !== true) return;
  node.classList.add('dressed');
  node.querySelector(':scope > .text').after(place);
}

/** A type of a plugin that is being loaded, until the signal. */
export function addType(plugin, type, { guard, signal }) {
  const added = { plugin, ...type, guard }; // its functions may need `this` no more than those of a list do
  const repaint = (isWanted) => {
    for (const node of document.querySelectorAll('#messages > .chunk > .message')) if (said.has(node) && isWanted(node)) paint(node);
  };
  types.add(added);
  queueMicrotask(() => { if (types.has(added)) repaint((node) => isOf(added, said.get(node).value)); }); // its init() has run by then
  signal.addEventListener('abort', () => {
    types.delete(added);
    repaint((node) => node.querySelector(':scope > .plugin-body')?.dataset.plugin === plugin);
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What the page needs of the document. Text stays text.

import { texts } from './texts.js';

const SVG = 'http://www.w3.org/2000/svg';

export const $ = (id) => document.getElementById(id);

/** An element: properties by name, `data-*` as data, `aria-*` and `role` as attributes. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'data') Object.assign(node.dataset, value);
    else if (name.startsWith('aria-') || name === 'role') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  setIcon(svg, name);
  return svg;
}

/** Copies its lines: of <use> a browser makes a tree of its own for each, most of what a message took to be drawn. */
export function setIcon(svg, name) {
  if (svg.dataset.icon === name) return;
  svg.dataset.icon = name;
  const symbol = $(`i-${name}`)?.cloneNode(true);
  svg.setAttribute('viewBox', symbol?.getAttribute('viewBox') ?? '');
  svg.replaceChildren(...symbol?.childNodes ?? []);
}

export function setLabel(node, text) {
  node.setAttribute('aria-label', text);
  node.title = text;
}

/** Writes only what differs: nothing is read aloud for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes a node the i-th child. One that is it already is not touched: it may have the focus, or be pressed just now. One that moves keeps
 * the focus where the browser can do that.
 */
export function place(parent, node, i) {
  if (parent.children[i] === node) return;
  const isMove = parent.moveBefore && parent.isConnected && node.parentNode === parent;
  parent[isMove ? 'moveBefore' : 'insertBefore'](node, parent.children[i] ?? null);
}

/** Puts the words of texts.js into the static part of the page. */
export function fillTexts(root = document) {
  for (const node of root.querySelectorAll('[data-text]')) node.textContent = texts[node.dataset.text];
  for (const node of root.querySelectorAll('[data-hint]')) node.placeholder = texts[node.dataset.hint];
  for (const node of root.querySelectorAll('[data-label]')) {
    node.setAttribute('aria-label', texts[node.dataset.label]);
    if (node.tagName === 'BUTTON') node.title = texts[node.dataset.label];
  }
}

const IME_KEY = 229; // Safari's Enter that ends a composition comes after its end, and tells by this code alone

/** A key that is for what composes letters of several strokes, as Japanese and Chinese are typed. */
export const isComposing = (event) => event.isComposing || event.keyCode === IME_KEY;

/** As a program does; over plain http, where none may, as who presses Ctrl+C. @returns {Promise<boolean>} whether it is there */
export async function toClipboard(text) {
  if (await navigator.clipboard?.writeText(text).then(() => true, () => false)) return true;
  const give = (event) => {
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.addEventListener('copy', give, true);
  const isDone = document.execCommand('copy');
  window.removeEventListener('copy', give, true);
  return isDone;
}

/** Copies text and says so on the button for a moment. */
export async function copy(text, button) {
  const done = await toClipboard(text);
  button.dataset.tip = done ? texts.copied : texts.copyFailed;
  setTimeout(() => delete button.dataset.tip, done ? 1500 : 5000);
}

/** Runs fn once for all calls within ms. */
export function soon(fn, ms) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => { timer = null; fn(); }, ms);
  };
}

const SLICE_MS = 12; // of what takes long, then the browser has its turn

/** Calls step() until it returns false: no more at once than the browser can wait for. @param {() => boolean} step */
export async function bitByBit(step) {
  for (let end = performance.now() + SLICE_MS; step();) {
    if (performance.now() < end) continue;
    await new Promise((resume) => { setTimeout(resume); });
    end = performance.now() + SLICE_MS;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What the documentation does beyond being read: search, copying code, the menu of a telephone, the live page in two frames.
import MiniSearch from 'minisearch';
import { SEARCH } from '../search.mjs';

const RESULTS_MAX = 20;
const AROUND = 70; // letters on either side of what was found
const KEY_SIZE = 16; // bytes of a secret of a room

document.documentElement.classList.add('scripted');

/** @param {string} name @param {Record<string, string>} [attributes] @param {...(Node | string)} content */
function element(name, attributes = {}, ...content) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...content);
  return node;
}

/* The menu. */
const menu = document.querySelector('.menu');
const pages = document.querySelector('.pages');
const narrow = matchMedia('(width < 52rem)');
const fold = () => (menu.hidden = !narrow.matches);
narrow.addEventListener('change', fold);
fold();
menu.addEventListener('click', () => {
  const isOpen = pages.classList.toggle('open');
  menu.setAttribute('aria-expanded', String(isOpen));
});

/* Code. */
for (const block of document.querySelectorAll('.code')) {
  const button = element('button', { type: 'button' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(block.querySelector('code').textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(block.querySelector('code')); // no clipboard here: it is marked, to be copied by hand
      button.textContent = 'Marked';
    }
  });
  block.append(button);
}

/* Search. */
const input = document.querySelector('.top input');
const found = document.getElementById('found');
const said = found.querySelector('p');
const list = found.querySelector('ol');
let index = null;

/** Fetched when somebody first wants to search. @returns {Promise<MiniSearch>} */
function load() {
  index ??= fetch('site/search.json').then((response) => {
    if (!response.ok) throw new Error(`search.json: ${response.status}`);
    return response.text();
  }).then((text) => MiniSearch.loadJSON(text, SEARCH)).catch((error) => {
    index = null; // the next letter tries again
    throw error;
  });
  return index;
}

/** The words around the first that was found, which are marked. @param {string} text @param {string[]} terms */
function excerpt(text, terms) {
  const escaped = terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const wanted = new RegExp(escaped.join('|'), 'giu');
  const first = Math.max(0, (terms.length > 0 ? text.search(wanted) : 0) - AROUND);
  const part = text.slice(first, first + 2 * AROUND + 40);
  const node = element('span', {}, first > 0 ? '... ' : '');
  let at = 0;
  for (const { 0: word, index: start } of terms.length > 0 ? part.matchAll(wanted) : []) {
    node.append(part.slice(at, start), element('mark', {}, word));
    at = start + word.length;
  }
  node.append(part.slice(at));
  return node;
}

let asked = 0;
async function look() {
  const words = input.value.trim();
  asked += 1;
  const mine = asked;
  found.hidden = words === '';
  if (words === '') return;
  try {
    const results = (await load()).search(words);
    if (mine !== asked) return;
    said.textContent = results.length === 0 ? `Nothing about "${words}".` : `${results.length} places`;
    list.replaceChildren(...results.slice(0, RESULTS_MAX).map(({ id, page, heading, text, match }) => element('li', {},
      element('a', { href: id }, element('strong', {}, heading || page), heading && heading !== page ? ` in ${page}` : '',
        excerpt(text, Object.keys(match))))));
  } catch {
    said.textContent = 'The search could not be loaded. Are you offline?';
    list.replaceChildren();
  }
}
input.hidden = false;
input.addEventListener('input', look);
input.addEventListener('focus', () => load().catch(() => {}));
input.form.addEventListener('submit', (event) => {
  event.preventDefault();
  list.querySelector('a')?.click();
});
function close() {
  input.value = '';
  look();
}
const leave = (event) => {
  if (!found.contains(event.relatedTarget) && event.relatedTarget !== input) found.hidden = true;
};
found.addEventListener('focusout', leave);
input.addEventListener('focusout', leave);
found.addEventListener('pointerdown', (event) => event.preventDefault()); // a click keeps the focus where it is
list.addEventListener('click', close);
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, [contenteditable]');
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    input.focus();
  } else if (event.key === 'Escape' && !found.hidden) {
    close();
    input.focus();
  } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !found.hidden && (isTyping || found.contains(event.target))) {
    const links = [input, ...list.querySelectorAll('a')];
    const next = links[links.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
});

/* The live page. */
for (const place of document.querySelectorAll('.try')) {
  const button = element('button', { type: 'button' }, 'Start Ada and Bob');
  button.addEventListener('click', () => {
    const secret = [...crypto.getRandomValues(new Uint8Array(KEY_SIZE))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const frames = ['Ada', 'Bob'].map((nick) => element('iframe', {
      title: `${nick}'s page`, allow: 'camera; microphone; display-capture; clipboard-write',
      src: `${place.dataset.live}index.html?nick=${nick}&auto=1&storage=none#room=try&secret=${secret}`,
    }));
    button.replaceWith(...frames);
  });
  place.append(button);
}

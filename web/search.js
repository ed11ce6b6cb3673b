// SPDX-License-Identifier: GPL-3.0-or-later
// Searching in what is shown and kept, and going to a date: a dialog, fetched when it is first opened.

import './words_search.js';
import { dateAt, messageAt } from './actions.js';
import { $, bitByBit, el, icon, isComposing, setText } from './dom.js';
import { matches, placesOf, readQuery, snippet } from './find.js';
import { setTarget } from './input.js';
import { inLine, nameOf, named, ownAddress } from './names.js';
import { visit } from './reply.js';
import { texts } from './texts.js';

const FOUND_COUNT_MAX = 200; // the newest
const DAY = /^\d{4}-\d\d-\d\d$/;

let run = 0; // which search is the last one
let clock;
const form = () => (clock ??= new Intl.DateTimeFormat(texts.locale, { dateStyle: 'medium', timeStyle: 'short' }));

/** typed: what is searched for, or a date. @param {string} typed */
export function openSearch(typed = '') {
  if (!$('search')) build();
  if (!$('search').open) $('search').showModal();
  $('search-line').focus();
  if (typed) $(DAY.test(typed) ? 'search-date' : 'search-line').value = typed;
  if (DAY.test(typed)) goTo(typed); // what hinders that stays to be read
  else find();
}

function build() {
  const field = (id, label, props) => [
    el('label', { htmlFor: id, textContent: label }), el('input', { id, autocomplete: 'off', ...props })];
  const dialog = el('dialog', { id: 'search', className: 'search', 'aria-labelledby': 'search-title' },
    el('header', { className: 'dialog-head' }, el('h2', { id: 'search-title', textContent: texts.search }),
      el('button', { type: 'button', id: 'search-close', className: 'icon-button', textContent: '✕', 'aria-label': texts.close,
        onclick: () => dialog.close() })),
    el('div', { className: 'search-fields' },
      el('div', {}, ...field('search-line', texts.searchWords, { type: 'search', dir: 'auto', maxLength: 200, oninput: find })),
      el('form', { onsubmit: (event) => { event.preventDefault(); goTo($('search-date').value); } },
        ...field('search-date', texts.searchDate, { type: 'date' }), el('button', { type: 'submit', textContent: texts.searchGo }))),
    el('p', { id: 'search-state', className: 'small', role: 'status' }),
    el('ul', { id: 'search-found', className: 'search-found', 'aria-label': texts.searchFound }));
  dialog.addEventListener('keydown', onKey);
  dialog.addEventListener('close', () => { run++; $('search-found').replaceChildren(); });
  document.body.append(dialog);
  window.addEventListener('nktmessagechange', ({ detail }) => { if (dialog.open && detail.isGone) takeOut(detail.id); });
}

/** All messages that may be seen, of all conversations, the newest first. */
const nodes = () => [...document.querySelectorAll('#messages > .chunk > .message[data-id]:not([hidden])')].reverse()
  .sort((a, b) => dateAt(b) - dateAt(a));

/** Those whose text, file or author has all the words. */
async function find() {
  const mine = ++run;
  const words = readQuery($('search-line').value);
  const all = words.length ? nodes() : [];
  const found = [];
  let i = 0;
  await bitByBit(() => {
    if (mine !== run || i === all.length || found.length > FOUND_COUNT_MAX) return false;
    const message = messageAt(all[i]);
    const text = message && !message.isGone && (message.text ?? all[i].querySelector('.card-name')?.textContent);
    if (text && (matches(text, words) || matches(`${nameOf(message.from)}\n${text}`, words))) found.push({ message, text });
    i++;
    return true;
  });
  if (mine !== run) return;
  const shown = found.slice(0, FOUND_COUNT_MAX);
  i = 0;
  $('search-found').replaceChildren();
  await bitByBit(() => {
    if (mine !== run || i === shown.length) return false;
    if (!shown[i].message.node.dataset.gone) $('search-found').append(row(shown[i], words));
    i++;
    return true;
  });
  if (mine !== run) return;
  setText($('search-state'), words.length ? texts.searchCount(shown.length, found.length > shown.length) : '');
}

/** What is deleted is not read there any more. Reactions come often: who looks through what was found is not disturbed. */
function takeOut(id) {
  const row = $('search-found').querySelector(`[data-of="${CSS.escape(id)}"]`);
  if (!row) return;
  if (row.contains(document.activeElement)) (row.nextElementSibling?.firstChild ?? $('search-line')).focus();
  row.remove();
}

function row({ message, text }, words) {
  const parts = snippet(text, words).map((part) => (part.isFound ? el('mark', { textContent: part.text }) : part.text));
  const { id, partner, from } = message;
  const secret = from === ownAddress() ? texts.privateTo(inLine(partner)) : texts.privateFrom;
  return el('li', { data: { of: id } }, el('button', { type: 'button', onclick: () => goThere(message, words) },
    el('span', { className: 'search-who' }, el('b', { dir: 'auto', textContent: named(from) }), ' ',
      ...(partner ? [el('span', { className: 'badge' }, icon('lock'), secret), ' '] : []),
      el('time', { textContent: form().format(message.date), dateTime: message.date.toISOString() })),
    el('span', { dir: 'auto', className: 'search-text' }, ...parts)));
}

/** To the first message of that day, or of the next on which something was said. */
function goTo(day) {
  if (!DAY.test(day)) return;
  const [year, month, date] = day.split('-').map(Number);
  const start = new Date(year, month - 1, date);
  const visible = nodes().filter((node) => !node.closest('.chunk').hidden).map(messageAt).filter(Boolean);
  const there = visible.filter((message) => message.date >= start).sort((a, b) => a.date - b.date)[0];
  if (there) goThere(there, []);
  else setText($('search-state'), texts.searchNoDate);
}

function goThere({ partner, node }, words) {
  $('search').close();
  if (node.closest('.chunk').hidden) setTarget(partner);
  if (words.length) node.querySelector(':scope > .unfold[aria-expanded=false]')?.click();
  visit(node);
  paint(node, words);
}

/** What was searched for is marked in the message, where the browser can do that without changing it. */
function paint(node, words) {
  const text = node.querySelector('.text');
  if (!globalThis.Highlight || !text || !words.length) return;
  const leaves = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const ranges = [];
  while (leaves.nextNode()) {
    const leaf = leaves.currentNode;
    for (const [start, end] of placesOf(leaf.data, words)) {
      const range = new Range();
      range.setStart(leaf, start);
      range.setEnd(leaf, end);
      ranges.push(range);
    }
  }
  CSS.highlights.set('found', new Highlight(...ranges));
  document.addEventListener('pointerdown', () => CSS.highlights.delete('found'), { once: true });
}

function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || isComposing(event) || event.target.id === 'search-date') return;
  const all = [$('search-line'), ...$('search-found').querySelectorAll('button')];
  const to = all[all.indexOf(event.target) + step];
  if (!to) return;
  event.preventDefault();
  to.focus();
}

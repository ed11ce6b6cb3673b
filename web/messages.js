// SPDX-License-Identifier: GPL-3.0-or-later
// The list of messages and system lines. CSS keeps it at the bottom (a reversed flex column): adding reads no layout.

import { Budget } from './budget.js';
import { $, el, icon, setText } from './dom.js';
import { textNodes } from './fold.js';
import { hueOf, initial, inLine, isAmbiguous, isolated, nameOf, ownAddress, short } from './names.js';
import { forgetTick, tickFor } from './ticks.js';
import { texts } from './texts.js';

const CHUNK_COUNT = 50; // items that are laid out together
const GROUP_MS = 3 * 60 * 1000; // messages of one author this close share one heading
const NOTE_GROUP_MS = 10 * 1000; // people who come this close share one line
const TOLD_MS = 60 * 60 * 1000; // the same of one person again is a number in the line that is there
const TOLD_COUNT_MAX = 4096;

const clock = formatter({ hour: '2-digit', minute: '2-digit' });
const calendar = formatter({ dateStyle: 'medium', timeStyle: 'short' });

let list;
let scroll;
let last = null; // what the newest item is, for grouping
let missed = 0; // messages that came while scrolled up
let atBottom = true;
let unseen = null; // the line above what came while nobody looked
let isAway = false; // it is the line of now
const budget = new Budget(ownAddress);
const told = new Map(); // kind and address -> {at, count, line}
const lines = new Map(); // kind -> the line that takes in those who come now

/** Made when it is first needed: a fifth of what it took to start the page. */
function formatter(options) {
  let made;
  return { format: (date) => (made ??= new Intl.DateTimeFormat(undefined, options)).format(date) };
}

export function setUpMessages() {
  list = $('messages');
  scroll = $('scroll');
  scroll.addEventListener('scroll', () => {
    atBottom = scroll.scrollTop > -60;
    if (atBottom) missed = 0;
    paintJump();
  }, { passive: true });
  $('jump').addEventListener('click', jump);
  for (const [target, type] of [[window, 'focus'], [document, 'visibilitychange']]) {
    target.addEventListener(type, () => { if (isWatched()) isAway = false; });
  }
}

/** Does somebody look at the page? */
export const isWatched = () => !document.hidden && document.hasFocus();

/** A line above the first message that comes while nobody looks; it stays until that happens again, or one answers. */
function markUnseen() {
  if (isAway) return;
  isAway = true;
  forgetUnseen();
  unseen = el('div', { className: 'unseen', role: 'separator', textContent: texts.unseen });
  append(unseen, '', 0);
  last = null;
}

function forgetUnseen() {
  unseen?.remove();
  unseen = null;
}

export function clearMessages() {
  for (const node of list.querySelectorAll('.message')) forgetTick(node);
  list.replaceChildren();
  budget.clear();
  told.clear();
  lines.clear();
  last = unseen = null;
  isAway = false;
  $('empty').hidden = false;
  jump();
}

/** What of a value is for people: {text, isPrivate}, or null if it is something among plugins. */
export function readValue(value) {
  if (['string', 'number', 'boolean'].includes(typeof value)) return { text: String(value), isPrivate: false };
  return typeof value?.text === 'string' ? { text: value.text, isPrivate: value.private === true } : null;
}

/** Is it in the list? */
export function hasMessage(id) {
  return list.querySelector(`[data-id="${CSS.escape(id)}"]`) !== null;
}

/** isPast: of an earlier visit, and nothing new. */
export function showMessage({ from, id = '', date, encrypted, text, isPrivate = false, isPast = false }) {
  if (!isPast && !isWatched()) markUnseen();
  const node = message({ from, date: dateOf(date), text, clear: encrypted === false, secret: isPrivate && texts.privateFrom });
  node.dataset.id = id;
  append(node, from, text.length);
  if (isPast) return;
  if (atBottom) return;
  missed++;
  paintJump();
}

/** A message of one's own; delivering is what sendEncryptedMessage() returned, counts what an earlier visit knew of it. */
export function showOwn({ text, to, delivering, date, counts }) {
  forgetUnseen();
  const secret = to && texts.privateTo(`${inLine(to)} · ${short(to)}`);
  const node = message({ from: ownAddress(), date: dateOf(date), text, secret });
  node.classList.add('own');
  node.append(tickFor(node, delivering, counts));
  append(node, ownAddress(), text.length);
  jump();
  return node;
}

/** What showOwn() showed was not sent after all. */
export function takeBack(node) {
  forgetTick(node);
  node.remove();
  last = null;
  $('empty').hidden = list.querySelector('.message') !== null;
}

/** A line of the page itself; kind is info or error. */
export function note(text, kind = 'info') {
  const node = el('div', { className: 'note', dir: 'auto', textContent: text, data: { kind } });
  append(node, '', text.length);
  last = null;
  return node;
}

/** The same of one person in the same hour: one line, and how often. Null if it is to be a new one. */
function again(kind, addr) {
  const before = told.get(`${kind} ${addr}`);
  if (!before || performance.now() - before.at >= TOLD_MS) return null;
  before.count++;
  return before;
}

function remember(kind, addr, line) {
  told.delete(`${kind} ${addr}`);
  told.set(`${kind} ${addr}`, { at: performance.now(), count: 1, line });
  if (told.size > TOLD_COUNT_MAX) told.delete(told.keys().next().value);
}

/** A line about one person, whatever he does to be talked of: textOf(count) is what it says. */
export function noteOnce(kind, addr, textOf) {
  const before = again(kind, addr);
  if (before) setText(before.line, textOf(before.count));
  else remember(kind, addr, note(textOf(1), 'error'));
}

/** Somebody came or went: kind is Joined, Left, Unreachable, Back, LinkUp or LinkDown. */
export function noteNames(kind, addr, nick) {
  const before = again(kind, addr);
  const now = performance.now(); // not a clock that is set
  let line = before?.line ?? lines.get(kind);
  if (!before && (!line?.node.isConnected || now - line.at >= NOTE_GROUP_MS)) {
    line = { at: now, node: note('', kind), names: new Map() };
    lines.set(kind, line);
  }
  if (!before) remember(kind, addr, line);
  line.names.set(addr, texts.times(isolated(nick), before?.count ?? 1));
  setText(line.node, texts[`lines${kind}`]([...line.names.values()]));
}

/** Nothing of somebody is to be seen, or all of it again. */
export function hideFrom(addr, isHidden) {
  for (const node of list.querySelectorAll(`[data-from="${CSS.escape(addr)}"]`)) node.hidden = isHidden;
}

/** Items go into chunks, so that the browser lays out only those in sight. Whoever has most makes room. */
function append(node, author, size) {
  let chunk = list.lastElementChild;
  if (!chunk || chunk.childElementCount >= CHUNK_COUNT) {
    chunk = el('div', { className: 'chunk' });
    list.append(chunk);
  }
  chunk.append(node);
  for (const old of budget.add(author, node, size)) drop(old);
}

function drop(node) {
  const chunk = node.parentElement;
  if (!chunk) return; // the line above what is new is taken out by others too
  const next = node.nextElementSibling ?? chunk.nextElementSibling?.firstElementChild;
  if (next?.classList.contains('joins') && !node.classList.contains('joins')) headTo(node, next);
  forgetTick(node);
  node.remove();
  if (!chunk.childElementCount) chunk.remove();
}

/** What said under whose name a group stands goes on to its next message. */
function headTo(node, next) {
  next.prepend(...node.querySelectorAll(':scope > .avatar, :scope > .head'));
  next.classList.remove('joins');
}

/** clear: not encrypted; secret: what its badge says when it is a private message. */
function message({ from, date, text, clear = false, secret = '' }) {
  const group = [from, secret, clear].join();
  const joins = last?.group === group && date - last.date >= 0 && date - last.date < GROUP_MS;
  last = { group, date };
  $('empty').hidden = true;
  const node = el('div', { className: 'message', data: { from, hue: hueOf(from) } });
  if (joins) node.classList.add('joins');
  else node.append(...heading(from, date));
  if (secret) mark(node, 'private', 'lock', secret);
  if (clear) mark(node, 'clear', 'open', texts.clear, texts.clearHelp);
  node.append(...textNodes(text, joins ? calendar.format(date) : ''));
  return node;
}

function heading(from, date) {
  const name = nameOf(from);
  const code = el('code', { className: 'short', textContent: short(from), title: from });
  if (isAmbiguous(from)) {
    code.classList.add('twin');
    code.title = `${from}\n${texts.sameNick}`;
  }
  const today = date.toDateString() === new Date().toDateString();
  const time = el('time', {
    dateTime: date.toISOString(), textContent: (today ? clock : calendar).format(date), title: calendar.format(date),
  });
  const author = el('b', { className: 'author', dir: 'auto', textContent: name });
  if (from === ownAddress()) for (const node of [author, code]) node.classList.add('off'); // seen by the side it is on
  return [el('span', { className: 'avatar', textContent: initial(name), 'aria-hidden': 'true' }),
    el('div', { className: 'head' }, author, code, time)];
}

function mark(node, kind, symbol, text, title = '') {
  node.dataset[kind] = 'true';
  node.querySelector('.head')?.append(el('span', { className: 'badge', title }, icon(symbol), text));
}

/** What a peer sent may be no date at all. */
function dateOf(value) {
  const date = new Date(value ?? Date.now());
  return Number.isNaN(date.getTime()) ? new Date() : date;
}

function jump() {
  missed = 0;
  atBottom = true;
  scroll.scrollTop = 0;
  paintJump();
}

function paintJump() {
  $('jump').hidden = atBottom;
  if (!atBottom) setText($('jump-text'), texts.newMessages(missed));
}

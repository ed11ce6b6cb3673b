// SPDX-License-Identifier: GPL-3.0-or-later
// The list of messages and system lines. CSS keeps it at the bottom (a reversed flex column): adding reads no layout.

import { addActs, findStop } from './actions.js';
import { dress, typedWords, weightOf } from './bodies.js';
import { Budget } from './budget.js';
import { bytesIn } from './glue/bytes_in.js';
import { forgetChanges, hideReactions, know, setUpChanged, shownAs, unknow } from './changed.js';
import { $, bitByBit, el, setText } from './dom.js';
import { setMentioned } from './frame.js';
import { hold } from './held.js';
import { copyAsWritten } from './marked.js';
import { buildMessage, dateOf } from './message.js';
import { known, nameInLine, ownAddress, short } from './names.js';
import { requote } from './reply.js';
import { readSaid } from './said.js';
import { forgetTick, tickFor } from './ticks.js';
import { ROOM } from './talk_rules.js';
import { texts } from './texts.js';

const CHUNK_COUNT = 50; // items that are laid out together
const ELEMENT_SIZE = 100; // letters that an element in a text counts for, as it takes about as much memory
const GROUP_MS = 3 * 60 * 1000; // messages of one author this close share one heading

let list;
let scroll;
const talks = new Map(); // conversation -> what stands in it: see talkAt()
let shown = ROOM; // the conversation that is seen
const named = new Set(); // conversations in which this person was named, and into which nobody has looked since
const told = []; // functions to call when something was said
const buried = []; // chunks that are nowhere but in the document
let isCatchingUp = false; // what is told now came while another room was shown
let missed = 0; // messages that came while scrolled up
let atBottom = true;
const budget = new Budget(ownAddress);
const cards = new WeakMap(); // message -> the card in it, or its place; or what is kept of its text
const pasts = new Map(); // conversation -> {chunk, last} of what is of an earlier visit, while that is being shown, above what comes
let visit = 0; // to a room: what is being shown of an earlier one is for nobody else

export function setUpMessages() {
  list = $('messages');
  scroll = $('scroll');
  scroll.addEventListener('scroll', () => {
    atBottom = scroll.scrollTop > -60;
    if (atBottom) missed = 0;
    paintJump();
  }, { passive: true });
  $('jump').addEventListener('click', () => { jump(); scroll.focus(); }); // the button goes
  list.addEventListener('copy', copyAsWritten);
  setUpChanged({ resize, letGo, requote });
  for (const [target, type] of [[window, 'focus'], [document, 'visibilitychange']]) {
    target.addEventListener(type, () => {
      if (isWatched()) look();
    });
  }
}

/** Somebody looks at what is shown. */
function look() {
  talkAt(shown).isAway = false;
  notName(shown);
}

function notName(key) {
  named.delete(key);
  setMentioned(named.size > 0);
}

/**
 * One conversation: the chunk that takes in what comes; what the newest item is, for grouping; the line above what came while nobody
 * looked, and whether that is the line of now; the message at the top of the view, when one left while scrolled up.
 * @returns {{chunk: any, last: any, unseen: any, isAway: boolean, top: any}}
 */
function talkAt(key) {
  if (!talks.has(key)) talks.set(key, { chunk: null, last: null, unseen: null, isAway: false, top: null });
  return talks.get(key);
}

/** fn(conversation, isNews, isOwn): something was said there, by another just now, by oneself, or in an earlier visit. */
export const onTalk = (fn) => told.push(fn);

const tellTalk = (key, isNews, isOwn) => { for (const fn of told) fn(key, isNews, isOwn); };

/** That conversation is seen, and no other. */
export function showTalk(key) {
  if (key === shown) return;
  talkAt(shown).top = atBottom ? null : messageAtTop();
  shown = key;
  list.setAttribute('aria-live', 'off'); // what is not new is not read aloud
  for (const chunk of list.children) chunk.hidden = chunk.dataset.talk !== key; // of what is gone none is shown
  setTimeout(() => list.setAttribute('aria-live', 'polite'));
  if (isWatched()) look();
  paintEmpty();
  findStop();
  jump();
  const { top } = talkAt(key);
  if (isListed(top)) top.scrollIntoView({ block: 'start' });
}

/** The first that is seen whole. */
function messageAtTop() {
  const { top } = scroll.getBoundingClientRect();
  const isBelow = (node) => node.getBoundingClientRect().bottom > top;
  const chunk = [...list.querySelectorAll(':scope > .chunk:not([hidden])')].find(isBelow);
  return [...chunk?.children ?? []].find((node) => !node.hidden && node.getBoundingClientRect().top >= top) ?? null;
}

/** The room's own picture, as long as nothing was said. */
function paintEmpty() {
  $('empty').hidden = shown !== ROOM || list.querySelector('.chunk[data-talk=""] .message') !== null;
}

/** Does somebody look at the page? */
export const isWatched = () => !document.hidden && document.hasFocus();

/**
 * What of a value, and the bytes beside it, is for people: {text, isPrivate, re, mentions, value}, or null if it is something among
 * plugins.
 */
export function readValue(value, bytes) {
  const { text: own, ...more } = readSaid(value);
  const text = own ?? typedWords(value);
  const words = bytesIn(value, bytes).map(({ size, what }) => texts.bytesOf(size, what));
  if (text !== null) words.unshift(text);
  return words.length ? { text: words.join('\n'), value, ...more } : null;
}

/** What came while nobody saw this room is told now. @param {() => void} tell */
export function catchUp(tell) {
  isCatchingUp = true;
  try {
    tell();
  } finally {
    isCatchingUp = false;
  }
}

/** A line above the first message that comes while nobody looks; it stays until that happens again, or one answers. */
function markUnseen(key) {
  const talk = talkAt(key);
  if (talk.isAway) return;
  talk.isAway = true;
  forgetUnseen(key);
  talk.unseen = el('div', { className: 'unseen', role: 'separator', textContent: texts.unseen });
  append(talk.unseen, '', 0, key);
  talk.last = null;
}

function forgetUnseen(key) {
  const { unseen } = talkAt(key);
  if (unseen) remove(unseen);
  talkAt(key).unseen = null;
}

/** Which visit to a room it is: another one once the list was emptied. */
export const visitNow = () => visit;

/** What follows stands below what is of an earlier visit, and goes on where that ended. */
export function endPast() {
  for (const [key, past] of pasts) if (!talkAt(key).chunk) Object.assign(talkAt(key), past);
  pasts.clear();
}

function pastOf(key) {
  if (!pasts.has(key)) pasts.set(key, { chunk: null, last: null });
  return pasts.get(key);
}

export function clearMessages() {
  visit++;
  pasts.clear();
  forgetChanges();
  budget.clear();
  bury([...list.children]);
  talks.clear();
  named.clear();
  notName(ROOM);
  findStop();
  paintEmpty();
  jump();
}

/** Is it in the list? */
export const hasMessage = (id, from) => shownAs(id).some((node) => node.dataset.from === from);

/**
 * isPrivate: in the conversation with that person; isElsewhere: there, and said to others as well; isPast: of an earlier visit, and nothing
 * new; card: what is shown in place of a text.
 */
export function showMessage({
  from, id = '', date, encrypted = true, text = '', isPrivate = false, isElsewhere = false, isPast = false, card = null, ...more
}) {
  const talk = isPrivate ? from : ROOM;
  const isLooked = isPast || (isWatched() && talk === shown);
  if (!isLooked || (isCatchingUp && !isPast)) markUnseen(talk);
  const secret = isPrivate && (isElsewhere ? texts.saidElsewhere : texts.privateFrom);
  const held = card ? null : hold(text);
  const node = message({ talk, id, from, date: dateOf(date), text, held, clear: !encrypted, secret, body: card?.node, isPast, ...more });
  const { mentions } = more;
  const about = { from, partner: isPrivate ? from : '', date: dateOf(date), encrypted, text: held, mentions };
  addActs(node, { ...about, way: !isPast && known(from) ? window.nkt.userList[from].path : '' });
  if (card) cards.set(node, card);
  node.dataset.id = id;
  append(node, from, sizeOf(node, text), talk, isPast);
  if (node.dataset.mention && !isLooked) {
    named.add(talk);
    setMentioned(true);
  }
  know(node, { ...about, id });
  tellTalk(talk, !isPast, false);
  if (isPast || atBottom || talk !== shown) return;
  missed++;
  paintJump();
}

/** A message of one's own; delivering is what sendEncryptedMessage() returned; of an earlier visit: its id, and counts of what is known. */
export function showOwn({ id = '', text, to, delivering, date, counts, body = null, re = null, mentions = null, value = null }) {
  const talk = to ?? ROOM;
  const isPast = Boolean(id);
  if (!isPast) forgetUnseen(talk);
  const secret = to && texts.privateTo(`${nameInLine(to)} · ${short(to)}`);
  const held = body ? null : hold(text);
  const node = message({ talk, id, from: ownAddress(), date: dateOf(date), text, held, secret, body, re, mentions, value, isPast });
  node.classList.add('own');
  if (id) node.dataset.id = id;
  const about = { from: ownAddress(), partner: to ?? '', date: dateOf(date), encrypted: true, way: '', text: held, mentions };
  addActs(node, about);
  node.append(tickFor(node, delivering, counts));
  append(node, ownAddress(), sizeOf(node, text), talk, isPast);
  know(node, { ...about, id });
  if (!id) delivering.then((delivery) => said(node, { ...about, id: delivery.id }), () => {});
  tellTalk(talk, false, true);
  if (talk === shown && !isPast) jump();
  return node;
}

/** It has an id now. */
function said(node, message) {
  if (!isListed(node)) return;
  know(node, message);
  findStop();
}

/** A content of one's own; the rest as above. */
export function showOwnContent({ card, ...more }) {
  const node = showOwn({ ...more, text: '', body: card.node });
  cards.set(node, card);
  return node;
}

/** What showOwn() showed was not sent after all. */
export function takeBack(node) {
  talkAt(node.parentElement?.dataset.talk ?? shown).last = null;
  remove(node);
  paintEmpty();
  findStop();
}

/** Nothing of a conversation is in the list any more. */
export function dropTalk(key) {
  bury([...list.children].filter(({ dataset }) => dataset.talk === key)); // and not a look at all that is in them
  talks.delete(key);
  notName(key);
}

/** Is it in the list, and not only in the document for a while? @param {HTMLElement|null|undefined} node */
export const isListed = (node) => Boolean(node?.closest('#messages > .chunk'));

/**
 * Chunks are gone at once, and emptied bit by bit: 2,000 messages at once took up to half a second. They are taken out many at a time: for
 * one of which content-visibility speaks Chromium goes through the whole page.
 */
function bury(chunks) {
  for (const chunk of chunks) {
    chunk.hidden = true;
    chunk.className = '';
    delete chunk.dataset.talk;
    buried.push(chunk);
  }
  bitByBit(() => {
    const chunk = buried.find(({ firstChild }) => firstChild);
    for (const node of chunk?.children ?? []) {
      forget(node);
      budget.remove(node);
    }
    chunk?.replaceChildren();
    if (!chunk && buried.length >= CHUNK_COUNT) for (const one of buried.splice(0)) one.remove();
    return Boolean(chunk);
  });
}

function remove(node) {
  forget(node);
  budget.remove(node);
  node.remove();
}

/** A line of the page itself, where one is; kind is info or error. */
export function note(said, kind = 'info') {
  const text = String(said); // an error of a plugin may say anything
  const node = el('div', { className: 'note', dir: 'auto', textContent: text, data: { kind } });
  append(node, '', text.length, shown);
  talkAt(shown).last = null;
  return node;
}

/** Nothing of somebody is to be seen, or all of it again. */
export function hideFrom(addr, isHidden) {
  for (const node of list.querySelectorAll(`[data-from="${CSS.escape(addr)}"]`)) node.hidden = isHidden;
  hideReactions(addr, isHidden);
  findStop();
}

function message(parts) {
  const { talk, from, date, clear = false, secret = '', isPast } = parts;
  const place = isPast ? pastOf(talk) : talkAt(talk);
  const { last } = place;
  const group = [from, secret, clear].join();
  const joins = last?.group === group && date - last.date >= 0 && date - last.date < GROUP_MS;
  place.last = { group, date };
  if (talk === ROOM) $('empty').hidden = true;
  const { id = '', value = null, held } = parts;
  const node = buildMessage({ ...parts, joins });
  cards.set(node, held);
  return dress(node, parts.body ? null : value, { id, from, date, own: from === ownAddress() }, held);
}

const sizeOf = (node, text) => text.length + weightOf(node) + ELEMENT_SIZE * node.querySelectorAll('.text *').length;

/** Items go into chunks, each of one conversation, so that the browser lays out only those in sight. Whoever has most makes room. */
function append(node, author, size, key, isPast = false) {
  const place = isPast ? pastOf(key) : talkAt(key);
  if (!isListed(place.chunk) || place.chunk.childElementCount >= CHUNK_COUNT) {
    place.chunk = el('div', { className: `chunk ${isPast ? '' : 'live'}`, data: { talk: key }, hidden: key !== shown });
    list.insertBefore(place.chunk, isPast ? list.querySelector(':scope > .live') : null);
  }
  place.chunk.append(node);
  if (key === shown) findStop();
  for (const old of budget.add(author, node, size)) drop(old);
}

/** It is not shown any more. */
function forget(node) {
  forgetTick(node);
  unknow(node);
  cards.get(node)?.forget?.();
}

/** A message has become longer, or shorter: letters. */
function resize(node, letters) {
  for (const old of budget.resize(node, letters + ELEMENT_SIZE * node.querySelectorAll('.text *').length)) drop(old);
}

/** The file in it is not to be seen any more; nor kept, where no other message shows it. */
function letGo(node) {
  const card = node.querySelector('.card-content');
  if (!card) return;
  cards.get(node)?.forget(true);
  cards.delete(node);
  const { content } = card.dataset;
  const shown = list.querySelectorAll(`.chunk .card-content[data-content="${CSS.escape(content)}"]`);
  if (shown.length === 1) window.nkt.drop(content).catch(() => {});
}

function drop(node) {
  const chunk = node.parentElement;
  if (!chunk) return; // the line above what is new is taken out by others too
  let after = chunk.nextElementSibling;
  while (after && after.dataset.talk !== chunk.dataset.talk) after = after.nextElementSibling;
  const next = node.nextElementSibling ?? after?.firstElementChild;
  if (next?.classList.contains('joins') && !node.classList.contains('joins')) headTo(node, next);
  forget(node);
  node.remove();
  if (chunk.childElementCount) return;
  if (talks.get(chunk.dataset.talk)?.chunk === chunk) talks.delete(chunk.dataset.talk); // anybody begins one
  if (isListed(chunk)) bury([chunk]);
}

/** What said under whose name a group stands goes on to its next message. */
function headTo(node, next) {
  next.prepend(...node.querySelectorAll(':scope > .avatar, :scope > .head'));
  next.classList.remove('joins');
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

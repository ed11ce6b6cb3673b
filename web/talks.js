// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations: the room, and each person one talks with alone. Which there are, which is shown, what came in the others.

import { $, el, icon, setText } from './dom.js';
import { onTarget, setTarget, targetNow } from './input.js';
import { dropTalk, isWatched, onTalk } from './messages.js';
import { hueOf, initial, inLine, nameOf, roomName } from './names.js';
import { onUsers } from './users.js';
import { ROOM, step, tooMany } from './talk_rules.js';
import { texts } from './texts.js';

const SHOWN_MAX = 99; // in a mark

const PEOPLE_COUNT_MAX = 200; // conversations: anybody can begin one, and as many as he makes identities

let people = []; // addresses, the one with whom something was said last first
const ours = new Set(); // those of them in which this person said something
const unread = new Map(); // conversation -> how much came that nobody saw
const rows = new Map(); // conversation -> its row
let tell = () => {};
let close = () => {};

/** closeSide(): the drawer is to close, as somebody chose. */
export function setUpTalks(closeSide) {
  close = closeSide;
  onTalk(came);
  onTarget(opened);
  onUsers(paint);
  for (const [target, type] of [[window, 'focus'], [document, 'visibilitychange']]) target.addEventListener(type, seen);
  document.addEventListener('keydown', onKey);
}

/** fn(count) is told how much came in all conversations that nobody saw. */
export function onUnread(fn) {
  tell = fn;
  fn(unreadCount());
}

/** The person left, or went to another room. */
export function clearTalks() {
  people = [];
  ours.clear();
  unread.clear();
  paint();
}

const unreadCount = () => [...unread.values()].reduce((sum, count) => sum + count, 0);

/** Something was said there; isNews: by another, just now; isOwn: by this person. */
function came(key, isNews, isOwn) {
  if (key !== ROOM) people = [key, ...people.filter((one) => one !== key)];
  if (isOwn) ours.add(key);
  for (const one of tooMany(people, PEOPLE_COUNT_MAX, ours, [key, targetNow()])) end(one);
  if (isNews && !(isWatched() && key === targetNow())) unread.set(key, (unread.get(key) ?? 0) + 1);
  paint();
}

/** Nothing of it is there any more. */
function end(key) {
  people = people.filter((one) => one !== key);
  ours.delete(key);
  unread.delete(key);
  dropTalk(key);
}

function opened(key) {
  if (key !== ROOM && !people.includes(key)) people.unshift(key);
  unread.delete(isWatched() ? key : null);
  setText($('talk-said'), key === ROOM ? texts.talkInRoom(roomName()) : texts.talkWith(inLine(key)));
  paint();
}

function seen() {
  if (isWatched() && unread.delete(targetNow())) paint();
}

/** Alt with an arrow: the next one, with Shift the next in which something came. */
function onKey(event) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || !event.altKey || event.ctrlKey || event.metaKey || $('app').hidden || document.querySelector('dialog[open]')) return;
  const all = [ROOM, ...people];
  const some = event.shiftKey ? all.filter((key) => unread.has(key) || key === targetNow()) : all;
  event.preventDefault();
  setTarget(step(some, targetNow(), by));
}

function paint() {
  const all = [ROOM, ...people];
  for (const [key, { node }] of rows) {
    if (all.includes(key)) continue;
    node.remove();
    rows.delete(key);
  }
  all.forEach((key, i) => {
    if (!rows.has(key)) rows.set(key, build(key));
    const row = rows.get(key);
    if ($('talks').children[i] !== row.node) $('talks').insertBefore(row.node, $('talks').children[i] ?? null);
    paintRow(key, row);
  });
  const elsewhere = unreadCount() - (unread.get(targetNow()) ?? 0);
  paintMark($('talks-badge'), elsewhere);
  tell(unreadCount());
}

function build(key) {
  const name = el('b', { className: 'user-nick', dir: 'auto' });
  const mark = el('b', { className: 'mark' });
  const avatar = el('span', { className: 'avatar', 'aria-hidden': 'true' });
  if (key === ROOM) avatar.append(icon('people'));
  else avatar.dataset.hue = hueOf(key);
  const choose = () => { close(); setTarget(key); };
  const button = el('button', { type: 'button', className: 'user-write', onclick: choose }, avatar, name, mark);
  return { node: el('li', { className: 'user', data: { talk: key } }, button), button, name, mark, avatar };
}

function paintRow(key, { node, button, name, mark, avatar }) {
  const called = key === ROOM ? `#${roomName()}` : nameOf(key);
  setText(name, called);
  if (key !== ROOM) setText(avatar, initial(called));
  if (key === targetNow()) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
  node.dataset.unread = String(unread.has(key));
  paintMark(mark, unread.get(key) ?? 0);
}

function paintMark(mark, count) {
  mark.hidden = !count;
  setText(mark, count > SHOWN_MAX ? `${SHOWN_MAX}+` : String(count));
  mark.title = count ? texts.newMessages(count) : '';
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations: the room, and each person one talks with alone. Which there are, which is shown, what came in the others.

import { $, el, icon, isComposing, place, setText, soon } from './dom.js';
import { readDraft } from './drafts.js';
import { onTarget, setTarget, targetNow } from './input.js';
import { dropTalk, isWatched, onTalk } from './messages.js';
import { hueOf, initial, inLine, isAmbiguous, isHere, nameOf, roomName, short } from './names.js';
import { onUsers } from './users.js';
import { onElsewhere, unreadElsewhere } from './rooms.js';
import { ROOM, step, withTalk } from './talk_rules.js';
import { texts } from './texts.js';

const SHOWN_MAX = 99; // in a mark
const COUNT_MAX = 100; // conversations with one person: anybody begins one, and all are painted
const PAINT_MS = 40;

let people = []; // addresses, the one with whom something was said last first
const spoken = new Set(); // those to whom something was said from here
const unread = new Map(); // conversation -> how much came that nobody saw
const rows = new Map(); // conversation -> its row
const paintSoon = soon(paint, PAINT_MS);
let tell = () => {};
let close = () => {};

/** closeSide(): the drawer is to close, as somebody chose. */
export function setUpTalks(closeSide) {
  close = closeSide;
  onTalk(came);
  onTarget(opened);
  onUsers(paint);
  onElsewhere(paintElsewhere);
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
  spoken.clear();
  unread.clear();
  paint();
}

/** Those that are listed: whom one ignores is only there while one looks. */
function listed() {
  const ignored = new Set(window.nkt.ignored.map(({ addr }) => addr));
  return [ROOM, ...people.filter((addr) => !ignored.has(addr) || addr === targetNow())];
}

const unreadHere = () => listed().reduce((sum, key) => sum + (unread.get(key) ?? 0), 0);

/** What a stranger makes with one message is worth nothing. */
function worth(addr, roomId) {
  if (addr === targetNow()) return 2;
  return spoken.has(addr) || window.nkt.userList[addr]?.verified || readDraft(addr, roomId) ? 1 : 0;
}

const unreadCount = () => unreadHere() + unreadElsewhere();

function meet(addr) {
  const before = people;
  const roomId = window.nkt.roomId ?? ''; // once: the core is asked for it
  people = withTalk(people, addr, COUNT_MAX, (one) => worth(one, roomId));
  for (const key of before) if (!people.includes(key)) end(key);
}

/** Something was said there; isNews: by another, just now. */
function came(key, isNews, isOwn) {
  if (isOwn && key !== ROOM) spoken.add(key);
  if (key !== ROOM) meet(key);
  if (isNews && !(isWatched() && key === targetNow())) unread.set(key, (unread.get(key) ?? 0) + 1);
  paintSoon();
}

/** Nothing of it is there any more. */
function end(key) {
  spoken.delete(key);
  unread.delete(key);
  dropTalk(key);
}

function opened(key) {
  if (key !== ROOM && !people.includes(key)) meet(key);
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
  if (isComposing(event) || event.target.matches?.('select')) return; // which opens by these keys
  if (!by || !event.altKey || event.ctrlKey || event.metaKey || $('app').hidden || document.querySelector('dialog[open]')) return;
  const all = listed();
  const some = event.shiftKey ? all.filter((key) => unread.has(key) || key === targetNow()) : all;
  event.preventDefault();
  setTarget(step(some, targetNow(), by));
}

function paint() {
  const all = listed();
  for (const [key, { node }] of rows) {
    if (all.includes(key)) continue;
    node.remove();
    rows.delete(key);
  }
  all.forEach((key, i) => {
    if (!rows.has(key)) rows.set(key, build(key));
    const row = rows.get(key);
    place($('talks'), row.node, i);
    paintRow(key, row);
  });
  paintElsewhere();
}

function paintElsewhere() {
  const count = unreadCount();
  const elsewhere = count - (unread.get(targetNow()) ?? 0);
  paintMark($('talks-badge'), elsewhere);
  setText($('talks-news'), elsewhere ? texts.newMessages(elsewhere) : '');
  tell(count);
}

function build(key) {
  const name = el('b', { className: 'user-nick', dir: 'auto' });
  const code = el('code', { className: 'short', textContent: short(key), title: key, hidden: key === ROOM });
  const mark = el('span', { className: 'mark', 'aria-hidden': 'true' });
  const news = el('span', { className: 'off' });
  const avatar = el('span', { className: 'avatar', 'aria-hidden': 'true' });
  if (key === ROOM) avatar.append(icon('people'));
  else avatar.dataset.hue = hueOf(key);
  const choose = () => { close(); setTarget(key); };
  const button = el('button', { type: 'button', className: 'user-write', onclick: choose }, avatar, name, ' ', code, ' ', mark, news);
  return { node: el('li', { className: 'user', data: { talk: key } }, button), button, name, code, mark, news, avatar };
}

function paintRow(key, { node, button, name, code, mark, news, avatar }) {
  const called = key === ROOM ? `#${roomName()}` : nameOf(key);
  setText(name, called);
  if (key !== ROOM) {
    setText(avatar, initial(called));
    code.hidden = called === short(key); // nobody knows the name any more
    code.classList.toggle('twin', isAmbiguous(key));
    node.dataset.unreachable = String(!isHere(key));
  }
  if (key === targetNow()) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
  const count = unread.get(key) ?? 0;
  node.dataset.unread = String(count > 0);
  paintMark(mark, count);
  setText(news, count ? texts.newMessages(count) : '');
}

function paintMark(mark, count) {
  mark.hidden = !count;
  setText(mark, count > SHOWN_MAX ? `${SHOWN_MAX}+` : String(count));
  mark.title = count ? texts.newMessages(count) : '';
}

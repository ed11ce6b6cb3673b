// SPDX-License-Identifier: GPL-3.0-or-later
// Rooms: those one is in, all at once, of which one is shown; and those that one was in (remembered.js). As links beside the
// conversations.

import { show } from './glue/window.js';
import { $, bitByBit, el, place, setLabel, setText, soon } from './dom.js';
import { namedServers, nameOfRoom, readConfig, roomLink, setAddress } from './address.js';
import { readChoices } from './choices.js';
import { readValue } from './messages.js';
import { mentionsOf } from './mentioned.js';
import { asRoom, calledFile, calledRoom, roomNow } from './names.js';
import { News } from './news.js';
import { forgetRoom, keepOpenRooms, readOpenRooms, readRooms, rememberRoom, roomKey } from './remembered.js';
import { isSameRoom, talkOf } from './talk_rules.js';
import { readChange, readSaid } from './said.js';
import { texts, wordsOf } from './texts.js';
import { onUsers } from './users.js';

const PAINT_MS = 40;
const SHOWN_MAX = 99; // in a mark
const HEARD = ['nktencryptedmessagereceived', 'nktclearmessagereceived', 'nktcontent'];

/**
 * A peer -> {room: {room, secret, relays, trackers}: the latter if its link named them, isIn: once it is, news, isTelling: what came before
 * it was shown is still to be told, hidden: AbortController}. @type {Map<any, any>}
 */
const all = new Map();
const heard = new WeakSet(); // peers that are listened to: one lives as long as the page
const whileHidden = new Set();
const changed = new Set();
const rows = new Map(); // of the list, by room
const paintSoon = soon(paint, PAINT_MS);
let coming = []; // rooms that a reload is still to open
let person = 0; // another one once somebody left: what was begun before is nothing to that one
let isSwitching = false;
let openings = 0; // of rooms that are shown
let told = null; // what came before, and is heard now
let around = { before() {}, after() {} };

/** Why the signal below is aborted. */
export const LEFT = 'left';

/** fn(nkt, signal) is called with each room that is not shown any more; signal: it is again, or LEFT. */
export const onHidden = (fn) => whileHidden.add(fn);

/** fn() when what is new elsewhere has changed. */
export const onElsewhere = (fn) => changed.add(fn);

/** How much came in other rooms that nobody saw. */
export const unreadElsewhere = () => [...all].reduce((sum, [nkt, { news }]) => sum + (nkt === window.nkt ? 0 : news.unread(nkt)), 0);

/** Plugins are unloaded and loaded again, for another room. */
export const isBetweenRooms = () => isSwitching;

// ---- open ----

/** The one in which one is: not on the way, and not one whose core is gone for good. */
const isOpen = (nkt) => all.get(nkt).isIn && window.nkt.rooms.includes(nkt);
const find = (room) => [...all.keys()].find((nkt) => isOpen(nkt) && isSameRoom(all.get(nkt).room, room));

/** A reload opens them again. */
function keepOpen() {
  const rooms = [...all.values()].filter(({ isIn }) => isIn).map(({ room }) => room);
  keepOpenRooms([...rooms, ...coming.filter((room) => !rooms.some((one) => isSameRoom(one, room)))]);
}

/** The peer that is shown is in that room. @returns {{news: News, tell: Function}} what came while it was not; see tellNews() */
export function openRoom() {
  const { nkt } = window;
  const room = withServers(roomNow());
  const before = readOpenRooms(); // as this page was loaded
  const isFirst = all.size === 0;
  const one = listenTo(nkt, room);
  Object.assign(one, { room, isIn: true, isTelling: one.news.size > 0 });
  rememberRoom(room);
  if (isFirst) openAgain(before.filter((other) => !isSameRoom(other, room)));
  keepOpen();
  paint();
  const opening = ++openings;
  return { news: one.news, tell: (within) => tellNews(one, () => opening === openings, within) };
}

/** The room that the address leads to. */
export function roomOfAddress() {
  const { room, secret } = readConfig();
  return { room: asRoom(room), secret, ...namedServers() };
}

/** What its link named is known of a room that was entered; of another one the address says it, if it is that one's. */
function withServers(room) {
  return [all.get(window.nkt)?.room, roomOfAddress()].find((known) => known && isSameRoom(known, room)) ?? room;
}

/**
 * The address leads to the room that is shown, over its servers: who reloads comes back, and who gets the link meets one. Not for a room
 * that a link led to: the address may lead to the next one by then.
 */
export function follow() {
  const { room } = all.get(window.nkt);
  const named = roomOfAddress();
  const isSame = isSameRoom(room, named) && ['relays', 'trackers'].every((name) => String(room[name]) === String(named[name]));
  if (!isSame) setAddress(room);
}

/** Those that the person has joined in that room, in this visit or before. */
export const knownServers = (room) => readRooms().filter((one) => isSameRoom(one, room))
  .flatMap(({ relays = [], trackers = [] }) => [...relays, ...trackers]);

/** Some at a time: 500 at once took half a second. Whoever goes away meanwhile finds the rest later. */
const tellNews = (one, isHere, within) => bitByBit(() => {
  if (!one.isTelling || !isHere()) return false;
  told = one.news.next(window.nkt);
  one.isTelling = Boolean(told);
  if (told) within(() => window.dispatchEvent(told));
  return one.isTelling;
});

// What comes while that is being shown is kept by came(), and heard behind what came earlier.
for (const type of HEARD) {
  window.addEventListener(type, (event) => {
    if (event !== told && all.get(window.nkt)?.isTelling) event.stopImmediatePropagation();
  }, { capture: true });
}

function listenTo(nkt, room) {
  if (all.has(nkt)) return all.get(nkt);
  if (!heard.has(nkt)) {
    heard.add(nkt);
    for (const type of HEARD) nkt.addEventListener(type, (event) => came(nkt, event));
    nkt.addEventListener('nktstatus', paintSoon); // its core may be gone for good
  }
  const one = { room, isIn: false, news: new News(), isTelling: false, hidden: null };
  all.set(nkt, one);
  return one;
}

/** Those that were open before a reload, one after the other: the one that is shown is used meanwhile. */
async function openAgain(list) {
  const whose = person;
  coming = list;
  for (const room of list) {
    try {
      if (!find(room)) hide(await enter(room));
    } catch (error) {
      if (whose === person) console.error('nkt:', error); // it is in the list of those one was in
    }
    if (whose !== person) return; // somebody else may be here by now
    coming = coming.filter((other) => other !== room);
  }
  keepOpen();
  paint();
}

async function enter(room) {
  const whose = person;
  for (const [nkt, one] of all) if (one.isIn && nkt !== window.nkt && isSameRoom(one.room, room)) forget(nkt); // its core is gone
  let entering; // there before it can say anything
  try {
    const { relays, trackers } = { ...readChoices(), ...named(room) }; // and not those of the room that is shown
    const [by = window.nkt] = window.nkt.rooms; // the one that is shown may be gone
    const nkt = await by.enter({ room: nameOfRoom(room), secret: room.secret, relays, trackers }, (made) => {
      entering = made;
      listenTo(made, room);
    });
    if (whose !== person) throw new Error(texts.noRoom); // the person left meanwhile
    listenTo(nkt, room).isIn = true;
    return nkt;
  } catch (error) {
    all.delete(entering);
    throw error.code === 'NKT_E_QUOTA' ? new Error(texts.roomsMany(window.nkt.rooms.length)) : error;
  }
}

/** It goes on, and is not seen. */
function hide(nkt) {
  const one = all.get(nkt);
  if (nkt === window.nkt || !one || one.hidden) return;
  one.hidden = new AbortController();
  for (const fn of whileHidden) fn(nkt, one.hidden.signal);
}

/** around: before() and after(room) are called around showing another room. */
export function setUpRooms(swap) {
  around = swap;
  onUsers(paintSoon); // whom one ignores does not count
}

/**
 * Shows a room, once one is in it; where one is already, it stays with its servers.
 * @param {{room?: string|null, secret?: string, relays?: string[], trackers?: string[]}} room with the servers that its link names
 */
export async function goTo(room) {
  const nkt = find(room) ?? await enter(room);
  const shown = window.nkt;
  around.before();
  isSwitching = true;
  try {
    show(nkt);
  } finally {
    isSwitching = false;
  }
  const one = all.get(nkt);
  one.hidden?.abort();
  one.hidden = null;
  hide(shown);
  around.after();
}

const named = (room) => Object.fromEntries(Object.entries(room).filter(([, value]) => value !== undefined));

/** What the person set for this browser is in force in all rooms, but for servers that links to others than the one shown named. */
export async function changeRooms(changes) {
  const here = all.get(window.nkt);
  await Promise.all([...new Set([window.nkt, ...window.nkt.rooms])].map((nkt) => {
    const { room } = nkt === window.nkt ? {} : all.get(nkt) ?? {};
    const its = Object.entries(changes).filter(([name]) => !room?.[name]);
    return its.length > 0 && nkt.resume(Object.fromEntries(its));
  }));
  for (const name of Object.keys(changes)) delete here.room[name];
  rememberRoom(here.room);
  keepOpen();
}

function forget(nkt) {
  const { hidden } = all.get(nkt) ?? {};
  all.delete(nkt);
  hidden?.abort(LEFT); // there is still somebody to say good-bye to
}

/** The person leaves a room that is not shown. */
async function close(nkt) {
  forget(nkt);
  keepOpen();
  repaint();
  await nkt.close();
}

/** The person leaves, or cannot go on: isLost. @returns {Promise<unknown>} when all is written */
export function closeRooms(isLost) {
  person++;
  openings++;
  coming = [];
  for (const { hidden } of all.values()) hidden?.abort(LEFT);
  const closed = Promise.all([...new Set([...all.keys(), ...window.nkt.rooms, window.nkt])].map((nkt) => nkt.close()));
  all.clear();
  if (!isLost) keepOpenRooms([]);
  return closed;
}

/** {isCounted: it is for people, and new; isMention; isPrivate; text} */
function readNews(nkt, { type, detail, bytes, from, to, room }) {
  const said = readSaid(detail);
  const isKnown = (addr) => Object.hasOwn(nkt.userList, addr);
  const talk = talkOf({ from, to, room }, said.isPrivate, { roomId: nkt.roomId, isKnown });
  const text = type === 'nktcontent' ? calledFile(detail.name) : readValue(detail, bytes)?.text;
  const isCounted = talk !== null && text !== undefined && !readChange(detail);
  return { isCounted, isMention: isCounted && mentionsOf(text, said.mentions).isMe, isPrivate: talk !== '', text };
}

/** Something was said in a room that is not shown, or not yet. */
function came(nkt, event) {
  const one = all.get(nkt);
  const isHere = nkt === window.nkt;
  if (!one || (isHere && !one.isTelling)) return; // left; heard by all
  const { isCounted, isMention, isPrivate, text } = readNews(nkt, event);
  one.news.add(event, { isCounted, isMention });
  if (!isCounted || isHere) return;
  const { from } = event;
  window.dispatchEvent(new CustomEvent('nktelsewhere', {
    detail: { room: one.room, name: calledRoom(one.room.room), from, nick: nkt.userList[from]?.nick ?? '', text, isMention, isPrivate },
  }));
  paintSoon();
}

// ---- seen ----

/** What has the focus stays: it is not made anew. */
function paint() {
  const now = roomNow();
  const open = [...all].filter(([nkt]) => nkt !== window.nkt && isOpen(nkt));
  const isShown = (room) => isSameRoom(room, now) || open.some(([, one]) => isSameRoom(one.room, room));
  const listed = [...open.map(([nkt, { room }]) => [room, nkt]), ...readRooms().filter((room) => !isShown(room)).map((room) => [room])];
  const keys = listed.map(([room]) => roomKey(room));
  for (const [key, { node }] of rows) {
    if (keys.includes(key)) continue;
    node.remove();
    rows.delete(key);
  }
  listed.forEach(([room, nkt], i) => {
    if (!rows.has(keys[i])) rows.set(keys[i], build(room));
    const row = rows.get(keys[i]);
    place($('rooms'), row.node, i);
    paintRow(row, room, nkt);
  });
  $('rooms-title').hidden = !listed.length;
  for (const fn of changed) fn();
}

/** One is out of the list, or out of the room: what was pressed may not be there any more. */
function repaint() {
  paint();
  (document.querySelector('#rooms button') ?? $('line')).focus();
}

function build(room) {
  const name = el('span', { className: 'room-name-in' });
  const mark = el('span', { className: 'mark', 'aria-hidden': 'true' });
  const said = el('span', { className: 'off' });
  const link = el('a', { className: 'user-write', dir: 'auto', href: roomLink(room) }, name, ' ', mark, said);
  const button = el('button', { type: 'button', className: 'icon-button', textContent: '✕' });
  return { node: el('li', { className: 'user' }, link, button), name, mark, said, link, button };
}

/** @param {any} row @param {{room?: string|null, secret?: string}} room @param {any} [nkt] one is in it */
function paintRow({ node, name, mark, said, link, button }, room, nkt) {
  const { news } = all.get(nkt) ?? {};
  const unread = news?.unread(nkt) ?? 0;
  const called = room.room === null ? texts.noRoom : `#${calledRoom(room.room)}`;
  node.dataset.open = String(Boolean(nkt));
  node.dataset.unread = String(unread > 0);
  setText(name, room.secret ? `${called} · ${texts.roomSecret}` : called);
  mark.hidden = !unread;
  const isNamed = Boolean(unread && news.isMentioned(nkt));
  setText(mark, `${isNamed ? '@' : ''}${unread > SHOWN_MAX ? `${SHOWN_MAX}+` : unread}`);
  setText(said, [nkt && texts.roomOpen, unread && texts.newMessages(unread), isNamed && texts.roomNamed].filter(Boolean).join(', '));
  link.href = roomLink(room);
  link.title = [...room.relays ?? [], ...room.trackers ?? []].join('\n'); // which its link named
  setLabel(button, nkt ? texts.roomLeave(called) : texts.roomForget(called));
  button.onclick = () => {
    if (nkt) return void close(nkt).catch((error) => console.error(wordsOf(error)));
    forgetRoom(room);
    return repaint();
  };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Rooms: those one is in, all at once, of which one is shown; and those that one was in. As links beside the conversations. Those with a
// secret are remembered for the life of the tab, in which the secret is anyway; the others by the browser.

import { show } from './glue/window.js';
import { $, el, setLabel, setText } from './dom.js';
import { roomLink } from './address.js';
import { readValue } from './messages.js';
import { mentionsOf } from './mentioned.js';
import { roomNow } from './names.js';
import { isSameRoom, talkOf, withRoom } from './talk_rules.js';
import { readChange, readSaid } from './said.js';
import { texts, wordsOf } from './texts.js';

const ITEM = 'nkt-page-rooms';
const OPEN = 'nkt-page-open'; // in this tab: {address, rooms}
const COUNT_MAX = 12; // of each kind: a list that one looks through
const NAME_MAX = 300; // letters, as in the login
const NEWS_COUNT_MAX = 500; // events of a room that is not shown; what is older is in its history
const SHOWN_MAX = 99; // in a mark
const HEARD = ['nktencryptedmessagereceived', 'nktclearmessagereceived', 'nktcontent'];

const places = () => [() => localStorage, () => sessionStorage];

/** A peer -> {room: {room, secret}, news: events, unread, isMentioned, hidden: AbortController}. @type {Map<any, any>} */
const all = new Map();
const whileHidden = new Set();
const changed = new Set();
let isSwitching = false;
let around = { before() {}, after() {} };

/** Why the signal below is aborted. */
export const LEFT = 'left';

/** fn(nkt, signal) is called with each room that is not shown any more; signal: it is again, or LEFT. */
export const onHidden = (fn) => whileHidden.add(fn);

/** fn() when what is new elsewhere has changed. */
export const onElsewhere = (fn) => changed.add(fn);

/** How much came in other rooms that nobody saw. */
export const unreadElsewhere = () => [...all.values()].reduce((sum, { unread }) => sum + unread, 0);

/** Plugins are unloaded and loaded again, for another room. */
export const isBetweenRooms = () => isSwitching;

// ---- remembered ----

/** What this browser says may be anything. null stands for the usual room, as JSON has no undefined; false for none. */
function decode(list) {
  const isName = (text) => typeof text === 'string' && text.length <= NAME_MAX;
  const isRoom = (one) => one && ([null, false].includes(one.room) || isName(one.room));
  return list.filter((one) => isRoom(one) && (one.secret === undefined || isName(one.secret)))
    .slice(0, COUNT_MAX).map(({ room, secret }) => ({ room: room === false ? null : room ?? undefined, secret }));
}

const encode = (list) => list.map(({ room, secret }) => ({ room: room === null ? false : room ?? null, secret }));

function read(place) {
  try {
    return decode(JSON.parse(place().getItem(ITEM) ?? '[]'));
  } catch {
    return []; // blocked, or not ours
  }
}

function write(place, list) {
  try {
    place().setItem(ITEM, JSON.stringify(encode(list)));
  } catch {
    // full or blocked: it is not remembered
  }
}

function forget(room) {
  for (const place of places()) write(place, read(place).filter((one) => !isSameRoom(one, room)));
  paint();
  (document.querySelector('#rooms button') ?? $('line')).focus();
}

/** A reload opens them again. */
function keepOpen() {
  const rooms = encode([...all.values()].map(({ room }) => room));
  try {
    sessionStorage.setItem(OPEN, JSON.stringify({ address: window.nkt.mySwarm.address(), rooms }));
  } catch {
    // full or blocked: a reload leads to the one that is shown
  }
}

function wereOpen() {
  try {
    const { address, rooms } = JSON.parse(sessionStorage.getItem(OPEN) ?? '{}');
    return address === window.nkt.mySwarm.address() ? decode(rooms) : [];
  } catch {
    return []; // blocked, or not ours
  }
}

// ---- open ----

const find = (room) => [...all.keys()].find((nkt) => isSameRoom(all.get(nkt).room, room));

/** The peer that is shown is in that room. What came while it was not, in order, to be heard. */
export function openRoom() {
  const { nkt } = window;
  const room = roomNow();
  const before = wereOpen(); // as this page was loaded
  const isFirst = all.size === 0;
  const one = listenTo(nkt, room);
  const { news } = one;
  Object.assign(one, { room, news: [], unread: 0, isMentioned: false });
  const place = places()[room.secret ? 1 : 0];
  write(place, withRoom(read(place), room, COUNT_MAX));
  if (isFirst) openAgain(before.filter((other) => !isSameRoom(other, room)));
  else keepOpen();
  paint();
  return news;
}

function listenTo(nkt, room) {
  if (all.has(nkt)) return all.get(nkt);
  for (const type of HEARD) nkt.addEventListener(type, (event) => { if (nkt !== window.nkt) came(nkt, event); });
  const one = { room, news: [], unread: 0, isMentioned: false, hidden: null };
  all.set(nkt, one);
  return one;
}

/** Those that were open before a reload, one after the other: the one that is shown is used meanwhile. */
async function openAgain(rooms) {
  for (const room of rooms) {
    if (find(room) || !window.nkt.roomId) continue;
    try {
      hide(await enter(room, {}));
    } catch (error) {
      console.error('nkt:', error); // it is in the list of those one was in
    }
  }
  if (all.size) keepOpen();
  paint();
}

async function enter(room, servers) {
  let entering; // there before it can say anything
  const nkt = await window.nkt.enter({ ...servers, room: room.room, secret: room.secret }, (made) => {
    entering = made;
    listenTo(made, room);
  }).catch((error) => {
    all.delete(entering);
    throw error;
  });
  listenTo(nkt, room);
  return nkt;
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
}

/**
 * Shows a room, once one is in it.
 * @param {{room?: string|null, secret?: string}} room @param {{relays?: string[], trackers?: string[]}} [servers]
 */
export async function goTo(room, servers = {}) {
  const nkt = find(room) ?? await enter(room, servers);
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
  around.after(room);
}

/** The person leaves a room that is not shown. */
async function close(nkt) {
  const { hidden } = all.get(nkt) ?? {};
  all.delete(nkt);
  keepOpen();
  paint();
  (document.querySelector('#rooms button') ?? $('line')).focus();
  hidden?.abort(LEFT); // there is still somebody to say good-bye to
  await nkt.close();
}

/** The person leaves. @returns {Promise<unknown>} when all is written */
export function closeRooms() {
  for (const { hidden } of all.values()) hidden?.abort(LEFT);
  const closed = Promise.all([...new Set([...all.keys(), window.nkt])].map((nkt) => nkt.close()));
  all.clear();
  try {
    sessionStorage.removeItem(OPEN);
  } catch {
    // blocked
  }
  return closed;
}

/** Something was said in a room that is not shown. */
function came(nkt, event) {
  const one = all.get(nkt);
  if (!one) return; // left
  const { detail, bytes, from, to, room } = event;
  const said = readSaid(detail);
  const isKnown = (addr) => Object.hasOwn(nkt.userList, addr);
  const talk = talkOf({ from, to, room }, said.isPrivate, { roomId: nkt.roomId, isKnown });
  one.news.push(event);
  if (one.news.length > NEWS_COUNT_MAX) one.news.shift();
  const text = event.type === 'nktcontent' ? detail.name : readValue(detail, bytes)?.text;
  if (talk === null || text === undefined || readChange(detail)) return;
  one.unread++;
  const isMention = mentionsOf(text, said.mentions).isMe;
  one.isMentioned ||= isMention;
  window.dispatchEvent(new CustomEvent('nktelsewhere', {
    detail: { room: one.room, name: nameOf(one.room), from, nick: nkt.userList[from]?.nick ?? '', text, isMention, isPrivate: talk !== '' },
  }));
  paint();
}

// ---- seen ----

const nameOf = ({ room }) => (room === null ? texts.noRoom : room ?? texts.defaultRoom);

function paint() {
  const now = roomNow();
  const open = [...all].filter(([nkt]) => nkt !== window.nkt);
  const isShown = (room) => isSameRoom(room, now) || open.some(([, one]) => isSameRoom(one.room, room));
  const past = places().flatMap(read).filter((room) => !isShown(room));
  const leave = (nkt) => close(nkt).catch((error) => console.error(wordsOf(error)));
  $('rooms').replaceChildren(...open.map(([nkt, one]) => row(one.room, () => leave(nkt), one)),
    ...past.map((room) => row(room, () => forget(room))));
  $('rooms-title').hidden = !open.length && !past.length;
  for (const fn of changed) fn();
}

/** @param {object} room @param {() => void} leave @param {{unread: number, isMentioned: boolean}} [open] one is in it */
function row(room, leave, open) {
  const name = room.room === null ? texts.noRoom : `#${nameOf(room)}`;
  const button = el('button', { type: 'button', className: 'icon-button', textContent: '✕', onclick: leave });
  setLabel(button, open ? texts.roomLeave(name) : texts.roomForget(name));
  const textContent = room.secret ? `${name} · ${texts.roomSecret}` : name;
  const { unread = 0, isMentioned = false } = open ?? {};
  const mark = el('span', { className: 'mark', 'aria-hidden': 'true', hidden: !unread });
  setText(mark, `${isMentioned ? '@' : ''}${unread > SHOWN_MAX ? `${SHOWN_MAX}+` : unread}`);
  const said = [open && texts.roomOpen, unread && texts.newMessages(unread)].filter(Boolean).join(', ');
  const called = el('span', { className: 'room-name-in', textContent });
  const link = el('a', { className: 'user-write', dir: 'auto', href: roomLink(room) },
    called, ' ', mark, el('span', { className: 'off', textContent: said }));
  return el('li', { className: 'user', data: { open: String(Boolean(open)), unread: String(unread > 0) } }, link, button);
}

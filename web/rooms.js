// SPDX-License-Identifier: GPL-3.0-or-later
// Rooms that one was in, as links beside the conversations: another one is entered without a reload. Those with a secret are remembered for
// the life of the tab, in which the secret is anyway; the others by the browser.

import { $, el, setLabel } from './dom.js';
import { roomLink } from './address.js';
import { roomNow } from './names.js';
import { isSameRoom, withRoom } from './talk_rules.js';
import { texts } from './texts.js';

const ITEM = 'nkt-page-rooms';
const COUNT_MAX = 12; // of each kind: a list that one looks through
const NAME_MAX = 300; // letters, as in the login

const places = () => [() => localStorage, () => sessionStorage];

/** What this browser says may be anything. null stands for the usual room, as JSON has no undefined; false for none. */
function read(place) {
  try {
    const list = JSON.parse(place().getItem(ITEM) ?? '[]');
    const isName = (text) => typeof text === 'string' && text.length <= NAME_MAX;
    const isRoom = (one) => one && [null, false].includes(one.room) || isName(one?.room);
    return list.filter((one) => isRoom(one) && (one.secret === undefined || isName(one.secret)))
      .slice(0, COUNT_MAX).map(({ room, secret }) => ({ room: room === false ? null : room ?? undefined, secret }));
  } catch {
    return []; // blocked, or not ours
  }
}

function write(place, list) {
  try {
    place().setItem(ITEM, JSON.stringify(list.map(({ room, secret }) => ({ room: room === null ? false : room ?? null, secret }))));
  } catch {
    // full or blocked: it is not remembered
  }
}

/** A room was entered. */
export function rememberRooms() {
  const now = roomNow();
  const place = places()[now.secret ? 1 : 0];
  write(place, withRoom(read(place), now, COUNT_MAX));
  paint();
}

function forget(room) {
  for (const place of places()) write(place, read(place).filter((one) => !isSameRoom(one, room)));
  paint();
  (document.querySelector('#rooms button') ?? $('line')).focus();
}

function paint() {
  const now = roomNow();
  const all = places().flatMap(read).filter((one) => !isSameRoom(one, now));
  $('rooms').replaceChildren(...all.map((room) => {
    const name = room.room === null ? texts.noRoom : `#${room.room ?? texts.defaultRoom}`;
    const leave = el('button', { type: 'button', className: 'icon-button', textContent: '✕', onclick: () => forget(room) });
    setLabel(leave, texts.roomForget(name));
    const textContent = room.secret ? `${name} · ${texts.roomSecret}` : name;
    return el('li', { className: 'user' }, el('a', { className: 'user-write', dir: 'auto', href: roomLink(room), textContent }), leave);
  }));
  $('rooms-title').hidden = !all.length;
}

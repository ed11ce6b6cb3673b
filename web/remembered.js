// SPDX-License-Identifier: GPL-3.0-or-later
// Rooms over reloads: those one was in, and which were open at once. Those with a secret are remembered for the life of the tab, in which
// the secret is anyway; the others by the browser. With the servers that the link to each named, and that the person joined.

import { URL_COUNT_MAX } from './glue/constants.js';
import { isSameRoom, withRoom } from './talk_rules.js';

const ITEM = 'nkt-page-rooms';
const OPEN = 'nkt-page-open'; // in this tab: {address, rooms}
const COUNT_MAX = 12; // of each kind: a list that one looks through
const NAME_MAX = 300; // letters, as in the login; of a URL as well, which has at most 256 bytes

const places = () => [() => localStorage, () => sessionStorage];

/** What this browser says may be anything. null stands for the usual room, as JSON has no undefined; false for none. */
function decode(list) {
  const isName = (text) => typeof text === 'string' && text.length <= NAME_MAX;
  const isRoom = (one) => one && ([null, false].includes(one.room) || isName(one.room));
  const areUrls = (all) => all === undefined || (Array.isArray(all) && all.length <= URL_COUNT_MAX && all.every(isName));
  return list.filter((one) => isRoom(one) && (one.secret === undefined || isName(one.secret)) && [one.relays, one.trackers].every(areUrls))
    .slice(0, COUNT_MAX)
    .map(({ room, secret, relays, trackers }) => ({ room: room === false ? null : room ?? undefined, secret, relays, trackers }));
}

const encode = (list) => list.map(({ room, ...more }) => ({ room: room === null ? false : room ?? null, ...more }));

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

/** Which room it is, in a few letters. */
export const roomKey = ({ room, secret }) => JSON.stringify(encode([{ room, secret }]));

export const readRooms = () => places().flatMap(read);

export function rememberRoom(room) {
  const place = places()[room.secret ? 1 : 0];
  write(place, withRoom(read(place), room, COUNT_MAX));
}

export function forgetRoom(room) {
  for (const place of places()) write(place, read(place).filter((one) => !isSameRoom(one, room)));
}

/** For a reload, as whoever one is. */
export function keepOpenRooms(rooms) {
  try {
    if (!rooms.length) sessionStorage.removeItem(OPEN);
    else sessionStorage.setItem(OPEN, JSON.stringify({ address: window.nkt.mySwarm.address(), rooms: encode(rooms) }));
  } catch {
    // full or blocked: a reload leads to the one that is shown
  }
}

export function readOpenRooms() {
  try {
    const { address, rooms } = JSON.parse(sessionStorage.getItem(OPEN) ?? '{}');
    return address === window.nkt.mySwarm.address() ? decode(rooms) : [];
  } catch {
    return []; // blocked, or not ours
  }
}

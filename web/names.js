// SPDX-License-Identifier: GPL-3.0-or-later
// Who one is, and what people are called. A nick is a label that anyone may choose; an address is not.

import { texts } from './texts.js';

const HUES = 10; // as many as style.css has
const UNPRINTABLE = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu; // could dress up as another nick

const self = { nick: '', room: undefined, secret: undefined, debug: false };

export function setSelf(values) {
  Object.assign(self, values);
}

/** One's own address, '' before there is one. */
export function ownAddress() {
  try {
    return window.nkt.mySwarm?.address() || '';
  } catch {
    return '';
  }
}

export const ownNick = () => window.nkt.nick || self.nick || texts.own;
export const isDebug = () => self.debug;

/**
 * The room one is in: {room, secret}, undefined for the usual one and for no secret. The secret of a room that somebody else's init()
 * chose is not known here.
 */
export function roomNow() {
  const isUsual = (room) => (room === texts.defaultRoom ? undefined : room);
  const room = isUsual(window.nkt.room);
  const isOurs = (self.room === null ? null : isUsual(self.room?.normalize('NFC'))) === room;
  return { room, secret: isOurs ? self.secret : undefined };
}
export const hasSecret = () => Boolean(self.secret);

export function roomName() {
  const room = window.nkt.room ?? self.room;
  if (room === null) return texts.noRoom;
  return room || texts.defaultRoom;
}

export const short = (addr) => (addr.length > 11 ? `${addr.slice(0, 5)}…${addr.slice(-4)}` : addr);

export const known = (addr) => Object.hasOwn(window.nkt.userList ?? {}, addr);

export function nameOf(addr) {
  if (addr === ownAddress()) return cleanNick(ownNick());
  return (known(addr) && cleanNick(window.nkt.userList[addr].nick)) || short(addr);
}

export function cleanNick(nick) {
  return String(nick ?? '').replace(UNPRINTABLE, '').replace(/\s+/g, ' ').trim();
}

/** How two nicks are compared: what looks equal is equal. */
export const fold = (nick) => cleanNick(nick).normalize('NFKC').toLowerCase();

const bearers = new Map(); // nick -> how many have it

/** To be called when users changed. */
export function countNicks() {
  bearers.clear();
  for (const nick of [ownNick(), ...Object.values(window.nkt.userList ?? {}).map((user) => user.nick)]) {
    const name = fold(nick);
    bearers.set(name, (bearers.get(name) ?? 0) + 1);
  }
}

export const isAmbiguous = (addr) => bearers.get(fold(nameOf(addr))) > 1;

export function hueOf(addr) {
  let sum = 7;
  for (let i = 0; i < addr.length; i++) sum = (sum * 31 + addr.charCodeAt(i)) >>> 0;
  return String(sum % HUES);
}

export const initial = (name) => [...name][0]?.toUpperCase() ?? '?';

/** Everybody with that nick, address or beginning of an address. */
export function findUsers(who) {
  const wanted = fold(who);
  const all = Object.keys(window.nkt.userList ?? {});
  if (all.includes(who)) return [who];
  const byNick = all.filter((addr) => fold(window.nkt.userList[addr].nick) === wanted);
  return byNick.length || who.length < 4 ? byNick : all.filter((addr) => addr.startsWith(who));
}

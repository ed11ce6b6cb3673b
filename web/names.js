// SPDX-License-Identifier: GPL-3.0-or-later
// Who one is, and what people are called. A nick is a label that anyone may choose; an address is not.

import { isolated, looksOf, meant, shownNick as cleanNick } from './glue/fold.js';
import { secretOf } from './glue/secrets.js';
import { texts } from './texts.js';

export { cleanNick, isolated };

const HUES = 10; // as many as style.css has

const self = { nick: '', debug: false };

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

/** A room's name as roomNow() has it: undefined for the usual one, null for none. */
export const asRoom = (room) => (room === null ? null : room === texts.defaultRoom ? undefined : room?.normalize('NFC'));

/** The room one is in, whoever called init(): {room, secret}, undefined for the usual one and for no secret. */
export const roomNow = () => ({ room: asRoom(window.nkt.room), secret: secretOf(window.nkt) || undefined });

/** A room as it is called, undefined for the usual one, null for none; one of whose name nothing can be seen as in a link. */
export function calledRoom(room) {
  if (room === null) return texts.noRoom;
  return cleanNick(room ?? '') || encodeURIComponent(room ?? '') || texts.defaultRoom;
}

export const roomName = () => calledRoom(window.nkt.room);

/** A file's name as it is shown: nothing of it may be to be seen. @param {string} name */
export const calledFile = (name) => cleanNick(name) || texts.cardNoName;

export const short = (addr) => (addr.length > 11 ? `${addr.slice(0, 5)}…${addr.slice(-4)}` : addr);

/** As known here; of another room one is in, who is not. */
const userOf = (addr) => [window.nkt, ...window.nkt.rooms ?? []].map(({ userList }) => userList ?? {})
  .find((users) => Object.hasOwn(users, addr))?.[addr];

export const known = (addr) => Object.hasOwn(window.nkt.userList ?? {}, addr);

/** Who left is known for a while, and in no list. */
export const isHere = (addr) => Object.prototype.propertyIsEnumerable.call(window.nkt.userList ?? {}, addr)
  && !window.nkt.userList[addr].isUnreachable;

export function nameOf(addr) {
  if (addr === ownAddress()) return cleanNick(ownNick());
  return cleanNick(userOf(addr)?.nick ?? '') || short(addr);
}

/** Who else is called so has another address. */
const twin = (addr) => (isAmbiguous(addr) ? ` (${short(addr)})` : '');

/** What cannot be taken for another one. */
export const named = (addr) => nameOf(addr) + twin(addr);

/** As in the middle of a line of words, where the address stands beside it. */
export const nameInLine = (addr) => isolated(nameOf(addr));

/** As in the middle of a line of words. */
export const inLine = (addr) => nameInLine(addr) + twin(addr);

const bearers = new Map(); // what a nick looks like -> addresses

/** To be called when users changed. */
export function countNicks() {
  bearers.clear();
  const people = Object.values(window.nkt.userList ?? {}).filter(({ ignored }) => !ignored).map(({ addr, nick }) => [addr, nick]);
  for (const [addr, nick] of [['', ownNick()], ...people]) {
    for (const look of looksOf(nick)) bearers.set(look, (bearers.get(look) ?? new Set()).add(addr));
  }
}

export const isAmbiguous = (addr) => looksOf(nameOf(addr)).some((look) => bearers.get(look)?.size > 1);

export function hueOf(addr) {
  let sum = 7;
  for (let i = 0; i < addr.length; i++) sum = (sum * 31 + addr.charCodeAt(i)) >>> 0;
  return String(sum % HUES);
}

export const initial = (name) => [...name][0]?.toUpperCase() ?? '?';

/** Everybody with that nick, address or beginning of an address. */
export function findUsers(who) {
  const all = Object.keys(window.nkt.userList ?? {});
  if (all.includes(who)) return [who];
  const named = meant(who, Object.values(window.nkt.userList ?? {}));
  const heard = named.filter(({ ignored }) => !ignored);
  const byNick = (heard.length ? heard : named).map(({ addr }) => addr);
  return byNick.length || who.length < 4 ? byNick : all.filter((addr) => addr.startsWith(who));
}

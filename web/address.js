// SPDX-License-Identifier: GPL-3.0-or-later
// The address of the page: `#room=NAME&secret=...` (a fragment is never sent to a server), `?nick=Ada&auto=1`, and in either place relays,
// trackers (URLs separated by commas, or none) and storage. They win over the settings. And the links for others.

import { readChoices } from './choices.js';
import { texts } from './texts.js';

let roomNow = () => ({}); // {room, secret} that one is in
const SERVERS = ['relays', 'trackers']; // those that an address of the page may name

/**
 * A part of the address, however the link was mangled on its way: `#` or all of it encoded, `&` as HTML has it. Without what no name has,
 * and a field of a form leaves out: a link leads to the same room from the login and from within another.
 */
function parse(text) {
  let raw = text.replace(/&amp;/gi, '&').replace(/^(#|%23)+/i, '');
  if (!raw.includes('=') && /%3d/i.test(raw)) raw = decode(raw);
  return new URLSearchParams(raw.replace(/%0[0ad]|[\0\r\n]/gi, ''));
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The reverse. Everything but letters and digits is encoded, and a dash only at the end of a value: what recognises links in a text
 * stops at brackets and quotes, leaves out punctuation at the end, and takes * _ ~ for marks of its own.
 */
function format(params) {
  const encode = (text) => encodeURIComponent(text)
    .replace(/[!'()*._~]|-$/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return [...params].map(([name, value]) => `${name}=${encode(value)}`).join('&');
}

/** A link whose # was encoded leads to a path: /%23room=NAME. */
const PATH = /^(.*?\/)%23(.*)$/i;

const read = () => ({
  query: parse(location.search.slice(1)),
  fragment: parse(location.hash || PATH.exec(location.pathname)?.[2] || ''),
});

/** Is nothing of it to be seen? @param {string} text */
export const isBlank = (text) => !text.replace(/[\p{Default_Ignorable_Code_Point}\s\u2800]/gu, '');

const urls = (text) => text.split(',').map((url) => url.trim()).filter(Boolean);

/** {relays?, trackers?}, as the address names them. */
export function namedServers() {
  const { query, fragment } = read();
  const named = SERVERS.map((name) => [name, fragment.get(name) ?? query.get(name)]).filter(([, text]) => text !== null);
  return Object.fromEntries(named.map(([name, text]) => [name, urls(text)]));
}

/** room is undefined when not named, null for none; init goes to nkt.init(), whatever is not in it is as the server says. */
export function readConfig() {
  const { query, fragment } = read();
  const get = (name) => fragment.get(name) ?? query.get(name);
  const room = get('room');
  const isNone = room !== null && isBlank(room); // which has no secret
  const init = { ...readChoices(), ...namedServers() };
  if (['tab', 'none'].includes(get('storage'))) init.storage = get('storage');
  return {
    nick: query.get('nick'),
    auto: query.get('auto') === '1',
    room: room === null ? undefined : isNone ? null : room.trim(),
    secret: (!isNone && fragment.get('secret')?.normalize('NFC')) || undefined, // as nkt has it
    init,
  };
}

/** A link that came as a path is read once more as what it was meant to be. */
export function straighten() {
  if (PATH.test(location.pathname)) write(read().query, read().fragment);
}

/** Relays and trackers that the address names, and that are neither where the page comes from nor the person's own. */
export function foreignServers() {
  const own = readChoices();
  const isOwn = (name, url) => own[name]?.includes(url) || (URL.canParse(url) && new URL(url).host === location.host);
  return Object.entries(namedServers()).flatMap(([name, all]) => all.filter((url) => !isOwn(name, url)));
}

/** So that a reload leads to the same room, over the same servers: {room, secret, relays, trackers}. */
export function setAddress(room) {
  const { query, fragment } = read();
  for (const name of SERVERS) query.delete(name);
  setRoom(fragment, room);
  write(query, fragment);
}

function setRoom(fragment, room) {
  for (const name of ['room', 'secret', ...SERVERS]) {
    if (room[name] === undefined) fragment.delete(name);
    else fragment.set(name, room[name] ?? ''); // URLs with commas between
  }
}

/** Servers that the person has set otherwise since. */
export function dropServers(names) {
  const { query, fragment } = read();
  for (const name of names) for (const part of [query, fragment]) part.delete(name);
  write(query, fragment);
}

const path = () => PATH.exec(location.pathname)?.[1] ?? location.pathname;

const assemble = (query, fragment) => `${path()}?${format(query)}`.replace(/\?$/, '') + `#${format(fragment)}`.replace(/#$/, '');

function write(query, fragment) {
  history.replaceState(null, '', assemble(query, fragment));
}

/** Another app has shared something with this one (shared.js). */
export const hasShared = () => read().query.has('shared');

/** The invite in the address of the page, '' for none. */
export const inviteInAddress = () => read().fragment.get('invite') ?? '';

/** So that a reload does not use it again. */
export function clearInvite() {
  const { query, fragment } = read();
  fragment.delete('invite');
  write(query, fragment);
}

/** now() tells {room, secret} that one is in; names.js comes after the login. */
export function takeRoom(now) {
  roomNow = now;
}

/** The link for others: this page, the room one is in and its servers, without one's own nick. */
export function inviteLink() {
  return link({ ...serversForOthers(), ...roomNow() });
}

/** Those one has named oneself as well. */
function serversForOthers() {
  const { relays, trackers } = readConfig().init;
  return { relays, trackers };
}

/** The same with an invite. It names an open room; the key of a secret one is told when both are connected. */
export function handLink(invite) {
  const { room, secret } = roomNow();
  return link({ ...serversForOthers(), room: secret ? null : room }, invite);
}

/** A room's name as nkt has it, null for none: without one, the room that one comes from would be meant. */
export const nameOfRoom = ({ room }) => (room === undefined ? texts.defaultRoom : room);

/** To one's own page in that room, over the servers that its link named: never without a fragment, which would be another page. */
export const roomLink = (room) => link({ ...room, room: nameOfRoom(room) });

function link(room, invite) {
  const made = new URLSearchParams();
  setRoom(made, room);
  if (invite) made.set('invite', invite);
  return location.origin + assemble(new URLSearchParams(), made);
}

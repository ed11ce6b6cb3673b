// SPDX-License-Identifier: GPL-3.0-or-later
// The list of people: who they are, how they are reached, who comes and goes.

import { $, el, icon, place, setIcon, setLabel, setText, soon } from './dom.js';
import { countNicks, hueOf, initial, isAmbiguous, nameOf, short } from './names.js';
import { hideFrom } from './messages.js';
import { noteNames } from './notes.js';
import { texts } from './texts.js';

const QUIET_MS = 6000; // whoever is back within this time only reloaded: not a word about it
const MISSED_COUNT_MAX = 4096; // of whom it is remembered that they left: who left before them is new when he is back

const rows = new Map(); // address -> {node, ..., seen}
const leaving = new Map(); // address -> timer: what is said of it when it is not back by then
const missed = new Set(); // addresses of whom it was said that they left
const changed = new Set(); // functions to call after the list changed
let list;
let onWrite = () => {};
let onVerify = () => {};
let onProfile = () => {};

export const refreshUsers = soon(refresh, 60);

export const onUsers = (fn) => changed.add(fn);

/** The rows of the list, for what adds to them: {addr, node, verify, ...}. */
export const rowsOfUsers = () => rows.values();

/** write(addr): somebody was chosen to be written to; verify(addr): to be verified; profile(addr): to be looked at. */
export function setUpUsers(write, verify, profile) {
  onProfile = profile;
  list = $('users');
  onWrite = write;
  onVerify = verify;
  for (const name of ['nktnewpeer', 'nktsession', 'nktstatus', 'nktkeychanged']) window.addEventListener(name, refreshUsers);
  window.addEventListener('nktwebrtcseen', (event) => linkChanged('LinkUp', event.detail));
  window.addEventListener('nktwebrtcleft', (event) => linkChanged('LinkDown', event.detail));
}

export function clearUsers() {
  rows.clear();
  for (const timer of leaving.values()) clearTimeout(timer);
  leaving.clear();
  missed.clear();
  list.replaceChildren();
}

export const userAddresses = () => Object.keys(window.nkt.userList ?? {});

export const reachable = () => userAddresses().filter((addr) => !window.nkt.userList[addr].isUnreachable);

/** 'direct', 'relay', 'forwarded' or 'none'. */
export const pathOf = (addr) => window.nkt.userList[addr].path;

/** True if ignored now: for good, also when they are gone. */
export function toggleIgnored(addr) {
  const isIgnored = !window.nkt.ignored.some((one) => one.addr === addr);
  if (isIgnored) window.nkt.ignore(addr);
  else window.nkt.unignore(addr);
  hideFrom(addr, isIgnored);
  refreshUsers();
  return isIgnored;
}

const ignoredNow = (addr) => Boolean(window.nkt.userList[addr]?.ignored);

/** True if muted now. */
export function toggleMute(addr) {
  const user = window.nkt.userList[addr];
  user.dontSendTo = !user.dontSendTo;
  refreshUsers();
  return user.dontSendTo;
}

function linkChanged(kind, addr) {
  if (rows.has(addr) && !ignoredNow(addr)) noteNames(kind, addr, nameOf(addr)); // who joins with a link is announced once, as joined
  refreshUsers();
}

function refresh() {
  countNicks();
  const addresses = userAddresses();
  for (const [addr, row] of rows) if (!addresses.includes(addr)) gone(addr, row);
  for (const addr of addresses) update(addr);
  order(addresses);
  const here = reachable().length;
  for (const id of ['people-count', 'people-badge']) setText($(id), String(here));
  $('users-empty').hidden = addresses.length > 0;
  for (const fn of changed) fn();
}

/** Whoever was said to be out of reach is not said to have left as well. */
function gone(addr, row) {
  if ((row.here || leaving.has(addr)) && !row.ignored) later(addr, 'Left', row.name);
  row.node.remove();
  rows.delete(addr);
}

/** One line, unless it is back soon. */
function later(addr, kind, name) {
  clearTimeout(leaving.get(addr));
  leaving.set(addr, setTimeout(() => {
    leaving.delete(addr);
    missed.add(addr);
    if (missed.size > MISSED_COUNT_MAX) missed.delete(missed.values().next().value);
    noteNames(kind, addr, name);
  }, QUIET_MS));
}

/** It is here (again). */
function came(addr, isNew) {
  const timer = leaving.get(addr);
  clearTimeout(timer);
  leaving.delete(addr);
  if (missed.delete(addr)) noteNames('Back', addr, nameOf(addr));
  else if (timer === undefined && isNew) noteNames('Joined', addr, nameOf(addr));
}

/** Those who can be reached first, then by name; moves only what is out of place. */
function order(addresses) {
  const sorted = addresses.map((addr) => rows.get(addr))
    .sort((a, b) => a.ignored - b.ignored || b.here - a.here || a.name.localeCompare(b.name) || (a.addr < b.addr ? -1 : 1));
  sorted.forEach((row, i) => place(list, row.node, i));
}

function update(addr) {
  const user = window.nkt.userList[addr];
  const here = !user.isUnreachable;
  let row = rows.get(addr);
  if (!row) {
    row = build(addr);
    rows.set(addr, row);
    if (here && !user.ignored) came(addr, true);
  } else if (row.here !== here && !user.ignored) {
    if (here) came(addr, false);
    else later(addr, 'Unreachable', nameOf(addr));
  }
  row.here = here;
  if (row.ignored !== Boolean(user.ignored)) hideFrom(addr, user.ignored); // whoever asked for it, a console as well
  row.ignored = Boolean(user.ignored);
  row.name = nameOf(addr);
  paint(row, user);
}

function build(addr) {
  const avatar = el('span', { className: 'avatar', data: { hue: hueOf(addr) }, 'aria-hidden': 'true' });
  const nick = el('b', { className: 'user-nick', dir: 'auto' });
  const twin = el('span', { className: 'twin', title: texts.sameNick, textContent: '!' });
  const session = icon('lock');
  const way = el('span', { className: 'path' });
  const state = el('span', { className: 'user-state' }, el('code', { textContent: short(addr), title: addr }), way);
  const write = el('button', { type: 'button', className: 'user-write', onclick: () => onWrite(addr) },
    avatar, el('span', { className: 'user-lines' }, el('span', { className: 'user-top' }, nick, twin, session), state));
  const profile = el('button', { type: 'button', className: 'icon-button user-profile', onclick: () => onProfile(addr) }, icon('person'));
  const shield = icon('shield');
  const verify = el('button', { type: 'button', className: 'icon-button user-verify', onclick: () => onVerify(addr) }, shield);
  const muteIcon = icon('send');
  const mute = el('button', { type: 'button', className: 'icon-button user-mute', onclick: () => toggleMute(addr) }, muteIcon);
  const ignoreIcon = icon('eye');
  const ignoring = { type: 'button', className: 'icon-button user-ignore', onclick: () => toggleIgnored(addr) };
  const ignore = el('button', ignoring, ignoreIcon);
  const node = el('li', { className: 'user', data: { address: addr } }, write, verify, profile, mute, ignore);
  const parts = { node, avatar, nick, twin, session, way, write, verify, shield, profile, mute, muteIcon, ignore, ignoreIcon };
  return { addr, ...parts, here: false, ignored: false, name: '' };
}

function paint(row, user) {
  const { addr, name, node } = row;
  const path = pathOf(addr);
  const session = ['pending', 'established'].includes(user.session) ? user.session : 'none';
  const muted = Boolean(user.dontSendTo);
  const { ignored } = row;
  const twin = !ignored && isAmbiguous(addr);
  Object.assign(node.dataset, { path, session, muted, ignored, unreachable: !row.here, verified: Boolean(user.verified) });
  setText(row.avatar, initial(name));
  setText(row.nick, name);
  row.twin.hidden = !twin;
  setIcon(row.session, session === 'established' ? 'lock' : 'open');
  setText(row.way, [
    row.here ? texts.path[path] : texts.unreachable,
    session !== 'established' && row.here && texts.session[session],
    ignored && texts.ignored, muted && texts.muted, user.verified && texts.verified,
  ].filter(Boolean).join(' · '));
  row.write.title = `${texts.userMessage(name, short(addr))}\n${texts.session[session]}`;
  setIcon(row.shield, user.verified ? 'shielded' : 'shield');
  setLabel(row.verify, user.verified ? texts.userVerified(name) : texts.userVerify(name));
  setLabel(row.profile, texts.userProfile(name));
  setLabel(row.mute, muted ? texts.userUnmute(name) : texts.userMute(name));
  setIcon(row.muteIcon, muted ? 'send-off' : 'send');
  setLabel(row.ignore, ignored ? texts.userUnignore(name) : texts.userIgnore(name));
  setIcon(row.ignoreIcon, ignored ? 'eye-off' : 'eye');
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The login: a nick, perhaps a room. Starts window.nkt; remembers the nick for the life of the tab. The address of the
// page may fill it in: `#room=NAME&secret=...` (a fragment is never sent to a server), `?nick=Ada&auto=1` to log in at
// once, and in either place relays, trackers (URLs separated by commas, or none) and storage. It wins over the settings.

import { $, setText } from './dom.js';
import { readChoices } from './choices.js';
import { texts } from './texts.js';

const NICK = 'nkt-page-nick';
const RESUME = 'nkt-page-resume';
const KEPT = 'kept'; // in RESUME: who comes back has to give a passphrase
const DEBUG = /@debug$/;
const SERVERS = ['relays', 'trackers']; // those that an address of the page may name
const NICK_BYTES_MAX = 64; // as in core/src/wire/limits.h

const store = {
  get(name) { try { return sessionStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { sessionStorage.setItem(name, value); } catch { /* blocked: ask again next time */ } },
  remove(name) { try { sessionStorage.removeItem(name); } catch { /* blocked */ } },
};

let arrive = () => {};
/** What is called around window.nkt.init(), once the room is loaded. */
const arrived = new Promise((resolve) => { arrive = resolve; });

/** start({nick, room, secret, debug}) is called right before window.nkt.init(), done() when the identity is there. */
export function takeLogins(start, done) {
  arrive({ start, done });
}

export function setUpLogin() {
  $('login').addEventListener('submit', (event) => {
    event.preventDefault();
    logIn($('nick').value);
  });
  $('room').addEventListener('input', showRoom);
  $('passphrase').addEventListener('input', showKept);
  window.addEventListener('nktderiving', ({ detail }) => setText($('login-progress'), detail.state === 'started' ? texts.deriving : ''));
  fill();
}

/** Shows the form, or goes on without asking: after a reload, or when the address says so. */
export function openLogin({ ask = false } = {}) {
  const config = readConfig();
  const reloaded = performance.getEntriesByType('navigation')[0]?.type === 'reload';
  if (!ask && config.auto && config.nick) return logIn(config.nick);
  const isKept = store.get(RESUME) === KEPT;
  if (!ask && reloaded && store.get(RESUME) && store.get(NICK) && !isKept) return logIn(store.get(NICK));
  $('welcome').hidden = false;
  $('login-keep').open = isKept;
  const field = isKept && !ask ? $('passphrase') : $('nick'); // only the person knows the passphrase
  field.focus();
  field.select();
  return undefined;
}

export function rememberNick(nick) {
  store.set(NICK, nick);
}

/** The person left on purpose: do not come back by yourself. */
export function forgetLogin() {
  store.remove(RESUME);
}

/** Takes nick and room from the address of the page. */
export function fill() {
  const config = readConfig();
  $('nick').value = config.nick ?? store.get(NICK) ?? '';
  $('room').value = config.room ?? '';
  $('secret').value = config.secret ?? '';
  $('login-room').open = false;
  showRoom();
  showKept();
}

function showRoom() {
  const none = readConfig().room === null && !$('room').value;
  setText($('login-room-name'), none ? texts.noRoom : $('room').value.trim() || texts.defaultRoom);
}

async function logIn(text) {
  const debug = DEBUG.test(text.trim());
  const nick = text.trim().replace(DEBUG, '').trim();
  const problem = checkNick(nick);
  if (problem) return failLogin(problem);
  const config = readConfig();
  const room = $('room').value.trim() || (config.room === null ? null : undefined);
  const secret = $('secret').value || undefined;
  busy(true);
  rememberRoom(room, secret);
  try {
    const { start, done } = await arrived;
    start({ nick, room, secret, debug });
    const who = await readKept(nick);
    await window.nkt.init({ ...config.init, ...who, nick, ...(room !== undefined && { room }), ...(secret && { secret }) });
    await window.nkt.ready;
    rememberNick(text.trim());
    store.set(RESUME, who.storage ? KEPT : '1');
    for (const id of ['passphrase', 'identity-file', 'file-passphrase']) $(id).value = '';
    showKept();
    setText($('login-error'), '');
    done();
  } catch (error) {
    failLogin(texts.startFailed(error?.message ?? String(error)));
  }
  busy(false);
  return undefined;
}

/** What the form says of who one is: nothing, kept under a passphrase (by nick), from a file. */
async function readKept(nick) {
  const passphrase = $('passphrase').value;
  const file = $('identity-file').files[0];
  return {
    ...(passphrase && { storage: { passphrase, name: nick } }),
    ...(file && { identity: { file: await file.text(), passphrase: $('file-passphrase').value } }),
  };
}

function showKept() {
  setText($('login-keep-name'), $('passphrase').value ? texts.keepDevice : texts.keepTab);
}

function checkNick(nick) {
  if (!nick) return texts.nickMissing;
  if (new TextEncoder().encode(nick).length > NICK_BYTES_MAX) return texts.nickLong;
  return '';
}

function busy(on) {
  const button = $('login').querySelector('button[type=submit]');
  button.disabled = on;
  setText(button, on ? texts.joining : texts.join);
}

/** Says why nothing was started. */
export function failLogin(reason) {
  $('welcome').hidden = false;
  setText($('login-error'), reason);
  $('nick').focus();
}

const read = () => ({
  query: new URLSearchParams(location.search),
  fragment: new URLSearchParams(location.hash.slice(1)),
});

const urls = (text) => text.split(',').map((url) => url.trim()).filter(Boolean);

/** room is undefined when not named, null for none; init goes to nkt.init(), whatever is not in it is as the server says. */
function readConfig() {
  const { query, fragment } = read();
  const get = (name) => fragment.get(name) ?? query.get(name);
  const room = get('room');
  const init = readChoices();
  for (const name of SERVERS) if (get(name) !== null) init[name] = urls(get(name));
  if (['tab', 'none'].includes(get('storage'))) init.storage = get('storage');
  return {
    nick: query.get('nick'),
    auto: query.get('auto') === '1',
    room: room === null ? undefined : room || null,
    secret: fragment.get('secret') || undefined,
    init,
  };
}

/** What a login would take now: {room, secret, init}. */
export const configNow = readConfig;

/** So that a reload and an invitation lead to the same room. */
export function rememberRoom(room, secret) {
  const { query, fragment } = read();
  const set = (name, value) => (value === undefined ? fragment.delete(name) : fragment.set(name, value ?? ''));
  set('room', room);
  set('secret', secret);
  writeAddress(query, fragment);
}

/** Servers that the person has set otherwise since. */
export function dropServers(names) {
  const { query, fragment } = read();
  for (const name of names) for (const part of [query, fragment]) part.delete(name);
  writeAddress(query, fragment);
}

function writeAddress(query, fragment) {
  history.replaceState(null, '', `${location.pathname}?${query}`.replace(/\?$/, '') + `#${fragment}`.replace(/#$/, ''));
}

/** The invite in the address of the page, '' for none. */
export const inviteInAddress = () => read().fragment.get('invite') ?? '';

/** So that a reload does not use it again. */
export function clearInvite() {
  const { query, fragment } = read();
  fragment.delete('invite');
  writeAddress(query, fragment);
}

/** This page with an invite. It names an open room; the key of a secret one is told when both are connected. */
export function handLink(text) {
  const url = new URL(inviteLink());
  const fragment = new URLSearchParams(url.hash.slice(1));
  if (fragment.get('secret')) fragment.set('room', '');
  fragment.delete('secret');
  fragment.set('invite', text);
  url.hash = fragment;
  return url.href;
}

/** The link for others: this page, its room and one's own servers, without one's own nick. */
export function inviteLink() {
  const { query, fragment } = read();
  for (const name of ['nick', 'auto', 'storage']) query.delete(name);
  const choices = readChoices();
  for (const name of SERVERS) if (choices[name] && !query.has(name) && !fragment.has(name)) query.set(name, choices[name].join(','));
  return `${location.origin}${location.pathname}?${query}`.replace(/\?$/, '') + location.hash;
}

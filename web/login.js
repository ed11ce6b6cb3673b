// SPDX-License-Identifier: GPL-3.0-or-later
// The login: who one is, perhaps a room. Starts window.nkt; remembers the nick for the life of the tab. The address of the page may fill
// it in, and may log in at once; it may not lead to servers that the person was not shown.

import { $, setText } from './dom.js';
import { foreignServers, isBlank, namedServers, readConfig, setAddress, straighten } from './address.js';
import { checkWho, clearWho, fieldOf, firstField, hasKept, isListShown, listKept, readWho, setUpWho } from './who.js';
import { texts, wordsOf } from './texts.js';

export {
  clearInvite, dropServers, handLink, hasShared, inviteInAddress, inviteLink, readConfig as configNow,
} from './address.js';

const SLOW_MS = 8000; // what is not there by then is told of, and waited for
const NICK = 'nkt-page-nick';
const RESUME = 'nkt-page-resume';
const KEPT = 'kept'; // in RESUME: who comes back has to give a passphrase
const NAME = 'nkt-page-kept'; // which of those kept it was
const ADDRESS = 'nkt-page-address'; // whom a reload must find again
const SERVERS = 'nkt-page-servers'; // of others, that the person has seen and joined
const DEBUG = /@debug$/;
const NICK_BYTES_MAX = 64; // as in core/src/wire/limits.h
const ROOM_BYTES_MAX = 256; // likewise

const store = {
  get(name) { try { return sessionStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { sessionStorage.setItem(name, value); } catch { /* blocked: ask again next time */ } },
  remove(name) { try { sessionStorage.removeItem(name); } catch { /* blocked */ } },
};

let arrive = () => {};
/** What is called around window.nkt.init(), once the room is loaded. */
const arrived = new Promise((resolve) => { arrive = resolve; });
/** The list of those kept here is as it is now. */
let listed = Promise.resolve();
let isTyped = false; // something, since the form was opened: the cursor stays where it is
let left = 0; // how often somebody left: what was begun before is not remembered after

/**
 * start({nick, debug, isAsked, isLed}) is called right before window.nkt.init(), done({isOther}) when the identity is there.
 * isAsked: the person pressed the button; isLed: a link came since; isOther: who was to come back after a reload is somebody else now.
 */
export function takeLogins(start, done) {
  arrive({ start, done });
}

export function setUpLogin() {
  straighten();
  $('login').addEventListener('submit', (event) => {
    event.preventDefault();
    logIn($('nick').value, { isAsked: true });
  });
  $('login').addEventListener('input', () => { isTyped = true; });
  $('room').addEventListener('input', showRoom);
  window.addEventListener('nktderiving', ({ detail }) => setText($('login-progress'), detail.state === 'started' ? texts.deriving : ''));
  setUpWho();
  $('login-insecure').hidden = window.isSecureContext;
  if (!window.isSecureContext) setText($('login-insecure'), texts.insecure);
  fill();
  listed = arrived.then(() => listKept(store.get(NAME)));
}

/**
 * Shows the form, or goes on without asking: to whoever comes back, or when the address says so.
 * @param {{after?: Promise<unknown>}} [options] after: the person left, and what is kept is whole then
 */
export function openLogin({ after } = {}) {
  const config = readConfig();
  const isKept = store.get(RESUME) === KEPT;
  if (!after && areServersKnown() && !isKept) {
    if (hasComeBack() && store.get(RESUME) && store.get(NICK)) return logIn(store.get(NICK), { isResumed: true });
    if (config.auto && config.nick) return logIn(config.nick);
  }
  if (after) listed = after.then(() => listKept(store.get(NAME)));
  isTyped = false;
  showForm();
  listed.then(showForm);
  return undefined;
}

/** Loaded anew, by the person or by a browser that had thrown the tab out of its memory; or gone back to. */
const hasComeBack = () => ['reload', 'back_forward'].includes(performance.getEntriesByType('navigation')[0]?.type) || document.wasDiscarded;

/** Those of others that the address names were shown, and joined. @param {string[]} [more] that were, in an earlier visit */
export const areServersKnown = (more = []) => foreignServers().every((url) => [...joined(), ...more].includes(url));

const joined = () => (store.get(SERVERS) ?? '').split(',');

/** A reload goes on without asking. */
export function joinServers() {
  store.set(SERVERS, [...new Set([...joined(), ...foreignServers()])].join());
}

function showForm() {
  if (!$('app').hidden) return; // somebody was quicker
  $('welcome').hidden = false;
  if (isTyped) return;
  const field = firstField();
  field.focus();
  field.select();
}

export function rememberNick(nick) {
  store.set(NICK, nick);
}

/** The person left on purpose: do not come back by yourself. */
export function forgetLogin() {
  left++;
  store.remove(RESUME);
  store.remove(ADDRESS);
}

/** Takes nick and room from the address of the page. */
export function fill() {
  $('nick').value = readConfig().nick ?? store.get(NICK) ?? '';
  fillRoom();
}

/** What of the form another fragment changes. */
export function fillRoom() {
  const config = readConfig();
  $('room').value = config.room ?? '';
  $('secret').value = config.secret ?? '';
  $('login-room').open = false;
  const foreign = foreignServers();
  $('login-servers').hidden = !foreign.length;
  setText($('login-servers'), foreign.length ? texts.foreignServers(foreign) : '');
  showRoom();
}

/** undefined: nothing of it is to be seen. @param {string} id of the field */
export const typedRoom = (id) => (isBlank($(id).value) ? undefined : $(id).value.trim());

function showRoom() {
  setText($('login-room-name'), typedRoom('room') ?? (readConfig().room === null ? texts.noRoom : texts.defaultRoom));
}

/** isAsked: by the person; isResumed: by a reload; neither: by the address of the page. */
async function logIn(text, { isAsked = false, isResumed = false } = {}) {
  const debug = DEBUG.test(text.trim());
  const nick = text.trim().replace(DEBUG, '').trim();
  const problem = checkNick(nick) ?? checkLength('room') ?? checkLength('secret') ?? (isAsked ? checkWho() : null);
  if (problem) return failLogin(problem.text, problem.id);
  const config = readConfig();
  const [servers, foreign] = [namedServers(), foreignServers()]; // another address may come meanwhile, whose servers nobody was shown
  const room = typedRoom('room') ?? (config.room === null ? null : undefined);
  const secret = (room !== null && $('secret').value) || undefined;
  const wasShown = isListShown();
  const visit = left;
  const link = location.href;
  busy(true);
  const slow = setTimeout(() => setText($('login-progress'), texts.partSlow), SLOW_MS);
  try {
    const { start, done } = await arrived;
    await listed;
    if (hasKept() && !isResumed && !(isAsked && wasShown)) throw new Error(texts.whoChoose); // not by accident somebody else
    const isLed = location.href !== link; // somewhere else, while this part of the page was on its way
    if (!isLed) setAddress({ room, secret, ...servers });
    start({ nick, debug, isAsked, isLed });
    const who = isResumed ? {} : await readWho();
    await begin({ ...config.init, ...who, nick, ...(room !== undefined && { room }), ...(secret && { secret }) });
    if (who.storage) store.set(NAME, who.storage.name);
    clearWho();
    clearProblem();
    if (visit === left) {
      const isOther = isResumed && ![null, window.nkt.mySwarm.address()].includes(store.get(ADDRESS));
      remember(text.trim(), who.storage, foreign);
      done({ isOther });
    }
  } catch (error) {
    failStart(error);
  }
  clearTimeout(slow);
  if ($('login-progress').textContent === texts.partSlow) setText($('login-progress'), '');
  busy(false);
  return undefined;
}

async function begin(config) {
  try {
    await window.nkt.init(config);
    await window.nkt.ready;
  } catch (error) {
    const { name, existing } = config.storage ?? {};
    if (name && !existing) await window.nkt.forgetKept(name).catch(() => {}); // nobody was made
    throw error;
  }
}

/** For the next load of this tab. */
function remember(nick, storage, foreign) {
  rememberNick(nick);
  store.set(RESUME, storage?.name ? KEPT : '1');
  store.set(ADDRESS, window.nkt.mySwarm.address());
  store.set(SERVERS, foreign.join());
}

const sizeOf = (text) => new TextEncoder().encode(text).length;

/** {id: the field, text: what is wrong with it}, or null. @param {string} nick */
export function checkNick(nick) {
  if (isBlank(nick)) return { id: 'nick', text: texts.nickMissing };
  return sizeOf(nick) > NICK_BYTES_MAX ? { id: 'nick', text: texts.nickLong } : null;
}

/** Why no room and no secret is called that, or ''. @param {string|null} [name] */
export const checkName = (name) => (sizeOf((name ?? '').trim().normalize('NFC')) > ROOM_BYTES_MAX ? texts.tooLong(ROOM_BYTES_MAX) : '');

function checkLength(id) {
  const text = checkName($(id).value);
  return text ? { id, text } : null;
}

const button = () => $('login').querySelector('button[type=submit]');

export const isJoining = () => button().disabled;

function busy(on) {
  button().disabled = on;
  setText(button(), on ? texts.joining : texts.join);
}

/** What nkt.init() was refused with. */
export const failStart = (error) => failLogin(error?.code ? texts.startFailed(wordsOf(error)) : wordsOf(error), fieldOf(error ?? {}));

/** Says why nothing was started, beside the field that it is about. */
export function failLogin(reason, id = '') {
  clearProblem();
  $('welcome').hidden = false;
  const field = $(id || 'nick');
  if (id) {
    (field.closest('.row') ?? field).after($('login-error'));
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', 'login-error');
    if (field.closest('details')) field.closest('details').open = true;
  }
  setText($('login-error'), reason);
  field.focus();
}

function clearProblem() {
  setText($('login-error'), '');
  $('login-progress').after($('login-error'));
  for (const field of $('login').querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

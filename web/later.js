// SPDX-License-Identifier: GPL-3.0-or-later
// Windows, and what shows contents: fetched when they are first wanted, so that a first visit does not wait for them. When the server is
// gone the service worker has them.

import { el } from './dom.js';
import { fetched } from './glue/fetched.js';
import { note } from './messages.js';
import { texts } from './texts.js';

/** Each by its name, so that the bundler knows what it is to make a file of. */
const WINDOWS = {
  calls: () => import('./calls.js'),
  files: () => import('./files.js'),
  menu: () => import('./menu.js'),
  search: () => import('./search.js'),
  settings: () => import('./settings.js'),
  swarm: () => import('./swarm.js'),
  verify: () => import('./verify.js'),
};

const AHEAD_MS = 5000;

/** @type {Map<string, Promise<any>>} */
const loaded = new Map();

/** Its rules, in the place they would have in index.html. */
function style(href) {
  return new Promise((resolve, reject) => {
    const link = el('link', { rel: 'stylesheet', href });
    link.onload = resolve;
    link.onerror = () => { link.remove(); reject(new Error(href)); };
    document.head.append(link);
  });
}

/** A failed try is tried again. @param {string} key @param {() => Promise<any>} begin */
function once(key, begin) {
  if (!loaded.has(key)) {
    loaded.set(key, begin());
    loaded.get(key).catch(() => loaded.delete(key));
  }
  return loaded.get(key);
}

const styleOf = (name) => once(`./${name}.css`, () => style(`./${name}.css`));

/** A window of the page by its name: NAME.js and NAME.css. @param {keyof typeof WINDOWS} name */
const load = (name) => once(name, () => Promise.all([fetched(WINDOWS[name]), styleOf(name)]).then(([module]) => module));

/** The same, and what hinders it is said. @param {keyof typeof WINDOWS} name */
async function loadAloud(name) {
  try {
    return await load(name);
  } catch (error) {
    note(texts.notFetched, 'error');
    throw error;
  }
}

/** Whoever pressed a button waits for no promise: what hinders a window is said, and not thrown. @param {keyof typeof WINDOWS} name */
async function open(name, act) {
  const module = await loadAloud(name).catch(() => null);
  if (module) act(module);
}

/**
 * Where no worker has them, as over plain http or where one takes long, they are fetched while nothing else happens: a server that dies is
 * to take nothing away. Their rules in any case: a browser looks at all of the page when some come, so they come before there are messages.
 */
export function fetchAhead() {
  const names = Object.keys(WINDOWS);
  const hasWorker = () => navigator.serviceWorker?.controller;
  const fetchAll = () => Promise.all(hasWorker() ? names.map(styleOf) : [...names.map(load),
    import('./glue/content_parts.js'), import('./glue/plugin_shared.js'), import('./lib/qr.mjs'), loadEmoji()]).catch(() => {});
  if (hasWorker()) fetchAll();
  setTimeout(() => (window.requestIdleCallback ?? setTimeout)(fetchAll), AHEAD_MS);
}

/** Emoji by name. */
export const loadEmoji = () => fetched(() => import('./emoji.js'));
/** Calls; whoever asks says what hinders it. */
export const loadCalls = () => load('calls');
/** What shows and sends contents; whoever asks says what hinders it, in its own place. */
export const loadFiles = () => load('files');
/** What a button at a message does, which is no answer. @param {import('./actions.js').Message} message @param {HTMLElement} button */
export const openMenu = (message, button) => open('menu', (module) => module.press(message, button));
export const openSwarm = () => open('swarm', (module) => module.openSwarm());
/** typed: what is searched for, or a date. @param {string} [typed] */
export const openSearch = (typed) => open('search', (module) => module.openSearch(typed));
export const openSettings = () => open('settings', (module) => module.openSettings());
export const openProfile = (addr) => open('verify', (module) => module.openProfile(addr));
export const openVerify = (addr) => open('verify', (module) => module.openVerify(addr));
/** Of what is typed in the form for it. */
export const saveIdentity = () => open('verify', (module) => module.saveIdentity());
export const verifyByNumber = async (addr, number) => (await loadAloud('verify')).verifyByNumber(addr, number);

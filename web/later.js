// SPDX-License-Identifier: GPL-3.0-or-later
// Windows that are fetched when they are first opened: a first visit does not wait for them. When the server is gone the service worker
// has them.

import { el } from './dom.js';
import { note } from './messages.js';
import { texts } from './texts.js';

/** Each by its name, so that the bundler knows what it is to make a file of. */
const WINDOWS = {
  settings: () => import('./settings.js'),
  swarm: () => import('./swarm.js'),
  verify: () => import('./verify.js'),
};

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

/** A window of the page by its name: NAME.js and NAME.css; a failed try is tried again. @param {keyof typeof WINDOWS} name */
async function load(name) {
  if (!loaded.has(name)) loaded.set(name, Promise.all([WINDOWS[name](), style(`./${name}.css`)]).then(([module]) => module));
  try {
    return await loaded.get(name);
  } catch (error) {
    loaded.delete(name);
    note(texts.notFetched(error.message), 'error');
    throw error;
  }
}

/** Whoever pressed a button waits for no promise: what hinders a window is said, and not thrown. @param {keyof typeof WINDOWS} name */
async function open(name, act) {
  const module = await load(name).catch(() => null);
  if (module) act(module);
}

export const openSwarm = () => open('swarm', (module) => module.openSwarm());
export const openSettings = () => open('settings', (module) => module.openSettings());
export const openVerify = (addr) => open('verify', (module) => module.openVerify(addr));
export const verifyByNumber = async (addr, number) => (await load('verify')).verifyByNumber(addr, number);

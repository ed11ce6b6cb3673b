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

export const openSwarm = async () => (await load('swarm')).openSwarm();
export const openSettings = async () => (await load('settings')).openSettings();
export const openVerify = async (addr) => (await load('verify')).openVerify(addr);
export const verifyByNumber = async (addr, number) => (await load('verify')).verifyByNumber(addr, number);

// SPDX-License-Identifier: GPL-3.0-or-later
// Windows that are fetched when they are first opened: a first visit does not wait for them. When the server is gone the service worker
// has them.

import { note } from './messages.js';
import { texts } from './texts.js';

/** @type {Map<string, Promise<any>>} */
const loaded = new Map();

/** A module of the page; a failed try is tried again. */
async function load(path) {
  if (!loaded.has(path)) loaded.set(path, import(path));
  try {
    return await loaded.get(path);
  } catch (error) {
    loaded.delete(path);
    note(texts.notFetched(error.message), 'error');
    throw error;
  }
}

export const openSwarm = async () => (await load('./swarm.js')).openSwarm();
export const openVerify = async (addr) => (await load('./verify.js')).openVerify(addr);
export const verifyByNumber = async (addr, number) => (await load('./verify.js')).verifyByNumber(addr, number);

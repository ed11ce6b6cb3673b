// SPDX-License-Identifier: GPL-3.0-or-later
/** Who is kept in this browser: what a person chooses from before anything is opened. */
import { forgetHeld } from './content_note.js';
import { NktError } from './errors.js';
import { idbDelete } from './idb.js';
import { ANSWER_MS, Patience } from './patience.js';
import { IdbPlace } from './store_idb.js';

/** Of the database of an identity, and of its lock. */
export const KEPT_PREFIX = 'nkt-kept-';

/** In localStorage: who is kept in the database of that name. */
export const aboutItem = (/** @type {string} */ database) => `nkt-about ${database}`;

/** Of the databases of rooms of the identity of that name; behind it come 32 digits. */
export const besidePrefix = (/** @type {string} */ name) => `nkt-room-${name}-`;

/** In localStorage: there is a database of that name. */
export const roomItem = (/** @type {string} */ database) => `nkt-room ${database}`;

/** Storage that does not answer in so many ms lists nothing; what is noted elsewhere is listed then. */
const LIST_MS = 1000;

/** @param {any} platform @returns {Promise<string[]|null>} names of databases; null: nobody says */
async function listed({ indexedDB, timers }) {
  const late = new Promise((resolve) => timers.setTimeout(() => resolve(null), LIST_MS));
  const list = await Promise.race([indexedDB?.databases?.().catch(() => null), late]);
  return list?.map(({ name }) => name ?? '') ?? null;
}

/** Names of what is kept in this browser. @param {any} platform @returns {Promise<string[]>} */
export async function keptNames({ indexedDB, local, timers }) {
  const databases = await listed({ indexedDB, timers }) ?? noted(local, aboutItem('')); // some browsers do not list them
  return databases.filter((name) => name.startsWith(KEPT_PREFIX)).map((name) => name.slice(KEPT_PREFIX.length)).sort();
}

/**
 * Who is kept in this browser, the last used first. What an older version stored is there under its name, without an address,
 * until it is opened.
 * @param {any} platform @returns {Promise<import('./types.d.ts').KeptIdentity[]>}
 */
export async function keptIdentities(platform) {
  const all = (await keptNames(platform)).map((name) => Object.freeze({ name, ...readAbout(platform.local, name) }));
  return all.sort((a, b) => b.usedAt - a.usedAt);
}

/** @param {Storage|null} local @param {string} prefix @returns {string[]} what is behind it in items that begin so */
function noted(local, prefix) {
  return Object.keys(local ?? {}).filter((item) => item.startsWith(prefix)).map((item) => item.slice(prefix.length));
}

/** A name that was made up, and calls nobody anything. */
const RANDOM = /^[0-9a-f]{32}$/;

/** @param {Storage|null} local @param {string} name */
function readAbout(local, name) {
  const label = RANDOM.test(name) ? '' : name;
  try {
    const { address, nick, usedAt } = JSON.parse(local?.getItem(aboutItem(KEPT_PREFIX + name)) ?? '{}');
    return { address: String(address ?? ''), nick: String(nick ?? label), usedAt: Number(usedAt) || 0 };
  } catch { // not ours
    return { address: '', nick: label, usedAt: 0 };
  }
}

/** Deletes a kept identity for good. @param {any} platform @param {string} name rejects with NKT_E_IN_USE, NKT_E_STORAGE */
export async function forgetKept(platform, name) {
  const { indexedDB, locks, local, timers } = platform;
  if (!indexedDB || !locks) return; // here nothing is kept in this way
  const database = KEPT_PREFIX + name;
  const forgetting = locks.request(database, { ifAvailable: true }, async (lock) => {
    if (lock === null) return false;
    await idbDelete(indexedDB, database);
    local?.removeItem(aboutItem(database));
    IdbPlace.dropRest(local, database);
    await forgetRooms(platform, name);
    await forgetHeld(platform, name).catch(() => {}); // sealed, and who could open it is gone
    return true;
  });
  const isFree = await new Patience(timers).wait(forgetting, ANSWER_MS).catch((error) => {
    throw new NktError('NKT_E_STORAGE', `the storage of this browser: ${error.message}`, { cause: error });
  });
  if (!isFree) throw new NktError('NKT_E_IN_USE', 'this identity is open in a tab: close it there first');
}

/** What was kept of the rooms of that identity, whose lock is held. @param {any} platform @param {string} name */
async function forgetRooms(platform, name) {
  const { indexedDB, local } = platform;
  const prefix = besidePrefix(name);
  const isOfIt = (/** @type {string} */ database) => database.startsWith(prefix) && /^[0-9a-f]{32}$/.test(database.slice(prefix.length));
  const all = new Set([...await listed(platform) ?? [], ...noted(local, roomItem(''))].filter(isOfIt));
  for (const database of all) {
    await idbDelete(indexedDB, database);
    local?.removeItem(roomItem(database));
    IdbPlace.dropRest(local, database);
    await forgetHeld(platform, name, database.slice(prefix.length)).catch(() => {});
  }
}

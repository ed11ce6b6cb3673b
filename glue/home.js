// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is kept of an identity beside what is of a room: its place, which was made first, and which rooms have one of their own beside it.
 */
import { SISTER_COUNT_MAX } from './constants.js';
import { NktError } from './errors.js';
import { bytesOf, hexOf } from './hex.js';
import { HOME_NAME, splitNotes } from './records.js';
import { IDENTITY_NAMES, makeStore } from './stores.js';

/** @typedef {import('./run.js').AnyStore} AnyStore */
/** @typedef {import('./run.js').Hands} Hands */
/** @typedef {Array<[string, Uint8Array]>} Records */

/** Of the name of a room's place, and of the proof that it was the key's owner who wrote it; in bytes. */
const NAME_SIZE = 16;

const encoder = new TextEncoder();

/** Records of the core that hold in all rooms. */
const COMMON_NAMES = Object.freeze(['pins', 'ignored']);

/**
 * @typedef {object} Home
 * @property {string} storage as storageText() has it
 * @property {AnyStore} store @property {Hands} hands of the core that has its records, if one has @property {() => void} onState
 * @property {Records|null} records as they were opened, until a core takes them
 * @property {Map<string, Uint8Array>} notes as they were opened
 * @property {string} room whose records these are for good, by the name of its place; '': of whichever one is in
 * @property {string} taken by the core in that room, '': by none
 * @property {any} crypto @property {Promise<void>} kept when what is below is written
 * @property {Map<string, string>} rooms what names a room, by the name of its place: those that have one of their own, the last used last
 */

/** Where that is, and who may open it: the same text for the same. @param {any} storage as config has it @param {any} platform */
export function storageText(storage, { hasTabs, isWorker }) {
  const { folder = null, name = '', passphrase = null } = Object(storage);
  if (storage === undefined) return JSON.stringify(hasTabs && !isWorker ? 'tab' : 'none');
  return JSON.stringify(typeof storage === 'string' ? storage : [folder, folder === null ? name : null, passphrase]);
}

/** @param {any} storage as config has it @param {{platform: any, derive: any}} parts @returns {Promise<Home>} */
export async function openHome(storage, { platform, derive }) {
  /** @type {Home} */
  const home = {
    storage: storageText(storage, platform), store: /** @type {any} */ (null), hands: { driver: null }, onState: () => {},
    records: null, notes: new Map(), room: '', taken: '', rooms: new Map(), crypto: platform.crypto, kept: Promise.resolve(),
  };
  home.store = await makeStore(storage, {
    platform, derive,
    onDurable: (ticket) => home.hands.driver?.durable(ticket),
    onState: () => home.onState(),
  });
  try {
    home.records = await home.store.open();
    home.notes = splitNotes(home.records).notes;
    await readHome(home, home.notes.get(HOME_NAME));
    home.notes.delete(HOME_NAME);
    return home;
  } catch (error) {
    await home.store.close();
    throw error;
  }
}

/**
 * @param {Home} home @param {string} place @param {Hands} hands @param {() => void} onState
 * @returns {Promise<{store: AnyStore, records: Records, seeds: Records}>}
 */
export async function takeHome(home, place, hands, onState) {
  const records = home.records ?? await home.store.reopen();
  Object.assign(home, { records: null, taken: place, hands, onState });
  return { store: home.store, records, seeds: [] };
}

/** @param {Home} home */
export function leaveHome(home) {
  Object.assign(home, { taken: '', hands: { driver: null }, onState: () => {} });
}

/** @param {Home} home @param {string} place @param {Hands} hands @param {() => void} onState */
export async function openBeside(home, place, hands, onState) {
  const { store: main } = home;
  home.records = null; // what is kept there from now on is newer
  const store = main.beside(place, {
    onDurable: (/** @type {number} */ ticket) => hands.driver?.durable(ticket),
    onState,
    onPut: (/** @type {string} */ name, /** @type {Uint8Array|null} */ bytes) => {
      if (COMMON_NAMES.includes(name)) main.keep(name, bytes); // as well as here
    },
  });
  const own = new Map(await store.open());
  const atHome = await main.rows().catch(async (/** @type {unknown} */ error) => {
    await store.close();
    throw error;
  });
  for (const name of COMMON_NAMES) {
    const bytes = atHome.get(name);
    if (bytes === undefined) own.delete(name);
    else own.set(name, bytes);
  }
  const seeds = /** @type {Records} */ ([...atHome].filter(([name]) => IDENTITY_NAMES.includes(name)));
  return { store, records: /** @type {Records} */ ([...own]), seeds };
}

/**
 * What the place of a room is called: who has not the key learns nothing from it.
 * @param {AnyStore} store @param {Record<string, any>} config @param {any} crypto @returns {Promise<string>}
 */
export async function placeOf({ key }, { room, secret }, crypto) {
  const label = `room ${JSON.stringify([room, secret])}`;
  return key === null || !crypto?.subtle ? label : hexOf(await tagOf(key, label, crypto)); // in memory alone, where there is no WebCrypto
}

/** @param {Uint8Array} key @param {string} label @param {any} crypto @returns {Promise<Uint8Array>} of NAME_SIZE */
async function tagOf(key, label, { subtle }) {
  const hmac = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', hmac, encoder.encode(`nkt ${label}`))).subarray(0, NAME_SIZE);
}

/**
 * The proof, the name of the home's room, and of each room that has a place its name and what names it.
 * @param {Home} home @param {Uint8Array|undefined} bytes none: not bound to a room; damaged ones are as none
 */
async function readHome(home, bytes) {
  const { store: { key }, crypto } = home;
  if (bytes === undefined || key === null || !crypto?.subtle) return;
  const [proof, ...names] = hexOf(bytes).match(/.{32}/g) ?? [];
  if (names.length % 2 !== 1 || proof !== hexOf(await tagOf(key, `home ${names.join(' ')}`, crypto))) return;
  [home.room] = names;
  for (let i = 1; i < names.length; i += 2) home.rooms.set(names[i], names[i + 1]);
}

/**
 * Its records are those of the room it is in, from now on. @param {Home} home @param {string} roomId
 * @returns {Promise<void>} rejects with NKT_E_STORAGE: that cannot be kept, and so nothing may be stored beside it
 */
export async function bindHome(home, roomId) {
  home.room = home.taken;
  noteRoom(home, home.taken, roomId, () => true);
  try {
    await home.kept;
    await home.store.settle();
  } catch (error) {
    home.room = '';
    home.rooms.clear();
    home.store.keep(HOME_NAME, null);
    throw error;
  }
}

/**
 * At most as many are known as a core takes: of those that are not open the one entered longest ago is forgotten.
 * @param {Home} home @param {string} place @param {string} roomId what names its room
 * @param {(place: string) => boolean} isOpen those stay known
 */
export function noteRoom(home, place, roomId, isOpen) {
  const { rooms } = home;
  if ([...rooms].at(-1)?.join() === [place, roomId].join()) return;
  rooms.delete(place);
  rooms.set(place, roomId);
  for (const old of rooms.keys()) if (rooms.size > SISTER_COUNT_MAX && old !== home.room && !isOpen(old)) rooms.delete(old);
  home.kept = keepHome(home);
}

/** @param {Home} home */
async function keepHome({ store, room, rooms, crypto }) {
  if (store.key === null || !crypto?.subtle) return;
  const names = [room, ...[...rooms].flat()];
  const proof = await tagOf(store.key, `home ${names.join(' ')}`, crypto);
  await store.keep(HOME_NAME, bytesOf(hexOf(proof) + names.join('')));
}

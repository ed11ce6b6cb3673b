// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Checks what init() is given, key by key, so that an error names the key.
 */
import { editDistance } from './distance.js';
import { NktError } from './errors.js';
import { shownNick } from './fold.js';
import { checkFunction, isOptions, orRefuse, readOnce } from './given.js';
import { tagOf } from './json.js';
import { NICK_SIZE_MAX, PASSPHRASE_SIZE_MAX, ROOM_SIZE_MAX, RTC_LIVE_COUNT_MAX, URL_COUNT_MAX, URL_SIZE_MAX } from './constants.js';

const encoder = new TextEncoder();

/** What init() takes for keys that nobody gave. */
export const DEFAULTS = Object.freeze({
  nick: '', room: 'nkt', secret: null, relays: [], trackers: [], iceServers: [], verbose: false, linkCountMax: 0,
  history: true, keeper: false, identity: null,
});

/** Of the path of a folder, in bytes. */
const FOLDER_SIZE_MAX = 4096;

/** @type {Record<string, (value: any, key: string) => any>} returns the value in its final form */
const KEYS = {
  nick,
  room: nameOrNull(ROOM_SIZE_MAX),
  secret: (value, key) => nameOrNull(ROOM_SIZE_MAX)(value, key) || null, // an empty one is none, as in the page
  relays: urls,
  trackers: urls,
  iceServers: list, // each entry is checked by ice.js: a bad one costs only itself
  storage,
  identity,
  history: flag,
  keeper: flag,
  verbose: flag,
  linkCountMax: linkCount,
  contentQuota: byteCount,
  wasm: wasmSource,
  WebSocket: constructorOrNull,
  RTCPeerConnection: constructorOrNull,
};

/** @param {unknown} value @returns {string} as init() would take it; throws NKT_E_OPTIONS */
export function checkPassphrase(value) {
  return passphrase(value, 'passphrase');
}

/**
 * @param {any} config
 * @param {string} [where] what to call it in an error
 * @returns {Record<string, any>} as it is now, all of it, with what a class has
 */
export function readConfig(config, where = 'config') {
  if (config === undefined) return {};
  return orRefuse('NKT_E_OPTIONS', where, () => {
    const known = Object.keys(KEYS);
    if (isOptions(config, known)) return readOnce(config, known);
    throw new NktError('NKT_E_OPTIONS', `${where} is not an object${tagOf(config) === 'Promise' ? ', but a promise: await it' : ''}`);
  });
}

/**
 * @param {any} config
 * @param {string} [where] what to call it in an error
 * @returns {Record<string, any>} with the keys that were given
 */
export function checkConfig(config, where = 'config') {
  const checked = {};
  for (const [key, value] of Object.entries(readConfig(config, where))) {
    if (!Object.hasOwn(KEYS, key)) throw new NktError('NKT_E_OPTIONS', `${where}: unknown key ${quote(key)}${hint(key)}`);
    const name = `${where}.${key}`;
    if (value !== undefined) checked[key] = orRefuse('NKT_E_OPTIONS', name, () => KEYS[key](value, name));
  }
  return checked;
}

/** What belongs to the identity, and so is the same in all rooms. */
const OF_IDENTITY = ['storage', 'identity', 'keeper'];

/**
 * @param {any} place as enter() is given it @param {any} prepare
 * @returns {{asked: Record<string, any>, checked: Record<string, any>}} what was given, undefined as well; and as init() would take it
 */
export function checkPlace(place, prepare) {
  const asked = readConfig(place, 'enter');
  const checked = checkConfig(asked, 'enter');
  const shared = OF_IDENTITY.find((key) => key in checked);
  if (shared) throw new NktError('NKT_E_OPTIONS', `enter: ${shared} is that of init(), in all rooms`);
  checkFunction('enter: prepare', prepare);
  return { asked, checked };
}

/**
 * Which room is meant: without one that of `here`. A secret is of its room.
 * @param {Record<string, any>} place checked @param {Record<string, any>} here
 * @returns {{room: string|null, secret: string|null}}
 */
export function roomOf({ room, secret }, here) {
  if (room !== undefined) return { room, secret: secret ?? null };
  return { room: here.room, secret: secret === undefined ? here.secret : secret };
}

/**
 * Nobody can be reached through servers without WebSockets, which Node has from 22 on; who wants none says so.
 * @param {Record<string, any>} config in force @param {Record<string, any>} given as init() was called
 */
export function checkSockets(config, given) {
  if (config.WebSocket || given.WebSocket === null || config.relays.length + config.trackers.length === 0) return;
  throw new NktError('NKT_E_OPTIONS', 'config.relays and config.trackers are servers to connect to, but there is no WebSocket here. '
    + "In Node: import { nodeConfig } from 'nkt/node' and init({ ..., ...(await nodeConfig()) }); config.WebSocket: null goes without");
}

/** @param {any} value @param {string} key */
function refuse(value, key, wanted) {
  throw new NktError('NKT_E_OPTIONS', `${key}${key.endsWith('secret') ? '' : ` is ${quote(value)}`}: ${wanted} is wanted`);
}

/** Halves of signs, which UTF-8 has not. @param {string} text */
export const hasHalves = (text) => /[\ud800-\udfff]/u.test(text);

/** @param {number} sizeMax in bytes of UTF-8 @param {number} [sizeMin] */
function text(sizeMax, sizeMin = 0) {
  return (value, key) => {
    if (typeof value !== 'string' || value.length < sizeMin) refuse(value, key, 'text');
    if (value.includes('\0')) refuse(value, key, 'text without NUL');
    if (hasHalves(value)) refuse(value, key, 'text without halves of signs');
    if (encoder.encode(value).length > sizeMax) refuse(value, key, `text of at most ${sizeMax} bytes`);
    return value;
  };
}

/** @param {any} value @param {string} key */
function nick(value, key) {
  const checked = text(NICK_SIZE_MAX)(value, key);
  if (checked !== '' && shownNick(checked) === '') refuse(value, key, 'a nick of which something can be seen');
  return checked;
}

/**
 * A room or its secret: what looks the same is the same. One keyboard writes é as one sign, another as two; here, for the page, programs
 * and the terminal alike, both become one (NFC) before the core makes a network of it.
 * @param {number} sizeMax
 */
function nameOrNull(sizeMax) {
  const check = text(sizeMax);
  return (value, key) => (value === null ? null : check(typeof value === 'string' ? value.normalize('NFC') : value, key));
}

/** @param {any} value @param {string} key @returns {any[]} */
function list(value, key) {
  if (!Array.isArray(value)) refuse(value, key, 'a list');
  return [...value];
}

/** @param {any} value @param {string} key @returns {string[]} */
function urls(value, key) {
  const checked = [...new Set(list(value, key).map((url, i) => webSocketUrl(url, `${key}[${i}]`)))];
  if (checked.length > URL_COUNT_MAX) refuse(value, key, `a list of at most ${URL_COUNT_MAX}`);
  return checked;
}

/** As URLs are written: others, such as WS://, with spaces around or letters beyond ASCII, mean one that is. */
const PLAIN_URL = /^wss?:\/\/[!-~]+$/;

/** @param {any} value @param {string} key @returns {string} */
function webSocketUrl(value, key) {
  const parsed = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (parsed === null || !/^wss?:$/.test(parsed.protocol) || parsed.hash !== '' || value.includes('\0') || hasHalves(value)) {
    refuse(value, key, 'a ws:// or wss:// URL');
  }
  const url = PLAIN_URL.test(value) ? value : /** @type {URL} */ (parsed).href; // the core takes no other
  if (url.length > URL_SIZE_MAX) refuse(value, key, `a URL of at most ${URL_SIZE_MAX} bytes`);
  return url;
}

/** What storage may be as an object: {passphrase, name?, existing?} in a browser, {folder, passphrase?} in Node. */
const STORAGE_KEYS = { passphrase, name: text(NICK_SIZE_MAX), existing: flag, folder: text(FOLDER_SIZE_MAX, 1) };

/** @param {any} value @param {string} key */
function storage(value, key) {
  if (value === 'tab' || value === 'none') return value;
  const given = value !== null && typeof value === 'object' ? readOnce(value, Object.keys(STORAGE_KEYS)) : {};
  const keys = Object.keys(given);
  const isGood = keys.every((one) => Object.hasOwn(STORAGE_KEYS, one))
    && (keys.includes('folder') ? !keys.includes('name') && !keys.includes('existing') : keys.includes('passphrase'));
  if (keys.length === 0 || !isGood) throw new NktError('NKT_E_OPTIONS', `${key}: 'tab', 'none', {passphrase} or {folder} is wanted`);
  return Object.fromEntries(keys.filter((one) => given[one] !== undefined)
    .map((one) => [one, STORAGE_KEYS[one](given[one], `${key}.${one}`)]));
}

/** Never shown in an error. @param {any} value @param {string} key */
function passphrase(value, key) {
  const size = typeof value === 'string' ? encoder.encode(value.normalize('NFC')).length : 0;
  if (size > 0 && size <= PASSPHRASE_SIZE_MAX) return value;
  throw new NktError('NKT_E_OPTIONS', `${key}: text of 1 to ${PASSPHRASE_SIZE_MAX} bytes is wanted`);
}

/** @param {any} value @param {string} key */
function identity(value, key) {
  if (value === null) return null;
  const given = typeof value === 'object' ? readOnce(value, ['file', 'passphrase']) : {};
  const isGood = Object.keys(given).sort().join() === 'file,passphrase' && typeof given.file === 'string';
  if (!isGood) throw new NktError('NKT_E_OPTIONS', `${key}: {file, passphrase} is wanted, or null`);
  return { file: given.file, passphrase: passphrase(given.passphrase, `${key}.passphrase`) };
}

/** @param {any} value @param {string} key */
function flag(value, key) {
  if (typeof value !== 'boolean') refuse(value, key, 'true or false');
  return value;
}

/** @param {any} value @param {string} key */
function linkCount(value, key) {
  if (!Number.isInteger(value) || value < 0 || value > RTC_LIVE_COUNT_MAX) {
    refuse(value, key, `a whole number from 0 to ${RTC_LIVE_COUNT_MAX}`);
  }
  return value;
}

/** @param {any} value @param {string} key */
function byteCount(value, key) {
  if (!Number.isSafeInteger(value) || value < 0) refuse(value, key, 'a whole number of bytes');
  return value;
}

/** @param {any} value @param {string} key */
function wasmSource(value, key) {
  const isSource = value instanceof URL || value instanceof WebAssembly.Module || value instanceof ArrayBuffer
    || ArrayBuffer.isView(value) || (typeof value === 'string' && value !== '');
  if (!isSource) refuse(value, key, 'a URL, the bytes or a WebAssembly.Module');
  return value;
}

/** @param {any} value @param {string} key */
function constructorOrNull(value, key) {
  if (value !== null && typeof value !== 'function') refuse(value, key, 'a constructor or null');
  return value;
}

/** @param {any} value @returns {string} short enough for a message */
function quote(value) {
  let shown;
  try {
    shown = (typeof value === 'number' ? null : JSON.stringify(value)) ?? String(value); // NaN would be null
  } catch {
    shown = typeof value;
  }
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
}

/** @param {string} key @returns {string} */
function hint(key) {
  const [distance, nearest] = Object.keys(KEYS)
    .map((known) => /** @type {[number, string]} */ ([editDistance(key.slice(0, 40).toLowerCase(), known.toLowerCase()), known]))
    .reduce((best, next) => (next[0] < best[0] ? next : best));
  return distance <= 3 ? ` (did you mean ${nearest}?)` : ` (known: ${Object.keys(KEYS).join(', ')})`;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What the person set for this browser, other than what the server says: relays, trackers, STUN and TURN servers, whether
// messages are kept.

const ITEM = 'nkt.choices';
const UNASKED = 'nkt.unasked';
const PRESENCE = 'nkt.presence';
const LANGUAGE = 'nkt.language'; // read by check.js

/** Up to which size pictures may be fetched unasked, in bytes; the first is as long as nobody chooses. */
export const UNASKED_SIZES = [0, 1e6, 10e6];

const isText = (value) => typeof value === 'string';
const isServer = (value) => isText(value?.urls);

/** What a good value of each looks like; whatever is not there is as the server says. */
const KINDS = {
  relays: (value) => Array.isArray(value) && value.every(isText),
  trackers: (value) => Array.isArray(value) && value.every(isText),
  iceServers: (value) => Array.isArray(value) && value.every(isServer),
  history: (value) => value === false,
  contentQuota: (value) => Number.isSafeInteger(value) && value > 0,
};

/** What this browser did not take: in force as long as the page. @type {Map<string, string>} */
const unkept = new Map();

/** '' if it is not there. @param {string} name */
function readItem(name) {
  if (unkept.has(name)) return unkept.get(name);
  try {
    return localStorage.getItem(name) ?? '';
  } catch {
    return ''; // blocked
  }
}

/** False if the browser does not keep it. @param {string} name @param {string} value '' is as it is without */
function keepItem(name, value) {
  unkept.delete(name);
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
    return true;
  } catch {
    unkept.set(name, value);
    return !value;
  }
}

/** {relays?, trackers?, iceServers?, history?, contentQuota?}, as nkt.init() takes them. */
export function readChoices() {
  try {
    const kept = JSON.parse(readItem(ITEM) || '{}') ?? {};
    return Object.fromEntries(Object.entries(KINDS).filter(([name, isGood]) => isGood(kept[name])).map(([name]) => [name, kept[name]]));
  } catch {
    return {}; // not ours
  }
}

/** False if the browser does not keep it. */
export const keepChoices = (choices) => keepItem(ITEM,
  Object.values(choices).every((value) => value === undefined) ? '' : JSON.stringify(choices));

/** One of texts.js' LANGUAGES, or '' as the browser says. */
export const readLanguage = () => readItem(LANGUAGE);

/** False if the browser does not keep it. @param {string} language */
export const keepLanguage = (language) => keepItem(LANGUAGE, language);

/** One of UNASKED_SIZES. */
export function readUnasked() {
  const size = Number(readItem(UNASKED));
  return UNASKED_SIZES.includes(size) ? size : 0;
}

/** False if the browser does not keep it. @param {number} size */
export const keepUnasked = (size) => keepItem(UNASKED, size ? String(size) : '');

/** Are lines wanted about who comes and goes? */
export const readPresence = () => readItem(PRESENCE) === '1';

/** False if the browser does not keep it. @param {boolean} isWanted */
export const keepPresence = (isWanted) => keepItem(PRESENCE, isWanted ? '1' : '');

/** One URL a line. Throws, with the line, at what is none. */
export function parseUrls(text) {
  return lines(text).map((line) => {
    if (!URL.canParse(line) || !/^wss?:$/.test(new URL(line).protocol)) throw new Error(line);
    return line;
  });
}

/** `stun:HOST:PORT` or `turn:HOST:PORT NAME PASSWORD`, one a line. Throws, with the line, at what is neither. */
export function parseServers(text) {
  return lines(text).map((line) => {
    const [urls, username, credential, ...more] = line.split(/\s+/);
    const isTurn = /^turns?:/.test(urls);
    if (!/^(stun|turn)s?:[^:]/.test(urls) || more.length || (isTurn ? !credential : username)) throw new Error(line);
    return isTurn ? { urls, username, credential } : { urls };
  });
}

/** The reverse. */
export const formatServers = (servers) => servers
  .flatMap(({ urls, username, credential }) => [urls].flat().map((url) => [url, username, credential].filter(Boolean).join(' ')))
  .join('\n');

const lines = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);

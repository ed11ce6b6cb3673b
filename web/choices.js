// SPDX-License-Identifier: GPL-3.0-or-later
// What the person set for this browser, other than what the server says: relays, trackers, STUN and TURN servers, whether
// messages are kept.

const ITEM = 'nkt.choices';

const isText = (value) => typeof value === 'string';
const isServer = (value) => isText(value?.urls);

/** What a good value of each looks like; whatever is not there is as the server says. */
const KINDS = {
  relays: (value) => Array.isArray(value) && value.every(isText),
  trackers: (value) => Array.isArray(value) && value.every(isText),
  iceServers: (value) => Array.isArray(value) && value.every(isServer),
  history: (value) => value === false,
};

/** {relays?, trackers?, iceServers?, history?}, as nkt.init() takes them. */
export function readChoices() {
  try {
    const kept = JSON.parse(localStorage.getItem(ITEM)) ?? {};
    return Object.fromEntries(Object.entries(KINDS).filter(([name, isGood]) => isGood(kept[name])).map(([name]) => [name, kept[name]]));
  } catch {
    return {}; // blocked, or not ours
  }
}

/** False if the browser does not keep it. */
export function keepChoices(choices) {
  try {
    if (Object.values(choices).every((value) => value === undefined)) localStorage.removeItem(ITEM);
    else localStorage.setItem(ITEM, JSON.stringify(choices));
    return true;
  } catch {
    return false;
  }
}

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

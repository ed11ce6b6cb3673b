// SPDX-License-Identifier: GPL-3.0-or-later
// What a server tells its operator, a line each: on standard output, and on standard error what ends it.
//   NKT_LOG   plain: `nkt relay: words`, for who reads along, and for systemd and containers, which add the time themselves
//             time: the time (ISO 8601, UTC) and the level before it
//             json: {"time","level","server","text"}, and "url" and "pid" of the one that says where it is
// What strangers choose comes in printable ASCII and in no line of its own (refusals.js).

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** @typedef {'plain' | 'time' | 'json'} Format */
/** @typedef {(text: string, more?: Record<string, unknown>) => void} Say */
/** @typedef {{info: Say, warn: Say, error: Say, passOn: (line: string) => void}} Log passOn: a line as it is, of another one */

const FORMATS = ['plain', 'time', 'json'];

/** @param {string} [text] of NKT_LOG @returns {Format} @throws {Error} it names none */
export function readFormat(text = '') {
  const format = text || 'plain';
  if (!FORMATS.includes(format)) throw new Error(`NKT_LOG: ${text} is to be one of ${FORMATS.join(', ')}`);
  return /** @type {Format} */ (format);
}

/** The same of who has to go on with a wrong one. @param {Record<string, string | undefined>} env @returns {Format} */
export const formatOf = ({ NKT_LOG }) => /** @type {Format} */ (FORMATS.find((one) => one === NKT_LOG?.trim()) ?? 'plain');

/** A URL without what may be a password in it: errors are logged. @param {string} url */
export const withoutSecrets = (url) => url.replace(/^([a-z][a-z0-9+.-]*:(?:\/\/)?)?.*@/i, '$1…@');

/** @param {string} text */
const oneLine = (text) => text.replace(/[\r\n]+/g, ' ');

/** @type {Record<Format, (date: Date, level: string, server: string, text: string, more: object) => string>} */
const lines = {
  plain: (_date, _level, server, text) => `nkt ${server}: ${oneLine(text)}`,
  time: (date, level, server, text) => `${date.toISOString()} ${level} nkt ${server}: ${oneLine(text)}`,
  json: (date, level, server, text, more) => JSON.stringify({ time: date.toISOString(), level, server, text, ...more }),
};

/**
 * Where to write so that a reader who does not read holds nobody up: a file of its own for the same pipe or terminal, so that whoever
 * shares that one with us (a shell, a child) does not have to know. Of a socket there is none; what node calls standard output is
 * like that, once it was looked at.
 * @param {1 | 2} fd
 */
function unwaiting(fd) {
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    if (isatty(fd) || fstatSync(fd).isFIFO()) return openSync(`/proc/self/fd/${fd}`, flags);
  } catch {
    // not Linux, or somebody else's terminal
  }
  void (fd === 1 ? process.stdout : process.stderr);
  return fd;
}

/**
 * One that cannot be written, on a full disk, since nobody reads any more, or as the reader stalls and some 64 KiB wait for him, is lost
 * and ends nobody and holds nobody, and the next one is tried again. console.log() ends the process then, and a stranger whose page is
 * refused makes it say something.
 * @param {1 | 2} fd @param {(fd: 1 | 2) => number} [open] @returns {(line: string) => boolean} false: it is lost
 */
function writer(fd, open = unwaiting) {
  /** @type {number | undefined} */
  let to;
  return (line) => {
    try {
      to ??= open(fd);
      writeSync(to, `${line}\n`);
      return true;
    } catch {
      return false; // there is nobody to be told
    }
  };
}

/** A line on standard output of a tool, which waits for its reader. */
export const say = writer(1, (fd) => fd);
/** The same of a server. */
export const pass = writer(1);

/**
 * @param {'relay' | 'tracker' | 'serve' | 'tools' | 'NATS'} server @param {Format} [format]
 * @param {{out?: (line: string) => boolean | void, error?: (line: string) => boolean | void, now?: () => Date}} [to] for tests
 * @returns {Log}
 */
export function makeLog(server, format = 'plain', { out = pass, error = writer(2), now = () => new Date() } = {}) {
  let lostCount = 0;
  const put = (write, level, text, more = {}) => write(lines[format](now(), level, server, text, more)) !== false;
  const counted = (write, one) => {
    if (lostCount > 0 && put(write, 'warn', `${lostCount} lines before this one are lost: nobody took them`)) lostCount = 0;
    if (lostCount > 0 || !one()) lostCount += 1;
  };
  const line = (level, write) => (text, more) => counted(write, () => put(write, level, text, more));
  const passOn = (text) => counted(out, () => out(text) !== false);
  return { info: line('info', out), warn: line('warn', out), error: line('error', error), passOn };
}

/** Characters of them: a setting may be a whole file by mistake. */
const LAST_WORDS_MAX = 1000;

/** The last words of one that does not start. @param {'relay' | 'tracker'} server @param {Error} error */
export function failed(server, error) {
  makeLog(server, formatOf(process.env)).error(`FAILED: ${error.message.slice(0, LAST_WORDS_MAX)}`);
}

/** The variable of servers that one of our own processes starts: they end with it, by whatever it ends (listen.js). */
export const TIED = 'NKT_TIED';

/** The line by which one says that it is there. @param {Log} log @param {string} url */
export const sayStarted = (log, url) => log.info(`${url} pid ${process.pid}`, { url, pid: process.pid });

/** What such a line says, in whatever format. @param {string} line @returns {{url: string, pid: number} | null} */
export function readStarted(line) {
  const found = /^(?:\S+Z info )?nkt \w+: (\S+) pid (\d+)$/.exec(line);
  if (found) return { url: found[1], pid: Number(found[2]) };
  try {
    const { url, pid } = JSON.parse(line);
    return typeof url === 'string' && typeof pid === 'number' ? { url, pid } : null;
  } catch {
    return null;
  }
}

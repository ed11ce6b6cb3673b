// SPDX-License-Identifier: GPL-3.0-or-later
// Rules for C. They read text, not syntax: comments and strings are blanked out first, and functions
// are found by the project's format (a brace alone in the first column opens, one closes).

import { isRoom, levelOf, roomOf } from './rooms.mjs';

/** @typedef {import('./tidy.mjs').Source} Source */
/** @typedef {{line: number, what: string}} Remark */

const functionLinesMax = 70;

/** What the core must not call: clocks, entropy, printing, files, processes, unbounded strings. */
const bannedCalls = [
  'time',
  'clock',
  'gettimeofday',
  'clock_gettime',
  'localtime',
  'gmtime',
  'sleep',
  'usleep',
  'nanosleep',
  'rand',
  'srand',
  'random',
  'srandom',
  'getrandom',
  'getentropy',
  'arc4random',
  'printf',
  'fprintf',
  'vprintf',
  'vfprintf',
  'puts',
  'putchar',
  'fputs',
  'perror',
  'fopen',
  'open',
  'read',
  'write',
  'socket',
  'getenv',
  'system',
  'signal',
  'raise',
  'exit',
  'abort',
  'pthread_create',
  'setjmp',
  'longjmp',
  'alloca',
  'sprintf',
  'vsprintf',
  'strcpy',
  'strcat',
  'strtok',
  'gets',
  'scanf',
  'sscanf',
  'atoi',
  'atol',
  'atof',
];
const bannedCall = new RegExp(`(?<![\\w.>])(${bannedCalls.join('|')})\\s*\\(`, 'g');

/**
 * The text with comments, strings and characters blanked, line breaks kept.
 * @param {string} text
 */
export function blank(text) {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
  return text.replace(token, (found) => found.replace(/[^\n]/g, ' '));
}

/** @param {string} text @param {number} index */
const lineAt = (text, index) => text.slice(0, index).split('\n').length;

/** @param {Source} source @returns {Remark[]} */
export function cCalls({ text }) {
  const code = blank(text);
  return [...code.matchAll(bannedCall)].map((found) => ({
    line: lineAt(code, found.index),
    what: `${found[1]}() is banned in core: a fact for the host to give, or an unbounded call`,
  }));
}

/**
 * Variables that outlive a call and can change: at file level or `static` within a function.
 * @param {Source} source
 * @returns {Remark[]}
 */
export function cMutableStatics({ text }) {
  const code = blank(text);
  const remarks = [];
  for (const found of code.matchAll(/^[ \t]*static\b([^;{}]*?)([;={])/gm)) {
    const [, declaration] = found;
    if (found[2] !== '=' && declaration.includes('(')) continue; // a function
    const beforeName = declaration.replace(/\w+\s*(\[[^\]]*\]\s*)*$/, '').trim();
    // Constant: `const T name`, or a pointer that is itself const.
    const isConst = beforeName.includes('*')
      ? /\*\s*const\s*$/.test(beforeName)
      : /\bconst\b/.test(beforeName);
    if (!isConst)
      remarks.push({ line: lineAt(code, found.index), what: 'a mutable static: state belongs to nkt_core' });
  }
  return remarks;
}

/** Headers that one room alone may include. */
const guarded = [
  {
    room: 'session', // libsignal's
    header:
      /^(signal_|session_|group_|key_helper|curve|ratchet|protocol|fingerprint|sender_key|hkdf|device_)\w*\.h$/,
  },
  { room: null, header: /^(time|sys\/.*|unistd|fcntl|pthread|threads|signal|setjmp|locale)\.h$/ },
];

/** @param {Source} source @returns {Remark[]} */
export function cIncludes({ path, lines }) {
  const inside = path.replace(/^core\/(src|include)\//, '');
  const remarks = [];
  lines.forEach((text, i) => {
    const found = /^\s*#\s*include\s+([<"])([^>"]+)[>"]/.exec(text);
    if (!found) return;
    const what = includeRemark(inside, found[2], found[1] === '"');
    if (what) remarks.push({ line: i + 1, what });
  });
  return remarks;
}

/**
 * @param {string} file relative to core/src
 * @param {string} header
 * @param {boolean} isQuoted
 * @returns {string | undefined}
 */
function includeRemark(file, header, isQuoted) {
  const room = roomOf(file);
  for (const rule of guarded) {
    if (rule.header.test(header) && (rule.room === null || rule.room !== room)) {
      if (rule.room !== null && isQuoted) continue; // our own header of that name
      return rule.room ? `only ${rule.room}/ includes <${header}>` : `<${header}> is banned in core`;
    }
  }
  const target = roomOf(header);
  if (!isQuoted || target === undefined || target === room) return undefined;
  if (header.startsWith('../')) return 'an include path that climbs: name the room instead';
  if (!isRoom(target)) return `no such room: ${target}`;
  if (levelOf(header) < levelOf(file)) return undefined;
  return `${room ?? 'core'} must not include ${target}/: includes point downward`;
}

/** @param {Source} source @returns {Remark[]} */
export function cFunctions({ text, path }) {
  if (!path.endsWith('.c')) return [];
  const remarks = [];
  let start = 0;
  blank(text)
    .split('\n')
    .forEach((line, i) => {
      if (line.startsWith('{')) start = i + 1;
      if (!line.startsWith('}') || start === 0) return;
      const count = i - start;
      if (count > functionLinesMax) {
        remarks.push({ line: start, what: `a function of ${count} lines, more than ${functionLinesMax}` });
      }
      start = 0;
    });
  return remarks;
}

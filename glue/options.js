// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Options of calls. One that is passed over in silence is no small thing: without `to` a message goes to everybody.
 */
import { NktError } from './errors.js';
import { isOptions, orRefuse, readOnce } from './given.js';
import { platformHere } from './platform.js';

/** Of a name that is told, in letters. */
const NAME_SHOWN_MAX = 40;

/** What timers take, in ms. */
const TIMEOUT_MS_MAX = 0x7fffffff;

/** By call. */
const KNOWN = {
  send: ['to', 'bytes', 'signal', 'onProgress'],
  share: ['to', 'name', 'type', 'thumbnail', 'sealed', 'signal', 'onProgress'],
  fetch: ['signal', 'onProgress'],
  stream: ['start', 'end'],
  peer: ['timeout', 'signal'],
  startWebRTCClient: ['timeout', 'signal'],
  rpc: ['timeout', 'signal'],
  invite: ['signal'],
  acceptInvite: ['signal'],
  history: ['count'],
  nodeConfig: ['webrtc'],
};

/** @type {Record<string, (value: any) => string|null>} what is wanted instead */
const WANTED = {
  signal: (value) => (isSignal(value) ? null : `an AbortSignal${typeof value?.abort === 'function' ? ', which is controller.signal' : ''}`),
  onProgress: (value) => (typeof value === 'function' ? null : 'a function'),
  webrtc: (value) => (typeof value === 'boolean' ? null : 'true or false'),
  timeout: (value) => (Number.isFinite(value) && value >= 0 && value <= TIMEOUT_MS_MAX ? null : 'a number of milliseconds'),
};

/**
 * @template {object} T @param {keyof typeof KNOWN | 'new Nkt()'} call @param {T} [options] @param {string[]} [known] what it takes
 * @returns {T} what was given, by options that nobody changes any more; nothing: no options
 * @throws {NktError} NKT_E_ARGUMENT: no object, a key that the call does not know, or something else than what is wanted there
 */
export function optionsOf(call, options, known = KNOWN[call]) {
  if (options === undefined) return /** @type {T} */ ({});
  return orRefuse('NKT_E_ARGUMENT', `${call}: options`, () => checked(call, options, known));
}

/**
 * What is for init() would be passed over in silence here.
 * @param {Partial<import('./platform.js').Platform>} parts that replace what is found; one that is undefined does not
 * @returns {import('./platform.js').Platform}
 */
export function platformWith(parts) {
  const here = platformHere();
  const given = optionsOf('new Nkt()', parts, Object.keys(here));
  for (const key in given) if (given[key] !== undefined) here[key] = given[key];
  return here;
}

/** @param {string} call @param {any} options @param {string[]} known @returns {any} */
function checked(call, options, known) {
  if (!isOptions(options, known)) {
    throw new NktError('NKT_E_ARGUMENT', `${call}: options are an object, with ${known.join(', ')}`);
  }
  const given = readOnce(options, known);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new NktError('NKT_E_ARGUMENT', `${call}: unknown option ${unknown.slice(0, NAME_SHOWN_MAX)} (known: ${known.join(', ')})`);
  }
  for (const [key, wanted] of Object.entries(WANTED)) checkOption(call, key, given[key], wanted);
  return given;
}

/** @param {string} call @param {string} key @param {any} value @param {(value: any) => string|null} wanted */
function checkOption(call, key, value, wanted) {
  const isGiven = value !== undefined && (value !== null || key === 'timeout');
  const instead = isGiven ? wanted(value) : null;
  if (instead !== null) throw new NktError('NKT_E_ARGUMENT', `${call}: ${key} is ${instead}`);
}

/** One of another maker is listened to once: what fails in the middle of a call would leave half of it behind. @param {any} value */
function isSignal(value) {
  if (typeof value?.addEventListener !== 'function' || typeof value.aborted !== 'boolean') return false;
  if (value instanceof AbortSignal) return true;
  const nothing = () => {};
  value.addEventListener('abort', nothing);
  value.removeEventListener('abort', nothing);
  return true;
}

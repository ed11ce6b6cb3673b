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
 * @template {object} T @param {keyof typeof KNOWN} call @param {T} [options]
 * @returns {T} what was given, by options that nobody changes any more; nothing: no options
 * @throws {NktError} NKT_E_ARGUMENT: no object, a key that the call does not know, or something else than what is wanted there
 */
export function optionsOf(call, options) {
  return options === undefined ? /** @type {T} */ ({}) : orRefuse('NKT_E_ARGUMENT', `${call}: options`, () => checked(call, options));
}

/**
 * What is given to init() by right would be passed over in silence here.
 * @param {Partial<import('./platform.js').Platform>} parts that replace what is found; one that is undefined does not
 * @returns {import('./platform.js').Platform}
 */
export function platformWith(parts) {
  const here = platformHere();
  return orRefuse('NKT_E_ARGUMENT', 'new Nkt()', () => {
    const given = Object.entries(parts).filter(([, part]) => part !== undefined);
    const [unknown] = given.find(([key]) => !Object.hasOwn(here, key)) ?? [];
    if (unknown !== undefined) throw new NktError('NKT_E_ARGUMENT', `new Nkt(): ${unknown} is no part of a platform; is it for init()?`);
    return { ...here, ...Object.fromEntries(given) };
  });
}

/** @param {keyof typeof KNOWN} call @param {any} options @returns {any} */
function checked(call, options) {
  if (!isOptions(options, KNOWN[call])) {
    throw new NktError('NKT_E_ARGUMENT', `${call}: options are an object, with ${KNOWN[call].join(', ')}`);
  }
  const given = readOnce(options, KNOWN[call]);
  const unknown = Object.keys(given).find((key) => !KNOWN[call].includes(key));
  if (unknown !== undefined) {
    throw new NktError('NKT_E_ARGUMENT', `${call}: unknown option ${unknown.slice(0, NAME_SHOWN_MAX)} (known: ${KNOWN[call].join(', ')})`);
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

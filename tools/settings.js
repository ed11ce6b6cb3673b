// SPDX-License-Identifier: GPL-3.0-or-later
// What servers are told by their environment: which variables there are, and what is taken for one of them.
import { editDistance } from '../glue/distance.js';
import { TIED } from './log.js';

/** Both servers' own, but for where they listen. */
export const SETTINGS = [
  'NKT_ORIGINS', 'NKT_FRAMES', 'NKT_PROXY', 'NKT_TRACKERS', 'NKT_ICE_SERVERS', 'NKT_TURN_URLS', 'NKT_TURN_SECRET', 'NKT_TURN_SECONDS',
  'NKT_LIMITS', 'NKT_PLAIN', 'NKT_LOG',
];
/** Where they listen and whom they reach. */
const PLACES = ['PORT', 'HOST', 'TRACKER_PORT', 'METRICS_PORT', 'METRICS_HOST', 'NATS_URL'];
/** Of our other programs, in the same environment: the terminal, the bridge, set-up, plugins, tests. */
const ELSEWHERE = ['NKT_SECRET', 'NKT_KEEP', 'NKT_JOBS', 'NKT_DEV_TOP', 'NKT_TEST_SLOW', TIED];

/** What Kubernetes tells every container of a service that is named nkt, nats or metrics. */
const isOfKubernetes = (name, value = '') =>
  /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value);

/** @typedef {Record<string, string | undefined>} Env */

/**
 * The settings, without what files of settings leave around them: blanks, and the carriage return of another system.
 * @param {Env} env @returns {Env}
 * @throws {Error} one is in quotes, which a shell takes away and `docker --env-file` does not: a secret in them would be another one
 */
export function readSettings(env) {
  const settings = { ...env };
  for (const name of [...SETTINGS, ...PLACES]) {
    const value = env[name]?.trim();
    if (value === undefined) continue;
    if (/^(["'`]).*\1$/s.test(value)) throw new Error(`${name} is in quotes, and they would be part of it: leave them away`);
    settings[name] = value;
  }
  return settings;
}

/** @param {string} [text] @returns {string[]} what stands between commas */
export const listOf = (text = '') => text.split(',').map((one) => one.trim()).filter(Boolean);

/** @param {Env} env @param {string} name @param {string} what it is for @returns {boolean} */
export function readFlag(env, name, what) {
  const text = env[name] ?? '';
  if (!['', '0', '1'].includes(text)) throw new Error(`${name}=${text} is to be 1 ${what}, or 0`);
  return text === '1';
}

/** @param {string} name as it is set @returns {string | null} what may be meant */
function meantBy(name) {
  const plain = (/** @type {string} */ one) => one.replace(/_/g, '').toUpperCase();
  const own = plain(name);
  const place = PLACES.find((one) => own === `NKT${plain(one)}`);
  if (place !== undefined) return place;
  const isOurs = /^NKT./i.test(name);
  const known = isOurs ? SETTINGS : PLACES.filter((one) => one.includes('_'));
  const near = known.map((one) => ({ one, far: editDistance(own, plain(one)) })).sort((a, b) => a.far - b.far)[0];
  if (near.far <= Math.min(2, (plain(near.one).length - 'NKT'.length) / 2)) return near.one; // of three letters one
  return known.find((one) => own.startsWith(plain(one)) || (isOurs && own.length > 'NKT'.length + 2 && plain(one).startsWith(own))) ?? null;
}

/**
 * Variables that look like ours and do nothing: nobody else would say so.
 * @param {Env} env @returns {[string, string | null][]} what stands there, what may be meant
 */
export function misspelt(env) {
  const isOurs = (name) => [...SETTINGS, ...PLACES, ...ELSEWHERE].includes(name);
  return Object.keys(env).filter((name) => !isOurs(name) && !isOfKubernetes(name, env[name])).flatMap((name) => {
    const isLike = /^NKT/i.test(name);
    if (!isLike && !/^(NATS|METRICS?|TRACKER)_?/.test(name)) return [];
    const meant = meantBy(name);
    return isLike || meant !== null ? [/** @type {[string, string | null]} */ ([name, meant])] : [];
  });
}

/** Says what does nothing. @param {Env} env @param {(text: string) => void} say */
export function sayMisspelt(env, say) {
  for (const [name, meant] of misspelt(env)) {
    say(`${name} is no setting${meant === null ? ': docs/operators.md has all' : `; ${meant}, perhaps?`}`);
  }
}

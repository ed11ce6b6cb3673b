// SPDX-License-Identifier: GPL-3.0-or-later
// Passwords for TURN that hold for a while, as coturn's use-auth-secret wants them (draft-uberti-behave-turn-rest-00): the user is
// named by when his password ends, and the password is that name under a secret which this server and coturn share.
import { createHmac, randomBytes } from 'node:crypto';
import { checkIceServers } from '../../glue/ice.js';
import { withoutSecrets } from '../log.js';
import { listOf } from '../settings.js';

const SECONDS = 3600; // that a password holds: pages ask for the next one after four fifths of it
const SECONDS_MIN = 60;
const SECONDS_MAX = 86_400;
const USER_SIZE = 6; // bytes by which coturn's quota for one user tells two pages apart

const TURN_URL = /^turns?:[^\s/,]+$/i; // RFC 7065

/** @typedef {{urls: string[], secret: string, seconds: number}} Turn */

/**
 * NKT_TURN_URLS, NKT_TURN_SECRET, NKT_TURN_SECONDS. Throws and names what cannot be meant.
 * @param {Record<string, string | undefined>} env @returns {Turn | null} null: none is set
 */
export function readTurn({ NKT_TURN_URLS = '', NKT_TURN_SECRET = '', NKT_TURN_SECONDS = '' }) {
  const urls = listOf(NKT_TURN_URLS);
  const isTaken = (url) => checkIceServers([{ urls: url, username: '-', credential: '-' }]).errors.length === 0; // by a page
  const wrong = urls.find((url) => !TURN_URL.test(url) || !isTaken(url));
  if (wrong !== undefined) throw new Error(`NKT_TURN_URLS: ${withoutSecrets(wrong)} is to be a URL such as turn:turn.example.org:3478`);
  if ((urls.length === 0) !== (NKT_TURN_SECRET === '')) {
    const missing = urls.length === 0 ? 'NKT_TURN_URLS, where coturn is' : "NKT_TURN_SECRET, coturn's static-auth-secret";
    throw new Error(`${missing}, is missing beside the other`);
  }
  const seconds = Number(NKT_TURN_SECONDS || SECONDS);
  if (!(/^\d*$/.test(NKT_TURN_SECONDS) && seconds >= SECONDS_MIN && seconds <= SECONDS_MAX)) {
    throw new Error(`NKT_TURN_SECONDS=${NKT_TURN_SECONDS} is to be a whole number from ${SECONDS_MIN} to ${SECONDS_MAX}`);
  }
  return urls.length === 0 ? null : { urls, secret: NKT_TURN_SECRET, seconds };
}

/**
 * @param {Turn} turn @param {number} [wallMs] Unix time @param {string} [user]
 * @returns {{urls: string[], username: string, credential: string}}
 */
export function turnServer({ urls, secret, seconds }, wallMs = Date.now(), user = randomBytes(USER_SIZE).toString('hex')) {
  const username = `${Math.floor(wallMs / 1000) + seconds}:${user}`;
  return { urls, username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

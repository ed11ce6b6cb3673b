// SPDX-License-Identifier: GPL-3.0-or-later
// What is fetched without being asked for: pictures up to a size that the person set, and of all of them no more than a room full of
// strangers may cost.

import { readUnasked } from './choices.js';

const SUM_MAX = 50e6; // bytes, as long as this page lives
const AUTHOR_SUM_MAX = 20e6; // of one

const sums = new Map(); // author -> bytes
let sum = 0;

/** May this one, which was said just now, be fetched? Counts it. isPicture: its small picture is one. */
export function mayFetchUnasked({ size, from, state }, isPicture) {
  const user = window.nkt.userList[from];
  if (!isPicture || !user || user.dontSendTo || user.ignored || state !== 'known' || size > readUnasked()) return false;
  const of = (sums.get(from) ?? 0) + size;
  if (sum + size > SUM_MAX || of > AUTHOR_SUM_MAX) return false;
  sums.set(from, of);
  sum += size;
  return true;
}

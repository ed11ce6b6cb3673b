// SPDX-License-Identifier: GPL-3.0-or-later
/** Names of files that travel: none of them is a path. */

/** What no name may hold (NKT_E_MANIFEST): paths, control characters, those that turn the direction of what follows. */
const UNFIT = /[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** A file's name as it may travel. @param {string} name @returns {string} */
export function fitName(name) {
  const fit = name.replace(UNFIT, '_');
  return fit === '.' || fit === '..' ? '_' : fit;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** A server's URL as seen from config.json: a path without anything else. */
export const URL_PATH = /^(?!\/\/)[\w.~%/-]{1,200}$/;

// SPDX-License-Identifier: GPL-3.0-or-later
// How many connections a server takes: as its limits say, or as files may be open. Past that the system would shed them without a word, and
// nothing would be left for NATS, metrics and whoever wants to know why.
import { readFileSync } from 'node:fs';

/** Files that are no connections of the server: node's own (some 25), the log, NATS, metrics (metrics.js), and air. */
const FILE_COUNT_OWN = 48;

/** Files that may be open here; node has raised that to all it may. @returns {number} Infinity: unknown, or as many as one likes */
function fileCountMax() {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return most === undefined ? Infinity : Number(most);
  } catch {
    return Infinity; // not Linux
  }
}

/** @typedef {{most: number, isByFiles: boolean, cure: string}} Places cure: what the operator may do */

/** @param {number} wanted @param {number} [files] @returns {Places} */
export function placesFor(wanted, files = fileCountMax()) {
  const most = Math.max(1, Math.min(wanted, files - FILE_COUNT_OWN));
  const isByFiles = most < wanted;
  const byFiles = `${files} files may be open: ulimit -n, LimitNOFILE of systemd, ulimits of compose`;
  return { most, isByFiles, cure: isByFiles ? byFiles : 'as many as its limits say' };
}

/** @param {Places} places @param {(text: string) => void} warn */
export function sayFew({ most, isByFiles, cure }, warn) {
  if (isByFiles) warn(`there is place for ${most} connections (${cure})`);
}

/** @param {import('node:net').Server} server not listening yet @param {Places} places @param {() => void} onRefused */
export function limitPlaces(server, { most }, onRefused) {
  server.maxConnections = most;
  server.on('drop', onRefused);
}

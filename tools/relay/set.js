// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all that the page consists of, with its SHA-256: what its service worker holds every file to before it keeps
// them, so that a page is always of one version (web/sw.js).
import { createHash } from 'node:crypto';

/** The list itself, its reader, and what no page loads. */
const isOutside = (url) => url === '/sw.js' || url === '/set.json' || url.endsWith('.d.ts') || url === '/index.html';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * Adds /set.json: {version, files: {url: SHA-256}}; the version is the hash of the files' JSON.
 * @param {import('./static.js').StaticFiles} files
 * @param {Set<string>} [others] that no page loads by itself either
 */
export function addPageSet(files, others = new Set()) {
  const wanted = files.list().filter(([url]) => !isOutside(url) && !others.has(url));
  const list = Object.fromEntries(wanted.map(([url, body]) => [url, sha256(body)]));
  const text = JSON.stringify({ version: sha256(JSON.stringify(list)), files: list });
  files.addBody('/set.json', '.json', Buffer.from(text));
}

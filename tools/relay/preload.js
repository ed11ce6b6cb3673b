// SPDX-License-Identifier: GPL-3.0-or-later
// Names in the page all modules that it will import: a browser that reads them one by one finds the next ones only when it has parsed the
// last, and a slow one loses a quarter of its start by that.
import { posix } from 'node:path';

/** `rel="modulepreload" href=URL` for what is loaded at once, `data-module=URL` for what first.js asks for a little later. */
const NAMED = /<link (rel="modulepreload" href|data-module)="([^"]+)">/g;

/** A static import of a module of ours, at the beginning of a line; what is imported when it is called for is not. */
const IMPORT = /^(?:import|export)\b[^'"]*?['"]([./][^'"]*)['"]/gm;

/**
 * Behind each module that the page names puts those that it imports, in the same way, each once.
 * @param {import('./static.js').StaticFiles} files
 * @param {string} url of the page
 */
export function addPreloads(files, url) {
  const bodies = new Map(files.list().map(([path, body]) => [path, String(body)]));
  const named = new Set();
  const page = bodies.get(url).replace(NAMED, (_, way, module) => reach(posix.resolve('/', module), bodies, named)
    .map((path) => `<link ${way}=".${path}">`).join('\n  '));
  files.addBody(url, '.html', Buffer.from(page));
}

/** A module and what it imports, at any distance, without those that are named already. */
function reach(module, bodies, named) {
  const found = new Set([module]);
  for (const from of found) { // grows meanwhile
    for (const [, target] of bodies.get(from)?.matchAll(IMPORT) ?? []) {
      const path = posix.resolve(posix.dirname(from), target);
      if (bodies.has(path)) found.add(path);
    }
  }
  const fresh = [...found].filter((path) => !named.has(path));
  for (const path of fresh) named.add(path);
  return fresh;
}

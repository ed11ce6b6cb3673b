// SPDX-License-Identifier: GPL-3.0-or-later
// The page's sources by the address that each has on the server: plain modules can be served as they are, and a bundle keeps their
// addresses.
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from '../setup/paths.mjs';

/** @param {string} folder @returns {string[]} the files below it, named from there with slashes, sorted */
function filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.path, entry.name)).split(sep).join('/')).sort();
}

/**
 * Every file that the page is made of, or that the server shows.
 * @param {string} [top] where web/, glue/ and node_modules/ lie
 * @returns {Map<string, string>} address, such as /glue/nkt.js, to file
 */
export function pageSources(top = root) {
  const sources = new Map();
  const add = (prefix, folder, isWanted) => {
    for (const name of filesBelow(join(top, folder))) if (isWanted(name)) sources.set(prefix + name, join(top, folder, name));
  };
  add('/', 'web', (name) => !name.endsWith('.md'));
  add('/glue/', 'glue', (name) => /^[^/]+\.(js|d\.ts)$/.test(name));
  sources.set('/lib/qr.mjs', join(top, 'node_modules/lean-qr/nano.mjs'));
  return sources;
}

/** @param {string} address @returns {boolean} */
export const isScript = (address) => /\.m?js$/.test(address);

/** @param {string} address @returns {boolean} it is made smaller before it is sent */
export const isMade = (address) => isScript(address) || address.endsWith('.css');

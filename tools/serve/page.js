// SPDX-License-Identifier: GPL-3.0-or-later
// The page as files that are served as they are: a folder, and a list of what has which address. Made when the package is, read by
// its relay, which has neither sources nor a bundler.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StaticFiles } from '../relay/static.js';

const LIST = 'page.json'; // {address: file, from this folder}

/**
 * @param {string} folder
 * @param {StaticFiles} files
 * @param {(address: string) => string | undefined} lying where the same bytes lie already, from the folder
 */
export function writePage(folder, files, lying) {
  /** @type {Record<string, string>} */
  const list = {};
  for (const [address, body] of files.list()) {
    if (address.endsWith('/')) continue; // other names of what has one
    const there = lying(address);
    list[address] = there ?? address.slice(1);
    if (there !== undefined) continue;
    const file = join(folder, address);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
  }
  writeFileSync(join(folder, LIST), JSON.stringify(list, null, 1));
}

/** @param {URL} folder with a slash at its end @returns {StaticFiles} */
export function readPage(folder) {
  const files = new StaticFiles();
  const list = JSON.parse(readFileSync(new URL(LIST, folder), 'utf8'));
  for (const [address, file] of Object.entries(list)) files.add(address, fileURLToPath(new URL(file, folder)));
  files.alias('/', '/index.html');
  return files;
}

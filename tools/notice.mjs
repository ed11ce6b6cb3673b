// SPDX-License-Identifier: GPL-3.0-or-later
// The licences of what others wrote and what we pass on: in core.wasm, and in the page.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sourcesDir } from './setup/paths.mjs';
import { Failure } from './setup/report.mjs';

const NAMES = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'license', 'COPYING'];

/** @param {string} folder of a library @returns {string|undefined} the file */
const licenceIn = (folder) => NAMES.map((name) => join(folder, name)).find(existsSync);

const section = (name, text) => `==== ${name} ====\n\n${text.trim()}\n`;

const GPL = /^\s*GNU GENERAL PUBLIC LICENSE\s+Version 3, 29 June 2007\s/;

/**
 * Of the libraries in core.wasm.
 * @param {(folder: string) => void} miss is told of those without one @param {string} [gpl] in place of that licence's text
 * @returns {string[]}
 */
function moduleSections(miss, gpl) {
  return readdirSync(sourcesDir).sort().flatMap((name) => {
    const file = licenceIn(join(sourcesDir, name));
    const text = file && readFileSync(file, 'utf8');
    if (text) return [section(name, gpl && GPL.test(text) ? gpl : text)];
    miss(join(sourcesDir, name));
    return [];
  });
}

/** @returns {string} what goes wherever core.wasm goes */
export function moduleNotice() {
  const refuse = (folder) => { throw new Failure(`no licence in ${folder}`, 'node tools/setup.mjs'); };
  const gpl = "GPL-3.0: its text is the package's LICENSE, which goes with it, too"; // 35 KB of a package, once
  return ['core.wasm is nkt (GPL-3.0-or-later, see LICENSE) and parts of these libraries.\n', ...moduleSections(refuse, gpl)].join('\n');
}

/** @param {string} folder of a library from npm @returns {string} */
function librarySection(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = licenceIn(folder);
  if (file) return section(`${name} ${version}`, readFileSync(file, 'utf8'));
  if (!license) throw new Failure(`no licence in ${folder}`, 'npm ci');
  return section(`${name} ${version}`, `${license}, by ${author?.name ?? author ?? 'its authors'}`); // it has no text of it
}

/** @param {string[]} folders of libraries @returns {string} what goes with the relay and the tracker of the package */
export function librariesNotice(folders) {
  return ['relay.js and tracker.js are nkt (GPL-3.0-or-later, see LICENSE) and parts of these libraries.\n', ...folders.map(librarySection)]
    .join('\n');
}

/** @returns {string} what goes with the page and core.wasm */
export function pageNotice() {
  const lean = readFileSync(join(root, 'node_modules/lean-qr/LICENSE'), 'utf8');
  const unicode = /confusables\.txt of [^;]*;[^)]*\)/.exec(readFileSync(join(root, 'glue/confusables.js'), 'utf8'))?.[0] ?? '';
  return [
    'This page is nkt (GPL-3.0-or-later) and, in its scripts and in core.wasm, parts of these.\n',
    section('lean-qr, in lib/qr.mjs', lean), section('Unicode, in glue/confusables.js', unicode),
    ...(existsSync(sourcesDir) ? moduleSections(() => {}, 'GPL-3.0: its text stands below, under nkt') : []),
    section('nkt', readFileSync(join(root, 'LICENSE'), 'utf8')),
  ].join('\n');
}

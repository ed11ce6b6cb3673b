// SPDX-License-Identifier: GPL-3.0-or-later
// The documentation as a static site: a folder that any server, or none, can give out. Its parts are docs/, the API as docs/api.md
// has it from the types, and the live page, which needs a relay somewhere.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { build as bundle } from 'esbuild';
import MiniSearch from 'minisearch';
import { fileOf } from '../pack/links.mjs';
import { pageFiles } from '../relay/page.js';
import { root } from '../setup/paths.mjs';
import { Failure } from '../setup/report.mjs';
import { layOut } from './layout.mjs';
import { render } from './markdown.mjs';
import { groups } from './pages.mjs';
import { SEARCH } from './search.mjs';

const SITE = 'tools/docs/site';
const INDEX = 'site/search.json';

/** What any server gives out as what it is; other files that a page links to are sources, to be read. */
const AS_THEY_ARE = new Set(['.png', '.webp', '.svg', '.json', '.txt']);

/** Copies what a page links to in the repository. @param {string} folder @param {string} file @returns {string} where it is in the site */
function copy(folder, file) {
  const href = `files/${file}${AS_THEY_ARE.has(extname(file)) ? '' : '.txt'}`;
  mkdirSync(dirname(join(folder, href)), { recursive: true });
  cpSync(join(root, file), join(folder, href));
  return href;
}

/**
 * Where links of one page lead in the site: to its pages, to pictures and sources that are copied, and out.
 * @param {string} folder @param {import('./pages.mjs').Page} page @param {Map<string, string>} names of pages, by file
 * @param {(what: string) => void} fault
 */
function linker(folder, page, names, fault) {
  return (/** @type {string} */ target) => {
    const file = fileOf(page.file, target);
    if (file === null || target.startsWith('#')) return target;
    const own = names.get(file);
    if (own !== undefined) return `${own}.html${/#.*/.exec(target) ?? ''}`;
    const full = join(root, file);
    if (file.startsWith('..') || !existsSync(full)) {
      fault(`${page.file}: ${target} leads nowhere`);
      return target;
    }
    if (!statSync(full).isDirectory()) return copy(folder, file);
    const readme = posix.join(file, 'README.md');
    return existsSync(join(root, readme)) ? copy(folder, readme) : '#content'; // a folder is nothing that a site has
  };
}

/**
 * The live page, as `nkt serve` has it, in a folder of its own.
 * @param {string} folder @param {object} config as /config.json says it
 */
async function buildLive(folder, config) {
  const files = await pageFiles({ isPlain: false, hasMaps: false, say: () => {} });
  if (!files.has('/core.wasm')) throw new Failure('no build/wasm/core.wasm', 'npm run setup && npm run build');
  for (const [address, body] of files.list()) {
    if (address.endsWith('/')) continue;
    const file = join(folder, address);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

/**
 * @param {string} folder made anew, where it is empty or has an older site in it
 * @param {{relays?: string[], trackers?: string[], iceServers?: object[]}} [servers] of the live page
 * @returns {Promise<{pageCount: number, sectionCount: number}>}
 */
export async function buildDocs(folder, { relays = [], trackers = [], iceServers = [] } = {}) {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, INDEX))) {
    const cure = 'name an empty folder, or one with an older site in it.';
    throw new Failure(`${folder} has something else in it, which would be deleted`, cure);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'site'), { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const there = groups.map(({ title, pages }) => ({ title, pages: pages.filter(({ file }) => existsSync(join(root, file))) }));
  const all = there.flatMap(({ pages }) => pages);
  const names = new Map(all.map(({ file, name }) => [file, name]));
  names.set('README.md', 'index');
  /** @type {string[]} */
  const faults = [];
  /** @type {Array<{id: string, page: string, heading: string, text: string}>} */
  const sections = [];
  for (const page of all) {
    const rendered = render(readFileSync(join(root, page.file), 'utf8'), linker(folder, page, names, (what) => faults.push(what)));
    writeFileSync(join(folder, `${page.name}.html`), layOut({ groups: there, page, rendered, version }));
    for (const { name, heading, text } of rendered.sections) {
      const id = `${page.name}.html${name && `#${name}`}`;
      if (heading || text.trim()) sections.push({ id, page: page.title, heading, text: text.trim() });
    }
  }
  if (faults.length > 0) throw new Failure(faults.join('\n'), 'mend the links of these pages.');
  const search = new MiniSearch(SEARCH);
  search.addAll(sections);
  writeFileSync(join(folder, INDEX), JSON.stringify(search));
  cpSync(join(root, SITE, 'site.css'), join(folder, 'site', 'site.css'));
  cpSync(join(root, 'web', 'favicon.svg'), join(folder, 'site', 'favicon.svg'));
  await bundle({
    absWorkingDir: root, entryPoints: [`${SITE}/site.js`], outfile: join(folder, 'site', 'site.js'), bundle: true, format: 'esm',
    target: 'es2022', minify: true, legalComments: 'inline', logLevel: 'error',
  });
  await buildLive(join(folder, 'live'), { relays, trackers, iceServers });
  return { pageCount: all.length, sectionCount: sections.length };
}


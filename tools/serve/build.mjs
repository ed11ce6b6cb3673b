// SPDX-License-Identifier: GPL-3.0-or-later
// What `npx nkt serve` runs, in build/serve: relay and tracker, each in one file with the libraries that it needs, and the page.
// The package has one dependency, ws, for whoever wants a peer alone; it would have some twenty for a tracker.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { librariesNotice } from '../notice.mjs';
import { pageFiles } from '../relay/page.js';
import { buildDir, root } from '../setup/paths.mjs';
import { Failure, say } from '../setup/report.mjs';
import { writePage } from './page.js';

const PROGRAMS = { relay: 'tools/serve/relay.js', tracker: 'tools/tracker.js' };
const OUTSIDE = ['ws', 'nats', 'bufferutil', 'utf-8-validate']; // installed with the package, or by who wants it
// libraries in CommonJS ask for what belongs to Node by require()
const BANNER = "import { createRequire as nktRequire } from 'node:module'; const require = nktRequire(import.meta.url);";

/** @param {string} folder @returns {Promise<string[]>} the libraries that are in them, by the folders they lie in */
async function bundlePrograms(folder) {
  const { metafile } = await bundle({
    absWorkingDir: root, entryPoints: PROGRAMS, outdir: folder, bundle: true, platform: 'node', format: 'esm', target: 'node20',
    external: OUTSIDE, banner: { js: BANNER }, metafile: true, logLevel: 'error', // as they were written: an error's lines need no map
  });
  const found = Object.keys(metafile.inputs).map((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(found.filter((name) => name !== undefined))].sort();
}

/** @param {string} [folder] made anew */
export async function buildServe(folder = join(buildDir, 'serve')) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'page'), { recursive: true });
  const libraries = await bundlePrograms(folder);
  const files = await pageFiles({ isPlain: false, hasMaps: false, say });
  if (!files.has('/core.wasm')) throw new Failure('no build/wasm/core.wasm', 'node tools/build.mjs wasm');
  writePage(join(folder, 'page'), files, (address) => {
    if (address === '/core.wasm') return '../../wasm/core.wasm';
    return /^\/glue\/[^/]+\.d\.ts$/.test(address) ? `../../..${address}` : undefined;
  });
  writeFileSync(join(folder, 'NOTICE.txt'), librariesNotice(libraries.map((name) => join(root, name))));
  const size = Object.keys(PROGRAMS).reduce((sum, name) => sum + statSync(join(folder, `${name}.js`)).size, 0);
  say(`relay and tracker, with ${libraries.length} libraries in them: ${(size / 1000).toFixed(0)} KB`);
}

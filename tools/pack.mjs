// SPDX-License-Identifier: GPL-3.0-or-later
// The npm package: `node tools/pack.mjs [FOLDER]` makes nkt-VERSION.tgz there (build/pack). What it holds is named in package.json.
//   node tools/pack.mjs --prepare    only what has to be there before `npm pack` (its prepack)
// What is published is this file (`npm publish build/pack/nkt-VERSION.tgz`): its pages have no link to what is in the repository alone.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnSync } from 'node:child_process';
import { apiDoc, apiDocFile } from './apidoc.mjs';
import { build } from './build.mjs';
import { buildServe } from './serve/build.mjs';
import { moduleNotice } from './notice.mjs';
import { withoutDead } from './pack/links.mjs';
import { setup } from './setup.mjs';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure, say } from './setup/report.mjs';

/** Everything that the package holds and the repository does not. */
export async function prepare() {
  await setup();
  build('wasm');
  writeFileSync(join(buildDir, 'wasm', 'NOTICE.txt'), moduleNotice());
  await buildServe();
  const { text } = await apiDoc();
  if (readFileSync(apiDocFile, 'utf8') !== text) throw new Failure('docs/api.md is not current', 'node tools/apidoc.mjs');
}

/** @param {string[]} args @param {string} cwd @returns {{filename: string, files: {path: string}[], size: number}} */
function npmPack(args, cwd) {
  const { stdout, stderr, status } = spawnSync('npm', ['pack', '--ignore-scripts', '--json', ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Failure(`npm pack ended with ${status}: ${stderr}`, 'read the message above');
  return JSON.parse(stdout)[0];
}

/** The package's files in a folder of their own: pages in which no link leads to what stays in the repository. @returns {string} it */
function stage() {
  const folder = join(buildDir, 'pack', 'stage');
  rmSync(folder, { recursive: true, force: true });
  const paths = npmPack(['--dry-run'], root).files.map(({ path }) => path);
  const isThere = (path) => paths.some((one) => one === path || one.startsWith(`${path}/`));
  for (const path of paths) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (path.endsWith('.md')) writeFileSync(file, withoutDead(path, readFileSync(join(root, path), 'utf8'), isThere));
    else cpSync(join(root, path), file);
  }
  return folder;
}

/** @param {string} folder @returns {Promise<string>} the file */
export async function pack(folder) {
  await prepare();
  mkdirSync(folder, { recursive: true });
  const { filename, files, size } = npmPack(['--pack-destination', folder], stage());
  const hasModule = files.some(({ path }) => path === 'build/wasm/core.wasm');
  if (!hasModule) throw new Failure('core.wasm is not in the package', 'package.json names its files');
  say(`${filename}: ${files.length} files, ${(size / 1000).toFixed(0)} KB`);
  return join(folder, filename);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await command(async () => {
    const [what = join(buildDir, 'pack')] = process.argv.slice(2);
    if (what === '--prepare') await prepare();
    else await pack(resolve(what));
  });
}

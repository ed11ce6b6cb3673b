// SPDX-License-Identifier: GPL-3.0-or-later
// The npm package: `node tools/pack.mjs [FOLDER]` makes nkt-VERSION.tgz there (build/pack). What it holds is named in package.json.
//   node tools/pack.mjs --prepare    only what has to be there before `npm pack` (its prepack)
// What is published is this file (`npm publish build/pack/nkt-VERSION.tgz`): its pages have no link to what is in the repository alone.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Everything that the package holds and the repository does not. @param {{isChecked?: boolean}} [options] isChecked: docs/api.md is */
export async function prepare({ isChecked = false } = {}) {
  await setup();
  build('wasm');
  writeFileSync(join(buildDir, 'wasm', 'NOTICE.txt'), moduleNotice());
  await buildServe();
  if (isChecked) return;
  const { text } = await apiDoc();
  if (readFileSync(apiDocFile, 'utf8') !== text) throw new Failure('docs/api.md is not current', 'node tools/apidoc.mjs');
}

/** @param {string[]} args @param {string} cwd @returns {{filename: string, files: {path: string}[], size: number}} */
function npmPack(args, cwd) {
  const { stdout, stderr, status } = spawnSync('npm', ['pack', '--ignore-scripts', '--json', ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Failure(`npm pack ended with ${status}: ${stderr}`, 'read the message above');
  return JSON.parse(stdout)[0];
}

/** What a checkout is worked with is not there in the package. @param {string} manifest @returns {string} */
function published(manifest) {
  const { scripts, devDependencies, ...rest } = JSON.parse(manifest);
  const files = [...rest.files, ...doors(manifest).map(([name]) => name)];
  return `${JSON.stringify({ ...rest, files }, null, 2)}\n`;
}

/**
 * Doors for whoever does not read `exports` (Parcel as it is set up, TypeScript's node10): nkt/yjs is yjs.js there. Others never see them.
 * @param {string} manifest @returns {[string, string][]} name and text
 */
function doors(manifest) {
  const parts = Object.entries(JSON.parse(manifest).exports).filter(([name, to]) => name !== '.' && typeof to === 'object');
  return parts.flatMap(([name, to]) => {
    const text = (target) => `// SPDX-License-Identifier: GPL-3.0-or-later\nexport * from '${target}';\n`;
    return [[`${name}.js`, text(to.browser ?? to.default)], [`${name}.d.ts`, text(to.types.replace(/\.d\.ts$/, '.js'))]];
  });
}

/** The package's files in a folder of their own: pages in which no link leads to what stays in the repository. @returns {string} it */
function stage() {
  const folder = join(buildDir, 'pack', 'stage');
  rmSync(folder, { recursive: true, force: true });
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const paths = npmPack(['--dry-run'], root).files.map(({ path }) => path);
  const isThere = (path) => paths.some((one) => one === path || one.startsWith(`${path}/`));
  const write = (path, text) => writeFileSync(join(folder, path), text);
  for (const path of paths) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (path === 'package.json') write(path, published(manifest));
    else if (path.endsWith('.md')) write(path, withoutDead(path, readFileSync(join(root, path), 'utf8'), isThere));
    else cpSync(join(root, path), file);
  }
  const more = doors(manifest);
  for (const [name, text] of more) write(name, text);
  for (const path of [...paths, ...more.map(([name]) => name)]) chmodSync(join(folder, path), 0o644); // whatever habits one has
  return folder;
}

/** @param {string} folder @param {{isChecked?: boolean}} [options] as above @returns {Promise<string>} the file */
export async function pack(folder, options) {
  await prepare(options);
  mkdirSync(folder, { recursive: true });
  const { filename, files, size } = npmPack(['--pack-destination', folder], stage());
  const hasModule = files.some(({ path }) => path === 'build/wasm/core.wasm');
  if (!hasModule) throw new Failure('core.wasm is not in the package', 'package.json names its files');
  const file = join(folder, filename);
  const hash = createHash('sha512').update(readFileSync(file)).digest('base64');
  say(`${filename}: ${files.length} files, ${(size / 1000).toFixed(0)} KB\n  sha512-${hash}`); // as package-lock.json names it
  return file;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await command(async () => {
    const [what = join(buildDir, 'pack')] = process.argv.slice(2);
    if (what === '--prepare') await prepare();
    else await pack(resolve(what));
  });
}

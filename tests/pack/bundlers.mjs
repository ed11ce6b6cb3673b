// SPDX-License-Identifier: GPL-3.0-or-later
// Bundlers, each as its own documentation has it used: a folder with index.html and scripts, made into another.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Of the package, beside the bundle: esbuild and rollup know no `new URL('file', import.meta.url)`. */
const WASM = ['node_modules', 'nkt', 'build', 'wasm', 'core.wasm'];
const WORKERS = ['derive_worker', 'content_worker'];

/**
 * @typedef {object} Job
 * @property {string} from holds index.html @property {string} to
 * @property {string[]} entries scripts in it, the first that of index.html; those that bundlers do not find follow
 * @property {string} app where the package is installed
 * @property {boolean} [hasWorkers] whether what the package runs in workers is built too, where it has to be named
 */
/**
 * @typedef {object} Bundler
 * @property {boolean} isComplete whether core.wasm and the workers are found
 * @property {(job: Job) => Promise<void>} build rejects, at warnings too
 */

/** @param {Job} job @returns {Record<string, string>} entries by the name they have in what is built */
function entriesOf({ from, entries, app, hasWorkers }) {
  const own = entries.map((name) => [name.replace(/\.js$/, ''), join(from, name)]);
  const ours = hasWorkers ? WORKERS.map((name) => [name, join(app, 'node_modules', 'nkt', 'glue', `${name}.js`)]) : [];
  return Object.fromEntries([...own, ...ours]);
}

/** @param {Job} job what is not built */
function copyRest({ from, to, app }) {
  copyFileSync(join(from, 'index.html'), join(to, 'index.html'));
  copyFileSync(join(app, ...WASM), join(to, 'core.wasm'));
}

/** @param {string} home whose node_modules has it @returns {Promise<any>} Vite itself */
export const viteIn = (home) => import(pathToFileURL(join(home, 'node_modules', 'vite', 'dist', 'node', 'index.js')).href);

/** @param {string} home whose node_modules has it @returns {Bundler} */
export const viteOf = (home) => ({
  isComplete: true,
  async build({ from, to }) {
    const { build } = await viteIn(home);
    await build({
      root: from, base: './', configFile: false, logLevel: 'error', worker: { format: 'es' },
      build: { outDir: to, emptyOutDir: true, target: 'esnext' },
    });
  },
});

/** @type {Bundler} */
const webpack = {
  isComplete: true,
  async build({ from, to, entries }) {
    const { default: run } = await import('webpack');
    const stats = await new Promise((resolve, reject) => {
      run({ mode: 'production', context: from, entry: `./${entries[0]}`, output: { path: to, filename: entries[0] }, performance: false },
        (error, result) => (error ? reject(error) : resolve(result)));
    });
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), { errors: [], warnings: [] }, stats.toString());
    copyFileSync(join(from, 'index.html'), join(to, 'index.html'));
  },
};

/** @type {Bundler} */
const esbuild = {
  isComplete: false,
  async build(job) {
    const { build } = await import('esbuild');
    const { warnings } = await build({
      entryPoints: entriesOf(job), bundle: true, format: 'esm', splitting: true, minify: true, outdir: job.to, logLevel: 'silent',
    });
    assert.deepEqual(warnings, []);
    copyRest(job);
  },
};

/** @type {Bundler} */
const rollup = {
  isComplete: false,
  async build(job) {
    const { rollup: run } = await import('rollup');
    const { default: resolve } = await import('@rollup/plugin-node-resolve');
    const warnings = [];
    const bundle = await run({
      input: entriesOf(job), plugins: [resolve({ browser: true })], onwarn: ({ message }) => warnings.push(message),
    });
    await bundle.write({ dir: job.to, format: 'es' });
    await bundle.close();
    assert.deepEqual(warnings, []);
    copyRest(job);
  },
};

/**
 * @param {string} home whose node_modules has it @param {object} [settings] in the package.json of the application @returns {Bundler}
 */
export const parcelOf = (home, settings = {}) => ({
  isComplete: true,
  async build({ from, to, app }) {
    const manifest = join(app, 'package.json');
    const { name, type, dependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
    writeFileSync(manifest, JSON.stringify({ name, private: true, type, dependencies, ...settings }));
    const args = [join(home, 'node_modules', 'parcel', 'lib', 'bin.js'), 'build', 'index.html', '--no-cache', '--public-url', './'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, '--dist-dir', to], { cwd: from, encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
  },
});

/** Those that `npm test` has. @type {Record<string, Bundler>} */
export const bundlers = { Vite: viteOf(fileURLToPath(new URL('.', import.meta.url))), webpack, esbuild, rollup };

/** @param {string} from @param {string} to @returns {string} to */
export function copied(from, to) {
  cpSync(from, to, { recursive: true });
  return to;
}

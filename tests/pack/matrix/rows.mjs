// SPDX-License-Identifier: GPL-3.0-or-later
// The matrix as a table: with what, in which version, where in it the peer lives. `npm test` runs those that are cheap (isCore).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlers, parcelOf, viteOf } from '../bundlers.mjs';
import { built, next, viteServer } from './pages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const beside = join(here, '..');

/** @param {string} home @param {string} name @returns {string} '': not installed, as what is not for this machine */
function versionIn(home, name) {
  const file = join(home, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version.replace(/^v/, '') : '';
}

/**
 * @typedef {object} ProgramRow
 * @property {string} name @property {string} version '': not here @property {string[]} places of program.mjs
 * @property {string[]} command
 * @property {boolean} [isCore]
 */
/**
 * @typedef {object} PageRow
 * @property {string} name @property {string} version @property {string[]} places of main.js
 * @property {import('./pages.mjs').Serve} serve
 * @property {boolean} [isCore]
 */

/** @param {number} major @returns {ProgramRow} */
const node = (major) => ({
  name: 'Node', version: versionIn(here, `node${major}`), places: ['main', 'thread', 'webrtc'],
  command: [join(here, 'node_modules', `node${major}`, 'bin', 'node')],
});

/** @type {ProgramRow[]} */
export const programs = [
  { name: 'Node', version: process.versions.node, places: ['main', 'thread'], command: [process.execPath], isCore: true },
  ...[20, 21, 22, 23, 24, 26].map(node),
  {
    name: 'Deno', version: versionIn(here, '@deno/linux-x64-glibc'), places: ['main', 'thread', 'worker', 'webrtc'],
    command: [join(here, 'node_modules', '@deno', 'linux-x64-glibc', 'deno'), 'run', '--allow-all', '--no-prompt'],
  },
  {
    name: 'Bun', version: versionIn(here, '@oven/bun-linux-x64'), places: ['main', 'thread', 'worker', 'webrtc'],
    command: [join(here, 'node_modules', '@oven', 'bun-linux-x64', 'bin', 'bun')],
  },
];

/** Parcel shares code between what a worker needs at once and what later, and then starts it before all of it is there. */
const WHOLE_WORKERS = { '@parcel/bundler-default': { minBundles: 1000 } };

const PLACES = ['page', 'worker', 'shared'];

/** @type {PageRow[]} */
export const pages = [
  { name: 'Vite', version: versionIn(beside, 'vite'), places: PLACES, serve: built(bundlers.Vite) },
  { name: 'Vite', version: versionIn(here, 'vite'), places: PLACES, serve: built(viteOf(here)) },
  { name: "Vite's dev server", version: versionIn(beside, 'vite'), places: PLACES, serve: viteServer(beside) },
  { name: "Vite's dev server", version: versionIn(here, 'vite'), places: PLACES, serve: viteServer(here) },
  { name: "Vite's dev server, optimizeDeps.exclude", version: versionIn(here, 'vite'), places: PLACES, serve: viteServer(here, ['nkt']) },
  { name: 'webpack', version: versionIn(beside, 'webpack'), places: PLACES, serve: built(bundlers.webpack) },
  { name: 'esbuild', version: versionIn(beside, 'esbuild'), places: PLACES, serve: built(bundlers.esbuild), isCore: true },
  { name: 'rollup', version: versionIn(beside, 'rollup'), places: PLACES, serve: built(bundlers.rollup) },
  { name: 'Parcel', version: versionIn(here, 'parcel'), places: ['page'], serve: built(parcelOf(here)) },
  { name: 'Parcel, minBundles', version: versionIn(here, 'parcel'), places: PLACES, serve: built(parcelOf(here, WHOLE_WORKERS)) },
  { name: 'Next, with Turbopack', version: versionIn(here, 'next'), places: PLACES, serve: next('start', []) },
  { name: 'Next, with webpack', version: versionIn(here, 'next'), places: PLACES, serve: next('start', ['--webpack']) },
  { name: "Next's dev server", version: versionIn(here, 'next'), places: PLACES, serve: next('dev', []) },
];

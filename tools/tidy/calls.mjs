// SPDX-License-Identifier: GPL-3.0-or-later
// Which file of the core calls which, by the compiler's own list of symbols (nm on the objects of the native build), against
// the order of the rooms: calls point downward, and no files call each other in a circle.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, root } from '../setup/paths.mjs';
import { levelOf, roomOf } from './rooms.mjs';

const objectsDir = join(buildDir, 'native', 'core', 'CMakeFiles', 'nkt_core.dir', 'src');

/** @typedef {{defines: string[], needs: string[]}} Symbols */
/** @typedef {{file: string, line: number, what: string}} Finding */

/** @param {string} text what nm -P prints @returns {Symbols} */
export function readSymbols(text) {
  const defines = [];
  const needs = [];
  for (const line of text.split('\n')) {
    const [name, type] = line.split(' ');
    if (type === 'U') needs.push(name);
    else if (/^[A-Z]$/.test(type ?? '')) defines.push(name);
  }
  return { defines, needs };
}

/**
 * From each file to those whose symbols it uses, with these.
 * @param {Map<string, Symbols>} files
 * @returns {Map<string, Map<string, string[]>>}
 */
export function callsOf(files) {
  const homes = new Map();
  for (const [file, { defines }] of files) for (const name of defines) homes.set(name, file);
  const calls = new Map();
  for (const [file, { needs }] of files) {
    const to = new Map();
    for (const name of needs) {
      const home = homes.get(name);
      if (home !== undefined && home !== file) to.set(home, [...(to.get(home) ?? []), name]);
    }
    calls.set(file, to);
  }
  return calls;
}

/**
 * Files that call each other, over however many others: Tarjan's strongly connected components of more than one.
 * @param {Map<string, Map<string, string[]>>} calls
 * @returns {string[][]}
 */
export function circlesOf(calls) {
  const places = new Map(); // when a file was come by
  const lows = new Map(); // the first that it leads back to
  const path = [];
  const circles = [];
  const visit = (file) => {
    places.set(file, places.size);
    lows.set(file, places.get(file));
    path.push(file);
    for (const next of calls.get(file)?.keys() ?? []) {
      if (!places.has(next)) visit(next);
      if (path.includes(next)) lows.set(file, Math.min(lows.get(file), lows.get(next)));
    }
    if (lows.get(file) !== places.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const file of calls.keys()) if (!places.has(file)) visit(file);
  return circles.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/**
 * What is against the order.
 * @param {Map<string, Symbols>} files
 * @returns {Finding[]}
 */
export function judgeCalls(files) {
  const calls = callsOf(files);
  const findings = [];
  const find = (file, what) => findings.push({ file: `core/src/${file}`, line: 1, what });
  for (const [file, to] of calls) {
    for (const [home, names] of to) {
      if (roomOf(file) === roomOf(home) || levelOf(home) < levelOf(file)) continue;
      for (const name of names) find(file, `calls ${name}() of ${home}: calls point downward`);
    }
  }
  for (const circle of circlesOf(calls)) find(circle[0], `calls itself in a circle: ${circle.join(', ')}`);
  return findings;
}

/** @param {string} folder @returns {Generator<string>} objects, relative to it */
function* objectsUnder(folder, inside = '') {
  for (const entry of readdirSync(join(folder, inside), { withFileTypes: true })) {
    const path = inside ? `${inside}/${entry.name}` : entry.name;
    if (entry.isDirectory()) yield* objectsUnder(folder, path);
    else if (entry.name.endsWith('.c.o')) yield path;
  }
}

/**
 * The symbols of every file of core/src, or undefined if there is no native build yet. Objects of files that are gone stay in
 * the folder, and do not count.
 * @returns {Map<string, Symbols> | undefined}
 */
export function symbolsOfCore() {
  if (!existsSync(objectsDir)) return undefined;
  const files = new Map();
  for (const object of [...objectsUnder(objectsDir)].sort()) {
    const file = object.replace(/\.o$/, '');
    if (!existsSync(join(root, 'core', 'src', file))) continue;
    const { stdout, status, error } = spawnSync('nm', ['-P', join(objectsDir, object)], { encoding: 'utf8' });
    if (error || status !== 0) throw new Error(`nm ${object}: ${error?.message ?? status}`);
    files.set(file, readSymbols(stdout));
  }
  return files;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Who writes what: each part of a user, a link, an endpoint and the swarm (core/src/state) belongs to one room, and only that one
// changes it. Reading is free.
//
// The compiler is asked, not a pattern: for each room the headers of state/ are copied with every part of another room `const` (and
// what such a part points to), and the room's files are compiled against them, for their errors alone. So an assignment, ++, an
// address handed to who may write there, a pointer kept in a variable: all are found where the right is lost, by the language's own
// rules. What gets by: a cast (-Wcast-qual tells of it) and memory of the whole structure (calloc, memset), which only makers touch.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, root } from '../setup/paths.mjs';
import { knownWriters, makers, owners, roomOf } from './rooms.mjs';
import { structsOf, withConstants } from './structs.mjs';

/** @typedef {{file: string, line: number, what: string}} Finding */
/** @typedef {Record<string, Record<string, string>>} Owners by structure and part */
/** @typedef {{file: string, directory: string, command: string}} Compilation an entry of compile_commands.json */

const compiler = 'clang'; // other compilers take no headers from elsewhere
const commandsPath = join(buildDir, 'native', 'compile_commands.json');
const sourceDir = join(root, 'core', 'src');
const stateDir = join(sourceDir, 'state');

/** Those who know the structures. */
const roomsAbove = ['state', 'routing', 'people', 'delivery', 'links', 'inbound', 'store'];

/** Who makes and ends them all is no room; neither is what lies beside it. */
const homeOf = (file) => roomOf(file) ?? 'core';

/** @param {Owners} table @returns {Map<string, string>} of structures that are a part, or the type of one */
function ownersOfTypes(table, structs) {
  const types = new Map();
  for (const [struct, parts] of Object.entries(table)) {
    for (const { type, names } of structs.get(struct) ?? []) {
      if (!(type in table)) for (const name of names) types.set(type, parts[name]);
    }
  }
  return types;
}

/**
 * A header as the files of one room are to see it.
 * @param {string} text
 * @param {string} room
 * @param {Owners} table
 * @param {Map<string, string>} types
 */
export function headerFor(text, room, table, types) {
  return withConstants(text, (struct, { names, type, isPointer }) => {
    const how = isPointer && !(type in table) ? 'deep' : 'flat'; // a pointer to a user is no part of him
    if (struct in table) {
      const isPlace = type in table && !isPointer; // of structures that have parts of their own
      return isPlace || table[struct][names[0]] === room ? undefined : how;
    }
    const owner = types.get(struct);
    return owner === undefined || owner === room || how === 'flat' ? undefined : how;
  });
}

/**
 * Members that nobody is named for, and names of none.
 * @param {Map<string, import('./structs.mjs').Member[]>} structs
 * @param {Owners} table
 * @returns {Finding[]}
 */
export function judgeParts(structs, table) {
  const findings = [];
  const find = (what) => findings.push({ file: 'tools/tidy/rooms.mjs', line: 1, what });
  for (const [struct, parts] of Object.entries(table)) {
    const members = structs.get(struct) ?? [];
    const names = members.flatMap((member) => member.names);
    for (const { names: together } of members)
      if (new Set(together.map((name) => parts[name])).size > 1) find(`parts of several rooms in one declaration: ${together.join(', ')}`);
    for (const name of names) if (!(name in parts)) find(`names no owner of ${struct}.${name}`);
    for (const name of Object.keys(parts)) if (!names.includes(name)) find(`names an owner of ${struct}.${name}, which is gone`);
  }
  return findings;
}

/**
 * What the compiler says: one of the lines of its errors.
 * @param {string} line
 * @returns {{file: string, line: number, ranges: number[][], said: string} | undefined}
 */
export function readError(line) {
  const found = /^(.*?):(\d+):(\d+):((?:\{[^}]*\})*):? ?error: (.*)$/.exec(line);
  if (!found) return undefined;
  const ranges = [...found[4].matchAll(/\{(\d+):(\d+)-(\d+):(\d+)\}/g)].map((range) => range.slice(1).map(Number));
  return { file: found[1], line: Number(found[2]), ranges, said: found[5] };
}

/** Which part an error is about, by what is written there: a name out of the table, or ''. */
function partIn(error, source, parts) {
  const line = source.split('\n')[error.line - 1] ?? '';
  const spans = error.ranges.filter(([from, , to]) => from === error.line && to === from).map(([, a, , b]) => line.slice(a - 1, b - 1));
  for (const text of [...spans, line]) {
    const name = [...text.matchAll(/(?:->|\.)(\w+)/g)].map((found) => found[1]).find((one) => parts.has(one));
    if (name) return name;
  }
  return '';
}

/** @param {Compilation} compilation @param {string} overlay @returns {Promise<object[]>} errors that the compiler tells of */
function compile({ file, directory, command }, overlay) {
  const args = command.split(' ').slice(1);
  args.splice(args.indexOf('-o'), 2);
  const kept = args.filter((arg) => arg !== '-c' && !/^-(W|O|f|g)/.test(arg));
  const asked = ['incompatible-pointer-types', 'incompatible-pointer-types-discards-qualifiers', 'cast-qual'];
  const flags = ['-fsyntax-only', '-ferror-limit=0', '-fno-caret-diagnostics', '-fdiagnostics-print-source-range-info'];
  const errors = ['-Wno-everything', ...asked.map((name) => `-Werror=${name}`)];
  return new Promise((resolve, reject) => {
    let said = '';
    const all = ['-ivfsoverlay', overlay, ...kept, ...flags, ...errors];
    const child = spawn(compiler, all, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data) => (said += data));
    child.on('error', reject);
    child.on('close', (status) => {
      const found = said.split('\n').map(readError).filter(Boolean);
      if (status !== 0 && found.length === 0) reject(new Error(`${compiler} ${file}: ${said}`));
      else resolve(found);
    });
  });
}

/** Makes the headers of one room, and the file by which the compiler finds them in place of the true ones. */
function overlayFor(room, headers, folder, table, types) {
  const own = join(folder, room);
  mkdirSync(own, { recursive: true });
  const roots = [...headers].map(([path, text], index) => {
    const seen = join(own, `${index}.h`);
    writeFileSync(seen, headerFor(text, room, table, types));
    return { type: 'file', name: path, 'external-contents': seen };
  });
  const overlay = join(own, 'overlay.json');
  writeFileSync(overlay, JSON.stringify({ version: 0, 'use-external-names': false, roots }));
  return overlay;
}

/**
 * Compiles files, each against the headers of its room, and says what is written where it may not be.
 * @param {Map<string, Compilation>} files by path, relative to core/src
 * @param {Map<string, string>} headers of state/, by their whole paths
 * @param {Owners} table
 * @param {string} folder for what is made
 * @returns {Promise<{file: string, line: number, part: string, said: string}[]>}
 */
export async function writersIn(files, headers, table, folder) {
  const structs = new Map([...headers.values()].flatMap((text) => [...structsOf(text)]));
  const types = ownersOfTypes(table, structs);
  const parts = new Map(Object.values(table).flatMap((one) => Object.entries(one)));
  rmSync(folder, { recursive: true, force: true });
  const rooms = new Set([...files.keys()].map(homeOf));
  const overlays = new Map([...rooms].map((room) => [room, overlayFor(room, headers, folder, table, types)]));
  const found = [];
  const queue = [...files];
  const work = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [file, compilation] = next;
      for (const error of await compile(compilation, overlays.get(homeOf(file)))) {
        found.push({ file, line: error.line, part: partIn(error, readFileSync(compilation.file, 'utf8'), parts), said: error.said });
      }
    }
  };
  await Promise.all(Array.from({ length: Number(process.env.NKT_JOBS || 2) }, work));
  return found.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/**
 * What is changed by others than its room and not known, and what is known and no more so.
 * @param {{file: string, line: number, part: string, said: string}[]} writers
 * @param {string[]} known
 * @returns {Finding[]}
 */
export function judgeWriters(writers, known = knownWriters) {
  const findings = [];
  const all = new Set();
  for (const { file, line, part, said } of writers) {
    all.add(`${file} ${part}`);
    if (!known.includes(`${file} ${part}`))
      findings.push({ file: `core/src/${file}`, line, what: `changes ${part || 'what'}, another room's own: ${said}` });
  }
  for (const entry of known) {
    if (!all.has(entry)) findings.push({ file: 'tools/tidy/rooms.mjs', line: 1, what: `knows a writer that is gone: ${entry}` });
  }
  return findings;
}

/**
 * The check of the core as it is, or undefined if nothing says yet how it is compiled.
 * @returns {Promise<Finding[] | undefined>}
 */
export async function tidyWriters() {
  if (!existsSync(commandsPath)) return undefined;
  const headers = new Map(
    readdirSync(stateDir)
      .filter((name) => name.endsWith('.h'))
      .map((name) => [join(stateDir, name), readFileSync(join(stateDir, name), 'utf8')]),
  );
  const files = new Map();
  for (const one of JSON.parse(readFileSync(commandsPath, 'utf8'))) {
    const file = one.file.startsWith(`${sourceDir}/`) ? one.file.slice(sourceDir.length + 1) : undefined;
    const isOfRoom = file && (!file.includes('/') || roomsAbove.includes(roomOf(file)));
    if (isOfRoom && !makers.includes(file) && one.command.includes('nkt_core.dir') && existsSync(one.file)) files.set(file, one);
  }
  const structs = new Map([...headers.values()].flatMap((text) => [...structsOf(text)]));
  const writers = await writersIn(files, headers, owners, join(buildDir, 'tidy'));
  return [...judgeParts(structs, owners), ...judgeWriters(writers)];
}

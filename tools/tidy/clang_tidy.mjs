// SPDX-License-Identifier: GPL-3.0-or-later
// clang-tidy over our C, as the builds compile it: what for, and why not more, is in .clang-tidy and core/.clang-tidy. A file is not looked
// at again while it, all that it includes, how it is compiled and what is looked for are the same.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { buildDir, root } from '../setup/paths.mjs';
import { Failure } from '../setup/report.mjs';

const PROGRAM = 'clang-tidy';
const CONFIG = '.clang-tidy';
const ROOMS = ['core', 'tests', 'glue'];
const BATCH = 8; // files that one process looks at: half of its time by itself is its start

/** @typedef {{file: string, line: number, what: string}} Finding */
/** @typedef {{file: string, directory: string, command: string, output?: string}} Compilation an entry of compile_commands.json */
/** @typedef {{key: string, findings: Finding[]}} Known */

/** What clang-tidy says, once each. @param {string} text @param {string} [base] @returns {Finding[]} */
export function readFindings(text, base = root) {
  const seen = new Map();
  for (const found of text.matchAll(/^(\/.*?):(\d+):\d+: (?:warning|error): (.*?)(?: \[([\w.,-]+)\])?$/gm)) {
    const [, file, line, words, checks = ''] = found;
    const check = checks.split(',')[0];
    seen.set(`${file}:${line} ${words}`, { file: relative(base, file), line: Number(line), what: check ? `${words} (${check})` : words });
  }
  return [...seen.values()];
}

/** What each object was made of when it was built, as ninja remembers it. @param {string} text @returns {Map<string, string[]>} */
export function readDeps(text) {
  const deps = new Map();
  for (const part of text.split('\n\n')) {
    const [head, ...lines] = part.split('\n').filter(Boolean);
    const found = /^(.*): #deps \d+, .*\(VALID\)$/.exec(head ?? '');
    if (found) deps.set(found[1], lines.map((line) => line.trim()));
  }
  return deps;
}

/** @param {string} path @returns {string[]} the configurations that may hold there, the nearest first: each may take those above it */
function configsFor(path) {
  const folder = dirname(path);
  return [join(folder, CONFIG), ...(folder === path ? [] : configsFor(folder))].filter((file) => existsSync(file));
}

/** @param {string | Buffer} text */
const hash = (text) => createHash('sha256').update(text).digest('hex');

/** @param {string[]} args @returns {Promise<{status: number | null, said: string, errors: string}>} */
function runProgram(args) {
  return new Promise((resolve, reject) => {
    let said = '';
    let errors = '';
    const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (errors += data));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, said, errors }));
  });
}

/** What it finds in files, and in our headers of them. @param {string[]} files @param {string} folder of the build @param {string} base */
async function look(files, folder, base) {
  const ours = `^${base.replace(/[^\w/]/g, '\\$&')}/(${ROOMS.join('|')})/.*\\.h$`;
  const { status, said, errors } = await runProgram(['-p', folder, '--quiet', `--header-filter=${ours}`, ...files]);
  const all = readFindings(said, base);
  if (status !== 0 && all.length === 0) {
    throw new Failure(`${PROGRAM} ended with ${status}: ${said}${errors}`, `try: ${PROGRAM} -p ${folder} ${files.join(' ')}`);
  }
  return all.filter((one) => ROOMS.includes(one.file.split('/')[0])); // it tells of libraries' headers that declare what we define
}

/** The same, file by file. What a header has is of each file that includes it, so each is looked at alone where there is something. */
async function lookAtEach(files, folder, base) {
  if ((await look(files, folder, base)).length === 0) return files.map(() => []);
  const all = [];
  for (const file of files) all.push(await look([file], folder, base));
  return all;
}

/** Our own files of a build, as clang compiles them. @param {string} folder @param {string} base @returns {Compilation[]} */
function compilationsIn(folder, base) {
  const path = join(folder, 'compile_commands.json');
  if (!existsSync(path)) return [];
  const isOurs = ({ file }) => ROOMS.some((room) => file.startsWith(`${join(base, room)}/`)) && existsSync(file);
  return JSON.parse(readFileSync(path, 'utf8')).filter((one) => isOurs(one) && !/^\S*emcc\b/.test(one.command));
}

/**
 * All our C: what the native build compiles, and of the module what only it does.
 * @param {{base?: string, builds?: string[], memory?: string}} [where] memory: a file that keeps what was found
 * @returns {Promise<{findings: Finding[], looked: string[]}>} looked: at which files, for the others were as before
 */
export async function tidyClang({
  base = root,
  builds = ['native', 'wasm'].map((kind) => join(buildDir, kind)),
  memory = join(buildDir, 'clang-tidy.json'),
} = {}) {
  const hashes = new Map();
  const hashOf = (path) => {
    if (!hashes.has(path)) hashes.set(path, existsSync(path) ? hash(readFileSync(path)) : '');
    return hashes.get(path);
  };
  const version = spawnSync(PROGRAM, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  /** @type {Map<string, {folder: string, key: string | undefined}>} */
  const files = new Map();
  for (const folder of builds) {
    const compilations = compilationsIn(folder, base).filter(({ file }) => !files.has(file));
    if (compilations.length === 0) continue;
    const deps = readDeps(spawnSync('ninja', ['-C', folder, '-t', 'deps'], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout ?? '');
    for (const { file, command, output } of compilations) {
      const made = deps.get(output ?? /-o (\S+)/.exec(command)?.[1] ?? '');
      const parts = made && [file, ...made.map((path) => resolve(folder, path)), ...configsFor(file)];
      files.set(file, { folder, key: parts && hash([version, command, ...parts.map(hashOf)].join('\n')) });
    }
  }
  /** @type {Record<string, Known>} */
  const known = existsSync(memory) ? JSON.parse(readFileSync(memory, 'utf8')) : {};
  /** @type {Record<string, Known>} */
  const now = {};
  const queue = [...files].filter(([file, { key }]) => {
    const isSame = key !== undefined && known[file]?.key === key;
    if (isSame) now[file] = known[file];
    return !isSame;
  });
  const looked = queue.map(([file]) => relative(base, file));
  const work = async () => {
    while (queue.length > 0) {
      const [[, { folder }]] = queue;
      const other = queue.slice(0, BATCH).findIndex(([, one]) => one.folder !== folder);
      const batch = queue.splice(0, other < 0 ? BATCH : other);
      const found = await lookAtEach(batch.map(([file]) => file), folder, base);
      for (const [i, [file, { key = '' }]] of batch.entries()) now[file] = { key, findings: found[i] };
    }
  };
  await Promise.all(Array.from({ length: Number(process.env.NKT_JOBS || availableParallelism()) }, work));
  writeFileSync(memory, JSON.stringify(now));
  const all = Object.values(now).flatMap(({ findings }) => findings);
  const once = new Map(all.map((one) => [`${one.file}:${one.line} ${one.what}`, one])); // of a header, in each file that includes it
  return { looked, findings: [...once.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)) };
}

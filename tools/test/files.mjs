// SPDX-License-Identifier: GPL-3.0-or-later
// Test files in JavaScript: each in a process of Node's test runner, some side by side. A file that measures time says so in its head,
// `// Alone: why`, and no other runs beside it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, root } from '../setup/paths.mjs';
import { readTap, sum } from './count.mjs';

const LAST_WORDS_MS = 2000;
const FILE_MS_MAX = 600_000; // several times the longest: something that never ends must not hold up the others for ever

/** @typedef {{path: string, stage: string, isAlone: boolean}} TestFile */

/** @param {string} stage its folder under tests/ @returns {TestFile[]} */
export function testFiles(stage) {
  const folder = join(root, 'tests', stage);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test.mjs')) : [];
  return names.sort().map((name) => {
    const head = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, 8);
    return { path: join('tests', stage, name), stage, isAlone: head.some((line) => line.startsWith('// Alone: ')) };
  });
}

/**
 * A program to its end.
 * @param {string} program @param {string[]} args @param {(text: string) => void} write what it prints @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number | null>} its status
 */
export function runProgram(program, args, write, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', write);
    child.once('error', (error) => {
      write(`${program}: ${error.message}\n`);
      resolve(null);
    });
    child.once('close', resolve);
    // something it left behind may hold its output open
    child.once('exit', (status) => setTimeout(() => {
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve(status);
    }, LAST_WORDS_MS).unref());
  });
}

let reportCount = 0;

/** One file; what it prints comes in one piece. @param {TestFile} file @param {(text: string) => void} write */
async function runFile({ path }, write) {
  const report = join(buildDir, 'test', `${process.pid}-${++reportCount}.tap`);
  mkdirSync(join(buildDir, 'test'), { recursive: true });
  const args = ['--test', '--test-reporter=spec', '--test-reporter-destination=stdout'];
  args.push(`--test-timeout=${FILE_MS_MAX}`, '--test-reporter=tap', `--test-reporter-destination=${report}`, path);
  const printed = [];
  const status = await runProgram(process.execPath, args, (text) => printed.push(text));
  write(printed.join(''));
  const tap = existsSync(report) ? readFileSync(report, 'utf8') : '';
  rmSync(report, { force: true });
  return readTap(tap, path, status);
}

/**
 * Files of several stages: first those that run alone, one after the other, then each stage as many at a time as it allows.
 * @param {Record<string, number>} widths stage -> how many of its files at a time
 * @param {(stage: string, text: string) => void} write
 * @param {(stage: string, count: import('./count.mjs').Count) => void} done when the last of a stage has ended
 */
export async function runFiles(widths, write, done) {
  const queues = Object.fromEntries(Object.keys(widths).map((stage) => [stage, testFiles(stage)]));
  const counts = Object.fromEntries(Object.keys(widths).map((stage) => [stage, []]));
  const left = Object.fromEntries(Object.keys(widths).map((stage) => [stage, queues[stage].length]));
  const run = async (file) => {
    counts[file.stage].push(await runFile(file, (text) => write(file.stage, text)));
    if (--left[file.stage] === 0) done(file.stage, sum(counts[file.stage]));
  };
  for (const stage of Object.keys(widths)) if (left[stage] === 0) done(stage, sum([]));
  for (const file of Object.values(queues).flat().filter(({ isAlone }) => isAlone)) await run(file);
  await Promise.all(Object.entries(widths).flatMap(([stage, width]) => {
    const queue = queues[stage].filter(({ isAlone }) => !isAlone);
    return Array.from({ length: width }, async () => {
      for (let file = queue.shift(); file; file = queue.shift()) await run(file);
    });
  }));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Test files in JavaScript: each in a process of Node, some side by side. A file that measures time says so in its head,
// `// Alone: why`, and no other runs beside it; one that takes a minute says `// Long: why`, and is begun before the others.
// A file that failed is run once more when all others have ended: what passes then counts as passed, and is named all the same.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, root } from '../setup/paths.mjs';
import { readTap, sum } from './count.mjs';
import { Spare } from './spare.mjs';
import { endedSeconds } from './timeline.mjs';

const LAST_WORDS_MS = 2000;
// several times the longest (cost.test.mjs: 283 s where ten others computed): what never ends must not hold up the others for ever
const FILE_MS_MAX = 1_200_000;

/** So many files that failed are run once more: where more did it is not for want of a processor. */
const AGAIN_COUNT_MAX = 8;

const LOOK_MS = 500;
const SPARE_MIN = 0.5; // processors: what a file takes at most times

/** @typedef {import('./timeline.mjs').Timeline} Timeline */
/** @typedef {{path: string, stage: string, isAlone: boolean, isLong: boolean}} TestFile */
/**
 * How many files of a stage run at a time: so many on any machine, and so many where processors are idle. seconds: what one takes
 * @typedef {{least: number, most: number, seconds: number}} Width
 */

/** @param {string} stage its folder under tests/ @returns {TestFile[]} */
export function testFiles(stage) {
  const folder = join(root, 'tests', stage);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test.mjs')) : [];
  return names.sort().map((name) => {
    const head = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, 8);
    const says = (word) => head.some((line) => line.startsWith(`// ${word}: `));
    return { path: join('tests', stage, name), stage, isAlone: says('Alone'), isLong: says('Long') };
  });
}

/**
 * A program to its end.
 * @param {string} program @param {string[]} args @param {(text: string, pid: number) => void} write what it prints
 * @param {{env?: NodeJS.ProcessEnv, spent?: (seconds: number) => void, msMax?: number}} [options] spent: what CPU time it took, told
 *   before its end; msMax: it is killed after so long
 * @returns {Promise<number | string | null>} its status, or the signal that ended it
 */
export function runProgram(program, args, write, { env = process.env, spent = () => {}, msMax } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: msMax, killSignal: 'SIGKILL' });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => write(text, child.pid ?? 0));
    child.once('error', (error) => {
      write(`${program}: ${error.message}\n`, 0);
      resolve(null);
    });
    child.once('close', (status, signal) => resolve(status ?? signal));
    child.once('exit', (status, signal) => {
      spent(endedSeconds());
      // something it left behind may hold its output open
      setTimeout(() => {
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
        resolve(status ?? signal);
      }, LAST_WORDS_MS).unref();
    });
  });
}

let reportCount = 0;

/**
 * One file; what it prints comes in one piece.
 * @param {TestFile} file @param {(text: string) => void} write @param {Timeline} [timeline]
 */
async function runFile({ path }, write, timeline) {
  const from = timeline?.now() ?? 0;
  const report = join(buildDir, 'test', `${process.pid}-${++reportCount}.tap`);
  mkdirSync(join(buildDir, 'test'), { recursive: true });
  // without --test, which would start it in a process of its own
  const args = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  args.push('--test-reporter=tap', `--test-reporter-destination=${report}`, path);
  const printed = [];
  const status = await runProgram(process.execPath, args, (text) => printed.push(text), {
    spent: (seconds) => timeline?.add(path, from, seconds),
    msMax: FILE_MS_MAX,
  });
  write(printed.join(''));
  const tap = existsSync(report) ? readFileSync(report, 'utf8') : '';
  rmSync(report, { force: true });
  return readTap(tap, path, status);
}

/**
 * Files of several stages: first those that run alone, one after the other, then all others, the long ones first: as many at a time
 * as each stage allows on any machine, and one more whenever processors were idle, of the stage that is furthest from its end.
 * Those that failed are run once more, one after the other.
 * @param {Record<string, Width>} widths by stage
 * @param {(stage: string, text: string) => void} write
 * @param {(stage: string, count: import('./count.mjs').Count) => void} done when the last of a stage has ended
 * @param {{timeline?: Timeline, spare?: Spare, files?: (stage: string) => TestFile[], run?: typeof runFile}} [parts]
 *   spare, files, run: other ones, for tests of this
 */
export async function runFiles(widths, write, done, { timeline, spare = new Spare(), files = testFiles, run = runFile } = {}) {
  const stages = Object.entries(widths).map(([name, width]) => ({ name, ...width, queue: files(name), running: 0, left: 0, counts: [] }));
  const failed = [];
  const ended = (stage, count) => {
    stage.counts.push(count);
    if (stage.counts.length === stage.length) done(stage.name, sum(stage.counts));
  };
  const begin = async (stage, file) => {
    stage.running++;
    const count = await run(file, (text) => write(stage.name, text), timeline);
    stage.running--;
    stage.left--;
    if (count.failed > 0) failed.push({ stage, file, count });
    else ended(stage, count);
  };
  const runAgain = async ({ stage, file, count }) => {
    write(stage.name, `${file.path} failed; once more, with no other file beside it:\n`);
    const second = await run(file, (text) => write(stage.name, text), timeline);
    ended(stage, second.failed > 0 ? second : { ...second, again: count.names });
  };
  const alone = [];
  for (const stage of stages) {
    stage.left = stage.length = stage.queue.length;
    if (stage.length === 0) done(stage.name, sum([]));
    alone.push(...stage.queue.filter(({ isAlone }) => isAlone).map((file) => ({ stage, file })));
    stage.queue = stage.queue.filter(({ isAlone }) => !isAlone).sort((a, b) => Number(b.isLong) - Number(a.isLong));
  }
  for (const { stage, file } of alone) await begin(stage, file);

  const secondsLeft = ({ queue, seconds, running }) => (queue.length * seconds) / Math.max(running, 1);
  await new Promise((resolve, reject) => {
    const end = (settle) => (value) => {
      clearInterval(looking);
      settle(value);
    };
    const next = (stage) => {
      spare.forget();
      begin(stage, stage.queue.shift()).then(fill).catch(end(reject));
    };
    const fill = () => {
      for (const stage of stages) while (stage.running < stage.least && stage.queue.length > 0) next(stage);
      if (stages.every(({ left }) => left === 0)) end(resolve)(undefined);
    };
    const looking = setInterval(() => {
      const free = spare.look();
      const [stage] = stages.filter(({ queue, running, most }) => queue.length > 0 && running < most)
        .sort((a, b) => secondsLeft(b) - secondsLeft(a));
      if (stage && (free >= SPARE_MIN || stages.every(({ running }) => running === 0))) next(stage);
    }, LOOK_MS);
    fill();
  });
  for (const one of failed) {
    if (failed.length > AGAIN_COUNT_MAX) ended(one.stage, one.count);
    else await runAgain(one);
  }
}

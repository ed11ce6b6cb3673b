// SPDX-License-Identifier: GPL-3.0-or-later
// All tests: `node tools/test.mjs`, or some of the stages: `node tools/test.mjs unit glue`. At the end it says where the time went;
// with --timeline when each part began and ended.
// A stage that fails does not stop the others; the end is non-zero all the same, and names what failed.
//
// What does nothing but compute, the native build and its tests, has what the others leave of the processors; browsers wait often.
// It begins while browsers are still being installed.
// What is printed keeps the order of the stages.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { beginSetup } from './setup.mjs';
import { installModules } from './setup/modules.mjs';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure } from './setup/report.mjs';
import { failure, readCtest, sum } from './test/count.mjs';
import { runFiles, runProgram } from './test/files.mjs';
import { Sheet } from './test/sheet.mjs';
import { childSeconds, CtestParts, endedSeconds, readStat, Timeline } from './test/timeline.mjs';

/** @typedef {import('./test/count.mjs').Count} Count */

const UNIT_S_MAX = 900; // a test of two minutes of CPU may have to wait for browsers
const NICE = '10';
const TIMELINE = '--timeline';

const timeline = new Timeline();

/** @param {boolean} isBeside others, that measure time @param {string} program @param {string[]} args @returns {[string, string[]]} */
const giveWay = (isBeside, program, args) => (isBeside ? ['nice', ['-n', NICE, program, ...args]] : [program, args]);

/**
 * A program that is a part of its own in the timeline.
 * @param {string} name @param {[string, string[]]} command
 * @param {(text: string, pid: number) => void} write @param {NodeJS.ProcessEnv} [env]
 */
function runPart(name, [program, args], write, env) {
  const from = timeline.now();
  return runProgram(program, args, write, { env, spent: (seconds) => timeline.add(name, from, seconds) });
}

/**
 * The native build, whose objects and commands are what tidy reads.
 * @param {(text: string) => void} write
 * @param {boolean} isBeside
 */
async function buildNative(write, isBeside) {
  const args = [join(root, 'tools', 'build.mjs'), 'native', '--no-setup'];
  const status = await runPart('native build', giveWay(isBeside, process.execPath, args), write);
  if (status !== 0) throw new Failure(`The native build ended with ${status}`, 'see above');
}

/** @param {(text: string) => void} write @param {boolean} isBeside @returns {Promise<Count>} */
async function runTidy(write, isBeside) {
  const status = await runPart('tidy', giveWay(isBeside, process.execPath, [join(root, 'tools', 'tidy.mjs')]), write);
  return status === 0 ? { passed: 1, failed: 0, names: [] } : failure('tidy');
}

/**
 * The C tests, under the sanitizers.
 * @param {(text: string) => void} write
 * @param {boolean} isBeside
 * @returns {Promise<Count>}
 */
async function runUnit(write, isBeside) {
  const jobs = process.env.NKT_JOBS || availableParallelism();
  const env = {
    ...process.env,
    UBSAN_OPTIONS: 'print_stacktrace=1',
    // 30 callers of each allocation and each free cost a fifth of the time, 8 up to a tenth: whoever needs them runs the one test by hand
    ASAN_OPTIONS: 'detect_stack_use_after_return=1:malloc_context_size=2:quarantine_size_mb=64',
  };
  const args = ['--test-dir', join(buildDir, 'native'), '--output-on-failure', `-j${jobs}`, '--timeout', String(UNIT_S_MAX)];
  const printed = [];
  const parts = new CtestParts(timeline);
  const status = await runPart('ctest, all of it', giveWay(isBeside, 'ctest', args), (text, pid) => {
    printed.push(text);
    write(text);
    parts.hear(text, childSeconds(readStat(pid)));
  }, env);
  parts.end();
  return readCtest(printed.join(''), status);
}

/** The page whole: what app.js serves. */
function buildPage() {
  timeline.measure('wasm build', () => build('wasm'));
  timeline.measure('page', () => build('web'));
}

/** The bundlers of this stage are in a folder of their own. @returns {Promise<void>} */
const installBundlers = () => installModules(join(root, 'tests', 'pack'));

/** What has to be there before the files of a stage run. @type {Record<string, () => unknown>} */
const needs = {
  glue: buildPage,
  peer: buildPage,
  e2e: buildPage,
  pack: async () => {
    build('wasm');
    await installBundlers(); // they are there but for an error, which is told again
  },
};

/**
 * How many files of a stage run at a time: three on any machine, and more where processors are idle, for many mostly wait. More on a busy
 * one would end no sooner, since the C tests take what is left, and browsers that wait for one another would wait too long. The package is
 * packed and bundled when little else is left.
 * @type {Record<string, import('./test/files.mjs').Width>}
 */
const WIDTHS = {
  glue: { least: 1, most: 4, seconds: 6 }, // a fifth of a processor each
  peer: { least: 0, most: 2, seconds: 8 },
  e2e: { least: 2, most: 4, seconds: 20 },
  pack: { least: 0, most: 1, seconds: 20 },
};

const names = ['tidy', 'unit', ...Object.keys(WIDTHS)];

class Stage {
  #sheet = new Sheet();
  #start = performance.now();
  /** @type {(count: Count) => void} */
  end = () => {};
  /** @type {Promise<Count>} */
  ended = new Promise((resolve) => { this.end = resolve; });
  seconds = '';

  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.ended.then(() => { this.seconds = ((performance.now() - this.#start) / 1000).toFixed(1); });
    this.write = (text) => this.#sheet.write(text);
  }

  /** From now on is counted. */
  begin() {
    this.#start = performance.now();
  }

  /** Something that runs to its end; what it throws is a failure of the stage. @param {() => Count | Promise<Count>} run */
  async run(run) {
    this.begin();
    try {
      this.end(await run());
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    this.write(`nkt: FAILED: ${error instanceof Failure ? error.message : error.stack}\n`);
    this.end(failure(`${this.name}: ${error.message.split('\n')[0]}`));
  }

  async print() {
    console.log(`\n--- ${this.name}`);
    this.#sheet.show();
    const count = await this.ended;
    console.log(`--- ${this.name}: ${count.passed} passed, ${count.failed} failed, ${this.seconds} s`);
    return count;
  }
}

/** @param {string[]} wanted stages @param {Promise<unknown>} ready all but what the native build needs, which is there */
async function runStages(wanted, ready) {
  const stages = Object.fromEntries(wanted.map((name) => [name, new Stage(name)]));
  const prepare = async (name) => {
    try {
      await needs[name]();
      return true;
    } catch (error) {
      stages[name].fail(error);
      return false;
    }
  };
  const native = async () => {
    const own = ['tidy', 'unit'].filter((name) => name in stages);
    const isBeside = own.length < wanted.length;
    if (own.length === 0) return;
    try {
      await buildNative(stages[own[0]].write, isBeside);
      await ready;
    } catch (error) {
      for (const name of own) stages[name].fail(error);
      return;
    }
    if ('tidy' in stages) await stages.tidy.run(() => runTidy(stages.tidy.write, isBeside));
    if ('unit' in stages) await stages.unit.run(() => runUnit(stages.unit.write, isBeside));
  };
  /** @param {string[]} names that are prepared */
  const files = async (names) => {
    for (const name of names) stages[name].begin();
    try {
      const widths = Object.fromEntries(names.map((name) => [name, WIDTHS[name]]));
      await runFiles(widths, (name, text) => stages[name].write(text), (name, count) => stages[name].end(count), { timeline });
    } catch (error) {
      for (const name of names) stages[name].fail(error); // those that have not ended
    }
  };
  const building = native(); // goes on meanwhile
  await ready;
  const prepared = [];
  for (const name of wanted.filter((one) => one in WIDTHS)) if (await prepare(name)) prepared.push(name);
  const working = Promise.all([building, files(prepared)]);
  const counts = [];
  for (const name of wanted) counts.push(await stages[name].print());
  await working;
  return sum(counts);
}

await command(async () => {
  const wanted = process.argv.slice(2).filter((arg) => arg !== TIMELINE);
  for (const name of wanted) {
    if (!names.includes(name)) throw new Failure(`No such stage: ${name}`, `one of ${names.join(', ')}`);
  }
  const stages = wanted.length > 0 ? [...new Set(wanted)] : names;
  const bundlers = stages.includes('pack') ? installBundlers().catch(() => {}) : undefined; // beside the rest of the set-up
  const { rest } = beginSetup();
  const ready = Promise.all([rest, bundlers]).then(() => timeline.add('set-up', 0, endedSeconds()));
  const { passed, failed, names: failures, again } = await runStages(stages, ready);
  console.log(`\n${timeline.lines(process.argv.includes(TIMELINE)).join('\n')}`);
  console.log(`\n${passed} passed, ${failed} failed`);
  for (const name of failures) console.log(`  failed: ${name}`);
  for (const name of again ?? []) console.log(`  passed only when run once more, which is a fault to be mended: ${name}`);
  if (failed > 0) process.exitCode = 1;
});

// SPDX-License-Identifier: GPL-3.0-or-later
// All tests: `node tools/test.mjs`, or some of the stages: `node tools/test.mjs unit glue`.
// A stage that fails does not stop the others; the end is non-zero all the same, and names what failed.
//
// The C tests do nothing but compute, and browsers wait often: they run at the same time, the C tests with what is left of the processor.
// What is printed keeps the order of the stages.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { setup } from './setup.mjs';
import { installModules } from './setup/modules.mjs';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure } from './setup/report.mjs';
import { failure, readCtest, sum } from './test/count.mjs';
import { runFiles, runProgram } from './test/files.mjs';
import { Sheet } from './test/sheet.mjs';
import { tidy } from './tidy/tidy.mjs';

/** @typedef {import('./test/count.mjs').Count} Count */

const UNIT_S_MAX = 900; // a test of two minutes of CPU may have to wait for browsers
const NICE = '10';

/** @param {(text: string) => void} write @returns {Count} */
function runTidy(write) {
  const { fileCount, findings } = tidy();
  for (const { file, line, what } of findings) write(`${file}:${line}: ${what}\n`);
  write(`nkt: tidy: ${fileCount} files, ${findings.length} findings\n`);
  return findings.length === 0 ? { passed: 1, failed: 0, names: [] } : failure('tidy');
}

/**
 * The C tests, under the sanitizers.
 * @param {(text: string) => void} write
 * @param {boolean} isBeside others, that measure time
 * @returns {Promise<Count>}
 */
async function runUnit(write, isBeside) {
  const jobs = process.env.NKT_JOBS || availableParallelism();
  const env = {
    ...process.env,
    UBSAN_OPTIONS: 'print_stacktrace=1',
    ASAN_OPTIONS: 'detect_stack_use_after_return=1:malloc_context_size=8', // 30 callers of each allocation cost a tenth of the time
  };
  const ctest = ['ctest', '--test-dir', join(buildDir, 'native'), '--output-on-failure', `-j${jobs}`, '--timeout', String(UNIT_S_MAX)];
  const [program, ...args] = isBeside ? ['nice', '-n', NICE, ...ctest] : ctest;
  const printed = [];
  const status = await runProgram(program, args, (text) => {
    printed.push(text);
    write(text);
  }, env);
  return readCtest(printed.join(''), status);
}

/** The page whole: what app.js serves. */
function buildPage() {
  build('wasm');
  build('web');
}

/** What has to be there before a stage runs. @type {Record<string, () => void>} */
const needs = {
  tidy: () => {},
  unit: () => build('native'),
  glue: buildPage,
  e2e: buildPage,
  // its bundlers are in a folder of their own
  pack: () => {
    build('wasm');
    installModules(join(root, 'tests', 'pack'));
  },
};
const names = Object.keys(needs);

/** How many files of a stage run at a time, on any machine: two tests that need a processor each, and one that mostly waits. */
const WIDTHS = { glue: 1, e2e: 2 };

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

/** @param {string[]} wanted stages */
async function runStages(wanted) {
  const stages = Object.fromEntries(wanted.map((name) => [name, new Stage(name)]));
  const ready = wanted.filter((name) => {
    try {
      needs[name]();
      return true;
    } catch (error) {
      stages[name].fail(error);
      return false;
    }
  });
  const has = (name) => ready.includes(name);
  /** @param {Record<string, number>} widths */
  const files = async (widths) => {
    for (const name of Object.keys(widths)) stages[name].begin();
    try {
      await runFiles(widths, (name, text) => stages[name].write(text), (name, count) => stages[name].end(count));
    } catch (error) {
      for (const name of Object.keys(widths)) stages[name].fail(error); // those that have not ended
    }
  };
  const work = async () => {
    if (has('tidy')) await stages.tidy.run(() => runTidy(stages.tidy.write));
    const lanes = [];
    const widths = Object.fromEntries(Object.entries(WIDTHS).filter(([name]) => has(name)));
    const isBeside = has('pack') || Object.keys(widths).length > 0;
    if (has('unit')) lanes.push(stages.unit.run(() => runUnit(stages.unit.write, isBeside)));
    // the package is packed and bundled when no browser is waited for
    lanes.push(files(widths).then(() => (has('pack') ? files({ pack: 1 }) : undefined)));
    await Promise.all(lanes);
  };
  const working = work();
  const counts = [];
  for (const name of wanted) counts.push(await stages[name].print());
  await working;
  return sum(counts);
}

await command(async () => {
  const wanted = process.argv.slice(2);
  for (const name of wanted) {
    if (!names.includes(name)) throw new Failure(`No such stage: ${name}`, `one of ${names.join(', ')}`);
  }
  setup();
  const { passed, failed, names: failures } = await runStages(wanted.length > 0 ? [...new Set(wanted)] : names);
  console.log(`\n${passed} passed, ${failed} failed`);
  for (const name of failures) console.log(`  failed: ${name}`);
  if (failed > 0) process.exitCode = 1;
});

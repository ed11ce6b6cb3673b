// SPDX-License-Identifier: GPL-3.0-or-later
// All tests: `node tools/test.mjs`, or some of the stages: `node tools/test.mjs unit glue`.
// A stage that fails does not stop the others; the end is non-zero all the same.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { setup } from './setup.mjs';
import { installModules } from './setup/modules.mjs';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure, say } from './setup/report.mjs';
import { tidy, tidyCalls } from './tidy/tidy.mjs';

/** @typedef {{passed: number, failed: number}} Count */

/** @param {string} what was looked at @param {import('./tidy/tidy.mjs').Finding[]} findings @returns {Count} */
function countFindings(what, findings) {
  for (const { file, line, what } of findings) console.log(`${file}:${line}: ${what}`);
  say(`${what}, ${findings.length} findings`);
  return findings.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** @returns {Count} */
function runTidy() {
  const { fileCount, findings } = tidy();
  return countFindings(`tidy: ${fileCount} files`, findings);
}

/** Who calls whom within the core, as it was compiled: after the native build. @returns {Count} */
const runCalls = () => countFindings('tidy: calls of the core', tidyCalls() ?? []);

/** The C tests, under the sanitizers. @returns {Count} */
function runUnit() {
  const folder = join(buildDir, 'native');
  const jobs = process.env.NKT_JOBS || availableParallelism();
  const env = {
    ...process.env,
    UBSAN_OPTIONS: 'print_stacktrace=1',
    ASAN_OPTIONS: 'detect_stack_use_after_return=1',
  };
  const args = ['--test-dir', folder, '--output-on-failure', `-j${jobs}`, '--timeout', '300'];
  const { stdout, stderr, status } = spawnSync('ctest', args, { env, encoding: 'utf8', maxBuffer: 64 << 20 });
  process.stdout.write(stdout + stderr);
  if (/No tests were found/.test(stdout + stderr)) return { passed: 0, failed: 1 };
  const found = /(\d+) tests? failed out of (\d+)/.exec(stdout);
  if (!found) return { passed: 0, failed: status === 0 ? 0 : 1 };
  return { passed: Number(found[2]) - Number(found[1]), failed: Number(found[1]) };
}

/**
 * Node's test runner over files; what it counted comes from a second report.
 * @param {string[]} files
 * @returns {Count}
 */
function runNodeTests(files) {
  const report = join(buildDir, 'test', `${process.pid}.tap`);
  mkdirSync(join(buildDir, 'test'), { recursive: true });
  const args = ['--test', '--test-reporter=spec', '--test-reporter-destination=stdout'];
  args.push('--test-reporter=tap', `--test-reporter-destination=${report}`, ...files);
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  rmSync(report, { force: true });
  const numberOf = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  const failed = numberOf('fail') + numberOf('cancelled');
  return { passed: numberOf('pass'), failed: failed === 0 && status !== 0 ? 1 : failed };
}

/** @param {string} folder under tests/ */
function testFiles(folder) {
  const path = join(root, 'tests', folder);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((name) => name.endsWith('.test.mjs'));
  return names.sort().map((name) => join('tests', folder, name));
}

/** @param {Count[]} counts @returns {Count} */
function sum(counts) {
  return counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  });
}

/** @type {Record<string, () => Count>} */
const stages = {
  tidy: runTidy,
  unit: () => {
    build('native');
    return sum([runCalls(), runUnit()]);
  },
  glue: () => {
    build('wasm');
    const files = testFiles('glue');
    return files.length > 0 ? runNodeTests(files) : { passed: 0, failed: 0 };
  },
  // Real browsers: one file at a time, they are heavy and measure time.
  e2e: () => {
    build('wasm');
    return sum(testFiles('e2e').map((file) => runNodeTests([file])));
  },
  // The package as others get it; its bundler is in a folder of its own.
  pack: () => {
    installModules(join(root, 'tests', 'pack'));
    return runNodeTests(testFiles('pack'));
  },
};

/** @param {string} name @returns {Count} */
function runStage(name) {
  const start = performance.now();
  console.log(`\n--- ${name}`);
  let count = { passed: 0, failed: 1 };
  try {
    count = stages[name]();
  } catch (error) {
    console.error(`nkt: FAILED: ${error instanceof Failure ? error.message : error.stack}`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`--- ${name}: ${count.passed} passed, ${count.failed} failed, ${seconds} s`);
  return count;
}

await command(() => {
  const wanted = process.argv.slice(2);
  for (const name of wanted) {
    if (!Object.hasOwn(stages, name))
      throw new Failure(`No such stage: ${name}`, `one of ${Object.keys(stages).join(', ')}`);
  }
  setup();
  const { passed, failed } = sum((wanted.length > 0 ? wanted : Object.keys(stages)).map(runStage));
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
});

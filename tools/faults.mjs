// SPDX-License-Identifier: GPL-3.0-or-later
// What is lost when things fail: runs what shows each row of tools/faults/rows.mjs and prints a table.
//   npm run -s faults -- [--json] [--seeds N] [--only WORDS] [--sim | --tests] [--list]
// --json: one line of JSON instead; --list: only whether what each row names is there. Ends with 1 when a row misses its
// bar, a test fails, or something is not there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rows } from './faults/rows.mjs';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure } from './setup/report.mjs';

const binary = join(buildDir, 'release', 'tests', 'sim', 'sim');

function readArguments(given) {
  const wanted = { json: false, seeds: 10, only: '', sim: true, tests: true, list: false };
  for (let i = 0; i < given.length; i++) {
    if (given[i] === '--json') wanted.json = true;
    else if (given[i] === '--list') wanted.list = true;
    else if (given[i] === '--sim') wanted.tests = false;
    else if (given[i] === '--tests') wanted.sim = false;
    else if (given[i] === '--seeds' && /^[1-9]\d{0,3}$/.test(given[i + 1] ?? '')) wanted.seeds = Number(given[++i]);
    else if (given[i] === '--only' && given[i + 1]) wanted.only = given[++i];
    else throw new Failure(`Not understood: ${given[i]}`, usage);
  }
  return wanted;
}

const usage = 'npm run -s faults -- [--json] [--seeds N] [--only WORDS] [--sim | --tests] [--list]';
const NOT_THERE = 'NOT THERE';
/** In the simulator's last line, and no figures. */
const COUNTS = new Set(['seed', 'runs', 'missed']);

const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';

/** @param {import('./faults/rows.mjs').SimProof} proof @param {{seeds: number, list: boolean}} wanted */
function runScenario({ scenario, seeds: own, most = {} }, { seeds, list }) {
  const count = Math.min(seeds, own ?? seeds);
  const by = `sim ${scenario}, ${count} seed${count === 1 ? '' : 's'}`;
  if (list) {
    const help = spawnSync(binary, ['--help'], { encoding: 'utf8' }).stdout;
    return { by, state: new RegExp(`^ +${scenario} `, 'm').test(help) ? 'ok' : NOT_THERE, figures: {} };
  }
  const { stdout, stderr, status } = spawnSync(binary, ['--scenario', scenario, '--seeds', `1..${count}`], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (status === 2) return { by, state: NOT_THERE, figures: {} };
  if (status !== 0) return { by, state: 'FAILED', figures: {}, why: lastLine(stderr + stdout) };
  const figures = {};
  for (const [name, value] of Object.entries(JSON.parse(lastLine(stdout)))) {
    const isOne = typeof value === 'number' && !COUNTS.has(name); // one seed has no summary
    if (isOne || typeof value === 'object') {
      figures[name] = { ...(isOne ? { worst: value } : value), ...(name in most && { bar: most[name] }) };
    }
  }
  const missed = Object.keys(most).filter((name) => !(figures[name]?.worst <= most[name]));
  return { by, state: missed.length > 0 ? `MISSED ${missed.join(', ')}` : 'ok', figures };
}

/** @param {import('./faults/rows.mjs').TestProof} proof @param {{list: boolean}} wanted */
function runTest({ file, name, env }, { list }) {
  const sizes = Object.entries(env ?? {}).map(([key, value]) => ` (${key}=${value})`);
  const by = `${file}${name ? `: ${name}` : ''}${sizes.join('')}`;
  const path = join(root, file);
  const isThere = existsSync(path) && readFileSync(path, 'utf8').includes(name);
  if (list || !isThere) return { by, state: isThere ? 'ok' : NOT_THERE, figures: {} };
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const args = ['--test', '--test-reporter=tap', ...(name ? [`--test-name-pattern=${pattern}`] : []), file];
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, ...process.env, NKT_FAULTS: '1' },
    maxBuffer: 64 << 20,
  });
  const numberOf = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);
  const figures = {};
  for (const [, json] of stdout.matchAll(/@fault (\{.*\})/g)) {
    const { row: _row, ...values } = JSON.parse(json);
    for (const [key, value] of Object.entries(values)) figures[key] = { worst: Math.max(value, figures[key]?.worst ?? -Infinity) };
  }
  if (numberOf('fail') + numberOf('cancelled') > 0) {
    return { by, state: 'FAILED', figures, why: /^\s*error: (?:\|-\s*)?(.+)$/m.exec(stdout)?.[1] };
  }
  const skipped = /# SKIP (.*)$/m.exec(stdout)?.[1];
  return { by, state: numberOf('pass') > 0 ? 'ok' : `skipped: ${skipped ?? 'no such test'}`, figures };
}

const number = (value) => (Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3))));

function figuresText(figures) {
  const text = Object.entries(figures).map(([name, { median, worst, bar }]) => {
    const values = median === undefined || median === worst ? number(worst) : `${number(median)} / ${number(worst)}`;
    return `${name} ${values}${bar === undefined ? '' : ` (<= ${number(bar)})`}`;
  });
  return text.join(', ');
}

function print(result) {
  console.log(`\n${result.row}\n  bar: ${result.bar}`);
  for (const { by, state, figures, why } of result.proofs) {
    console.log(`  ${state === 'ok' ? 'ok ' : '-- '} ${by}${state === 'ok' ? '' : `: ${state}`}${why ? ` (${why})` : ''}`);
    if (Object.keys(figures).length > 0) console.log(`      ${figuresText(figures)}`);
  }
}

function build(what) {
  const made = spawnSync(process.execPath, [join(root, 'tools', 'build.mjs'), ...what], { stdio: ['inherit', 2, 2] });
  if (made.status !== 0) throw new Failure('What is to be run could not be built', 'read the first error above');
}

await command(() => {
  const wanted = readArguments(process.argv.slice(2));
  build([...(wanted.sim ? ['release'] : []), ...(wanted.tests && !wanted.list ? ['wasm'] : [])]);
  const results = [];
  const done = new Map(); // what shows two rows runs once
  const once = (proof, run) => {
    const key = JSON.stringify({ ...proof, most: undefined });
    if (!done.has(key) || proof.most) done.set(key, run());
    return done.get(key);
  };
  if (!wanted.json && !wanted.list) console.log('Figures: median / worst of the seeds.');
  for (const { row, bar, sim = [], test = [] } of rows) {
    if (!row.includes(wanted.only)) continue;
    const proofs = [
      ...(wanted.sim ? sim.map((proof) => once(proof, () => runScenario(proof, wanted))) : []),
      ...(wanted.tests ? test.map((proof) => once(proof, () => runTest(proof, wanted))) : []),
    ];
    const result = { row, bar, proofs };
    results.push(result);
    if (!wanted.json) print(result);
  }
  if (wanted.json) console.log(JSON.stringify(results));
  const bad = results.filter(({ proofs }) => proofs.some(({ state }) => /^(FAILED|MISSED|NOT)/.test(state)));
  if (!wanted.json) console.log(`\n${results.length} rows, ${bad.length} with something that failed`);
  if (bad.length > 0) process.exitCode = 1;
});

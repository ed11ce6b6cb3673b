// SPDX-License-Identifier: GPL-3.0-or-later
// The whole matrix: `npm run matrix`, some rows of it: `npm run matrix -- Parcel Deno`; with --write the table goes into docs/package.md,
// with --file=nkt-VERSION.tgz that package is tried instead of one that is packed for it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from '../../../tools/pack.mjs';
import { installModules } from '../../../tools/setup/modules.mjs';
import { root } from '../../../tools/setup/paths.mjs';
import { command, Failure, say } from '../../../tools/setup/report.mjs';
import { launch } from '../../support/chromium.mjs';
import { startServer } from '../../support/servers.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const WRITE = '--write';
const FILE = '--file=';
const PAGE = join(root, 'docs', 'package.md');
const [BEGIN, END] = ['<!-- matrix -->', '<!-- end of matrix -->'];
const COLUMNS = [
  ['page', 'page'], ['main', 'program'], ['worker', 'worker'], ['shared', 'shared worker'], ['thread', 'worker_threads'],
  ['webrtc', 'with `@roamhq/wrtc`'],
];

/** @typedef {{name: string, version: string, cells: Map<string, string>, seconds: number}} Result */

/** Of pages and of programs, which have other columns. @param {Result[]} results @returns {string} */
function textOf(results) {
  const [pages, others] = [true, false].map((isPage) => results.filter(({ cells }) => cells.has('page') === isPage));
  const minutes = results.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const tables = [pages, others].filter(({ length }) => length > 0).map(tableOf);
  return [...tables, `All of it: ${minutes.toFixed(0)} minutes on two cores.`].join('\n\n');
}

/** @param {Result[]} results @returns {string} of Markdown */
function tableOf(results) {
  const used = COLUMNS.filter(([place]) => results.some(({ cells }) => cells.has(place)));
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const lines = results.map(({ name, version, cells, seconds }) => {
    return row([name, version || 'not for this machine', ...used.map(([place]) => cells.get(place) ?? ''), String(Math.round(seconds))]);
  });
  const head = row(['with', 'version', ...used.map(([, title]) => title), 's']);
  return [head, row(['---', '---', ...used.map(() => '---'), '---:']), ...lines].join('\n');
}

/** @param {Map<string, string>} cells @param {string[]} faults @param {string} name */
const noting = (cells, faults, name) => async (place, run) => {
  const from = performance.now();
  try {
    await run();
    cells.set(place, 'yes');
  } catch (error) {
    cells.set(place, '**no**');
    faults.push(`${name}, ${place}: ${error.message}`);
  }
  say(`${name}, ${place}: ${cells.get(place)} (${((performance.now() - from) / 1000).toFixed(1)} s)`);
};

/** @param {import('./tries.mjs').Tries} tries @param {any} row @param {string[]} faults */
async function tried(tries, row, faults) {
  const { name, version, places } = row;
  const result = { name, version, cells: new Map(), seconds: 0 };
  const from = performance.now();
  const each = noting(result.cells, faults, `${name} ${version}`);
  if (version === '') return result;
  if (row.command) for (const place of places) await each(place, () => tries.program(row, place));
  else await tries.pages(row, each).catch((error) => faults.push(`${name} ${version}: ${error.message}`));
  result.seconds = (performance.now() - from) / 1000;
  return result;
}

/** @param {string} folder @param {string[]} wanted names; none: all @param {string} [given] the packed file */
async function runAll(folder, wanted, given) {
  const { pages, programs } = await import('./rows.mjs');
  const { Tries } = await import('./tries.mjs');
  const file = given ? resolve(given) : await pack(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', file], { cwd: folder, stdio: 'pipe' });
  const app = await startServer('app.js', { NKT_ORIGINS: '*' });
  const browser = await launch();
  const faults = [];
  const results = [];
  try {
    const tries = new Tries({ app: folder, relay: `${app.wsUrl}/relay`, browser });
    tries.addWebRTC();
    const rows = [...pages, ...programs].filter(({ name }) => wanted.length === 0 || wanted.some((one) => name.includes(one)));
    for (const row of rows) results.push(await tried(tries, row, faults));
  } finally {
    await browser.close();
    await app.stop();
  }
  return { results, faults };
}

await command(async () => {
  const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  const given = process.argv.find((arg) => arg.startsWith(FILE))?.slice(FILE.length);
  await Promise.all([installModules(here), installModules(join(here, '..'))]);
  mkdirSync(join(here, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(here, '.cache', 'app-')); // here: what Next and Parcel load of their own lies above it
  try {
    const { results, faults } = await runAll(folder, wanted, given);
    const table = textOf(results);
    console.log(`\n${table}\n`);
    for (const fault of faults) console.log(fault);
    if (process.argv.includes(WRITE)) {
      const [before, rest] = readFileSync(PAGE, 'utf8').split(BEGIN);
      writeFileSync(PAGE, `${before}${BEGIN}\n${table}\n${END}${rest.split(END)[1]}`);
    }
    if (faults.length > 0) throw new Failure(`${faults.length} do not work`, 'see above');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

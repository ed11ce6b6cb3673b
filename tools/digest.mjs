// SPDX-License-Identifier: GPL-3.0-or-later
// Did a change of the core change what it does? A digest of all that cores answer in many small simulated worlds, one line each:
//   npm run -s digest                      # prints the lines; > FILE keeps them
//   npm run -s digest -- --against FILE    # names those that differ, and ends with 1
//   npm run -s digest -- --base COMMIT     # the same, against that commit, built in build/base
// A step that only moves code leaves all of them as they were. About a minute on one core.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildDir, root } from './setup/paths.mjs';
import { command, Failure, say } from './setup/report.mjs';

const usage = 'npm run -s digest -- [--against FILE | --base COMMIT]';
const baseDir = join(buildDir, 'base');

/** Scenario, seeds, more options: together they come by nearly all that a core does. */
const worlds = [
  ['relay', '1..3'],
  ['tracker', '1..2'],
  ['mesh', '1..2'],
  ['glare', '1..2'],
  ['race', '3'],
  ['harsh', '1..2'],
  ['repeat', '1'],
  ['relay_dies', '1'],
  ['tracker_dies', '1'],
  ['all_die', '1'],
  ['few_links', '1'],
  ['bridge', '1'],
  ['bridge_late', '1'],
  ['path_breaks', '1..3'],
  ['gossip', '1'],
  ['partition', '1'],
  ['find', '1..3'],
  ['call', '1..2'],
  ['invite', '1'],
  ['invite_secret', '1..2'],
  ['invite_left', '1'],
  ['invite_ends', '1'],
  ['muted', '1'],
  ['pins', '1'],
  ['ignored', '1..2'],
  ['leave', '1..2'],
  ['amnesia', '1..2'],
  ['restart', '1..2'],
  ['crashes', '1'],
  ['outbox', '1..2'],
  ['outbox_full', '1'],
  ['history', '1'],
  ['history_share', '1'],
  ['corrupt', '1..3'],
  ['gap', '1'],
  ['group', '1'],
  ['group_join', '1'],
  ['group_crash', '1'],
  ['group_loss', '1'],
  ['overlay', '1'],
  ['overlay_heal', '3'],
  ['overlay_find', '1'],
  ['mail', '1'],
  ['mail_again', '1..2'],
  ['mail_late', '1'],
  ['mail_apart', '1..2'],
  ['mail_overlay', '1'],
  ['mail_expires', '1'],
  ['mail_flood', '1'],
  ['mail_large', '1'],
  ['keeper', '1'],
  ['keeper_waits', '1'],
  ['keeper_damaged', '1..2'],
  ['keeper_full', '1'],
  ['keeper_expires', '1'],
  ['keeper_many', '1'],
  ['clocks', '1'],
  ['clock_fast', '1'],
  ['sleep', '1'],
  ['flap', '1'],
  ['swap', '1'],
  ['hijack', '1'],
  ['evil_relay', '1..2'],
  ['half_dies', '1', '--peers', '12'],
  ['slow_death', '2', '--peers', '12'],
  ['revive', '2', '--peers', '12'],
  ['lossy', '1', '--peers', '12'],
  ['flooder', '1', '--peers', '12'],
  ['empty_chairs', '1', '--peers', '5'],
  ['long_life', '1', '--peers', '6'],
  ['lockout_seek', '1', '--peers', '4'],
  ['eclipse', '1', '--peers', '20', '--degree', '4'],
  ['calm', '1', '--peers', '40', '--degree', '8'],
  ['partition5', '1', '--peers', '20', '--degree', '6'],
  ['churn', '1', '--peers', '20', '--degree', '6', '--minutes', '3'],
  ['scale', '1', '--peers', '70', '--degree', '6'],
  ['idle_swarm', '1', '--peers', '20', '--degree', '6'],
];

/** @param {string} binary @param {string[]} world @returns {Promise<string[]>} */
function runWorld(binary, [scenario, seeds, ...options]) {
  const args = ['--scenario', scenario, '--seeds', seeds, ...options, '--digest', '--no-bars', '--quiet'];
  const simulator = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  simulator.stdout.on('data', (data) => (out += data));
  simulator.stderr.on('data', (data) => (err += data));
  return new Promise((resolve, reject) => {
    simulator.on('error', reject);
    simulator.on('close', () => {
      const lines = out.split('\n').filter((line) => line.startsWith('digest '));
      const reason = err.trim().split('\n').at(-1);
      // what fails differs as well, and says why
      resolve(lines.length > 0 && !reason ? lines : [...lines, `digest ${scenario} ${seeds} FAILED: ${reason}`]);
    });
  });
}

/** @param {string} binary @returns {Promise<string[]>} one line per world and seed */
async function digests(binary) {
  const found = new Array(worlds.length);
  let next = 0;
  const work = async () => {
    while (next < worlds.length) {
      const index = next++;
      found[index] = await runWorld(binary, worlds[index]);
    }
  };
  await Promise.all(Array.from({ length: Number(process.env.NKT_JOBS || 2) }, work));
  return found.flat();
}

/** What it says is no digest: it goes to stderr. @param {string} folder */
function buildRelease(folder) {
  const builder = pathToFileURL(join(folder, 'tools', 'build.mjs')).href;
  const script = `const { build } = await import(${JSON.stringify(builder)}); build('release');`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Failure('The simulator could not be built', 'read the first error above');
}

/** @param {string} file */
const linesIn = (file) => readFileSync(file, 'utf8').trim().split('\n');

const simulatorIn = (folder) => join(folder, 'release', 'tests', 'sim', 'sim');

/** The lines of another commit, built once and remembered by its name. @param {string} name @returns {Promise<string[]>} */
async function linesOf(name) {
  const git = spawnSync('git', ['rev-parse', '--verify', `${name}^{commit}`], { cwd: root, encoding: 'utf8' });
  if (git.status !== 0) throw new Failure(`No such commit: ${name}`, usage);
  const commit = git.stdout.trim();
  const kept = join(buildDir, 'digests', `${commit}-${worlds.length}.txt`);
  if (existsSync(kept)) return linesIn(kept);
  say(`building ${commit.slice(0, 7)} in ${baseDir}`);
  rmSync(baseDir, { recursive: true, force: true });
  mkdirSync(join(baseDir, 'build'), { recursive: true });
  const unpack = `git archive ${commit} | tar -x -m -C '${baseDir}'`;
  if (spawnSync('sh', ['-c', unpack], { cwd: root, stdio: 'inherit' }).status !== 0)
    throw new Failure('The commit could not be unpacked', unpack);
  symlinkSync(join(buildDir, 'sources'), join(baseDir, 'build', 'sources'));
  buildRelease(baseDir);
  const lines = await digests(simulatorIn(join(baseDir, 'build')));
  mkdirSync(join(buildDir, 'digests'), { recursive: true });
  writeFileSync(kept, `${lines.join('\n')}\n`);
  return lines;
}

/** @param {string[]} before @param {string[]} after */
function compare(before, after) {
  const keyOf = (line) => line.split(' ').slice(0, 3).join(' ');
  const old = new Map(before.map((line) => [keyOf(line), line]));
  const differing = after.filter((line) => old.get(keyOf(line)) !== line);
  for (const line of differing) console.log(`was  ${old.get(keyOf(line)) ?? 'not there'}\nis   ${line}`);
  const gone = before.filter((line) => !after.some((one) => keyOf(one) === keyOf(line)));
  for (const line of gone) console.log(`gone ${line}`);
  const failed = after.filter((line) => line.includes(' FAILED: '));
  if (differing.length + gone.length + failed.length > 0)
    throw new Failure(`${differing.length + gone.length} of ${after.length} digests differ, ${failed.length} failed`, 'see above');
  console.log(`${after.length} digests, all equal`);
}

await command(async () => {
  const [how, what, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || (how !== undefined && !(['--against', '--base'].includes(how) && what)))
    throw new Failure(`Not understood: ${process.argv.slice(2).join(' ')}`, usage);
  if (how === '--against' && !existsSync(what)) throw new Failure(`No such file: ${what}`, usage);
  const before = how === '--base' ? await linesOf(what) : how ? linesIn(what) : undefined;
  buildRelease(root);
  const after = await digests(simulatorIn(buildDir));
  if (before) compare(before, after);
  else process.stdout.write(`${after.join('\n')}\n`);
});

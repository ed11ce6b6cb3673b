// SPDX-License-Identifier: GPL-3.0-or-later
// What a message to everybody costs the cores of 16 who are there, with so many who left, beside nobody away. Counted under callgrind,
// in instructions and in the cycles that it estimates with caches of fixed sizes (callgrind.mjs): on a busy machine the same.
// Usage: node chairs.mjs [--away=44,200,1000] [--seed=1] [--peers=16]   (1 minute for 44 and 200 together, 5 more for 1,000)
// A table on stderr, JSON on stdout; 1 when a bar is missed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHES, countInstructions } from './callgrind.mjs';
import { grouped } from './cost_native.mjs';
import { machine } from './machine.mjs';
import { progress, ROOT, round } from './support.mjs';

const args = process.argv.slice(2);
const option = (name, otherwise) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
const PROGRAM = `${ROOT}build/release/tests/sim/sim`;
const INSIDE = ['nkt_step', 'nkt_poll'];
const peers = option('peers', '16');
/** Those of empty_chairs: of 1,000 the some 460 who left within 31 minutes are known still. To mailboxes goes the same among few. */
const bar = (away) => (peers !== '16' ? Infinity : away > 200 ? 2 : 1.3);

const built = spawnSync(process.execPath, [`${ROOT}tools/build.mjs`, 'release'], { stdio: ['inherit', 2, 2] });
if (built.status !== 0) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), 'nkt-chairs-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const stripped = join(folder, 'sim'); // valgrind 3.19 refuses programs with clang 14's DWARF 5; names of functions stay
if (spawnSync('strip', ['--strip-debug', '-o', stripped, PROGRAM], { stdio: 'inherit' }).status !== 0) process.exit(1);

const away = option('away', '44,200,1000').split(',').map(Number);
const seed = option('seed', '1');
const counts = ['--quiet', '--no-bars', '--scenario', 'empty_chairs', '--seeds', seed, '--peers', peers];
const result = { machine: machine(), seed, per_message: {} };
let base;
let isMissed = false;
for (const count of away) {
  const { actions } = countInstructions(stripped, [...counts, '--away', String(count)], INSIDE, CACHES);
  for (const [name, { times, instructions, cycles, cycles_of }] of actions) {
    const one = { instructions: Math.round(instructions / times), cycles: Math.round(cycles / times) };
    if (result.per_message[name] !== undefined) continue; // nobody away: once is enough
    result.per_message[name] = one;
    base ??= { ...one, times, cycles_of };
    one.instructions_ratio = round(one.instructions / base.instructions, 3);
    one.cycles_ratio = round(one.cycles / base.cycles, 3);
    const isOver = name !== 'away_0' && Math.max(one.instructions_ratio, one.cycles_ratio) > bar(count);
    isMissed ||= isOver;
    const ratios = `${one.instructions_ratio.toFixed(3)}  ${one.cycles_ratio.toFixed(3)}${isOver ? ` bar ${bar(count)} missed` : ''}`;
    const [instructionsText, cyclesText] = [one.instructions, one.cycles].map((number) => grouped(number).padStart(13));
    progress(`${name.padEnd(10)}${instructionsText} instructions${cyclesText} cycles  ${ratios}`);
    const growth = ([of, all]) => [of, Math.round(all / times - (base.cycles_of.get(of) ?? 0) / base.times)];
    const grown = [...cycles_of].map(growth).sort(([, a], [, b]) => b - a);
    one.grows = Object.fromEntries(grown.slice(0, 12).filter(([, more]) => more > 0));
    progress(`  ${Object.entries(one.grows).map(([of, more]) => `${of} +${grouped(more)}`).join(', ')}`);
  }
}
console.log(JSON.stringify(result, null, 1));
process.exit(isMissed ? 1 : 0);

// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a program under callgrind and reads what it dumps: instructions by function, for each action that the program names in its dumps
// (CALLGRIND_DUMP_STATS_AT("action/times"), tests/cost/count.h).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The C library chooses among its memcpy, strlen and so on by what the processor can do, and callgrind counts each step of a `rep movsb`.
 * Those that every x86-64 has are taken instead, so one machine counts what the other does.
 */
const HWCAPS = ['AVX512VL', 'AVX512BW', 'AVX512F', 'AVX2', 'AVX', 'BMI2', 'BMI1', 'ERMS', 'FSRM', 'RTM', 'SSE4_2', 'SSE4_1',
  'SSSE3', 'LZCNT', 'MOVBE'];

/**
 * With CACHES callgrind also plays caches of these sizes, whatever the machine has, and cycles are what it estimates: an instruction
 * one, what is not in the first cache 10, what is in none 100. A walk over many things that lie cold is few instructions, many cycles.
 */
export const CACHES = ['--cache-sim=yes', '--I1=32768,8,64', '--D1=32768,8,64', '--LL=1048576,16,64'];
const CYCLES = { Ir: 1, I1mr: 10, D1mr: 10, D1mw: 10, ILmr: 100, DLmr: 100, DLmw: 100 };

/**
 * @typedef {{times: number, instructions: number, functions: Map<string, number>, cycles?: number,
 *   cycles_of?: Map<string, number>}} Counted functions, cycles_of: each by itself
 */

/**
 * @param {string} program @param {string[]} args @param {string[]} inside functions in which alone is counted, with all that they call
 * @param {string[]} [more] options of callgrind
 * @returns {{actions: Map<string, Counted>, printed: string}}
 */
export function countInstructions(program, args, inside, more = []) {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-callgrind-'));
  try {
    const out = `--callgrind-out-file=${join(folder, 'out')}`;
    const options = ['--tool=callgrind', '--instr-atstart=no', '--collect-atstart=no', out, ...more];
    const toggles = inside.map((name) => `--toggle-collect=${name}`);
    const env = { PATH: process.env.PATH, LC_ALL: 'C', GLIBC_TUNABLES: `glibc.cpu.hwcaps=${HWCAPS.map((name) => `-${name}`).join(',')}` };
    const { status, error, stdout, stderr } = spawnSync('valgrind', [...options, ...toggles, program, ...args], { encoding: 'utf8', env });
    if (error) throw new Error(`valgrind does not start (node tools/setup.mjs installs it): ${error.message}`);
    if (status !== 0) throw new Error(`valgrind ${program} ended with ${status}: ${stderr.slice(-2000)}`);
    const actions = new Map();
    const names = readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    for (const name of names) addDump(actions, readFileSync(join(folder, name), 'utf8'));
    return { actions, printed: stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Adds one dump to what it is of. @param {Map<string, Counted>} actions @param {string} text */
export function addDump(actions, text) {
  const [, action, times] = /^desc: Trigger: Client Request: (\S+)\/(\d+)$/m.exec(text) ?? [];
  if (action === undefined) return; // the last one, of the end of the program
  const counted = actions.get(action) ?? { times: 0, instructions: 0, functions: new Map() };
  actions.set(action, counted);
  counted.times += Number(times);
  const weights = (/^events: (.*)$/m.exec(text)?.[1] ?? 'Ir').split(' ').map((event) => CYCLES[event] ?? 0);
  if (weights.length > 1) counted.cycles_of ??= new Map();
  const names = new Map(); // "(12) name" says it once, "(12)" after that
  let name = '';
  let isOfCall = false; // the line after calls= is what the callee took, which it says itself
  for (const line of text.split('\n')) {
    const [, number, said] = /^fn=\((\d+)\)(?: (.*))?$/.exec(line) ?? [];
    const [, calledNumber, calledSaid] = /^cfn=\((\d+)\)(?: (.*))?$/.exec(line) ?? [];
    if (calledSaid !== undefined) names.set(calledNumber, calledSaid);
    if (said !== undefined) names.set(number, said);
    if (number !== undefined) name = (names.get(number) ?? number).replace(/'\d+$/, ''); // f'2: called by itself
    else if (line.startsWith('calls=')) isOfCall = true;
    else if (/^[+\-*\d]/.test(line)) {
      if (!isOfCall) {
        const [, ...events] = line.trim().split(' ').map(Number); // those at the end that are 0 are not there
        const count = events[0];
        counted.instructions += count;
        counted.functions.set(name, (counted.functions.get(name) ?? 0) + count);
        if (counted.cycles_of !== undefined) {
          const cycles = events.reduce((sum, event, at) => sum + event * weights[at], 0);
          counted.cycles = (counted.cycles ?? 0) + cycles;
          counted.cycles_of.set(name, (counted.cycles_of.get(name) ?? 0) + cycles);
        }
      }
      isOfCall = false;
    }
  }
}

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

/** @typedef {{times: number, instructions: number, functions: Map<string, number>}} Counted functions: each by itself */

/**
 * @param {string} program @param {string[]} args @param {string[]} inside functions in which alone is counted, with all that they call
 * @returns {{actions: Map<string, Counted>, printed: string}}
 */
export function countInstructions(program, args, inside) {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-callgrind-'));
  try {
    const options = ['--tool=callgrind', '--instr-atstart=no', '--collect-atstart=no', `--callgrind-out-file=${join(folder, 'out')}`];
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
        const count = Number(line.split(' ')[1]);
        counted.instructions += count;
        counted.functions.set(name, (counted.functions.get(name) ?? 0) + count);
      }
      isOfCall = false;
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// How fast the machine is, so that figures of two machines, or of one at two hours, can be compared: a fixed piece of work, timed in the
// run whose figures it stands beside. The work is integer arithmetic over 32 KiB, as cryptography is: mixing by multiply, rotate and xor.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { round } from './support.mjs';

const WORD_COUNT = 8192;
const PASS_COUNT = 400;
const TRY_COUNT = 7;

function work(words) {
  let x = 0x9e3779b9;
  for (let pass = 0; pass < PASS_COUNT; pass++) {
    for (let i = 0; i < WORD_COUNT; i++) {
      x = Math.imul(x ^ words[i], 0x85ebca6b);
      x = (x << 13) | (x >>> 19);
      words[i] = x;
    }
  }
  return x;
}

const RESULT = -1600669303; // of the last try: nothing of it was left out

/**
 * work_ms: of the quickest try, by the clock: what the machine can. busy: by how much longer the median took: above 1.1 others had the
 * processor, and what is measured by the clock is too slow.
 * @returns {{work_ms: number, busy: number, cpu: string, cores: number, load: number, node: string}}
 */
export function machine() {
  const words = new Int32Array(WORD_COUNT);
  const times = [];
  let result = 0;
  for (let i = 0; i < TRY_COUNT; i++) {
    const from = performance.now();
    result = work(words);
    times.push(performance.now() - from);
  }
  if (result !== RESULT) throw new Error(`the fixed piece of work came to ${result}`);
  times.sort((a, b) => a - b);
  return {
    work_ms: round(times[0], 2),
    busy: round(times[TRY_COUNT >> 1] / times[0], 2),
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: availableParallelism(),
    load: round(loadavg()[0], 1),
    node: process.version,
  };
}

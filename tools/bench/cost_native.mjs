// SPDX-License-Identifier: GPL-3.0-or-later
// Instructions of each thing that a peer does, of the core alone, natively: tests/cost under callgrind. The same on each run and on
// each machine of the same architecture and compiler. What was accepted last lies beside the program.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countInstructions } from './callgrind.mjs';
import { ROOT, round } from './support.mjs';

const ACCEPTED = fileURLToPath(new URL('../../tests/cost/accepted.json', import.meta.url));
const PROGRAM = `${ROOT}build/release/tests/cost/cost`;
/** Where the core is entered; and what tests/cost calls directly. */
const INSIDE = ['nkt_new', 'nkt_step', 'nkt_poll', 'nkt_rest', 'count_call'];
const FUNCTION_COUNT = 8;
const SHARE_MIN = 0.02;

/** More than this times what was accepted is too much. */
export const LIMIT = 1.05;

/**
 * @typedef {{instructions: number, functions: Record<string, number>}} Action what one takes; shares of the largest functions
 * @typedef {{made_with: string, actions: Record<string, Action>}} Measured made_with: what the counts depend on
 */

/** Builds what is stale (that is said on stderr) and counts. @returns {Measured} */
export function measureNative() {
  const built = spawnSync(process.execPath, [`${ROOT}tools/build.mjs`, 'cost'], { stdio: ['inherit', 2, 2] });
  if (built.status !== 0) throw new Error('tests/cost could not be built: read the first error above');
  const { actions, printed } = countInstructions(PROGRAM, [], INSIDE);
  const made_with = /^made with: (.*)$/m.exec(printed)?.[1] ?? '';
  if (actions.size === 0) throw new Error(`${PROGRAM} counted nothing: ${printed}`);
  const list = [...actions].map(([name, { times, instructions, functions }]) => [name, {
    instructions: Math.round(instructions / times),
    functions: Object.fromEntries([...functions].sort(([, a], [, b]) => b - a).slice(0, FUNCTION_COUNT)
      .map(([of, count]) => [of, round(count / instructions, 3)]).filter(([, share]) => share >= SHARE_MIN)),
  }]);
  return { made_with, actions: Object.fromEntries(list) };
}

/** @returns {{made_with: string, actions: Record<string, number>}} instructions */
export const readAccepted = () => JSON.parse(readFileSync(ACCEPTED, 'utf8'));

/** @param {Measured} measured */
export function accept({ made_with, actions }) {
  const list = Object.entries(actions).map(([name, { instructions }]) => [name, instructions]);
  writeFileSync(ACCEPTED, `${JSON.stringify({ made_with, actions: Object.fromEntries(list) }, null, 2)}\n`);
}

/**
 * @param {{made_with: string, actions: Record<string, number>}} accepted @param {Measured} measured
 * @returns {{isComparable: boolean, faults: string[], cheaper: string[]}} in words; faults: what fails `npm test`
 */
export function compare(accepted, measured) {
  if (accepted.made_with !== measured.made_with) return { isComparable: false, faults: [], cheaper: [] };
  const faults = [];
  const cheaper = [];
  for (const [name, was] of Object.entries(accepted.actions)) {
    const is = measured.actions[name]?.instructions;
    if (is === undefined) faults.push(`${name}: accepted, but not counted any more`);
    else if (is > was * LIMIT) faults.push(`${name}: ${grouped(is)} instructions, ${percent(is, was)} of the accepted ${grouped(was)}`);
    else if (is * LIMIT < was) cheaper.push(`${name}: ${grouped(is)} instructions, ${percent(is, was)} of the accepted ${grouped(was)}`);
  }
  for (const name of Object.keys(measured.actions)) {
    if (!Object.hasOwn(accepted.actions, name)) faults.push(`${name}: counted, but nothing is accepted for it`);
  }
  return { isComparable: true, faults, cheaper };
}

/** What to do about faults. */
export const CURE = 'See where it goes: npm run bench:cost native. If it has to cost that, accept it and say why in the commit: '
  + 'npm run bench:cost -- native --accept (writes tests/cost/accepted.json).';

export const grouped = (number) => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
const percent = (is, was) => `${round((100 * is) / was)} %`;

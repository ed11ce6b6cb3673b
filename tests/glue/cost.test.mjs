// SPDX-License-Identifier: GPL-3.0-or-later
// What the core does costs no more instructions than was accepted (tests/cost/accepted.json), 5 % aside. Counted, not timed: whatever
// else the machine does changes nothing. 85 s of CPU with the optimised build, most of it that.
// Long: callgrind
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDump } from '../../tools/bench/callgrind.mjs';
import { compare, CURE, measureNative, readAccepted } from '../../tools/bench/cost_native.mjs';
import { measureTab } from '../../tools/bench/cost_tab.mjs';
import { skip } from './support/wasm.mjs';

test('no action costs more than was accepted', { timeout: 900_000 }, (t) => {
  const accepted = readAccepted();
  const measured = measureNative();
  const { isComparable, faults, cheaper } = compare(accepted, measured);
  for (const text of cheaper) t.diagnostic(`cheaper than accepted, npm run bench:cost -- native --accept: ${text}`);
  if (!isComparable) return t.skip(`counted with ${measured.made_with}, accepted with ${accepted.made_with}: tools/bench/README.md`);
  assert.deepEqual(faults, [], `\n${faults.join('\n')}\n${CURE}\n`);
});

const action = (instructions) => ({ instructions, functions: {} });

test('what costs more than 5 % above what was accepted is named, and what is new or missing', () => {
  const accepted = { made_with: 'x', actions: { a: 1000, b: 1000, c: 1000, gone: 1 } };
  const measured = { made_with: 'x', actions: { a: action(1050), b: action(1051), c: action(900), more: action(1) } };
  const { isComparable, faults, cheaper } = compare(accepted, measured);
  assert.ok(isComparable);
  assert.deepEqual(faults, [
    'b: 1,051 instructions, 105.1 % of the accepted 1,000',
    'gone: accepted, but not counted any more',
    'more: counted, but nothing is accepted for it',
  ]);
  assert.deepEqual(cheaper, ['c: 900 instructions, 90 % of the accepted 1,000']);
  assert.equal(compare({ ...accepted, made_with: 'another compiler' }, measured).isComparable, false);
});

test('a dump of callgrind is read: by function, without what is counted again at the calls, several of one action together', () => {
  const dump = (body) => `# callgrind format\ndesc: Trigger: Client Request: say/2\n\npositions: line\nevents: Ir\n\n${body}\ntotals: 9\n`;
  const actions = new Map();
  addDump(actions, dump('fn=(1) outer\n10 5\n+3 2\ncfn=(2) inner\ncalls=1 7 \n* 40\n+1 1\n\nfn=(2)\n7 30\n- 10'));
  addDump(actions, dump("fn=(2) inner'2\n7 4"));
  addDump(actions, 'desc: Trigger: Program termination\nfn=(1) outer\n1 99\n');
  assert.deepEqual([...actions], [
    ['say', { times: 4, instructions: 52, functions: new Map([['outer', 8], ['inner', 44]]) }],
  ]);
});

test('peers of the world in which CPU time is measured have links, and an edit is one frame', { skip, timeout: 120_000 }, async () => {
  const { ephemeral_60: measured } = await measureTab(1, ['ephemeral_60']);
  assert.equal(measured.frames, 1);
});

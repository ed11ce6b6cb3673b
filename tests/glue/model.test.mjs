// SPDX-License-Identifier: GPL-3.0-or-later
// The model of the KEM ratchet (tests/model/kem.pml), all of its states, by spin; and that it finds each fault that is put in.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const model = fileURLToPath(new URL('../model/kem.pml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nkt-model-'));
const hasSpin = await run('spin', ['-V']).then(
  () => true,
  () => false,
);
const skip = hasSpin ? false : 'no spin: node tools/setup.mjs';

after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {number} fault @returns {Promise<{errors: number, states: number, isWhole: boolean}>} */
async function explore(fault) {
  const cwd = mkdtempSync(join(folder, 'run-'));
  await run('spin', ['-a', `-DFAULT=${fault}`, model], { cwd });
  const optimised = fault === 0 ? '-O2' : '-O0'; // a fault is found within 16,000 states: the compiler would take longer than the search
  await run('cc', [optimised, '-w', '-DSAFETY', '-o', 'pan', 'pan.c'], { cwd });
  const { stdout } = await run(join(cwd, 'pan'), ['-m100000', '-n'], { cwd });
  return {
    errors: Number(/errors: (\d+)/.exec(stdout)?.[1]),
    states: Number(/(\d+) states, stored/.exec(stdout)?.[1]),
    isWhole: !/max search depth too small|Search not completed/.test(stdout),
  };
}

test('nobody is left behind, secrets agree, no key seals twice', { skip, timeout: 120_000 }, async () => {
  const { errors, states, isWhole } = await explore(0);
  assert.equal(errors, 0);
  assert.ok(isWhole, 'all states were seen');
  assert.ok(states > 1_000_000, `${states} states`);
});

for (const [fault, what] of [
  [1, 'an answer that is said once only'],
  [2, 'places that are not skipped after a crash'],
  [3, 'a change that leaves before it is stored'],
  [4, 'an offer that is forgotten for the next'],
]) {
  test(`it finds ${what}`, { skip, timeout: 120_000 }, async () => {
    assert.ok((await explore(Number(fault))).errors > 0);
  });
}

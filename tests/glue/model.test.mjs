// SPDX-License-Identifier: GPL-3.0-or-later
// The models of tests/model (the KEM ratchet; which session two speak in), all of their states, by spin; and that each finds every
// fault that is put in.
// Alone: its bar is a minute, and it takes half of one with nothing beside it that is not nice
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'nkt-model-'));
const hasSpin = await run('spin', ['-V']).then(
  () => true,
  () => false,
);
const skip = hasSpin ? false : 'no spin: node tools/setup.mjs';

after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string} model @param {number} fault @returns {Promise<{errors: number, states: number, isWhole: boolean}>} */
async function explore(model, fault) {
  const cwd = mkdtempSync(join(folder, 'run-'));
  const source = fileURLToPath(new URL(`../model/${model}.pml`, import.meta.url));
  await run('spin', ['-a', `-DFAULT=${fault}`, source], { cwd });
  // -O2 takes longer to compile than it saves; a fault is found within 300,000 states, before any optimiser is done. States lie as they are
  // (NOCOMP: without leaving out what is between their parts), a tenth more memory for a fifth of the search
  const optimised = fault === 0 ? '-Og' : '-O0';
  await run('cc', [optimised, '-w', '-DSAFETY', '-DNOCOMP', '-o', 'pan', 'pan.c'], { cwd });
  const { stdout } = await run(join(cwd, 'pan'), ['-m100000', '-n'], { cwd });
  return {
    errors: Number(/errors: (\d+)/.exec(stdout)?.[1]),
    states: Number(/(\d+) states, stored/.exec(stdout)?.[1]),
    isWhole: !/max search depth too small|Search not completed/.test(stdout),
  };
}

for (const [model, what] of [
  ['kem', 'nobody is left behind, secrets agree, no key seals twice'],
  ['sessions', 'both begin at once, either forgets all, messages are lost, doubled and mixed: from the third on all is read'],
]) {
  test(what, { skip, timeout: 120_000 }, async () => {
    const { errors, states, isWhole } = await explore(model, 0);
    assert.equal(errors, 0);
    assert.ok(isWhole, 'all states were seen');
    assert.ok(states > 1_000_000, `${states} states`);
  });
}

for (const [model, fault, what] of [
  ['kem', 1, 'an answer that is said once only'],
  ['kem', 2, 'places that are not skipped after a crash'],
  ['kem', 3, 'a change that leaves before it is stored'],
  ['kem', 4, 'an offer that is forgotten for the next'],
  ['sessions', 1, 'what cannot be read, and begins no session anew'],
  ['sessions', 2, 'one who has a session and takes no other'],
  ['sessions', 3, 'a session that is forgotten for the next'],
]) {
  test(`it finds ${what}`, { skip, timeout: 120_000 }, async () => {
    assert.ok((await explore(String(model), Number(fault))).errors > 0);
  });
}

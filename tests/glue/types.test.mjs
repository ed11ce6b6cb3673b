// SPDX-License-Identifier: GPL-3.0-or-later
// The glue's comments say the types of what they stand at, types.d.ts those of the API, examples use it: TypeScript finds all of it true.
// The classes that types.d.ts declares say so themselves (@implements).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** @param {string} project relative to this file @returns {string} what it found */
function compile(project) {
  const path = fileURLToPath(new URL(project, import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, '--project', path, '--pretty', 'false'], { encoding: 'utf8' });
  return stdout + stderr;
}

test('types: of the glue, of its API, of the examples, of values that can be said and of messages that are declared', () => {
  assert.equal(compile('../../tools/tsconfig.json'), '');
});

test('types: of an application that declares its messages and events once', () => {
  assert.equal(compile('support/declared/tsconfig.json'), '');
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The vectors are those that their scripts calculate, with Python alone: neither was changed without the other.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

const folder = fileURLToPath(new URL('../vectors/', import.meta.url));
const names = ['derive.py', 'derivations.txt', 'primitives.py', 'mlkem768.txt', 'converse.py', 'conversation.txt'];
const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('vectors', { skip: hasPython ? false : 'python3 is not here' }, () => {
  let copy = '';
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'nkt-vectors-'));
    for (const name of names) copyFileSync(join(folder, name), join(copy, name));
  });
  after(() => rmSync(copy, { recursive: true }));

  const run = (script) => spawnSync('python3', ['-B', join(copy, script)], { encoding: 'utf8' });

  for (const script of ['primitives.py', 'derive.py', 'converse.py']) {
    it(`are those of ${script}`, () => {
      const { status, stdout, stderr } = run(script);
      assert.equal(status, 0, stdout + stderr);
    });
  }

  for (const [script, file, line] of [
    ['derive.py', 'derivations.txt', 'binding '],
    ['converse.py', 'conversation.txt', 'session.message 4 '],
  ]) {
    it(`that differ are told of by ${script}`, () => {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      const at = text.indexOf('\n', text.indexOf(`\n${line}`) + 1) - 1;
      writeFileSync(path, `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`);
      const { status, stdout } = run(script);
      writeFileSync(path, text);
      assert.equal(status, 1);
      assert.match(stdout, new RegExp(`^line \\d+: ${line.trim()}.* differs$`, 'm'));
    });
  }
});

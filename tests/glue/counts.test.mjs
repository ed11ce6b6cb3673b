// SPDX-License-Identifier: GPL-3.0-or-later
// What `npm test` says at its end: how many, and the name and the file of each that failed. From real runs of Node's runner and of CTest.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readCtest, readTap, sum } from '../../tools/test/count.mjs';
import { runProgram } from '../../tools/test/files.mjs';

describe('what failed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-counts-'));
  after(() => rmSync(folder, { recursive: true }));

  /** The report of a file with this text, as a child of no other runner. */
  function report(name, text) {
    const file = join(folder, `${name}.test.mjs`);
    writeFileSync(file, text);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout, status } = spawnSync(process.execPath, ['--test-reporter=tap', file], { encoding: 'utf8', env });
    return readTap(stdout, name, status);
  }

  test('tests in suites, at the top, and of which the end never came; no suite, none skipped or still to do', () => {
    const count = report('mixed', `
      import { describe, test } from 'node:test';
      const fail = () => { throw new Error('not ok 7 - words of a test'); };
      describe('outer', () => {
        test('bad', fail);
        test('good', () => {});
        describe('inner', () => {
          test('bad too', fail);
          test.skip('skipped', fail);
          test.todo('to do', fail);
        });
      });
      test('without an end', () => new Promise(() => {}));`);
    assert.deepEqual(count, { passed: 1, failed: 3, names: ['mixed: bad', 'mixed: bad too', 'mixed: without an end'] });
  });

  test('a file that does not start, and a runner that says nothing', () => {
    const broken = report('broken', "import './not_there.mjs';");
    assert.equal(broken.failed, 1);
    assert.deepEqual(broken.names, ['broken: ended with 1, before its tests']);
    assert.deepEqual(readTap('', 'silent', 137), { passed: 0, failed: 1, names: ['silent: ended with 137, before its tests'] });
    assert.equal(report('leaves', "import { test } from 'node:test'; test('one', () => process.exit(0));").failed, 1);
  });

  test('all passed', () => {
    const count = report('good', "import { test } from 'node:test'; test('one', () => {}); test('two', () => {});");
    assert.deepEqual(count, { passed: 2, failed: 0, names: [] });
  });

  test('CTest: which, and how; nothing found; no end', () => {
    writeFileSync(join(folder, 'CTestTestfile.cmake'), ['good true', 'bad false', 'slow sleep;5'].map((one) => {
      const [name, command] = one.split(' ');
      return `add_test(${name} ${command.split(';').join(' ')})\n`;
    }).join(''));
    const { stdout, stderr, status } = spawnSync('ctest', ['--test-dir', folder, '--timeout', '1'], { encoding: 'utf8' });
    assert.deepEqual(readCtest(stdout + stderr, status),
      { passed: 1, failed: 2, names: ['ctest: bad (Failed)', 'ctest: slow (Timeout)'] });
    assert.equal(readCtest('No tests were found!!!\n', 0).failed, 1);
    assert.deepEqual(readCtest('', 139), { passed: 0, failed: 1, names: ['ctest: ended with 139'] });
  });

  test('a program that leaves something behind, and one that is not there, end all the same', { timeout: 20_000 }, async () => {
    const printed = [];
    const write = (text) => printed.push(text);
    assert.equal(await runProgram('sh', ['-c', 'echo last words; sleep 30 & exit 3'], write), 3);
    assert.equal(await runProgram('/not/there', [], write), null);
    assert.match(printed.join(''), /^last words\n.*ENOENT/);
  });

  test('stages are added up', () => {
    const counts = [{ passed: 2, failed: 0, names: [] }, { passed: 1, failed: 1, names: ['b: x'], again: ['c: y'] }];
    assert.deepEqual(sum(counts), { passed: 3, failed: 1, names: ['b: x'], again: ['c: y'] });
  });
});

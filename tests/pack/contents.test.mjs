// SPDX-License-Identifier: GPL-3.0-or-later
// What is in the packed file: the same bytes each time, nothing of the machine it was made on, and nothing in it leads nowhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { anchorsOf } from '../../tools/pack/links.mjs';
import { pack } from '../../tools/pack.mjs';
import { root } from '../../tools/setup/paths.mjs';
import { deadImports, deadLinks, deadReferences } from '../support/links.mjs';

describe('what is packed', { timeout: 500_000 }, () => {
  let work;
  let file;
  /** Unpacked. */
  let folder;
  /** @type {string[]} */
  let paths;
  const textOf = (path) => readFileSync(join(folder, path), 'utf8');
  const ending = (...ends) => paths.filter((path) => ends.some((end) => path.endsWith(end)));

  before(async () => {
    work = mkdtempSync(join(tmpdir(), 'nkt-contents-'));
    file = await pack(join(work, 'one'), { isChecked: true });
    execFileSync('tar', ['-xzf', file, '-C', work]);
    folder = join(work, 'package');
    paths = readdirSync(folder, { recursive: true }).map(String).filter((path) => statSync(join(folder, path)).isFile());
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  test('packed once more, by somebody with other habits: the same bytes', () => {
    const other = join(work, 'other');
    const script = `umask 077 && exec '${process.execPath}' tools/pack.mjs '${other}'`;
    execFileSync('sh', ['-c', script], { cwd: root, env: { ...process.env, TZ: 'Asia/Tokyo', LC_ALL: 'C', HOME: work }, stdio: 'pipe' });
    const [name] = readdirSync(other);
    assert.ok(readFileSync(file).equals(readFileSync(join(other, name))));
  });

  test('nothing of the machine it was made on', () => {
    const places = [root, work, process.env.HOME].filter((place) => place !== undefined && place.length > 3);
    const telling = paths.filter((path) => places.some((place) => readFileSync(join(folder, path)).includes(place)));
    assert.deepEqual(telling, []);
  });

  test('its manifest names what is there, and nothing that is of a checkout', () => {
    const { scripts, devDependencies, keywords, main, exports } = JSON.parse(textOf('package.json'));
    assert.deepEqual([scripts, devDependencies], [undefined, undefined]);
    assert.ok(keywords.includes('webrtc') && new Set(keywords).size === keywords.length);
    const targets = [main, ...Object.values(exports).flatMap((one) => (typeof one === 'string' ? [one] : Object.values(one)))];
    assert.deepEqual(targets.filter((target) => !paths.includes(target.slice(2))), []);
    for (const conditions of Object.values(exports).filter((one) => typeof one === 'object')) {
      assert.deepEqual([Object.keys(conditions)[0], Object.keys(conditions).at(-1)], ['types', 'default'], 'in the order that tools look');
    }
  });

  test('no link of its pages is dead', () => {
    const pages = ending('.md');
    assert.ok(pages.includes('README.md') && pages.includes('docs/api.md') && anchorsOf(textOf('docs/api.md')).size > 100);
    assert.deepEqual(deadLinks(folder, pages), []);
    assert.deepEqual(deadReferences(folder, ending('.html')), []);
  });

  test('every import leads to what is there', () => {
    const scripts = ending('.js', '.mjs', '.d.ts').filter((path) => !path.startsWith('build/serve/')); // bundled
    assert.ok(scripts.includes('glue/nkt.js') && scripts.includes('glue/types.d.ts') && scripts.includes('tools/cli/nkt.mjs'));
    assert.deepEqual(deadImports(folder, scripts), []);
    const list = JSON.parse(textOf('build/serve/page/page.json'));
    assert.deepEqual(Object.values(list).filter((path) => !existsSync(join(folder, 'build/serve/page', path))), []);
  });
});

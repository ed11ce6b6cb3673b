// SPDX-License-Identifier: GPL-3.0-or-later
// Links of the documents: those of the repository all lead somewhere, and what the package is made of knows which would not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { anchorsOf, fileOf, linksOf, withoutDead } from '../../tools/pack/links.mjs';
import { root } from '../../tools/setup/paths.mjs';
import { deadLinks } from '../support/links.mjs';

describe('links of documents', () => {
  test('none of the repository is dead', () => {
    const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
    assert.ok(pages.length > 15 && pages.includes('docs/api.md'), `${pages.length} pages`);
    assert.deepEqual(deadLinks(root, pages), []);
  });

  test('what is no link is none; words may hold code and brackets; pictures are told apart', () => {
    const text = 'a [b](c.md), `[not](this)`, ![p [1]](p.png "title") and [`code`](d/e.md#f)\n\n'
      + '```\n[nor](this)\n```\n[x](https://y.example/z)';
    assert.deepEqual(linksOf(text).map(({ words, target, isPicture }) => [words, target, isPicture]), [
      ['b', 'c.md', false], ['p [1]', 'p.png', true], ['`code`', 'd/e.md#f', false], ['x', 'https://y.example/z', false],
    ]);
    for (const { from, to } of linksOf(text)) assert.match(text.slice(from, to), /^!?\[.*\)$/);
  });

  test('where one leads, and by what names a heading is found', () => {
    assert.equal(fileOf('docs/a.md', '../b/c.md#d'), 'b/c.md');
    assert.equal(fileOf('docs/a.md', '#d'), 'docs/a.md');
    assert.equal(fileOf('docs/a.md', '../web/'), 'web');
    assert.equal(fileOf('a.md', 'https://x.example/'), null);
    const names = anchorsOf('# One, `two()` & [three](x)\n## Same\n## Same\n<a id="own"></a>\n```\n# no heading\n```\n');
    assert.deepEqual([...names].sort(), ['one-two--three', 'own', 'same', 'same-1']);
  });

  test('of a link to what is not there the words stay', () => {
    const text = 'see [the core](../core/README.md), [here](b.md#x), ![seen](../p.png)`[a](b)` and [there](https://x.example)';
    assert.equal(withoutDead('docs/a.md', text, (path) => path === 'docs/b.md'),
      'see the core, [here](b.md#x), `[a](b)` and [there](https://x.example)');
  });

  test('a file, a heading and the outside that are not there are found', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'nkt-links-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'a.md'), '# A\n[1](b.md#b) [2](b.md#c) [3](c.md) [4](../x) [5](#a) [6](#z)');
    writeFileSync(join(folder, 'b.md'), '# B\n');
    assert.deepEqual(deadLinks(folder, ['a.md']), ['a.md: b.md#c', 'a.md: c.md', 'a.md: ../x', 'a.md: #z']);
  });
});

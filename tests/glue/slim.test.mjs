// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts as the server sends them: without the lines that are comments and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { slimScript } from '../../tools/relay/slim.js';
import { root } from '../../tools/setup/paths.mjs';

test('comments on lines of their own go, every line stays where it was', () => {
  const rows = [
    ['// licence\n// more\nx();', '// licence\n\nx();'],
    ['a;\n/** one line */\nb;', 'a;\n\nb;'],
    ['a;\n  /**\n   * several // of them\n   */\n  b;', 'a;\n\n\n\n  b;'],
    ['a; // beside\n/* of it */ b;', 'a; // beside\n/* of it */ b;'],
    ["const url = 'http://x'; /* y */\n'/*';\n'*/';", "const url = 'http://x'; /* y */\n'/*';\n'*/';"],
    ['a;\n//\n/**/\n', 'a;\n\n\n'],
  ];
  for (const [text, expected] of rows) assert.equal(slimScript(text), expected);
});

/** The code of a script, as the parser of the engine sees it: strings are kept, comments are not. @param {string} text */
const withoutAnyComment = (text) => text.replace(/`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\/.*|\/\*[^]*?\*\//g,
  (found) => (/^\/[/*]/.test(found) ? '' : found)).replace(/\s+/g, ' ');

test('of each script of the page nothing but comments goes, and it still parses', () => {
  const files = ['glue', 'web', 'web/plugins'].flatMap((folder) => readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.js')).map((name) => join(root, folder, name)));
  assert.ok(files.length > 50);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const slim = slimScript(text);
    assert.equal(slim.split('\n').length, text.split('\n').length, file);
    assert.equal(slim.split('\n')[0], text.split('\n')[0], file);
    for (const literal of text.match(/`(?:\\.|[^`\\])*`/g) ?? []) {
      assert.ok(!/\n\s*\/[/*]/.test(literal), `${file}: a line of a template literal looks like a comment`);
    }
    assert.equal(withoutAnyComment(slim), withoutAnyComment(text), file);
  }
  const all = files.map((file) => slimScript(readFileSync(file, 'utf8')));
  const check = "import vm from 'node:vm'; let text = ''; for await (const part of process.stdin) text += part;"
    + ' for (const one of JSON.parse(text)) new vm.SourceTextModule(one);';
  const options = ['--experimental-vm-modules', '--no-warnings', '--input-type=module', '-e', check];
  execFileSync(process.execPath, options, { input: JSON.stringify(all) });
});

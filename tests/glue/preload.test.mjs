// SPDX-License-Identifier: GPL-3.0-or-later
// What the server adds to the page: every module that will be imported, once, in the way in which its root is named.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { addPreloads } from '../../tools/relay/preload.js';
import { StaticFiles } from '../../tools/relay/static.js';

/** Files by URL, a page among them. */
function serve(page, scripts) {
  const files = new StaticFiles();
  files.addBody('/index.html', '.html', Buffer.from(page));
  for (const [url, text] of Object.entries(scripts)) files.addBody(url, '.js', Buffer.from(text));
  addPreloads(files, '/index.html');
  const [, body] = files.list().find(([url]) => url === '/index.html');
  return [...String(body).matchAll(/<link (.*?)="\.(\/.*?)">/g)].map(([, way, url]) => `${way} ${url}`);
}

const AT_ONCE = 'rel="modulepreload" href';

describe('preload', () => {
  test('at any distance, once, cycles and folders too', () => {
    assert.deepEqual(serve('<link rel="modulepreload" href="/a.js"><p>', {
      '/a.js': "import { b } from './x/b.js';\nimport './c.js';\n",
      '/x/b.js': "import {\n  c,\n} from '../c.js';\nexport { d } from '/x/d.js';\nexport * from './e.js';\n",
      '/c.js': "import { a } from './a.js';\n",
      '/x/d.js': 'export const d = 1;\n',
      '/x/e.js': '',
    }), ['/a.js', '/x/b.js', '/c.js', '/x/d.js', '/x/e.js'].map((url) => `${AT_ONCE} ${url}`));
  });

  test('what one root has named, the next does not name again', () => {
    assert.deepEqual(serve('<link rel="modulepreload" href="/a.js">\n<link data-module="/b.js">', {
      '/a.js': "import './c.js';\n", '/b.js': "import './c.js';\nimport './d.js';\n", '/c.js': '', '/d.js': '',
    }), [`${AT_ONCE} /a.js`, `${AT_ONCE} /c.js`, 'data-module /b.js', 'data-module /d.js']);
  });

  test('not what is fetched when it is wanted, what is not ours, or what only looks like it', () => {
    assert.deepEqual(serve('<link data-module="/a.js">', {
      '/a.js': "import 'elsewhere';\nconst b = () => import('./b.js');\n// import './b.js';\nimport './gone.js';\n", '/b.js': '',
    }), ['data-module /a.js']);
  });
});

test('nothing of the page is named from the root of the host: it may be under a path', () => {
  const web = new URL('../../web/', import.meta.url);
  const names = readdirSync(web, { recursive: true }).filter((name) => /\.(js|html|css)$/.test(name));
  assert.ok(names.length > 20);
  for (const name of names) {
    const text = readFileSync(new URL(name, web), 'utf8');
    const found = /(?:\bfrom|\bimport\(?)\s*['"]\/|\b(?:href|src|data-module)="\/|url\(["']?\//.exec(text);
    assert.equal(found, null, `${name}: ${found?.[0]}`);
  }
});

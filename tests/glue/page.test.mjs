// SPDX-License-Identifier: GPL-3.0-or-later
// The page's bundle: what is loaded with it in two files, one for each part that is loaded later, every module once and at its address.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { homesOf } from '../../tools/page/homes.mjs';
import { openPage } from '../../tools/page/page.mjs';
import { isScript, pageSources } from '../../tools/page/sources.mjs';
import { pageFiles } from '../../tools/relay/page.js';
import { root } from '../../tools/setup/paths.mjs';

const ALONE = ['/check.js', '/sw.js', '/glue/derive_worker.js', '/glue/content_worker.js'];
const WINDOWS = [
  '/badge.js', '/calls.js', '/emoji.js', '/files.js', '/menu.js', '/search.js', '/settings.js', '/shared.js', '/swarm.js', '/verify.js',
];
const LANGUAGES = ['/texts_de.js', '/texts_fr.js'];
const PLUGINS = ['coin', 'irc', 'notify', 'poll', 'replace', 'typing', 'whiteboard', 'yo'].map((name) => `/plugins/${name}.js`);

/** A graph of lines such as 'a: b c / d': a imports b and c at once, d later. */
function graphOf(...lines) {
  return new Map(lines.map((line) => {
    const [, name, now, , later] = /^(\w+):([^/]*)(\/(.*))?$/.exec(line);
    const words = (text = '') => text.split(' ').filter(Boolean);
    return [name, { imports: words(now), later: words(later) }];
  }));
}

describe('where a module lives', () => {
  const ROWS = [
    ['what the first has, the second has not', ['first: a', 'main: a b', 'a: c', 'b: c', 'c:'],
      'first=first main=main a=first c=first b=main'],
    ['what is loaded later has what nobody else needs', ['first:', 'main: a / w', 'w: a x', 'x: y', 'a:', 'y:'],
      'first=first main=main a=main w=w x=w y=w'],
    ['what two need later is a file of its own', ['first:', 'main: / v w', 'v: x', 'w: x', 'x: y', 'y:'],
      'first=first main=main v=v w=w x=x y=y'],
    ['one that is loaded later may need another such one', ['first:', 'main: / v w', 'v: w', 'w: x', 'x:'],
      'first=first main=main v=v w=w x=x'],
    ['what is there at once is no file of its own, though it is asked for later as well', ['first: / a', 'main: a', 'a:'],
      'first=first main=main a=main'],
    ['a part that is loaded later asks for a third one', ['first:', 'main: / v', 'v: / w', 'w:'], 'first=first main=main v=v w=w'],
    ['circles', ['first: a', 'main: b', 'a: b', 'b: a / w', 'w: w a'], 'first=first main=main a=first b=first w=w'],
  ];
  for (const [name, lines, expected] of ROWS) {
    test(name, () => {
      const homes = homesOf(graphOf(...lines), ['first', 'main']);
      assert.equal([...homes].map(([module, home]) => `${module}=${home}`).join(' '), expected);
    });
  }

  test('what is imported by a name that nobody can read is a file of its own', () => {
    const homes = homesOf(graphOf('first:', 'main: p', 'p:', 'q: x', 'x:'), ['first', 'main'], ['p', 'q']);
    assert.deepEqual([homes.get('p'), homes.get('q'), homes.get('x')], ['main', 'q', 'q']);
  });
});

/**
 * What modules export and import, as the engine sees it: linked, never run.
 * @param {Record<string, string>} texts by address
 * @returns {Record<string, {names: string[], imports: string[]}>}
 */
function link(texts) {
  const script = `import vm from 'node:vm'; import { posix } from 'node:path';
    let text = ''; for await (const part of process.stdin) text += part;
    const texts = JSON.parse(text);
    const modules = Object.fromEntries(Object.entries(texts).map(([at, one]) => [at, new vm.SourceTextModule(one, { identifier: at })]));
    const unlinked = () => Object.values(modules).find(({ status }) => status === 'unlinked');
    while (unlinked()) await unlinked().link((path, { identifier }) => {
      const to = posix.resolve(posix.dirname(identifier), path);
      if (!modules[to]) throw new Error(identifier + ' imports ' + path);
      return modules[to];
    });
    const told = Object.entries(modules).map(([at, { namespace, dependencySpecifiers }]) => [at, {
      names: Reflect.ownKeys(namespace).filter((name) => typeof name === 'string').sort(),
      imports: dependencySpecifiers.map((path) => posix.resolve(posix.dirname(at), path)),
    }]);
    console.log(JSON.stringify(Object.fromEntries(told)));`;
  const args = ['--experimental-vm-modules', '--no-warnings', '--input-type=module', '-e', script];
  return JSON.parse(execFileSync(process.execPath, args, { input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 1 << 26 }));
}

describe('the bundle', () => {
  const sources = pageSources();
  /** What no browser can load: it imports what Node has, at once or when it is called. */
  const isOfNode = ([address, file]) => isScript(address) && /\b(from|import\() ?'(node:|ws'|@)/.test(readFileSync(file, 'utf8'));
  const inNode = [...sources].filter(isOfNode).map(([address]) => address);
  /** @type {Map<string, import('../../tools/page/page.mjs').Part>} */
  let parts;
  /** @type {ReturnType<typeof link>} */
  let linked;
  const mapOf = (address) => JSON.parse(String(parts.get(`${address}.map`)?.body));
  /** What is loaded by the page itself, at once or later. */
  const files = () => [...parts].filter(([address, { isAside }]) => !isAside && isScript(address)).map(([address]) => address);
  before(async () => {
    ({ parts } = await openPage());
    const scripts = [...parts].filter(([address]) => isScript(address));
    linked = link(Object.fromEntries(scripts.map(([address, { body }]) => [address, String(body)])));
  });

  test('the page asks for two files of modules, and they for no other at once', () => {
    const page = readFileSync(join(root, 'web/index.html'), 'utf8');
    const found = page.matchAll(/<script (?:type="(module)" )?src="\.(.*?)"/g);
    const scripts = [...found].map(([, type, address]) => `${type ?? 'old'} ${address}`);
    assert.deepEqual(scripts, ['old /check.js', 'module /first.js', 'module /main.js']);
    assert.doesNotMatch(page, /modulepreload|data-module/);
    assert.deepEqual(linked['/first.js'].imports, []);
    assert.deepEqual([...new Set(linked['/main.js'].imports)], ['/first.js']);
  });

  test('each window, each plugin and each part that is seldom needed is one more file, when it is asked for', () => {
    const expected = ['/first.js', '/main.js', ...WINDOWS, ...PLUGINS, ...ALONE, '/glue/confusables.js', '/glue/content_parts.js',
      '/glue/content_seal.js', '/glue/derive.js', '/glue/identity_file.js', '/glue/plugin_shared.js', '/glue/seal_key.js',
      '/glue/store_kept.js', '/glue/trusted.js', '/lib/qr.mjs', ...LANGUAGES];
    assert.deepEqual(files().sort(), expected.sort());
    for (const address of [...WINDOWS, ...PLUGINS, ...LANGUAGES]) {
      const others = linked[address].imports.filter((one) => !['/first.js', '/main.js'].includes(one));
      assert.deepEqual(others, [], address);
    }
    for (const address of ALONE) assert.deepEqual(linked[address].imports, [], `${address} runs in a place of its own`);
  });

  test('every script has its address and exports there what its source does', () => {
    const scripts = [...sources].filter(([address]) => isScript(address) && !inNode.includes(address));
    assert.ok(scripts.length > 90);
    const plain = link(Object.fromEntries(scripts.map(([address, file]) => [address, readFileSync(file, 'utf8')])));
    for (const [address] of scripts) {
      const inner = (name) => /^\$\w/.test(name); // of modules that live there
      assert.deepEqual(linked[address]?.names.filter((name) => !inner(name)), plain[address].names.filter((name) => !inner(name)), address);
    }
  });

  test('scripts do at once what their sources do, whatever package.json says of files without effects', () => {
    for (const [address, own] of [['/first.js', 'head script'], ['/main.js', 'swarm-open']]) {
      assert.ok(readFileSync(/** @type {string} */ (sources.get(address)), 'utf8').includes(own));
      assert.ok(String(parts.get(address)?.body).includes(own), address);
    }
  });

  test('all doors are in one file, for the service worker', () => {
    const doors = JSON.parse(String(parts.get('/doors.json')?.body));
    const aside = [...parts].filter(([address, { isAside }]) => isAside && isScript(address));
    assert.ok(aside.length > 70);
    assert.deepEqual(doors, Object.fromEntries(aside.map(([address, { body }]) => [address, String(body)])));
  });

  test('every module lives in one file', () => {
    const places = new Map();
    for (const address of files().filter((one) => !ALONE.includes(one))) {
      for (const source of mapOf(address).sources.filter((one) => sources.has(one))) {
        places.set(source, [...places.get(source) ?? [], address]);
      }
    }
    assert.ok(places.size > 80);
    for (const [source, where] of places) assert.equal(where.length, 1, `${source} is in ${where}`);
    const expected = { '/texts.js': '/first.js', '/glue/core.js': '/main.js', '/lib/qr.mjs': '/lib/qr.mjs', '/picture.js': '/swarm.js' };
    for (const [source, where] of Object.entries(expected)) assert.deepEqual(places.get(source), [where]);
  });

  test('nothing of Node', () => {
    assert.ok(['/glue/node.js', '/glue/derive_node.js', '/glue/store_files.js'].every((address) => inNode.includes(address)));
    for (const address of inNode) assert.equal(parts.has(address), false, address);
    for (const [address, { body }] of parts) {
      if (isScript(address)) assert.doesNotMatch(String(body), /\bfrom ?"(node:|ws")|import\("(node:|ws")|node:crypto|node:path/, address);
    }
  });

  test('maps lead back to the sources', () => {
    const text = String(parts.get('/main.js')?.body);
    assert.match(text, /\n\/\/# sourceMappingURL=main\.js\.map\n$/);
    const map = mapOf('/main.js');
    for (const [i, address] of map.sources.entries()) {
      if (sources.has(address)) assert.equal(map.sourcesContent[i], readFileSync(sources.get(address), 'utf8'), address);
    }
    const needle = 'nktencryptedmessagereceived';
    const lines = text.split('\n');
    const line = lines.findIndex((one) => one.includes(needle));
    const { originalSource, originalLine } = new SourceMap(map).findEntry(line, lines[line].indexOf(needle));
    assert.match(readFileSync(sources.get(originalSource), 'utf8').split('\n')[originalLine], new RegExp(needle));
  });

  test('each file says its licence once, and names where those of others are', async () => {
    for (const address of files()) {
      const text = String(parts.get(address)?.body);
      assert.equal(text.split('SPDX-License-Identifier: GPL-3.0-or-later').length, 2, address);
      assert.match(text.split('\n')[0], /NOTICE\.txt/, address);
    }
    const served = await pageFiles({ isPlain: false, say: () => {} });
    const notice = String(served.list().find(([address]) => address === '/NOTICE.txt')?.[1]);
    const wanted = [/lean-qr.*\n\n.*MIT/i, /Unicode, Inc\./, /= libsignal-protocol-c =+\n\nGPL-3\.0: its text/, /= nkt =/];
    for (const words of wanted) assert.match(notice, words);
    assert.equal(notice.match(/GNU GENERAL PUBLIC LICENSE\s+Version 3/g)?.length, 1, '35 KB of a package, once');
  });

  test('no file of this machine is named', () => {
    for (const [address, { body }] of parts) assert.ok(!String(body).includes(root), address);
  });
});

describe('what the server sends', () => {
  const say = () => {};
  const bodies = (files) => new Map(files.list());

  test('the set of the service worker is what pages load, whole and no more', async () => {
    const served = bodies(await pageFiles({ isPlain: false, say }));
    const listed = Object.keys(JSON.parse(String(served.get('/set.json'))).files);
    const some = ['/', '/first.js', '/main.js', '/core.wasm', '/style.css', '/doors.json', '/glue/derive_worker.js'];
    for (const address of [...some, ...WINDOWS, ...PLUGINS, ...LANGUAGES]) {
      assert.ok(listed.includes(address), address);
    }
    for (const address of listed) assert.ok(served.has(address), address);
    for (const address of ['/messages.js', '/icons/any-192.png', '/main.js.map', '/sw.js', '/NOTICE.txt', '/glue/types.d.ts']) {
      assert.ok(served.has(address) && !listed.includes(address), address);
    }
    assert.ok(listed.length < 52, `${listed.length} requests of the service worker`);
  });

  test('styles are smaller than their sources, say whose they are, and have every selector', async () => {
    const served = bodies(await pageFiles({ isPlain: false, say }));
    const styles = [...pageSources()].filter(([address]) => address.endsWith('.css'));
    assert.ok(styles.length > 5);
    const names = (css) => [...new Set(css.replace(/\/\*.*?\*\/|"[^"]*"|\{[^{}]*\}/gs, ' ').match(/[.#][a-z][\w-]*/g))].sort();
    for (const [address, file] of styles) {
      const [made, source] = [String(served.get(address)), readFileSync(file, 'utf8')];
      assert.ok(made.length < 0.95 * source.length, address);
      assert.match(made, /^\/\* SPDX-License-Identifier: GPL-3\.0-or-later \*\/\n/);
      assert.deepEqual(names(made), names(source), address);
    }
  });

  test('plain, it sends the sources as they are', async () => {
    const served = bodies(await pageFiles({ isPlain: true, say }));
    for (const [address, file] of pageSources()) assert.deepEqual(served.get(address), readFileSync(file), address);
    const { files } = JSON.parse(String(served.get('/set.json')));
    assert.ok(files['/messages.js'] && files['/glue/core.js']);
  });
});

test('nothing of the page is named from the root of the host: it may be under a path', () => {
  const web = new URL('../../web/', import.meta.url);
  const names = readdirSync(web, { recursive: true }).filter((name) => /\.(js|html|css)$/.test(String(name)));
  assert.ok(names.length > 20);
  for (const name of names) {
    const text = readFileSync(new URL(String(name), web), 'utf8');
    const found = /(?:\bfrom|\bimport\(?)\s*['"`]\/|\b(?:href|src)="\/|url\(["']?\/|\b(?:fetch|style|URL|register)\(['"`]\//.exec(text);
    assert.equal(found, null, `${name}: ${found?.[0]}`);
  }
});

/** A page with a part of each kind, that is bundled in no time. */
const SMALL = {
  'web/index.html': '<!doctype html>\n',
  'web/check.js': '(function check() { window.isOld = true; }());\n',
  'web/texts.js': "export const texts = { leave: 'Leave' };\n",
  'web/first.js': "import { texts } from './texts.js';\n\ndocument.title = texts.leave;\n",
  'web/messages.js': "import { texts } from './texts.js';\n\nexport const note = (text) => console.log(texts.leave, text);\n",
  'web/main.js': "import { note } from './messages.js';\n\nnote('main');\nexport const open = () => import('./swarm.js');\n",
  'web/swarm.js': "import { note } from './messages.js';\n\nexport const openSwarm = () => note('swarm');\n",
  'web/sw.js': "self.addEventListener('fetch', () => {});\n",
  'web/plugins/yo.js': "import { note } from '../messages.js';\n\nexport default { name: 'yo', init() { note('yo'); } };\n",
  'glue/derive_worker.js': 'postMessage(1);\n',
  'glue/content_worker.js': 'postMessage(2);\n',
  'node_modules/lean-qr/nano.mjs': 'export const generate = 1;\n',
};

describe('a bundle is of its sources', () => {
  const top = mkdtempSync(join(tmpdir(), 'nkt-page-'));
  const folder = join(top, 'build');
  const open = () => openPage({ folder, sources: pageSources(top) });
  const make = (place) => {
    for (const [name, text] of Object.entries(SMALL)) {
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), text);
    }
  };
  before(() => make(top));
  after(() => rmSync(top, { recursive: true, force: true }));
  const change = (name, from, to) => {
    const file = join(top, name);
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes(from));
    writeFileSync(file, text.replace(from, to));
  };

  test('made once, taken while nothing changes, made anew when a source does; only what changed is another file', async () => {
    const first = await open();
    const second = await open();
    assert.deepEqual([first.isNew, second.isNew], [true, false]);
    assert.deepEqual(second.parts, first.parts, 'the same, whether it comes from the folder or not');
    const elsewhere = join(top, 'a', 'deeper place');
    make(elsewhere);
    const other = await openPage({ folder: join(elsewhere, 'build'), sources: pageSources(elsewhere) });
    assert.deepEqual(other.parts, first.parts, 'wherever the sources lie');
    change('web/texts.js', "'Leave'", "'Go away'");
    const third = await open();
    assert.equal(third.isNew, true);
    const isOther = ([address, { body }]) => !first.parts.get(address)?.body.equals(body);
    const changed = [...third.parts].filter(isOther).map(([address]) => address);
    assert.deepEqual(changed.filter((address) => !address.endsWith('.map')), ['/first.js']);
    assert.match(String(third.parts.get('/first.js')?.body), /"Go away"/);
    assert.equal((await open()).isNew, false);
  });

  test('a plugin that somebody puts there is one more file, with the modules of the page', async () => {
    const code = "import { note } from '../messages.js';\nexport default { name: 'coin', init() { note('heads'); } };\n";
    writeFileSync(join(top, 'web/plugins/coin.js'), code);
    const { parts, isNew } = await open();
    assert.equal(isNew, true);
    assert.match(String(parts.get('/plugins/coin.js')?.body), /from"\.\.\/main\.js"/);
    rmSync(join(top, 'web/plugins/coin.js'));
    const { parts: again } = await open();
    assert.equal(again.has('/plugins/coin.js'), false);
  });

  test('a plugin that is wrong is served as it is, and told of: the page is there all the same', async () => {
    const plugins = {
      'odd.js': ['export default {{ name: }};\n', /plugins\/odd\.js:1:\d+: ERROR/],
      'wants.js': ["import { nothing } from '../messages.js';\nexport default { name: 'wants', nothing };\n", /No matching export/],
      'far.js': ["import 'https://elsewhere.example/x.js';\nexport default { name: 'far' };\n", /far\.js imports https:/],
      'root.js': ["import { note } from '/messages.js';\nexport default { name: 'root', note };\n", null],
    };
    const sound = (await open()).parts;
    for (const [name, [text]] of Object.entries(plugins)) writeFileSync(join(top, 'web/plugins', name), text);
    for (const isNew of [true, false]) { // and from the folder
      const bundle = await open();
      assert.equal(bundle.isNew, isNew);
      for (const [name, [text, fault]] of Object.entries(plugins)) {
        const address = `/plugins/${name}`;
        assert.equal(String(bundle.parts.get(address)?.body) === text, fault !== null, name);
        if (fault) assert.match(bundle.faults.get(address) ?? '', fault);
        else assert.equal(bundle.faults.has(address), false);
      }
      assert.match(String(bundle.parts.get('/plugins/root.js')?.body), /from"\.\.\/main\.js"/);
      assert.deepEqual(bundle.parts.get('/swarm.js'), sound.get('/swarm.js'));
    }
    const said = [];
    await pageFiles({ isPlain: false, say: (line) => said.push(line), folder, sources: pageSources(top) });
    assert.deepEqual(said.map((line) => line.split(' ')[0]), ['/plugins/far.js', '/plugins/odd.js', '/plugins/wants.js']);
    for (const name of Object.keys(plugins)) rmSync(join(top, 'web/plugins', name));
    assert.equal((await open()).faults.size, 0);
  });

  test('a file that somebody altered, or that is gone, is not served', async () => {
    const sound = (await open()).parts;
    for (const spoil of [() => writeFileSync(join(folder, 'main.js'), 'tampered()'), () => rmSync(join(folder, 'swarm.js')),
      () => writeFileSync(join(folder, 'bundle.json'), '{')]) {
      spoil();
      const { parts, isNew } = await open();
      assert.equal(isNew, true);
      assert.deepEqual(parts, sound);
    }
  });

  test('several servers that start at once', async () => {
    rmSync(folder, { recursive: true });
    const all = await Promise.all([open(), open(), open()]);
    for (const { parts } of all) assert.deepEqual(parts, all[0].parts);
    assert.equal((await open()).isNew, false);
  });

  test('a folder that cannot be written: bundled at each start', async () => {
    const file = join(top, 'file');
    writeFileSync(file, '');
    const one = await openPage({ folder: join(file, 'build'), sources: pageSources(top) });
    assert.equal(one.isNew, true);
    assert.ok(one.parts.has('/main.js'));
  });

  test('an error in a source names it and its line; an import of what is not there too', async () => {
    const broken = async (name, from, to, words) => {
      change(name, from, to);
      await assert.rejects(open(), words);
      change(name, to, from);
    };
    await broken('web/messages.js', 'export ', 'export export ', /web\/messages\.js:3:\d+: ERROR: Unexpected "export"/);
    await broken('web/main.js', './messages.js', './gone.js', /main\.js imports \.\/gone\.js: there is no \/gone\.js/);
    await broken('web/main.js', '{ note }', '{ note, nothing }', /No matching export .* for import "nothing"/);
    await broken('web/main.js', './messages.js', 'node:fs', /main\.js imports node:fs, which is not of the page/);
    await broken('web/messages.js', 'export const', "export * from './texts.js';\nexport const", /messages\.js: export \* does not say/);
    await open();
  });

  test('without the bundler: what to do', () => {
    const empty = join(top, 'empty');
    mkdirSync(empty);
    const script = `import { pageFiles } from ${JSON.stringify(join(root, 'tools/relay/page.js'))};
      const options = { isPlain: process.argv[1] === 'plain', say() {}, folder: ${JSON.stringify(empty)} };
      await pageFiles(options).then(() => console.log('served'), ({ message }) => console.log(message));`;
    const env = { ...process.env, ESBUILD_BINARY_PATH: '/bin/false' };
    const [bundled, plain] = ['bundled', 'plain'].map((how) => spawnSync(process.execPath, ['--input-type=module', '-e', script, how],
      { env, encoding: 'utf8' }).stdout);
    assert.match(bundled, /the page is not bundled: [^]*What to do: npm run setup && npm run build; or NKT_PLAIN=1/);
    assert.equal(plain, 'served\n');
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The checks of C that ask a compiler and clang-tidy: each is shown faults of its kind in a file that was really compiled, and none
// in one that is fine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { tidyClang } from '../../tools/tidy/clang_tidy.mjs';
import { cIncludes } from '../../tools/tidy/c_rules.mjs';
import { judgeOutside, readObjects } from '../../tools/tidy/outside.mjs';
import { root } from '../../tools/setup/paths.mjs';

const folder = mkdtempSync(join(tmpdir(), 'nkt-outside-'));
after(() => rmSync(folder, { recursive: true }));

describe('what the core asks of others, and keeps', () => {
  /** @param {string} text of a file of the core @param {string[]} flags @returns {string[]} what is told of it */
  function judged(text, ...flags) {
    const [source, object] = ['a.c', 'a.o'].map((name) => join(folder, name));
    writeFileSync(source, text);
    execFileSync(process.env.CC || 'clang', [...flags, '-c', source, '-o', object]);
    const [symbols] = readObjects(execFileSync('nm', ['-A', '-f', 'sysv', object], { encoding: 'utf8' })).values();
    const libraries = new Set(['sodium_memzero', 'crypto_generichash', 'crypto_box_easy']);
    return judgeOutside(new Map([['base/a.c', symbols]]), libraries).map(({ what }) => what.replace(/:.*/, ''));
  }

  const fine = `#include <string.h>
    void sodium_memzero(void *, size_t);
    static const char *const names[] = {"a", "b"};
    static const int sizes[] = {1, 2, 3};
    static int own(int i) { return sizes[i] + (int)strlen(names[i & 1]); }
    int open_to_all(int i);
    int open_to_all(int i) { int all[4] = {i}; memset(all, 0, 8); sodium_memzero(all, 4); return own(i) + all[3]; }`;

  const faults = [
    ['#include <time.h>\nlong f(void) { return time(0); }', 'calls time()'],
    ['#include <stdio.h>\nvoid f(int i) { printf("%d", i); }', 'calls printf()'],
    ['char *strcpy(char *, const char *);\nvoid f(char *a, char *b) { strcpy(a, b); }', 'calls strcpy()'],
    ['int crypto_generichash(char *);\nint f(char *a) { return crypto_generichash(a); }', 'calls crypto_generichash()'],
    ['int crypto_box_easy(char *);\nint f(char *a) { return crypto_box_easy(a); }', 'calls crypto_box_easy()'],
    ['int f(void) { static int count; return ++count; }', 'keeps f.count between calls'],
    ['static int last = 3;\nint f(int i) { int was = last; last = i; return was; }', 'keeps last between calls'],
    ['int counts[3];', 'keeps counts between calls'],
    ['_Thread_local int mine = 1;', 'keeps mine between calls'],
    ['static const char *names[] = {"a"};\nconst char **f(void) { return names; }', 'keeps names between calls'],
  ];

  const ways = ['-O1 -g -fPIE', '-O0', '-O1 -fsanitize=address,undefined -fPIE', '-O2 -D_FORTIFY_SOURCE=2'];
  for (const flags of ways.map((way) => way.split(' '))) {
    test(`memory, text, libraries and constants are nothing to tell of: ${flags.join(' ')}`, () => {
      assert.deepEqual(judged(fine, ...flags), []);
    });

    test(`a clock, printing, a string without bounds, a variable that stays: ${flags.join(' ')}`, () => {
      const told = (text) => judged(text, ...flags).map((one) => one.replace('__printf_chk', 'printf'));
      for (const [text, what] of faults) assert.deepEqual(told(text), [what]);
    });
  }
});

test('includes of the core point downward, and name the room', () => {
  const judged = (path, line) => cIncludes({ path, text: line, lines: [line] }).map(({ what }) => what);
  for (const line of ['#include "base/map.h"', '#include "other.h"', '#include "delivery/delivery.h"', '#include <curve.h>']) {
    assert.deepEqual(judged('core/src/delivery/a.c', line), []);
  }
  const not = (from, to) => [`${from} must not include ${to}/: includes point downward`];
  assert.deepEqual(judged('core/src/base/a.h', '#include "delivery/delivery.h"'), not('base', 'delivery'));
  assert.deepEqual(judged('core/src/links/a.c', '  # include "delivery/delivery.h"'), not('links', 'delivery'));
  assert.deepEqual(judged('core/src/links/a.c', '#include "../base/map.h"'), ['an include path that climbs: name the room instead']);
  assert.deepEqual(judged('core/src/links/a.c', '#include "cellar/a.h"'), ['no such room: cellar']);
});

describe('clang-tidy', () => {
  const base = join(folder, 'house');
  const build = join(base, 'build');
  const write = (path, text) => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  };
  const sources = {
    'core/src/base/fine.c': '#include "fine.h"\n#include <string.h>\nint nkt_fine(const char *text) { return (int)strlen(text); }\n',
    'core/src/base/round.c': `int nkt_round(int i);
static int back(int i) { return nkt_round(i - 1); }
int nkt_round(int i) { return i > 0 ? back(i) : 0; }
`,
    'core/src/base/clock.c': '#include <time.h>\nlong nkt_clock(void);\nlong nkt_clock(void) { return 0; }\n',
    'core/src/base/split.c': `#include <string.h>
char *nkt_split(char *text);
char *nkt_split(char *text) { return strtok(text, " "); }
`,
    'core/src/base/borrowed.c': '#include <curve.h>\n',
    'core/src/session/borrowed.c': '#include <curve.h>\n',
    'core/src/base/named.c': 'int nkt_named(int first);\nint nkt_named(int last) { return last; }\n',
    'core/src/base/long.c': `int nkt_long(int i);\nint nkt_long(int i)\n{\n${'    i++;\n'.repeat(70)}    return i;\n}\n`,
    'core/src/base/just.c': `int nkt_just(int i);\nint nkt_just(int i)\n{\n${'    i++;\n'.repeat(69)}    return i;\n}\n`,
    'tests/unit/fine.c': 'void *__real_malloc(unsigned long);\nvoid *use(void);\nvoid *use(void) { return __real_malloc(1); }\n',
    'tests/unit/copy.c': '#include <string.h>\nvoid copy(char *a);\nvoid copy(char *a) { memset(a, sizeof a, 0); }\n',
  };
  const expected = [
    'core/src/base/borrowed.c:1 portability-restrict-system-includes',
    'core/src/base/clock.c:1 portability-restrict-system-includes',
    'core/src/base/long.c:2 readability-function-size',
    'core/src/base/named.c:1 readability-inconsistent-declaration-parameter-name',
    'core/src/base/round.c:2 misc-no-recursion',
    'core/src/base/round.c:3 misc-no-recursion',
    'core/src/base/split.c:3 concurrency-mt-unsafe',
    'tests/unit/copy.c:3 bugprone-suspicious-memset-usage',
  ];
  const said = (findings) => findings.map(({ file, line, what }) => `${file}:${line} ${/\(([\w-]+)\)$/.exec(what)?.[1]}`);

  before(() => {
    for (const [path, text] of Object.entries(sources)) write(path, text);
    write('core/src/base/fine.h', 'int nkt_fine(const char *text);\n');
    write('vendor/curve.h', 'int curve(void);\n');
    for (const path of ['', 'core', 'core/src/session', 'tests']) {
      copyFileSync(join(root, path, '.clang-tidy'), join(base, path, '.clang-tidy'));
    }
    write('build/build.ninja', `rule cc
  command = clang -isystem ../vendor -Wno-everything -MD -MF $out.d -c $in -o $out
  deps = gcc
  depfile = $out.d
${Object.keys(sources).map((path) => `build ${path.replaceAll('/', '-')}.o: cc ${join(base, path)}\n`).join('')}`);
    execFileSync('ninja', ['-C', build]);
    writeFileSync(join(build, 'compile_commands.json'), execFileSync('ninja', ['-C', build, '-t', 'compdb', 'cc']));
  });

  const tidied = () => tidyClang({ base, builds: [build], memory: join(build, 'memory.json') });

  test('each fault is found, with what the configurations of its folder say, and nothing else', async () => {
    const { findings, looked } = await tidied();
    assert.deepEqual(said(findings), expected);
    assert.equal(looked.length, Object.keys(sources).length);
  });

  test('what is the same is not looked at again, and still told; what changed is: a file, a header, a configuration', async () => {
    const again = await tidied();
    assert.deepEqual([again.looked, said(again.findings)], [[], expected]);
    write('core/src/base/fine.h', 'int nkt_fine(const char *words);\n');
    write('core/src/base/named.c', 'int nkt_named(int first);\nint nkt_named(int first) { return first; }\n');
    execFileSync('ninja', ['-C', build]);
    const changed = await tidied();
    assert.deepEqual(changed.looked.sort(), ['core/src/base/fine.c', 'core/src/base/named.c']);
    const now = expected.map((one) => one.replace('named.c:1', 'fine.h:1')).sort();
    assert.deepEqual(said(changed.findings), now);
    writeFileSync(join(base, 'tests', '.clang-tidy'), 'InheritParentConfig: true\n');
    const strict = await tidied();
    assert.deepEqual(strict.looked.sort(), ['tests/unit/copy.c', 'tests/unit/fine.c']);
    assert.deepEqual(said(strict.findings), [...now, 'tests/unit/fine.c:1 bugprone-reserved-identifier'].sort());
  });

  test('a file that cannot be compiled is told as that', async () => {
    write('core/src/base/fine.c', 'int nkt_fine(');
    const { findings } = await tidied();
    assert.ok(findings.some(({ file, what }) => file === 'core/src/base/fine.c' && /expected|clang-diagnostic-error/.test(what)));
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The check of calls within the core: what nm prints, circles, calls upward, and a list of what is known that may only shrink.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { callsOf, circlesOf, judgeCalls, readSymbols } from '../../tools/tidy/calls.mjs';

const nothing = { upward: [], circles: [] };

/** Files with what they define and, behind an arrow, what they call. */
const core = (...rows) =>
  new Map(
    rows.map((row) => {
      const [file, defines, needs = ''] = row.split(/: | -> /);
      return [file, { defines: defines.split(' '), needs: needs.split(' ').filter(Boolean) }];
    }),
  );
const said = (findings) => findings.map(({ file, what }) => `${file}: ${what}`);

test('symbols are read from a compiled file: what is static is nobody else’s', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-calls-'));
  try {
    const own = 'static int own(int x) { return other(x); }';
    const source = ['int other(int);', 'int table[2];', own, 'int open_to_all(int x) { return own(x); }'];
    writeFileSync(join(folder, 'a.c'), `${source.join('\n')}\n`);
    execFileSync(process.env.CC || 'clang', ['-O0', '-c', join(folder, 'a.c'), '-o', join(folder, 'a.o')]);
    const { defines, needs } = readSymbols(execFileSync('nm', ['-P', join(folder, 'a.o')], { encoding: 'utf8' }));
    assert.deepEqual([defines.sort(), needs], [['open_to_all', 'table'], ['other']]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('calls downward are in order; what libraries define is nobody’s', () => {
  const files = core('inbound/a.c: a -> b memcpy', 'overlay/b.c: b -> c', 'base/c.c: c -> free', 'core.c: new -> a c');
  assert.deepEqual(said(judgeCalls(files, nothing)), []);
  assert.deepEqual([...callsOf(files).get('inbound/a.c')], [['overlay/b.c', ['b']]]);
});

test('a call upward, or to a room beside, is told with both ends', () => {
  const files = core('base/c.c: c -> a', 'inbound/a.c: a', 'relay/r.c: r -> t', 'tracker/t.c: t');
  assert.deepEqual(said(judgeCalls(files, nothing)), [
    'core/src/base/c.c: calls a() of inbound/a.c: calls point downward',
    'core/src/relay/r.c: calls t() of tracker/t.c: calls point downward',
  ]);
});

test('a circle is told, however long, and once', () => {
  const files = core('inbound/a.c: a -> b', 'inbound/b.c: b -> c', 'inbound/c.c: c -> a', 'inbound/d.c: d -> a', 'inbound/e.c: e');
  assert.deepEqual(circlesOf(callsOf(files)), [['inbound/a.c', 'inbound/b.c', 'inbound/c.c']]);
  const circle = 'inbound/a.c, inbound/b.c, inbound/c.c';
  assert.deepEqual(said(judgeCalls(files, nothing)), [`core/src/inbound/a.c: calls itself in a circle: ${circle}`]);
});

test('what is known is no finding; what is known and gone is one; what is new is one all the same', () => {
  const pair = core('inbound/a.c: a -> b', 'inbound/b.c: b -> a', 'base/c.c: c -> a');
  const all = { upward: ['base/c.c a'], circles: [['inbound/a.c', 'inbound/b.c']] };
  assert.deepEqual(said(judgeCalls(pair, all)), []);
  const less = core('inbound/a.c: a -> b', 'inbound/b.c: b', 'base/c.c: c');
  assert.deepEqual(said(judgeCalls(less, all)), [
    'tools/tidy/rooms.mjs: knows an upward call that is gone: base/c.c a',
    'tools/tidy/rooms.mjs: knows files in a circle that are in none: inbound/a.c, inbound/b.c',
  ]);
  const more = core('inbound/a.c: a -> b d', 'inbound/b.c: b -> a', 'inbound/d.c: d -> a', 'base/c.c: c -> a b');
  assert.deepEqual(said(judgeCalls(more, all)), [
    'core/src/base/c.c: calls b() of inbound/b.c: calls point downward',
    'core/src/inbound/a.c: calls itself in a circle: inbound/a.c, inbound/b.c, inbound/d.c',
    'tools/tidy/rooms.mjs: knows files in a circle that are in none: inbound/a.c, inbound/b.c',
  ]);
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The check of calls within the core: what nm prints, circles, calls upward; and that the core as it was compiled has none.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { callsOf, circlesOf, judgeCalls, readSymbols, symbolsOfCore } from '../../tools/tidy/calls.mjs';

/** Files with what they define and, behind an arrow, what they call. */
const core = (...rows) =>
  new Map(
    rows.map((row) => {
      const [file, defines, needs = ''] = row.split(/: | -> /);
      return [file, { defines: defines.split(' '), needs: needs.split(' ').filter(Boolean) }];
    }),
  );
const compiled = symbolsOfCore();
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
  assert.deepEqual(said(judgeCalls(files)), []);
  assert.deepEqual([...callsOf(files).get('inbound/a.c')], [['overlay/b.c', ['b']]]);
});

test('a call upward, or to a room beside, is told with both ends', () => {
  const files = core('base/c.c: c -> a', 'inbound/a.c: a', 'relay/r.c: r -> t', 'tracker/t.c: t');
  assert.deepEqual(said(judgeCalls(files)), [
    'core/src/base/c.c: calls a() of inbound/a.c: calls point downward',
    'core/src/relay/r.c: calls t() of tracker/t.c: calls point downward',
  ]);
});

test('a circle is told, however long, and once', () => {
  const files = core('inbound/a.c: a -> b', 'inbound/b.c: b -> c', 'inbound/c.c: c -> a', 'inbound/d.c: d -> a', 'inbound/e.c: e');
  assert.deepEqual(circlesOf(callsOf(files)), [['inbound/a.c', 'inbound/b.c', 'inbound/c.c']]);
  const circle = 'inbound/a.c, inbound/b.c, inbound/c.c';
  assert.deepEqual(said(judgeCalls(files)), [`core/src/inbound/a.c: calls itself in a circle: ${circle}`]);
});

test('the core has neither; one call put into it is found, and the circle that it closes', { skip: !compiled }, () => {
  const files = new Map(compiled);
  assert.deepEqual(said(judgeCalls(files)), []);
  const { defines, needs } = files.get('people/forget.c');
  files.set('people/forget.c', { defines, needs: [...needs, 'nkt_outbox_drop'] });
  const [upward, circle, ...others] = said(judgeCalls(files));
  assert.equal(upward, 'core/src/people/forget.c: calls nkt_outbox_drop() of delivery/outbox.c: calls point downward');
  assert.match(circle, /calls itself in a circle: delivery\/outbox\.c, people\/admit\.c, people\/forget\.c/);
  assert.deepEqual(others, []);
});

/** @param {string} name @returns {string[]} */
const callersOf = (name) => [...compiled].filter(([, { needs }]) => needs.includes(name)).map(([file]) => file);

test('a link is closed for good, and a user freed, in one place each', { skip: !compiled }, () => {
  assert.deepEqual(callersOf('nkt_link_free'), ['links/close.c']);
  assert.deepEqual(callersOf('nkt_user_free'), ['people/forget.c']);
  assert.deepEqual(callersOf('nkt_user_bury'), ['inbound/news.c']);
});

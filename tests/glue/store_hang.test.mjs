// SPDX-License-Identifier: GPL-3.0-or-later
// The store over files that a disk does not give: named pipes to which nobody speaks.
// Alone: how long a hanging disk is waited for is measured.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Nkt } from '../../glue/nkt.js';
import { FileStore } from '../../glue/store_files.js';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const root = mkdtempSync(path.join(tmpdir(), 'nkt-hang-'));
after(() => rmSync(root, { recursive: true, force: true }));

const newFolder = () => mkdtempSync(path.join(root, 'f-'));

test('a disk that does not answer: refused by name at the start; later on in memory, told once, and used again', { skip }, async () => {
  const openPipe = (file) => openSync(file, constants.O_RDWR | constants.O_NONBLOCK); // whoever waits at the other end goes on
  const folder = newFolder();
  const key = path.join(folder, 'key.json');
  execFileSync('mkfifo', [key]); // to read from it waits for a writer that never comes, as on a server that is gone
  const begun = Date.now();
  const quick = { setTimeout: (f, wait) => setTimeout(f, wait / 4), clearTimeout };
  const starting = new Nkt({ timers: quick }).init({ nick: 'ann', storage: { folder } });
  await assert.rejects(starting, { code: 'NKT_E_STORAGE', message: /does not answer/ });
  const ms = Date.now() - begun;
  assert.ok(ms <= 4500, `${ms} ms`); // a fourth of START_MS, and what the machine takes
  closeSync(openPipe(key));
  await until(() => !readdirSync(folder).includes('lock'), 'that the lock is let go once it answered');

  const trace = [];
  const timers = { setTimeout: (f, wait) => setTimeout(f, wait >= 10_000 ? 50 : wait), clearTimeout };
  const platform = { crypto: globalThis.crypto, clock: { now: () => performance.now() }, timers };
  const other = newFolder();
  const open = () => new FileStore({
    folder: other, platform, derive: null, onDurable: (ticket) => trace.push(ticket), onState: () => trace.push(store.health.state),
  });
  let store = open();
  await store.open();
  const blocked = path.join(other, 'a.record.new');
  execFileSync('mkfifo', [blocked]);
  store.put(1, 'a', new Uint8Array([1]));
  store.commit();
  await until(() => trace.includes(1), 'that it counts as done', 3500);
  for (const n of [2, 3]) {
    store.put(n, 'a', new Uint8Array([n]));
    store.commit();
  }
  assert.deepEqual(trace, ['ok', 'memory', 1, 2, 3]);
  const pipe = openPipe(blocked);
  rmSync(blocked);
  closeSync(pipe);
  await until(() => store.health.state === 'ok', 'that it is used again');
  await store.close();
  trace.length = 0;
  store = open();
  assert.deepEqual((await store.open()).map(([name, bytes]) => [name, ...bytes]), [['a', 3]]);
  await store.close();
});

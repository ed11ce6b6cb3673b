// SPDX-License-Identifier: GPL-3.0-or-later
// A folder whose process is killed in the middle of a write: it is as it was after one of the core's PUTs, never between two.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { webcrypto } from 'node:crypto';
import { FileStore } from '../../glue/store_files.js';

const WRITER = fileURLToPath(new URL('support/store_writer.mjs', import.meta.url));

/** What the core asked for, PUT by PUT: after each of them this is a state that it knows. */
const PUTS = [['c', 2], ['a', 2], ['b', 2], ['gone', null], ['d', 2], ['a', 3], ['e', 3]];

/** @param {Record<string, number>} state */
const show = (state) => JSON.stringify(Object.entries(state).sort());

function knownStates() {
  const state = { a: 1, b: 1, gone: 1 };
  const known = [show(state)];
  for (const [name, value] of PUTS) {
    if (value === null) delete state[name];
    else state[name] = value;
    known.push(show(state));
  }
  return known;
}

const clock = { now: () => performance.now(), wall: () => Date.now() };
const storeOf = (folder) => new FileStore({
  folder, derive: async () => new Uint8Array(32), onDurable: () => {}, onState: () => {},
  platform: { crypto: webcrypto, timers: { setTimeout, clearTimeout }, clock },
});

/** What is there, after another process took the folder over. @param {string} folder */
async function stateOf(folder) {
  const store = storeOf(folder);
  const records = await store.open();
  await store.close();
  return show(Object.fromEntries(records.map(([name, bytes]) => [name, bytes[0]])));
}

describe('a folder whose process is killed', () => {
  let root;
  before(() => { root = mkdtempSync(path.join(tmpdir(), 'nkt-crash-')); });
  after(() => rmSync(root, { recursive: true, force: true }));

  test('at whatever step of a write: it is in a state that the core knew, and stays so', { timeout: 120_000 }, async () => {
    const known = knownStates();
    const seen = new Set();
    for (let at = 1; ; at++) {
      const folder = path.join(root, `f-${at}`);
      const child = spawn(process.execPath, [WRITER, folder, String(at)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk) => { text += chunk; });
      await once(child, 'close');
      const state = await stateOf(folder);
      assert.ok(known.includes(state), `killed at step ${at}: ${state}`);
      seen.add(state);
      assert.equal(await stateOf(folder), state);
      assert.deepEqual(readdirSync(folder).filter((file) => file.endsWith('.new') || file === 'commit'), []);
      if (text.includes('whole')) {
        assert.equal(state, known.at(-1));
        assert.ok(at > 20, `${at} steps`);
        break;
      }
    }
    assert.ok(seen.size >= 3, [...seen].join(' '));
  });

  test('at whatever step of its first: it is as new, or has the key and all that was written with it', { timeout: 120_000 }, async () => {
    const seen = new Set();
    for (let at = 1; !seen.has('whole'); at++) {
      const folder = path.join(root, `first-${at}`);
      const child = spawn(process.execPath, [WRITER, folder, String(at), 'first'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk) => { text += chunk; });
      await once(child, 'close');
      const state = await stateOf(folder);
      if (text.includes('whole')) seen.add('whole');
      assert.equal(readdirSync(folder).includes('key.json'), state !== show({}), `killed at step ${at}`);
      seen.add(state);
    }
    assert.deepEqual([...seen].sort(), [show({}), knownStates()[0], 'whole'].sort());
  });

  test('with a mark that is damaged: what was new is there', async () => {
    const folder = path.join(root, 'damaged');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'key.json'), JSON.stringify({ version: 1, key: '00'.repeat(32) }));
    writeFileSync(path.join(folder, 'a.record'), new Uint8Array([1]));
    writeFileSync(path.join(folder, 'a.record.new'), new Uint8Array([2]));
    writeFileSync(path.join(folder, 'b.record.new'), new Uint8Array([2]));
    for (const text of ['{"version":1,"gone":["../../x","a/../b",7]}', '{', '']) {
      writeFileSync(path.join(folder, 'commit'), text);
      assert.equal(await stateOf(folder), show({ a: 2, b: 2 }), text);
    }
    writeFileSync(path.join(folder, 'a.record.new'), new Uint8Array([3]));
    assert.equal(await stateOf(folder), show({ a: 2, b: 2 }), 'without the mark it was not to be');
  });
});

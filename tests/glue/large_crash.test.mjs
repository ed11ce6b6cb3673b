// SPDX-License-Identifier: GPL-3.0-or-later
// Who says a large value is killed in the middle of it: no message is there without what it names, nor anything half made. Between the
// mark of what is about to be said and the message itself its parts stay, as files of one's own.
// Long: a process for each of some steps.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { closePeers, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const WRITER = fileURLToPath(new URL('support/large_writer.mjs', import.meta.url));

/** A kill takes two processes a second: each step only where more kills are wanted (tests/README.md). */
const STEP = process.env.NKT_CRASHES ? 1 : 5;

describe('an author that is killed', { skip }, () => {
  let root;
  before(() => { root = mkdtempSync(join(tmpdir(), 'nkt-large-crash-')); });
  after(() => rmSync(root, { recursive: true, force: true }));

  /** What a peer finds there. @param {string} folder */
  async function found(folder) {
    const { nkt } = await startPeer('ann', { room: 'alone', storage: { folder }, RTCPeerConnection: null });
    await until(() => nkt.contents.some(({ size }) => size === 10), 'what is kept is open again');
    const { content } = await nkt.share(new Uint8Array(1)); // all is open by then
    const said = (await nkt.history()).flatMap(({ value }) => (Array.isArray(value) ? value.map(({ id }) => id) : []));
    const parts = nkt.contents.filter(({ size }) => size === 100_000);
    const whole = parts.filter(({ state }) => state === 'complete').map(({ id }) => id); // as long as it runs
    await nkt.drop(content);
    await closePeers();
    return { said: said.sort(), whole: whole.sort(), count: parts.length };
  }

  test('at whatever step: what a message names is here; before it is about to be said nothing is', { timeout: 280_000 }, async () => {
    for (let at = 1; ; at += STEP) {
      const folder = join(root, `f-${at}`);
      const child = spawn(process.execPath, [WRITER, folder, String(at)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk) => { text += chunk; });
      await once(child, 'close');
      const { said, whole, count } = await found(folder);
      assert.equal(count, whole.length, `killed at step ${at}: all that is kept is whole`);
      for (const id of said) assert.ok(whole.includes(id), `killed at step ${at}: ${id} is missing`);
      if (!text.includes('is about to be said')) assert.equal(count, 0, `killed at step ${at}`);
      if (!text.includes('whole')) continue;
      assert.deepEqual([said.length, whole], [2, said]);
      assert.ok(at > 50, `${at} steps`);
      break;
    }
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// A long history is read bit by bit: everything else has its turn meanwhile, and nothing that happens then changes what is told.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { skip } from './support/wasm.mjs';

const COUNT = 1000; // messages
const SLICE_COUNT = 100; // as in glue/history.js

describe('a long history', { skip }, () => {
  let folder;
  let ann;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nkt-history-'));
    ann = await startPeer('ann', { room: newRoom(), RTCPeerConnection: null, storage: { folder } });
    for (let i = 0; i < COUNT; i++) await ann.nkt.sendEncryptedMessage({ i });
  });
  after(async () => {
    await closePeers();
    rmSync(folder, { recursive: true, force: true });
  });

  /** How many turns others have until the promise is settled. */
  const turnsUntil = async (promise) => {
    let turns = 0;
    let isOver = false;
    const turn = () => {
      if (isOver) return;
      turns++;
      setImmediate(turn);
    };
    setImmediate(turn);
    await promise.finally(() => { isOver = true; });
    return turns;
  };

  test('is read in as many tasks as its length wants, and told in its order', async () => {
    const past = ann.nkt.history();
    assert.ok(await turnsUntil(past) >= COUNT / SLICE_COUNT);
    assert.deepEqual((await past).map(({ value, from, own }) => [value.i, from, own]),
      Array.from({ length: COUNT }, (_, i) => [i, ann.address, true]));
    const newest = await ann.nkt.history({ count: 150 });
    assert.deepEqual(newest.map(({ value }) => value.i), Array.from({ length: 150 }, (_, i) => COUNT - 150 + i));
  });

  test('what is said, forgotten or ended meanwhile changes nothing of it', async () => {
    const past = ann.nkt.history();
    let isSettled = false;
    past.then(() => { isSettled = true; });
    await new Promise((resolve) => { setImmediate(resolve); });
    assert.equal(isSettled, false);
    await ann.nkt.sendEncryptedMessage('later');
    ann.nkt.clearHistory().catch(() => {});
    const closed = ann.nkt.close();
    const entries = await past;
    await closed;
    assert.equal(entries.length, COUNT);
    assert.ok(entries.every(({ from, value }) => from === ann.address && value !== undefined));
  });
});

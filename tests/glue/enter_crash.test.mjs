// SPDX-License-Identifier: GPL-3.0-or-later
// Who enters a room beside another is killed in the middle of it, or finds records damaged: she is the same, and what was said is there.
// Long: a process for each of some steps.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { closePeers, startPeer } from './support/peers.mjs';
import { skip } from './support/wasm.mjs';

const WRITER = fileURLToPath(new URL('support/rooms_writer.mjs', import.meta.url));

/** A kill takes two processes a second: each step only where more kills are wanted (tests/README.md). */
const STEP = process.env.NKT_CRASHES ? 1 : 7;

describe('several rooms in one folder', { skip, timeout: 480_000 }, () => {
  let root;
  let other;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nkt-enter-crash-'));
    ({ address: other } = await startPeer('other', { storage: 'none' }));
    await closePeers();
  });
  after(() => rmSync(root, { recursive: true, force: true }));
  afterEach(() => closePeers());

  const open = (folder, room) => startPeer('ann', { room, storage: { folder }, RTCPeerConnection: null });
  const said = async (nkt) => (await nkt.history()).map(({ value }) => value);

  /** @param {string} folder @param {string|number} at */
  async function write(folder, at) {
    const child = spawn(process.execPath, [WRITER, folder, String(at), other], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    await once(child, 'close');
    return { address: text.split('\n')[0], isWhole: text.includes('whole') };
  }

  /** All that is there, the rooms entered in that order. */
  async function read(folder, rooms) {
    const first = await open(folder, rooms[0]);
    const found = new Map([[rooms[0], first.nkt]]);
    for (const room of rooms.slice(1)) found.set(room, await first.nkt.enter({ room }));
    const all = {};
    for (const [room, nkt] of found) all[room] = await said(nkt);
    const addresses = new Set([...found.values()].map((nkt) => nkt.mySwarm.address()));
    const ignored = [...found.values()].map((nkt) => nkt.ignored.length);
    await Promise.all([...found.values()].map((nkt) => nkt.close()));
    return { all, addresses: [...addresses], ignored };
  }

  test('killed at whatever step: the same person, with all that was said before, in the room where it was said', async () => {
    for (let at = 1; ; at += STEP) {
      const folder = join(root, `f-${at}`);
      const { address, isWhole } = await write(folder, at);
      for (const rooms of [['x', 'y', 'z'], ['z', 'y', 'x']]) {
        const { all, addresses, ignored } = await read(folder, rooms);
        assert.deepEqual(addresses, [address], `killed at step ${at}`);
        assert.deepEqual(all.x, ['said in x'], `killed at step ${at}`);
        assert.ok(all.y.every((value) => value === 'said in y') && all.y.length <= 1, `killed at step ${at}: ${all.y}`);
        assert.deepEqual(all.z, []);
        assert.equal(new Set(ignored).size, 1, `killed at step ${at}: ${ignored}`);
        if (isWhole) assert.deepEqual([all.y, ignored[0]], [['said in y'], 1]);
      }
      if (!isWhole) continue;
      assert.ok(at > 50, `${at} steps`);
      break;
    }
  });

  test('damaged records: of the home which room it is, of a place who she is; the same person all the same', async () => {
    const whole = join(root, 'damaged');
    const { address } = await write(whole, 'Infinity');
    const spoil = (file) => writeFileSync(file, readFileSync(file).map((byte, i) => (i === 40 ? byte ^ 1 : byte)));
    const places = readdirSync(join(whole, 'rooms')).map((name) => join(whole, 'rooms', name));
    assert.equal(places.length, 2);
    for (const place of places) for (const name of ['identity', 'spare']) spoil(join(place, `${name}.record`));
    const sound = await read(whole, ['y', 'x', 'z']);
    assert.deepEqual(sound.addresses, [address]);
    assert.deepEqual([sound.all.x, sound.all.y], [['said in x'], ['said in y']]);
    spoil(join(whole, 'plugin-home.record'));
    const bound = await read(whole, ['x', 'y', 'z']); // x is the home's again: it was the first
    assert.deepEqual([bound.addresses, bound.all.x, bound.all.y], [[address], ['said in x'], ['said in y']]);
    writeFileSync(join(whole, 'plugin-home.record'), 'x');
    assert.deepEqual((await read(whole, ['z', 'x', 'y'])).addresses, [address]);
  });
});

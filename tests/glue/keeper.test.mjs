// SPDX-License-Identifier: GPL-3.0-or-later
// A keeper with a real folder, in a process of its own, among others: all of them are killed, and days go by.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newRoom, startPeer } from './support/peers.mjs';
import { useRelay } from './support/relay.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const VILLAGER = fileURLToPath(new URL('support/villager.mjs', import.meta.url));
const DAY_MS = 86_400_000;
const BACK_MS_MAX = 5000;

describe('a keeper', { skip }, () => {
  const relays = useRelay();
  let root;
  const children = [];
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'nkt-keeper-'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** A peer in a process of its own. */
  async function villager(nick, room, given = {}) {
    const folder = path.join(root, `${room}-${nick}`);
    const child = spawn(process.execPath, [VILLAGER, JSON.stringify({ nick, room, relays, folder, ...given })],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const one = { child, folder, address: '', error: '', heard: [], users: [], keeper: { toKeepers: 0, count: 0 } };
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { heard, ...told } = JSON.parse(line);
      if (heard !== undefined) one.heard.push(heard);
      Object.assign(one, told);
    });
    await until(() => one.address || one.error, nick, 20_000);
    return {
      ...one,
      of: one,
      tell: (line) => child.stdin.write(`${JSON.stringify(line)}\n`),
      kill: async () => {
        child.kill('SIGKILL');
        await once(child, 'close');
      },
      leave: async () => {
        child.stdin.write('{"close":1}\n');
        await once(child, 'close');
      },
      user: (addr) => one.users.find((user) => user.addr === addr),
    };
  }

  /** Everybody is there, and has spoken with everybody; bob leaves, ann says numbers to him and to all, and is gone for good. */
  async function spoken(count) {
    const room = newRoom();
    const keeper = await villager('keeper', room, { keeper: true });
    const ann = await villager('ann', room);
    const bob = await villager('bob', room);
    await until(() => ann.user(bob.address)?.session === 'established' && ann.user(keeper.address)?.session === 'established'
      && bob.user(keeper.address)?.session === 'established', 'sessions', 20_000);
    assert.equal(ann.user(keeper.address).isKeeper, true);
    assert.equal(ann.user(bob.address).isKeeper, false);
    await bob.leave();
    await until(() => ann.user(bob.address) === undefined, 'that bob has left');
    for (let n = 0; n < count; n++) {
      ann.tell({ say: n, to: n % 3 === 0 ? undefined : bob.address });
      if (n % 10 === 9) await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    await until(() => keeper.of.keeper.count > 2 && ann.of.keeper.toKeepers === 0, 'that the keeper has it', 20_000);
    await until(async () => {
      const before = keeper.of.keeper.count;
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      return keeper.of.keeper.count === before && ann.of.keeper.toKeepers === 0;
    }, 'all of it', 20_000);
    await ann.kill();
    await keeper.kill();
    return { room, keeper };
  }

  test('hands over after six days what one who was killed said, over its own crashes: once, in order', { timeout: 120_000 }, async () => {
    const COUNT = 40;
    const { room } = await spoken(COUNT);
    const numbers = Array.from({ length: COUNT }, (_, n) => n);
    await (await villager('keeper', room, { keeper: true, aheadMs: 3 * DAY_MS })).kill();
    const keeper = await villager('keeper', room, { keeper: true, aheadMs: 6 * DAY_MS });
    const begun = performance.now();
    const bob = await villager('bob', room, { aheadMs: 6 * DAY_MS });
    const ready = performance.now();
    await until(() => bob.of.heard.length >= COUNT, 'all of it', BACK_MS_MAX);
    const ms = Math.round(performance.now() - ready);
    console.log(`all ${COUNT} heard ${ms} ms after it was ready, ${Math.round(performance.now() - begun)} after its start`);
    assert.deepEqual(bob.of.heard, numbers);
    await until(() => keeper.of.keeper.count < COUNT / 2, 'receipts: by then it is stored that they were heard');
    await bob.kill();
    await keeper.kill();
    await villager('keeper', room, { keeper: true, aheadMs: 6 * DAY_MS + 3_600_000 });
    const again = await villager('bob', room, { aheadMs: 6 * DAY_MS + 3_600_000 });
    await until(() => again.users.length > 0 || again.of.users.some(({ session }) => session === 'established'), 'the keeper');
    await new Promise((resolve) => { setTimeout(resolve, 3000); }); // in which it would have come a second time
    assert.deepEqual(again.of.heard, []);
  });

  test('loses one record to a flipped byte, and no more', { timeout: 120_000 }, async () => {
    const COUNT = 300;
    const { room, keeper } = await spoken(COUNT);
    const files = readdirSync(keeper.folder).filter((file) => file.startsWith('kept-')).sort();
    assert.ok(files.length >= 3, files.join());
    const spoilt = path.join(keeper.folder, files[0]); // with the keys
    const bytes = readFileSync(spoilt);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(spoilt, bytes);
    await villager('keeper', room, { keeper: true, aheadMs: DAY_MS });
    const bob = await villager('bob', room, { aheadMs: DAY_MS });
    await until(() => bob.of.heard.includes(COUNT - 1), 'the rest', BACK_MS_MAX);
    assert.ok(bob.of.heard.length < COUNT && bob.of.heard.length > COUNT / 2, `${bob.of.heard.length}`);
    assert.deepEqual(bob.of.heard, [...bob.of.heard].sort((a, b) => a - b), 'in order');
  });

  test('is refused where what it keeps would not outlive it', async () => {
    for (const storage of [undefined, 'none']) {
      await assert.rejects(startPeer('keeper', { room: newRoom(), storage, keeper: true }),
        { code: 'NKT_E_STORAGE', message: /keeper.*folder/ });
    }
    await assert.rejects(startPeer('keeper', { room: newRoom(), keeper: 'yes' }), { code: 'NKT_E_OPTIONS', message: /config\.keeper/ });
    const peer = await startPeer('keeper', { room: newRoom(), storage: { folder: path.join(root, 'own') }, keeper: true });
    assert.equal(peer.nkt.health().keeper.on, true);
  });
});

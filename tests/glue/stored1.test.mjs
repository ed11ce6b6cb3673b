// SPDX-License-Identifier: GPL-3.0-or-later
// What version 1 of the protocol stored, opened by this one: the same keys under other addresses, nothing of a person's lost without
// a word.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { Terminal } from '../../tools/cli/terminal.mjs';
import { startServer } from '../support/servers.mjs';
import { closePeers, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const stored = JSON.parse(readFileSync(new URL('support/stored1.json', import.meta.url), 'utf8'));
const MINUTE_MS = 60_000;

describe('storage of version 1', { skip, timeout: 180_000 }, () => {
  let server;
  let root;
  before(async () => {
    server = await startServer('app.js');
    root = mkdtempSync(path.join(tmpdir(), 'nkt-stored1-'));
  });
  after(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });
  afterEach(closePeers);

  /** As it lay there. */
  function folderOf(name) {
    const folder = mkdtempSync(path.join(root, `${name}-`));
    for (const [file, text] of Object.entries(stored.folders[name])) writeFileSync(path.join(folder, file), Buffer.from(text, 'base64'));
    return folder;
  }

  /** A minute after it was written, so that what waited has not run out. */
  const late = Date.now() - stored.madeAt - MINUTE_MS;
  const platform = { clock: { now: () => performance.now(), wall: () => Date.now() - late } };
  const start = (name, folder, more = {}) => startPeer(name,
    { relays: [`${server.wsUrl}/relay`], RTCPeerConnection: null, room: 'old friends', storage: { folder }, ...more }, platform);

  test('keeps keys, history, marks and what waits; says that the address is another one, once', async () => {
    const folder = folderOf('ann');
    const bob = await start('bob', folderOf('bob'));
    const cyd = await start('cyd', folderOf('cyd'));
    const ann = await start('ann', folder);
    const lines = [];
    new Terminal(ann.nkt, (line) => lines.push(line), { to: '', sent() {}, quit() {} });
    for (const [name, peer] of Object.entries({ ann, bob, cyd })) {
      assert.notEqual(peer.address, stored.addresses[name]);
      assert.equal(peer.nkt.health().addressChanged, true);
      assert.equal(peer.nkt.health().counters.recordsQuarantined, 0, `${name}: nothing is taken for damaged`);
    }
    await Promise.all([ann.session(bob.address), ann.session(cyd.address), bob.session(ann.address)]);
    assert.equal(ann.nkt.userList[bob.address].verified, true);
    assert.equal(ann.nkt.userList[cyd.address].ignored, true);
    assert.equal(bob.nkt.userList[ann.address].verified, false);
    await until(() => bob.values().includes('waits for bob'), 'what waited arrives');
    const past = await ann.nkt.history();
    assert.deepEqual(past.map(({ value, own, from, to }) => [value, own, from, to]), [
      ['to all', true, ann.address, null], ['bob to ann', false, bob.address, undefined], ['ann to bob', true, ann.address, bob.address],
      ['waits for bob', true, ann.address, bob.address],
    ]);
    assert.deepEqual(past.map(({ room }) => room), Array(4).fill(undefined), 'in which room, that version did not store');
    await until(() => lines.some((line) => line.includes(`your address is ${ann.address} now`)), 'it is said');
    await ann.nkt.close();
    assert.equal(lines.filter((line) => line.includes('your address is')).length, 1);
    assert.deepEqual(readdirSync(folder).filter((file) => /5dcdd094|71686f59/.test(file)), [], 'nothing is left under old addresses');

    const again = await start('ann', folder);
    assert.equal(again.address, ann.address);
    assert.equal(again.nkt.health().addressChanged, undefined, 'that was told');
    await again.session(bob.address);
    assert.equal(again.nkt.userList[bob.address].verified, true);
    assert.deepEqual((await again.nkt.history()).map(({ value }) => value), ['to all', 'bob to ann', 'ann to bob', 'waits for bob']);
  });

  test('whoever was not stored beside his mark keeps it under the address it was given for', async () => {
    const folder = folderOf('ann');
    for (const file of readdirSync(folder)) if (file.startsWith('peer-')) rmSync(path.join(folder, file));
    const ann = await start('ann', folder);
    assert.deepEqual(ann.nkt.ignored.map(({ addr }) => addr), [stored.addresses.cyd]);
    assert.equal(ann.nkt.health().counters.recordsQuarantined, 0);
  });

  test('a record cut or altered is put aside, as ever', async () => {
    const folder = folderOf('ann');
    for (const file of readdirSync(folder)) {
      if (!file.startsWith('peer-')) continue;
      const bytes = readFileSync(path.join(folder, file));
      bytes[bytes.length - 5] ^= 1;
      writeFileSync(path.join(folder, file), bytes);
    }
    const ann = await start('ann', folder);
    assert.equal(ann.nkt.health().counters.recordsQuarantined, 2);
    assert.equal((await ann.nkt.history()).length, 4);
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The programs of examples/ as they stand.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../support/cli.mjs';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const file = (name) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

describe('examples', { skip, timeout: 180_000 }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let app;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let tracker;
  before(async () => {
    app = await startServer('app.js');
    tracker = await startServer('tracker.js');
  });
  after(() => Promise.all([app, tracker].map((server) => server.stop())));
  afterEach(closePeers);

  test('echo-bot: says what it is told, answers a call, leaves with a good-bye', async () => {
    const room = newRoom();
    const bot = runProgram(file('echo-bot.mjs'), [room, app.url]);
    const address = (await bot.line((line) => line.startsWith('echo B'), 'its address')).split(' ')[1];
    const ann = await startPeer('ann', { room, relays: [`${app.wsUrl}/relay`], RTCPeerConnection: null });
    await ann.session(address);
    await ann.nkt.sendEncryptedMessage('to everybody');
    await ann.nkt.sendEncryptedMessage({ text: 'says it is private', private: true });
    await ann.nkt.sendEncryptedMessage({ text: 'hello', private: true }, address);
    await ann.nkt.sendEncryptedMessage('you', address);
    await until(() => ann.values().length > 1, 'an echo of each');
    assert.deepEqual(await ann.nkt.rpc(address, 'echo', [1]), { value: [1], from: ann.address });
    assert.deepEqual(ann.values(), ['hello', 'you'].map((text) => ({ text, private: true, echo: true })));
    bot.kill('SIGTERM');
    assert.equal(await bot.ended, 0, bot.errors());
    await until(() => ann.nkt.userList[address].isUnreachable, 'good-bye');
  });

  test('bridge: one who has only the relay and one who has only WebRTC talk through it', async () => {
    const room = newRoom();
    const relays = [`${app.wsUrl}/relay`];
    const bridge = runProgram(file('bridge.mjs'), [room, ...relays], { env: { NKT_TRACKERS: tracker.wsUrl } });
    await bridge.line((line) => / bridge B/.test(line), 'its address');
    const ann = await startPeer('ann', { room, relays, RTCPeerConnection: null });
    const bob = await startPeer('bob', { room, trackers: [tracker.wsUrl] });
    await bridge.line((line) => line.endsWith(`linked with ${bob.address}`), 'the link');
    await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
    await ann.nkt.sendEncryptedMessage('over there');
    await until(() => bob.values().includes('over there'), 'the message');
    await bob.nkt.sendEncryptedMessage('and back', ann.address);
    await until(() => ann.values().includes('and back'), 'the answer');
    assert.equal(ann.nkt.userList[bob.address].path, 'forwarded');
    bridge.kill('SIGINT');
    assert.equal(await bridge.ended, 0, bridge.errors());
  });

  test('bridge: NKT_KEEP makes it a keeper', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'nkt-bridge-'));
    const room = newRoom();
    const bridge = runProgram(file('bridge.mjs'), [room, `${app.wsUrl}/relay`], { env: { NKT_KEEP: folder } });
    const address = (await bridge.line((line) => / bridge B/.test(line), 'its address')).match(/bridge (B\w+)/)[1];
    const ann = await startPeer('ann', { room, relays: [`${app.wsUrl}/relay`], RTCPeerConnection: null });
    await until(() => ann.nkt.userList[address]?.isKeeper, 'a keeper');
    bridge.kill('SIGTERM');
    assert.equal(await bridge.ended, 0, bridge.errors());
    rmSync(folder, { recursive: true });
  });

  test('bridge: wrong use', async () => {
    for (const args of [[], ['', 'ws://localhost:1/relay']]) {
      const bridge = runProgram(file('bridge.mjs'), args);
      assert.equal(await bridge.ended, 2);
      assert.match(bridge.errors(), /usage:/);
    }
    const bridge = runProgram(file('bridge.mjs'), ['tea', 'http://localhost:1/relay'], { env: { NKT_SECRET: '' } });
    assert.equal(await bridge.ended, 2, 'not tried again for ever');
    assert.match(bridge.lines.join(), /NKT_SECRET is empty: the room is open/);
    assert.match(bridge.lines.join(), /not started: config\.relays\[0\] is "http:/);
  });
});

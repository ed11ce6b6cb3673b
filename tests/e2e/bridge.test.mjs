// SPDX-License-Identifier: GPL-3.0-or-later
// One has only the relay, one only WebRTC; a third that has both passes on what they say to each other.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('a bridge', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());

  test('a tab with only the relay and a tab with only WebRTC talk through a third', async () => {
    const room = stage.newRoom();
    const { relays, trackers } = stage;
    const [relayed] = await stage.tabs(1, { before: () => { delete window.RTCPeerConnection; } });
    const [direct, bridge] = await stage.tabs(2);
    await relayed.start('only relay', { room, relays, trackers: [] });
    await direct.start('only WebRTC', { room, relays: [], trackers });
    const start = Date.now();
    await bridge.start('both', { room, relays, trackers });
    await bridge.link(direct.address);
    await direct.session(relayed.address);
    await relayed.session(direct.address);
    print(`sessions across the bridge ${Date.now() - start} ms after it came`);
    assert.deepEqual(await relayed.run(() => [typeof RTCPeerConnection, nkt.health().peerConnections]), ['undefined', 0]);

    for (const [from, to] of [[relayed, direct], [direct, relayed]]) {
      for (const [value, addr] of [[{ private: from.name }, to.address], [{ all: from.name }, undefined]]) {
        const began = Date.now();
        const id = await from.say(value, addr);
        const heard = await to.hears(JSON.stringify(value), (message) => message.id === id);
        assert.deepEqual([heard.value, heard.from, heard.encrypted], [value, from.address, true]);
        await from.delivered();
        print(`${from.name} to ${addr ? 'one' : 'all'}: heard and acknowledged within ${Date.now() - began} ms`);
      }
    }
    // nobody but the bridge was a way, and each message came once
    assert.equal(await direct.run(() => window.probe.frames.relay), 0);
    assert.equal(await relayed.run(() => window.probe.frames.webrtc), 0);
    assert.deepEqual(await direct.run(() => Object.keys(nkt.mySwarm.peers)), [bridge.address]);
    for (const tab of [relayed, direct]) assert.equal((await tab.messages()).length, 2);
    assert.equal((await bridge.messages()).length, 2, 'what was private is not for the bridge');
  });
});

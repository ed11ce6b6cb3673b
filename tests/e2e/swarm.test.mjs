// SPDX-License-Identifier: GPL-3.0-or-later
// Many peers at once: tabs, and one in Node. Everyone hears everyone, once, from the proven sender.
// Alone: ten tabs need what processors there are.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { print, spread } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, untilTabs } from '../support/tab.mjs';
import { closePeers, startPeer } from '../glue/support/peers.mjs';
import { skip } from '../glue/support/wasm.mjs';

const ROUNDS = 5;
const TEN_READY_MS_MAX = 30_000; // the bar on an idle machine is 4,000
const SETTLE_MS = 500; // whatever would come twice has come by then

describe('a swarm', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(async () => {
    await closePeers();
    await stage.clear();
  });

  /**
   * Each hears each message of each other once, and from the address that the message names.
   * @param {Array<{name: string, address: string, read: () => Promise<any[]>}>} peers
   * @param {number} rounds
   */
  async function everyoneHeardEveryone(peers, rounds) {
    const wanted = (me) => peers.filter((peer) => peer !== me)
      .flatMap(({ address }) => Array.from({ length: rounds }, (_, i) => `${address} ${i}`)).sort();
    for (const peer of peers) {
      await untilTabs(async () => (await peer.read()).length >= wanted(peer).length, `${peer.name}: all messages`, 15_000);
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    for (const peer of peers) {
      const heard = await peer.read();
      assert.deepEqual(heard.map(({ from, value }) => `${from} ${value.i}`).sort(), wanted(peer), peer.name);
      for (const { from, value, encrypted } of heard) assert.deepEqual([value.me, encrypted], [from, true]);
    }
  }

  const reader = (tab) => ({ name: tab.name, address: tab.address, read: () => tab.messages() });

  test('five tabs and one headless peer', async () => {
    const config = { room: stage.newRoom(), relays: stage.relays, trackers: stage.trackers };
    const tabs = await stage.tabs(5);
    const [node] = await Promise.all([
      startPeer('Node', config),
      ...tabs.map((tab, i) => tab.start(`tab ${i}`, config)),
    ]);
    await allMeet(tabs);
    for (const tab of tabs) {
      await tab.session(node.address);
      await tab.link(node.address);
      await node.session(tab.address);
    }
    const nodeTalks = async () => {
      for (let i = 0; i < ROUNDS; i++) await (await node.nkt.sendEncryptedMessage({ i, me: node.address, sent: 0 })).settled;
    };
    await Promise.all([
      nodeTalks(),
      ...tabs.map((tab) => tab.run((what) => window.probe.talk(what), { count: ROUNDS, everyMs: 20, tag: 'x' })),
    ]);
    const nodeReader = {
      name: 'Node',
      address: node.address,
      read: async () => node.of('nktencryptedmessagereceived').map(({ from, detail, encrypted }) => ({ from, value: detail, encrypted })),
    };
    await everyoneHeardEveryone([...tabs.map(reader), nodeReader], ROUNDS);
    for (const tab of tabs) await tab.delivered();
    const all = (await Promise.all(tabs.map((tab) => tab.messages()))).flat().filter(({ value }) => value.sent > 0);
    print(`6 peers, ${all.length} messages between tabs: ${spread(all.map(({ at, value }) => at - value.sent))}`);
  });

  test('ten tabs', async () => {
    const config = { room: stage.newRoom(), relays: stage.relays, trackers: stage.trackers };
    const tabs = await stage.tabs(10);
    const states = await Promise.all(tabs.map(async (tab, i) => {
      await tab.run(() => {
        const sessions = () => Object.values(nkt.userList).filter(({ session }) => session === 'established').length;
        const links = () => Object.keys(nkt.mySwarm.peers).length;
        window.startedAt = window.probe.clock();
        window.probe.waitFor(() => sessions() === 9).then((at) => { window.readyAt = at; });
        window.probe.waitFor(() => links() === 9).then((at) => { window.linkedAt = at; });
      });
      await tab.start(`tab ${i}`, config);
      return tab;
    }));
    for (const tab of states) await tab.until(() => window.readyAt, undefined, 'sessions with all', TEN_READY_MS_MAX);
    const times = await Promise.all(tabs.map((tab) => tab.run(() => [window.startedAt, window.readyAt])));
    const start = Math.min(...times.map(([from]) => from));
    print(`10 tabs: all 90 sessions ${(Math.max(...times.map(([, at]) => at)) - start).toFixed(0)} ms after the first init()`);

    await Promise.all(tabs.map((tab) => tab.run((what) => window.probe.talk(what), { count: 1, everyMs: 0, tag: 'ten' })));
    await everyoneHeardEveryone(tabs.map(reader), 1);
    const all = (await Promise.all(tabs.map((tab) => tab.messages()))).flat();
    print(`10 tabs: ${all.length} of 90 messages, each once: ${spread(all.map(({ at, value }) => at - value.sent))}`);

    const linked = await Promise.all(tabs.map((tab) => tab.until(() => window.linkedAt, undefined, 'links with all', TEN_READY_MS_MAX)));
    print(`10 tabs: full mesh of 45 links after ${(Math.max(...linked) - start).toFixed(0)} ms`);
  });
});

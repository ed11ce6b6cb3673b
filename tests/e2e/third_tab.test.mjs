// SPDX-License-Identifier: GPL-3.0-or-later
// Two talk; a server dies; a third joins by what is left, hears everyone and is heard by everyone.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const JOIN_MS = 10_000;

describe('a third tab', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Two that are connected by everything there is, and a third that has only loaded the page. */
  async function three() {
    await stage.startServers();
    const config = { room: stage.newRoom(), relays: stage.relays, trackers: stage.trackers };
    const tabs = await stage.tabs(3);
    await Promise.all([tabs[0].start('Ann', config), tabs[1].start('Bob', config)]);
    await allMeet(tabs.slice(0, 2));
    return { tabs, config };
  }

  /** Joins, and everyone says something to everyone. */
  async function join(tabs, config, way) {
    const third = tabs[2];
    const start = Date.now();
    await third.start('Cem', config);
    const others = tabs.slice(0, 2);
    for (const other of others) {
      await third.session(other.address, JOIN_MS);
      await other.session(third.address, JOIN_MS);
    }
    print(`joined by the ${way}, with sessions to both, after ${Date.now() - start} ms`);
    for (const tab of tabs) await tab.say({ by: tab.name });
    for (const tab of tabs) {
      for (const other of tabs) {
        if (other === tab) continue;
        const heard = await tab.hears(`${other.name}`, ({ value }) => value.by === other.name);
        assert.equal(heard.from, other.address);
      }
      await tab.delivered();
      assert.equal((await tab.messages()).length, 2, `${tab.name}: once from each`);
    }
  }

  test('with app.js dead, by the tracker', async () => {
    const { tabs, config } = await three();
    await stage.app.kill();
    await join(tabs, config, 'tracker');
    for (const tab of tabs.slice(0, 2)) await tab.link(tabs[2].address);
    assert.equal(await tabs[2].run(() => window.probe.frames.relay), 0);
  });

  test('with the tracker dead, by the relay', async () => {
    const { tabs, config } = await three();
    await stage.tracker.kill();
    await join(tabs, config, 'relay');
  });

  test('by the relay, into a swarm that both of its servers had left', async () => {
    const { tabs, config } = await three();
    await Promise.all([stage.app.kill(), stage.tracker.kill()]);
    await tabs[0].say('alone');
    await tabs[1].hears('a message', ({ value }) => value === 'alone');
    await tabs[1].run(() => { window.probe.messages.length = 0; });
    await stage.startServers();
    for (const tab of tabs.slice(0, 2)) await tab.until(() => nkt.health().relays[0].state === 'open', undefined, 'the relay', 20_000);
    await join(tabs, config, 'relay that came back');
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The servers come and go while everybody talks: nothing is lost, nothing comes twice.
// Alone: how long messages take while servers die is measured.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { fault, print, quantile, spread } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const TABS = 4;
const EACH = 250; // to everybody: 1,000 messages, 3,000 deliveries
const EVERY_MS = 16;
const MESSAGE_MS_MAX = 10_000; // of 99 % of the messages; the bar on an idle machine is 2,000

describe('flaps', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** @param {object} [more] of the config @param {{links?: boolean}} [options] */
  async function four(more = {}, options = {}) {
    await stage.startServers();
    const tabs = await stage.tabs(TABS, { before: options.links === false ? () => { delete window.RTCPeerConnection; } : undefined });
    const config = { room: stage.newRoom(), relays: stage.relays, trackers: stage.trackers, ...more };
    await Promise.all(tabs.map((tab, i) => tab.start(`tab ${i}`, config)));
    await allMeet(tabs, options);
    return tabs;
  }

  const talk = (tabs) => Promise.all(tabs.map((tab) => tab.run(
    (what) => window.probe.talk(what), { count: EACH, everyMs: EVERY_MS, tag: 'flaps' },
  )));

  /** @param {import('../support/tab.mjs').Tab[]} tabs @param {string} what @param {number} [ms] */
  async function check(tabs, what, ms = 30_000) {
    for (const tab of tabs) await tab.delivered(ms);
    const times = [];
    for (const tab of tabs) {
      const heard = await tab.messages();
      const wanted = tabs.filter((other) => other !== tab)
        .flatMap(({ address }) => Array.from({ length: EACH }, (_, i) => `${address} ${i}`)).sort();
      assert.deepEqual(heard.map(({ from, value }) => `${from} ${value.i}`).sort(), wanted, `${tab.name}: each once`);
      for (const { from, value } of heard) assert.equal(value.me, from);
      times.push(...heard.map(({ at, value }) => at - value.sent));
    }
    print(`${what}: ${times.length} of ${TABS * EACH * (TABS - 1)}, 0 lost, 0 twice; ${spread(times)}`);
    return times;
  }

  /** Resolves when a share of what is to be said was heard by the first tab. */
  const heard = (tabs, share) => tabs[0].until(
    (count) => window.probe.messages.length >= count, Math.floor(EACH * (TABS - 1) * share), 'messages', 30_000,
  );

  test('the relay is killed in the middle of 1,000 messages between 4 tabs', async () => {
    const tabs = await four();
    const talking = talk(tabs);
    await heard(tabs, 0.3);
    await stage.app.kill();
    await talking;
    const times = await check(tabs, 'relay killed');
    fault('relay killed', { lost: 0, twice: 0, deliveries: times.length, p99Ms: Math.round(quantile(times, 0.99)) });
    assert.ok(quantile(times, 0.99) <= MESSAGE_MS_MAX);
  });

  test('the tracker is killed: nobody notices, and a new tab joins by the relay', async () => {
    const room = stage.newRoom();
    const tabs = await four({ room });
    const talking = talk(tabs);
    await heard(tabs, 0.3);
    await stage.tracker.kill();
    await talking;
    const times = await check(tabs, 'tracker killed');
    const [fifth] = await stage.tabs(1);
    const start = Date.now();
    await fifth.start('tab 4', { room, relays: stage.relays, trackers: stage.trackers });
    await allMeet([fifth, ...tabs], { links: false });
    const joinMs = Date.now() - start;
    await fifth.say('here I am');
    await fifth.delivered();
    assert.ok(joinMs <= 10_000, `joined after ${joinMs} ms`);
    print(`tracker killed: a new tab had its sessions after ${joinMs} ms`);
    fault('tracker killed', { lost: 0, twice: 0, p99Ms: Math.round(quantile(times, 0.99)), joinMs });
  });

  test('relay and tracker are killed, and come back', async () => {
    const tabs = await four();
    const talking = talk(tabs);
    await heard(tabs, 0.2);
    await Promise.all([stage.app.kill(), stage.tracker.kill()]);
    await heard(tabs, 0.4);
    await stage.startServers();
    await heard(tabs, 0.6);
    await stage.tracker.kill();
    await talking;
    const times = await check(tabs, 'relay and tracker killed, back, tracker killed');
    fault('both killed', { lost: 0, twice: 0, deliveries: times.length, p99Ms: Math.round(quantile(times, 0.99)) });
    for (const tab of tabs) {
      await tab.until(() => nkt.health().relays[0].state === 'open', undefined, 'the relay again', 20_000);
      // besides the links and attempts with somebody there are the offers that wait at a tracker, at most six
      // (those that were given up while servers came and went are closed when they have failed)
      await tab.until((most) => nkt.health().links.length <= most && nkt.health().peerConnections <= most + 6, TABS - 1 + 2,
        'no more links than two beside those it needs, no more peer connections than six beside them');
    }
  });

  test('with the relay as the only way: what is said while it is away arrives when it is back', async () => {
    const tabs = await four({ trackers: [] }, { links: false });
    const talking = talk(tabs);
    await heard(tabs, 0.3);
    await stage.app.kill();
    await stage.startServers();
    await talking;
    await check(tabs, 'relay restarted, no WebRTC', 40_000);
  });
});

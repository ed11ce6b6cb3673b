// SPDX-License-Identifier: GPL-3.0-or-later
// SIGKILL for the servers: those who are connected go on talking, and lose nothing.
// Alone: how long messages take while servers die is measured.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { print, quantile, spread } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const COUNT = 50;
const EVERY_MS = 20;
const MESSAGE_MS_MAX = 2000; // of 95 % of the messages; the bar on an idle machine is 300

describe('servers die', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  /** @type {import('../support/tab.mjs').Tab[]} */
  let tabs;
  before(async () => {
    stage = await Stage.open();
    tabs = await stage.tabs(2, { fragment: `room=${stage.newRoom()}` });
    for (const [i, tab] of tabs.entries()) await tab.logIn(['Ann', 'Bob'][i]);
    await allMeet(tabs);
  });
  after(() => stage.close());

  /** Both talk to each other at once. */
  async function talk(tag) {
    await Promise.all(tabs.map((tab) => tab.run((what) => window.probe.talk(what), { count: COUNT, everyMs: EVERY_MS, tag })));
    for (const tab of tabs) await tab.delivered();
    const times = [];
    for (const [i, tab] of tabs.entries()) {
      const heard = (await tab.messages()).filter(({ value }) => value.tag === tag);
      const other = tabs[1 - i].address;
      assert.deepEqual(heard.map(({ value }) => value.i).sort((a, b) => a - b), Array.from({ length: COUNT }, (_, n) => n));
      assert.ok(heard.every(({ from, encrypted }) => from === other && encrypted));
      times.push(...heard.map(({ at, value }) => at - value.sent));
    }
    const first = Math.max(times[0], times[COUNT]);
    print(`${tag}: ${COUNT} of ${COUNT} each way, once; ${spread(times)}; the first after ${first.toFixed(1)} ms at most`);
    assert.ok(quantile(times, 0.95) <= MESSAGE_MS_MAX);
  }

  test('both alive', () => talk('relay and tracker alive'));

  test('app.js is killed', async () => {
    await stage.app.kill();
    await talk('app.js killed');
    for (const { page } of tabs) await page.locator('#status[data-state=warn][data-links="1"][data-people="1"]').waitFor();
    for (const tab of tabs) assert.deepEqual(await tab.run(() => Object.keys(nkt.mySwarm.peers).length), 1);
  });

  test('the tracker is killed as well', async () => {
    await stage.tracker.kill();
    await talk('tracker killed as well');
    await tabs[0].type('We need no server.');
    await tabs[1].shows('We need no server.');
    await tabs[0].shows('We need no server.', '.own[data-state=delivered]');
  });

  test('while they are talking: nothing is lost when the relay comes back and is killed again', async () => {
    await stage.startServers();
    for (const tab of tabs) await tab.until(() => nkt.health().relays[0].state === 'open', undefined, 'the relay again', 20_000);
    const talking = talk('app.js killed in the middle');
    await tabs[0].hears('ten messages', ({ value }) => value.tag === 'app.js killed in the middle' && value.i === 10);
    await stage.app.kill();
    await talking;
  });
});

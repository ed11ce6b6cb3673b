// SPDX-License-Identifier: GPL-3.0-or-later
// A call of two browsers in network namespaces of their own: an address changes, the network is gone for a while. What is said to find
// another path goes the way that nkt finds then.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FAKE_DEVICES, callEachOther, heard, isHearing, keepConnections } from '../support/calls.mjs';
import { CHROMIUM, launch } from '../support/chromium.mjs';
import { print } from '../support/figures.mjs';
import { Network } from '../support/network.mjs';
import { startServer } from '../support/servers.mjs';
import { allMeet, Tab, untilTabs } from '../support/tab.mjs';
import { skip as noWasm } from '../glue/support/wasm.mjs';

const NAMES = ['ann', 'bob'];
const NAME = 'nkt.localhost'; // a page of that name is given a microphone
const ON_ITS_WAY_MS = 500;
const BACK_MS_MAX = 60_000; // on a busy machine

describe('a call whose path breaks', { skip: noWasm || Network.whyNot(), timeout: 500_000 }, () => {
  /** @type {Network} */
  let network;
  let app;
  const browsers = [];
  /** @type {Tab[]} */
  let tabs = [];

  before(async () => {
    network = new Network(NAMES);
    app = await startServer('app.js', { HOST: network.hub, NKT_ORIGINS: '*' }, network.prefix('hub'));
    for (const name of NAMES) {
      browsers.push(await launch({ executablePath: network.wrap(name, CHROMIUM), names: { [NAME]: network.hub }, args: FAKE_DEVICES }));
    }
    tabs = await Promise.all(browsers.map(async (browser) => {
      const tab = await Tab.blank(await browser.newContext(), { before: keepConnections });
      return tab.load(`http://${NAME}:${app.port}/#room=paths`);
    }));
    for (const [i, tab] of tabs.entries()) await tab.logIn(NAMES[i]);
    await allMeet(tabs);
    await callEachOther(tabs[0], tabs[1]);
    await Promise.all(tabs.map((tab) => isHearing(tab, 1, 'the other')));
  });
  after(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await app?.stop();
    network?.close();
  });

  /** Until sound, and until pictures come to both again, in ms. isAfterPause: what was on its way has come when it is looked first. */
  async function backAfter({ isAfterPause = false } = {}) {
    const began = performance.now();
    if (isAfterPause) await new Promise((resolve) => setTimeout(resolve, ON_ITS_WAY_MS));
    const from = await Promise.all(tabs.map((tab) => tab.run(heard)));
    const until = (name) => Promise.all(tabs.map((tab, i) => untilTabs(async () => (await tab.run(heard))[name] > from[i][name],
      `${tab.name}: ${name} again`, BACK_MS_MAX))).then(() => Math.round(performance.now() - began));
    const [sound, pictures] = await Promise.all([until('energy'), until('frames')]);
    return { sound, pictures };
  }

  test('an address changes in the middle of it: it goes on', async () => {
    network.readdress('ann');
    const { sound, pictures } = await backAfter({ isAfterPause: true });
    print(`another address: sound again after ${sound} ms, pictures after ${pictures} ms`);
    assert.equal(await tabs[0].run(() => document.querySelectorAll('.call-tile').length), 2);
  });

  test('the network is gone until it is seen to be: both say so; it is back, and so is the call', async () => {
    network.cut('ann');
    for (const tab of tabs) await tab.page.locator('.call-tile[data-phase="broken"]').waitFor({ timeout: BACK_MS_MAX });
    network.mend('ann');
    const { sound, pictures } = await backAfter();
    print(`the network is back: sound after ${sound} ms, pictures after ${pictures} ms`);
    for (const tab of tabs) {
      await tab.page.locator('.call-tile[data-phase="on"]:not([data-own="true"])').waitFor({ timeout: BACK_MS_MAX });
      assert.deepEqual(await tab.faults(), []);
    }
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium and Firefox call each other: what one encodes the other decodes, both ways, whoever begins.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { FAKE_DEVICES, MEDIA_MS, callEachOther, isHearing, isOver, keepConnections } from '../support/calls.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('calls between browsers', { skip, timeout: 300_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ browsers: ['chromium', 'firefox'], hasWorker: false, args: FAKE_DEVICES });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  test('Chromium calls Firefox, Firefox calls Chromium; a page that goes says good-bye', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const tabs = [];
    for (const browser of ['chromium', 'firefox']) {
      const [tab] = await stage.tabs(1, { fragment, browser, before: keepConnections });
      tabs.push(await tab.logIn(browser));
    }
    const [ann, bob] = tabs;
    await allMeet(tabs);
    await callEachOther(ann, bob);
    await Promise.all(tabs.map((tab) => isHearing(tab, 1, 'the other browser')));
    await ann.type('/hangup');
    await Promise.all(tabs.map(isOver));
    await callEachOther(bob, ann);
    await Promise.all(tabs.map((tab) => isHearing(tab, 1, 'the other browser')));
    await ann.until((addr) => document.querySelector(`.call-tile[data-address="${addr}"]`)?.dataset.speaking === 'true', bob.address,
      'a frame around who speaks', MEDIA_MS);
    assert.deepEqual(await bob.faults(), []);
    await bob.page.goto('about:blank');
    await isOver(ann);
    assert.deepEqual(await ann.faults(), []);
  });
});

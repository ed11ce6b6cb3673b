// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium and Firefox call each other: what one encodes the other decodes, both ways, whoever begins.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { FAKE_DEVICES, heard, MEDIA_MS, callEachOther, isHearing, isIn, isOver, keepConnections } from '../support/calls.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

/** Runs in a page before its scripts: window.late: first answers are taken after so many ms; window.isForgetful: offers of a new path are
 *  answered as Firefox does it by itself, with a role in DTLS that may be another one than before. */
function beOdd() {
  keepConnections();
  const { prototype } = window.RTCPeerConnection;
  const set = prototype.setRemoteDescription;
  prototype.setRemoteDescription = async function setLate({ type, sdp }) {
    const isFirst = type === 'answer' && !this.remoteDescription && this.getTransceivers().length > 0;
    if (isFirst && window.late) await new Promise((resolve) => setTimeout(resolve, window.late));
    const isChanged = window.isForgetful && type === 'offer';
    return set.call(this, { type, sdp: isChanged ? sdp.replace(/a=setup:(active|passive)/g, 'a=setup:actpass') : sdp });
  };
}

describe('calls between browsers', { skip, timeout: 500_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ browsers: ['chromium', 'firefox'], hasWorker: false, args: FAKE_DEVICES });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Chromium and Firefox, who have met. */
  async function twoBrowsers(before = keepConnections) {
    const fragment = `room=${stage.newRoom()}`;
    const tabs = [];
    for (const browser of ['chromium', 'firefox']) {
      const [tab] = await stage.tabs(1, { fragment, browser, before });
      tabs.push(await tab.logIn(browser));
    }
    await allMeet(tabs);
    return tabs;
  }

  test('Chromium calls Firefox, Firefox calls Chromium; a page that goes says good-bye', async () => {
    const tabs = await twoBrowsers();
    const [ann, bob] = tabs;
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

  test('one takes the answer late; either looks for another path; where that cannot be, another connection is made', async () => {
    const tabs = await twoBrowsers(`const keepConnections = ${keepConnections}; (${beOdd})()`);
    const [ann, bob] = tabs;
    const countOf = (tab) => tab.run(() => window.connections.filter((one) => one.getTransceivers().length).length);
    const isBack = async (what) => {
      const before = await Promise.all(tabs.map((tab) => tab.run(heard)));
      await Promise.all(tabs.map((tab, i) => isHearing(tab, 1, what, before[i])));
    };
    await bob.run(() => { window.late = 3000; });
    await callEachOther(ann, bob);
    for (const tab of [ann, bob, ann, bob]) {
      const before = await tab.run(() => window.connections.find((one) => one.getTransceivers().length)
        .localDescription.sdp);
      await tab.run(() => window.dispatchEvent(new Event('online')));
      await tab.until((sdp) => {
        const { localDescription, signalingState } = window.connections.find((one) => one.getTransceivers().length);
        return localDescription.sdp !== sdp && signalingState === 'stable';
      }, before, 'another path', MEDIA_MS);
      await isBack('who looked for another path');
    }
    assert.deepEqual(await Promise.all(tabs.map(countOf)), [1, 1]);
    await bob.run(() => { window.isForgetful = true; });
    await ann.run(() => window.dispatchEvent(new Event('online')));
    for (const tab of tabs) await untilTabs(async () => await countOf(tab) > 1, `${tab.name}: another connection`, MEDIA_MS);
    await Promise.all(tabs.map((tab) => isIn(tab, 1)));
    await Promise.all(tabs.map((tab) => isHearing(tab, 1, 'him by another connection')));
    for (const tab of tabs) assert.deepEqual(await tab.faults(), []);
  });
});

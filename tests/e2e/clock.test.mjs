// SPDX-License-Identifier: GPL-3.0-or-later
// A machine whose clock is wrong: it is told so, it talks all the same, and it is told no more once its clock is right.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const HOUR_MS = 3_600_000;

/** In the page, before its scripts: what Date takes for now can be set, from two hours fast on. */
function shift() {
  const RealDate = Date;
  let aheadMs = 7_200_000;
  window.setClock = (ms) => { aheadMs = ms; };
  window.Date = class extends RealDate {
    constructor(...given) {
      if (given.length) super(...given);
      else super(RealDate.now() + aheadMs);
    }

    static now() {
      return RealDate.now() + aheadMs;
    }
  };
}

describe('a wrong clock', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());

  test('is told to whom it belongs and to nobody else, until it is set right; messages have the right time on both sides', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const [[ann], [bob], [eve]] = await Promise.all([shift, undefined, undefined].map((before) => stage.tabs(1, { fragment, before })));
    for (const [tab, nick] of [[ann, 'Ann'], [bob, 'Bob'], [eve, 'Eve']]) await tab.logIn(nick);
    await allMeet([ann, bob, eve]);
    const advice = (tab, text) => tab.page.locator('#connection-advice', { hasText: text });
    await advice(ann, 'Your clock is 2 hours ahead of the others’.').waitFor();
    await ann.type('/status');
    await ann.answers('2 hours ahead');

    await ann.type('from a fast clock');
    await bob.type('from a right one');
    for (const [tab, text] of [[bob, 'from a fast clock'], [ann, 'from a right one']]) {
      const message = await tab.shows(text);
      const shown = await message.locator('time').getAttribute('datetime');
      const now = await tab.run(() => Date.now());
      assert.ok(Math.abs(now - Date.parse(shown)) < 60_000, `${text}: ${shown}`);
    }

    await ann.run((ms) => window.setClock(-ms), HOUR_MS * 3);
    await advice(ann, 'Your clock is 3 hours behind the others’.').waitFor();
    await ann.run(() => window.setClock(0)); // nothing happens in the room
    await ann.page.waitForFunction(() => !/clock/.test(document.getElementById('connection-advice').textContent));
    assert.equal(await ann.run(() => nkt.health().clock.off), false);
    for (const tab of [bob, eve]) {
      assert.equal(await tab.run(() => document.body.textContent.includes('Your clock is')), false);
      assert.equal(await tab.run(() => nkt.health().clock.off), false);
    }
    await ann.type('set right');
    await bob.shows('set right');
    for (const tab of [ann, bob, eve]) assert.deepEqual(await tab.faults(), []);
  });
});

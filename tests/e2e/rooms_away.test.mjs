// SPDX-License-Identifier: GPL-3.0-or-later
// Several rooms of a page that one leaves for another and goes back to, which the browser has kept as it was (back/forward cache).
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const AWAY_MS = 500; // the page is frozen by then

describe('several rooms, away and back', { skip, timeout: 300_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false, isWhole: true, hasPageCache: true });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const isShown = (tab, room) => tab.until((name) => window.nkt?.room === name && nkt.roomId, room, `${room} is shown`);
  const go = async (tab, room) => {
    await tab.run((name) => { location.hash = `room=${name}`; }, room);
    await isShown(tab, room);
  };
  /**
   * To another page in so many ms, after something else was begun; and back.
   * @returns {Promise<boolean>} whether the browser had kept the page; one that is busy may not, and loads it anew
   * isDropped: it is not kept; mayBeDropped: that is no fault
   */
  const awayAndBack = async (tab, { ms = 0, hash = '', meanwhile = async () => {}, isDropped = false, mayBeDropped = isDropped } = {}) => {
    await tab.run((given) => {
      window.addEventListener('pageshow', ({ persisted }) => { window.isSame = persisted; }, { once: true });
      if (given.isDropped) window.addEventListener('unload', () => {});
      if (given.hash) location.hash = given.hash;
      setTimeout(() => { location.href = '/favicon.svg'; }, given.ms);
    }, { ms, hash, isDropped });
    await tab.page.waitForURL('**/favicon.svg');
    await new Promise((resolve) => { setTimeout(resolve, AWAY_MS); });
    await meanwhile();
    await tab.page.goBack({ waitUntil: 'commit' });
    const seen = await tab.until(() => {
      if (window.isSame) return 'kept';
      const [{ type, notRestoredReasons }] = performance.getEntriesByType('navigation');
      return location.pathname === '/' && type === 'back_forward' && JSON.stringify(notRestoredReasons ?? 'no reason told');
    }, undefined, 'the page that was kept, or another');
    if (!mayBeDropped) assert.equal(seen, 'kept');
    return seen === 'kept';
  };
  /** In these rooms and no other, as who one was. */
  const areIn = (tab, rooms) => tab.until(({ names, address }) => {
    const running = nkt.rooms.filter((one) => one.health().running && one.mySwarm.address() === address);
    return running.map(({ room }) => room).sort().join() === names && nkt.rooms.length === running.length;
  }, { names: rooms.toSorted().join(), address: tab.address }, `in ${rooms}`);

  test('what was said before and meanwhile is there once, and what one was writing; also in a room that is not shown', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    const room = await ann.run(() => nkt.room);
    await go(ann, `${room}-1`);
    const mark = (text) => ann.page.locator('#rooms .mark:visible', { hasText: text }).waitFor();
    await bob.type('before');
    await mark('1');
    await ann.page.locator('#line').fill('not said yet');
    await awayAndBack(ann, { meanwhile: () => bob.type('meanwhile') });
    await areIn(ann, [room, `${room}-1`]);
    await mark('2');
    assert.equal(await ann.page.locator('#line').inputValue(), 'not said yet');
    await bob.type('after');
    await mark('3');
    await go(ann, room);
    await untilTabs(async () => (await ann.page.locator('#messages .text:visible').allTextContents()).join() === 'before,meanwhile,after',
      'all of it, once');
    await clean(ann, bob);
  });

  test('away while a room is entered: it is entered when one is back, as the same person, and no other is lost, kept or not', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    const room = await ann.run(() => nkt.room);
    const rooms = [room];
    const kept = [];
    for (const [ms, isDropped] of [[0], [0], [2], [5], [10], [2, true]]) {
      const next = `${room}-${rooms.length}`;
      kept.push(await awayAndBack(ann, { hash: `room=${next}`, ms, isDropped, mayBeDropped: true }));
      await isShown(ann, next);
      rooms.push(next);
      await areIn(ann, rooms);
      await go(ann, room);
    }
    assert.ok(kept.includes(true) && kept.at(-1) === false, kept.join());
    assert.equal(await ann.page.locator('#rooms [data-open="true"]').count(), rooms.length - 1);
    assert.equal(await ann.page.locator('#address').textContent(), ann.address);
    await clean(ann);
  });

  test('back to a page whose identity is open in another tab by then: that is said, and one is back when it is not', async () => {
    const passphrase = 'correct horse';
    const fragment = `room=${stage.newRoom()}`;
    const [ann, other] = await stage.tabs(2, { fragment });
    await ann.page.locator('#login-keep summary').click();
    for (const id of ['passphrase', 'passphrase-again']) await ann.page.locator(`#${id}`).fill(passphrase);
    await ann.logIn('Ann');
    const room = await ann.run(() => nkt.room);
    await go(ann, `${room}-1`);
    await ann.page.locator('#line').fill('not said yet');
    const logIn = async (tab) => {
      await tab.page.locator('#passphrase').fill(passphrase);
      await tab.page.locator('#passphrase').press('Enter');
      await tab.page.locator('#line').waitFor();
    };
    await awayAndBack(ann, {
      meanwhile: async () => {
        await other.page.reload();
        await logIn(other);
      },
    });
    await ann.page.locator('#login-error', { hasText: 'open in another tab' }).waitFor();
    await other.page.close();
    await logIn(ann);
    await areIn(ann, [room, `${room}-1`]);
    assert.equal(await ann.page.locator('#line').inputValue(), 'not said yet');
    await clean(ann);
  });

  test('back to a tab whose duplicate is who one was: one is told that one is somebody else', async () => {
    const [ann, twin] = await stage.tabs(2, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    const slot = await ann.until(() => sessionStorage.getItem('nkt-slot'), undefined, 'her place');
    await awayAndBack(ann, {
      meanwhile: async () => {
        await twin.run((item) => sessionStorage.setItem('nkt-slot', item), slot);
        await twin.logIn('Ann');
      },
    });
    await ann.answers('somebody else');
    assert.deepEqual([twin.address, await ann.run(() => nkt.mySwarm.address()) === ann.address], [ann.address, false]);
    await clean(ann, twin);
  });
});

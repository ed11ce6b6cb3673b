// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations with strangers, namesakes and the ignored; where one was in each of them, with the eyes and with the keyboard.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const TALKS_MAX = 100; // as in web/talks.js

describe('conversations with anybody', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** In a page: so many whom nobody knows say something to this person alone, each once. They come as the core would tell of them. */
  const flood = (tab, count, name = 'stranger') => tab.run(({ n, called }) => {
    for (let i = 0; i < n; i++) {
      const event = new CustomEvent('nktencryptedmessagereceived', { detail: { text: `psst ${i}`, private: true } });
      const id = `${called}${i}`.padEnd(32, '0');
      const where = { to: nkt.mySwarm.address(), room: nkt.roomId };
      window.dispatchEvent(Object.assign(event, { from: `${called} ${i}`, ...where, id, encrypted: true }));
    }
  }, { n: count, called: name });
  const talks = (tab) => tab.run(() => [...document.querySelectorAll('#talks [data-talk]')].map(({ dataset }) => dataset.talk));
  const row = (tab, addr, more = '') => tab.page.locator(`#talks [data-talk="${addr}"]${more}`);
  const focused = (tab) => tab.run(() => document.activeElement.closest('.message')?.querySelector('.text').textContent ?? '');

  test('strangers push out strangers: not whom one talks with, has a draft for, has compared, nor looks at', async () => {
    const [ann, bob, cyd, dan] = await stage.people(['Ann', 'Bob', 'Cyd', 'Dan'], { isOneBrowser: true });
    await ann.page.bringToFront();
    await ann.type('/msg Bob psst');
    await ann.page.locator('#users .user', { hasText: 'Cyd' }).locator('.user-write').click();
    await ann.page.locator('#line').fill('for Cyd, later');
    await dan.type('/msg Ann psst');
    await row(ann, dan.address).waitFor();
    await ann.run((addr) => nkt.verify(addr, nkt.safetyNumber(addr)), dan.address);
    await ann.until((addr) => nkt.userList[addr].verified, dan.address, 'compared');
    await flood(ann, 1, 'looked at');
    await ann.talk('looked at 0');
    await flood(ann, 3000);
    await untilTabs(async () => (await talks(ann)).includes('stranger 2999'), 'the last of them');
    const all = await talks(ann);
    assert.equal(all.length, 1 + TALKS_MAX);
    for (const addr of [bob.address, cyd.address, dan.address, 'looked at 0']) assert.ok(all.includes(addr), addr);
    const marks = await ann.page.locator('#talks .mark').allTextContents();
    assert.equal(marks.filter((text) => text === '1').length, TALKS_MAX - 3, 'what is not listed is not counted');
    assert.match(await ann.page.title(), new RegExp(`^\\(${TALKS_MAX - 3}\\) `));
    await ann.talk(cyd.address);
    assert.equal(await ann.page.locator('#line').inputValue(), 'for Cyd, later');
    await clean(ann, bob, cyd, dan);
  });

  test('who is ignored has no row, no mark, until that is taken back; an open conversation stays until one leaves it', async () => {
    const [ann, mal] = await stage.people(['Ann', 'Mal'], { isOneBrowser: true });
    await ann.page.bringToFront();
    await mal.type('/msg Ann psst');
    await row(ann, mal.address, '[data-unread=true]').waitFor();
    await ann.type('/ignore Mal');
    await row(ann, mal.address).waitFor({ state: 'detached' });
    assert.doesNotMatch(await ann.page.title(), /^\(/);
    await ann.page.keyboard.press('Alt+ArrowDown');
    assert.equal(await ann.page.locator('#target').isVisible(), false, 'the keyboard finds it no more than the mouse');
    await ann.type('/unignore Mal');
    await row(ann, mal.address, '[data-unread=true]').waitFor();
    await ann.talk(mal.address);
    await ann.page.locator('#messages .text:visible', { hasText: 'psst' }).waitFor();
    await ann.type('/ignore Mal');
    await ann.page.locator('#messages .note:visible', { hasText: 'is ignored' }).waitFor();
    await ann.page.locator('#messages .text:visible').waitFor({ state: 'detached' });
    assert.equal(await row(ann, mal.address).count(), 1);
    await ann.page.keyboard.press('Escape');
    await row(ann, mal.address).waitFor({ state: 'detached' });
    await clean(ann, mal);
  });

  test('of two with one name each has the address beside it, wherever a line names them', async () => {
    const [ann, bob, eve] = await stage.people(['Ann', 'Bob', 'Bоb'], { isOneBrowser: true }); // the o of the second is Cyrillic
    await ann.page.bringToFront();
    await ann.until(([a, b]) => nkt.userList[a] && nkt.userList[b], [bob.address, eve.address], 'both');
    await ann.type('who is it?');
    for (const tab of [bob, eve]) await tab.type('/msg Ann is it me?');
    const start = (tab) => tab.address.slice(0, 5);
    for (const tab of [bob, eve]) {
      await row(ann, tab.address).waitFor();
      await ann.page.locator(`#talks [data-talk="${tab.address}"] .short.twin`, { hasText: start(tab) }).waitFor();
    }
    await ready(ann);
    await look(ann, 'two of one name');
    await ann.talk(eve.address);
    assert.ok((await ann.page.locator('#talk-said').textContent()).includes(start(eve)));
    await ann.page.locator('#messages .message:visible').hover();
    await ann.page.locator('#messages .answer:visible').click();
    assert.ok((await ann.page.locator('#reply-text').textContent()).includes(start(eve)));
    await ann.page.keyboard.press('Escape');
    await ann.talk();
    await ann.type('is it me, then?');
    await ann.page.locator('#messages .message.own[data-id]', { hasText: 'is it me, then?' }).waitFor();
    await ann.type('/search "is it me"');
    await untilTabs(async () => await ann.page.locator('#search-found b').count() === 3, 'all are found');
    assert.match(await ann.page.locator('#search-found li').first().textContent(), /then\?$/, 'the newest of all is the first');
    const found = await ann.page.locator('#search-found .search-who').allTextContents();
    for (const tab of [bob, eve]) assert.ok(found.some((text) => text.includes(start(tab)) && /private/.test(text)), found.join());
    await clean(ann, bob, eve);
  });

  test('on a narrow telephone nothing runs out of it, and who is there can be read; without shades one sees where one is', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob the builder'], { isOneBrowser: true });
    await ann.page.bringToFront();
    await ann.page.setViewportSize({ width: 320, height: 640 });
    await flood(ann, 60, 'one');
    await flood(ann, 60, 'two');
    await untilTabs(async () => (await ann.page.locator('#talks-badge').textContent()) === '99+', 'many');
    const right = (selector) => ann.page.locator(selector).evaluate((node) => node.getBoundingClientRect().right);
    assert.ok(await right('#side-toggle') <= 320);
    assert.ok(await ann.page.locator('#room-name').evaluate(({ clientWidth }) => clientWidth) > 30, 'the room has a name');
    await ann.page.locator('#side-toggle').click();
    const nick = ann.page.locator(`#users .user[data-address="${bob.address}"] .user-nick`);
    assert.ok(await nick.evaluate(({ clientWidth }) => clientWidth) > 80, 'a nick');
    await ready(ann);
    await look(ann, 'a long list');
    await ann.page.emulateMedia({ forcedColors: 'active' });
    const colours = await row(ann, '').evaluate((node) => {
      const probe = document.createElement('div');
      node.append(probe);
      const of = (name) => {
        probe.style.setProperty('forced-color-adjust', 'none');
        probe.style.setProperty('background', name);
        return getComputedStyle(probe).backgroundColor;
      };
      const seen = [node.querySelector('button'), node.querySelector('.user-nick')].map((one) => getComputedStyle(one));
      return [seen[0].backgroundColor, of('Highlight'), seen[1].color, of('HighlightText')];
    });
    assert.equal(colours[0], colours[1], 'the one that is open');
    assert.equal(colours[2], colours[3], 'can be read');
    await clean(ann, bob);
  });

  test('by the keyboard: the newest message that is seen is a stop, and arrows pass what stands in other conversations', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.page.bringToFront();
    const last = async (text) => {
      await ann.page.locator('#messages .message[data-id]').filter({ hasText: text }).waitFor({ state: 'attached' });
      const stops = ann.page.locator('#messages .more:not([tabindex="-1"])');
      assert.equal(await stops.count(), 1);
      return stops.locator('..').locator('.text').textContent();
    };
    await bob.run(async () => { for (let i = 0; i < 60; i++) await nkt.sendEncryptedMessage(`to all ${i}`); });
    await ann.shows('to all 59');
    await bob.type('/msg Ann psst');
    await row(ann, bob.address).waitFor();
    assert.equal(await last('psst'), 'to all 59', 'what came elsewhere is no stop here');
    await bob.run(async () => { for (let i = 60; i < 120; i++) await nkt.sendEncryptedMessage(`to all ${i}`); });
    await ann.shows('to all 119');
    await ann.page.locator('#messages .more:not([tabindex="-1"])').focus();
    for (let i = 0; i < 119; i++) await ann.page.keyboard.press('ArrowUp');
    assert.equal(await focused(ann), 'to all 0');
    await ann.talk(bob.address);
    assert.equal(await last('psst'), 'psst');
    await ann.talk();
    await ann.type('/ignore Bob');
    await ann.answers('is ignored');
    assert.equal(await ann.page.locator('#messages .more:not([tabindex="-1"])').count(), 0);
    await ann.type('alone');
    assert.equal(await last('alone'), 'alone');
    await clean(ann, bob);
  });

  test('one is where one was: a place in the log, an answer, an edit that is half written', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.page.bringToFront();
    await bob.run(async () => { for (let i = 0; i < 120; i++) await nkt.sendEncryptedMessage(`to all ${i}`); });
    await ann.shows('to all 119');
    const place = () => ann.run(() => {
      const { top } = document.getElementById('scroll').getBoundingClientRect();
      const isThere = (node) => node.getBoundingClientRect().top >= top;
      return [...document.querySelectorAll('#messages .chunk:not([hidden]) .message')].find(isThere).querySelector('.text').textContent;
    });
    await ann.page.locator('#messages .message', { hasText: 'to all 40' }).evaluate((node) => node.scrollIntoView({ block: 'start' }));
    await untilTabs(async () => await ann.page.locator('#jump').isVisible(), 'scrolled up');
    const before = await place();
    await ann.page.locator('#users .user-write').click();
    assert.equal(await ann.page.locator('#jump').isVisible(), false);
    await bob.type('meanwhile');
    await row(ann, '', '[data-unread=true]').waitFor();
    await ann.talk();
    assert.equal(await place(), before);
    await ann.page.locator('#jump').click();
    await ann.page.locator('#users .user-write').click();
    await ann.talk();
    await ann.page.locator('#messages .text', { hasText: 'meanwhile' }).waitFor();
    assert.equal(await ann.page.locator('#jump').isVisible(), false, 'who was at the end is at the end');

    await ann.type('a sentence');
    const own = ann.page.locator('#messages .message.own[data-id]', { hasText: 'a sentence' });
    await own.hover();
    await own.locator('.more').click();
    await own.locator('.acts [data-action=edit]').click();
    await ann.page.locator('#line').fill('a better sen');
    await ann.talk(bob.address);
    assert.equal(await ann.page.locator('#line').inputValue(), '');
    assert.equal(await ann.page.locator('#reply').isVisible(), false);
    await ann.talk();
    assert.equal(await ann.page.locator('#line').inputValue(), 'a better sen');
    assert.equal(await ann.page.locator('#reply-text').textContent(), 'Edit: a sentence');
    await ann.page.locator('#messages .message:not(.own):visible').last().hover();
    await ann.page.locator('#messages .message:not(.own):visible').last().locator('.answer').click();
    assert.equal(await ann.page.locator('#line').inputValue(), '', 'an edit is no answer to another message');
    await ann.talk(bob.address);
    await ann.talk();
    assert.match(await ann.page.locator('#reply-text').textContent(), /^Reply to Bob: meanwhile/);
    await clean(ann, bob);
  });
});

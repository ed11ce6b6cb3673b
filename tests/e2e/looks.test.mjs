// SPDX-License-Identifier: GPL-3.0-or-later
// What is seen of the page at widths between a telephone's and a desk's, and where little fits.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';

/** @type {Stage} */
let stage;
/** @type {import('../support/tab.mjs').Tab} */
let ada;
/** @type {import('../support/tab.mjs').Tab} */
let bob;

before(async () => {
  stage = await Stage.open({ hasWorker: false });
  [ada, bob] = await stage.people(['Ada', 'Bob']);
});
after(() => stage?.close());

const sized = (width, height = 800) => ada.page.setViewportSize({ width, height });

/** Of what a selector finds. @param {string} selector */
const box = (selector) => ada.run((wanted) => document.querySelector(wanted).getBoundingClientRect().toJSON(), selector);

test('the header ends where the page does, at each width', async () => {
  for (const width of [320, 360, 480, 560, 640, 740, 831, 832, 860, 1100]) {
    await sized(width);
    const { right, wide } = await ada.run(() => ({
      right: innerWidth - Math.max(...[...document.querySelectorAll('.bar > *')].map((one) => one.getBoundingClientRect().right)),
      wide: document.documentElement.scrollWidth - innerWidth,
    }));
    assert.ok(right >= 0 && right <= 16, `at ${width} px ${right} px are left beside it`);
    assert.equal(wide, 0, `${width}`);
  }
});

test('a long name of a room takes what place there is, and no other', async () => {
  const before = await ada.run(() => document.getElementById('room-name').textContent);
  for (const width of [320, 480, 740, 1100]) {
    await sized(width);
    const { name, status } = await ada.run(() => {
      document.getElementById('room-name').textContent = 'a name by somebody who had much to say about what is talked about in this room';
      const [title, state] = ['room-name', 'status'].map((id) => document.getElementById(id).getBoundingClientRect());
      return { name: title.right, status: state.left };
    });
    assert.ok(status - name <= 16 && status >= name, `at ${width} px the name ends at ${name}, what is behind it begins at ${status}`);
  }
  await ada.run((name) => { document.getElementById('room-name').textContent = name; }, before);
});

test('ticks take no row: one\'s own messages are as high as those of others', async () => {
  for (const width of [1100, 320]) {
    await sized(width);
    for (const text of [`one ${width}`, `two ${width}`]) {
      await ada.type(text);
      await bob.shows(text);
    }
    await ada.until(() => document.querySelectorAll('.own:not([data-state="delivered"])').length === 0, undefined, 'delivered');
    for (const text of [`hm ${width}`, `hm hm ${width}`]) {
      await bob.type(text);
      await ada.shows(text);
    }
    const seen = await ada.run(() => ['.message.joins.own', '.message.joins:not(.own)'].map((one) => {
      const node = [...document.querySelectorAll(one)].at(-1);
      const [tick, text] = ['.tick', '.text'].map((name) => node.querySelector(name)?.getBoundingClientRect());
      return { height: node.getBoundingClientRect().height, gap: tick && text.left - tick.right, below: tick && tick.bottom - text.bottom };
    }));
    assert.equal(seen[0].height, seen[1].height, `${width}`);
    assert.ok(seen[0].gap >= 0 && seen[0].gap <= 8 && Math.abs(seen[0].below) < 1, JSON.stringify(seen[0]));
  }
});

test('what is beside the line is in its middle', async () => {
  await sized(1100);
  const [clip, send] = await Promise.all(['#attach', '#send'].map(box));
  assert.equal(clip.y + clip.height / 2, send.y + send.height / 2);
});

test('a button whose words say what a press does says no state beside them, which would be the reverse', async () => {
  for (const name of ['.user-mute', '.user-ignore']) {
    const spoken = () => ada.run((which) => {
      const button = document.querySelector(`#users ${which}`);
      return [button.getAttribute('aria-label'), button.getAttribute('aria-pressed')];
    }, name);
    const [before] = await spoken();
    await ada.page.locator(`#users ${name}`).click();
    await untilTabs(async () => (await spoken())[0] !== before, `${before}, and back`);
    assert.equal((await spoken())[1], null);
    await ada.page.locator(`#users ${name}`).click();
    await untilTabs(async () => (await spoken())[0] === before, before);
  }
});

test('a new passphrase: how hard it is to guess is said while it is typed, and nothing once it is gone', async () => {
  const [tab] = await stage.tabs(1);
  await tab.page.locator('#login-keep summary').click();
  const said = (text) => tab.page.locator('#passphrase-strength', { hasText: text }).waitFor();
  for (const [typed, text] of [['password', 'Easy to guess.'], ['correct horse battery staple', 'Hard to guess.']]) {
    await tab.page.locator('#passphrase').fill(typed);
    await said(text);
  }
  await tab.page.locator('#passphrase').fill('');
  assert.equal(await tab.page.locator('#passphrase-strength').textContent(), '');
  await tab.page.close();
});

test('at twice and four times the size all of the window of the swarm can be reached', async () => {
  await sized(1100);
  await ada.run(() => document.getElementById('swarm-open').click());
  await ada.page.locator('#swarm-list button').first().waitFor();
  for (const [width, height] of [[550, 400], [320, 256]]) {
    await sized(width, height);
    await ada.page.locator('#swarm-list button').last().scrollIntoViewIfNeeded();
    const { top, bottom } = await box('#swarm-list li:last-child button');
    assert.ok(top >= 0 && bottom <= height + 1, `${top} to ${bottom} of ${height} px`);
    const end = await ada.run(() => { // by the wheel, as people do
      const swarm = document.getElementById('swarm');
      return getComputedStyle(swarm).overflowY !== 'hidden' || swarm.scrollHeight <= swarm.clientHeight;
    });
    assert.ok(end, 'what does not fit is cut off');
  }
  await ada.page.keyboard.press('Escape');
  await sized(1100);
});

test('nothing was thrown, nor refused', () => clean(ada, bob));

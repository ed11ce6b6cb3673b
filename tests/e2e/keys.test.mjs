// SPDX-License-Identifier: GPL-3.0-or-later
// The page by its keys alone: where the focus is when what had it has gone, and what is typed or put into the line.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FAKE_DEVICES, isIn, isOver } from '../support/calls.mjs';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';

/** @type {Stage} */
let stage;
/** @type {import('../support/tab.mjs').Tab} */
let ada;
/** @type {import('../support/tab.mjs').Tab} */
let bob;

before(async () => {
  stage = await Stage.open({ hasWorker: false, args: FAKE_DEVICES });
  [ada, bob] = await stage.people(['Ada', 'Bob']);
});
after(() => stage?.close());

const press = async (...keys) => { for (const key of keys) await ada.page.keyboard.press(key); };

/** Puts the focus there, by a key as far as the browser knows. @param {string} selector */
const goTo = async (selector) => {
  await press('Shift');
  await ada.page.locator(selector).last().focus();
};

const focused = () => ada.run(() => {
  const { tagName, className, id, ariaLabel } = document.activeElement;
  return [tagName, id || className, ariaLabel ?? ''].join(' ').trim();
});

/** @param {RegExp} what @param {string} where */
const isOn = (what, where) => untilTabs(async () => what.test(await focused()), where)
  .catch(async () => assert.fail(`${where}: the focus is on ${await focused()}`));

test('a reaction is taken back: the focus is in the same message', async () => {
  await ada.type('to be liked');
  await bob.act('to be liked', '.sign');
  await ada.page.locator('.tail .sign').waitFor();
  await goTo('.tail .sign');
  await bob.page.locator('.tail .sign').click();
  await ada.page.locator('.tail').waitFor({ state: 'detached' });
  await isOn(/answer|more|tick/, 'a button of the message');
  assert.ok(await ada.run(() => document.activeElement.closest('.message').querySelector('.text').textContent === 'to be liked'));
});

test('a menu that Tab leaves is shut, and Escape leads from it back to its message', async () => {
  for (const [key, where] of [['Tab', /attach/], ['Escape', /more/]]) {
    await goTo('.message .more');
    await press('Enter');
    await ada.page.locator('.acts').waitFor();
    await isOn(/sign/, 'the first of the menu');
    await press(key);
    await isOn(where, key);
    await ada.page.locator('.acts').waitFor({ state: 'detached' });
  }
});

test('somebody is called otherwise: who is on his row stays there; he leaves: on the one in his place', async () => {
  const [cid] = await stage.tabs(1, { fragment: new URL(ada.page.url()).hash.slice(1) });
  await cid.logIn('Cid');
  await ada.page.locator('#users .user', { hasText: 'Cid' }).waitFor();
  await goTo(`#users .user[data-address="${cid.address}"] .user-profile`);
  await cid.run(() => { nkt.nick = 'Abe'; });
  await ada.page.locator('#users .user:first-child', { hasText: 'Abe' }).waitFor();
  await isOn(/Who Abe is/, 'the same button, two rows higher');
  await cid.page.locator('#leave').click();
  await ada.until((addr) => !document.querySelector(`#users [data-address="${addr}"]`), cid.address, 'gone');
  await isOn(/user-/, 'the row that is there now');
  await cid.page.close();
});

test('a microphone is plugged in while one chooses: the choice stays where it is', async () => {
  await ada.type('/call Bob');
  await bob.page.locator('.ring-answer').click();
  await isIn(ada, 1);
  await goTo('.call-control[data-act=devices]');
  await press('Enter');
  await ada.page.locator('.call-devices select').first().waitFor();
  await goTo('.call-devices label:nth-child(2) select');
  await ada.run(() => {
    document.activeElement.dataset.old = 'true';
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  });
  await ada.page.locator('[data-old]').waitFor({ state: 'detached' });
  await ada.page.locator('.call-devices select').first().waitFor();
  await isOn(/^SELECT/, 'the choice');
  assert.ok(await ada.run(() => document.activeElement.closest('label').matches(':nth-child(2)')));
  await goTo('.call-control[data-act=devices]');
  await press('Enter');
});

test('a call where there is hardly any height: the buttons lie on nothing, and what is said is seen', async () => {
  for (const [width, height] of [[360, 300], [640, 300]]) { // above a telephone's keyboard, and on its side
    await ada.page.setViewportSize({ width, height });
    const lies = (which) => ada.run((what) => document.querySelector(what).getBoundingClientRect().toJSON(), which);
    for (const isLarge of [false, true]) {
      if (isLarge) await ada.page.locator('.call-control[data-act=large]').click();
      const [call, tiles, acts, talk, line] = await Promise.all(['#call', '.call-tiles', '.call-acts', '#scroll', '.composer'].map(lies));
      assert.ok(tiles.bottom <= acts.top && acts.bottom <= call.bottom + 1, `the buttons lie on the faces at ${width}`);
      assert.ok(isLarge ? tiles.height >= 60 : talk.height >= 60, `${width}: ${JSON.stringify({ talk, tiles })}`);
      assert.ok(line.bottom <= height, 'the line is out of sight');
    }
    await ada.page.locator('.call-control[data-act=large]').click();
  }
  await ada.page.setViewportSize({ width: 1100, height: 800 });
});

test('who hangs up is at the line', async () => {
  await goTo('.call-control[data-act=hangup]');
  await press('Enter');
  await isOver(ada);
  await isOn(/line/, 'the line, when the call is over');
});

test('a drawer lies above the talk: what is under it is in nobody\'s way; the way back of a telephone closes it', async () => {
  await ada.page.setViewportSize({ width: 360, height: 640 });
  await ada.run(() => { // as Android asks whatever was opened last
    window.CloseWatcher = class { constructor() { window.watcher = this; } destroy() {} };
  });
  const isTalkOff = () => ada.run(() => document.querySelector('.chat').inert);
  await goTo('#side-toggle');
  await press('Enter', 'Tab');
  await isOn(/gear/, 'the first in the drawer');
  assert.equal(await isTalkOff(), true);
  await ada.run(() => window.watcher.onclose());
  assert.equal(await ada.run(() => document.getElementById('side').dataset.open), 'false');
  await isOn(/scroll|side-toggle|swarm-open/, 'something that is there');
  await goTo('#side-toggle');
  await press('Enter');
  await goTo('.user-write');
  await press('Enter');
  await isOn(/line/, 'the line to whom was chosen');
  assert.equal(await isTalkOff(), false);
  await press('Escape');
  await goTo('#side-toggle');
  await press('Enter');
  await ada.page.setViewportSize({ width: 1100, height: 800 });
  await untilTabs(async () => !await isTalkOff(), 'where both have room both are there');
});

test('to the newest message by its button: the focus is where the messages are', async () => {
  await bob.run(async () => { for (let i = 0; i < 40; i++) await nkt.sendEncryptedMessage(`line ${i}`); });
  await ada.shows('line 39');
  await goTo('#scroll');
  await press('Home');
  await ada.page.locator('#jump').waitFor();
  await goTo('#jump');
  await press('Enter');
  await isOn(/scroll/, 'the messages');
});

test('all messages are forgotten when one is asked, not by one press, nor by a double one', async () => {
  const count = () => ada.page.locator('.message').count();
  await ada.page.locator('#identity summary').click();
  await goTo('#clear-history');
  await press('Enter', 'Tab');
  await ada.page.locator('#clear-history').dblclick();
  await ada.page.locator('#clear-history', { hasText: 'Forget them for good?' }).waitFor();
  assert.ok(await count() > 40);
  await press('Enter');
  await untilTabs(async () => await count() === 0, 'forgotten');
  await isOn(/clear-history|quiet/, 'the button, which asks again');
  await ada.page.locator('#clear-history', { hasText: 'Forget all messages' }).waitFor();
});

test('who presses beside something keeps no focus, and takes none from who left it', async () => {
  await goTo('#search-open');
  await ada.page.mouse.click(300, 300);
  await press('Shift');
  assert.doesNotMatch(await focused(), /search-open/);
});

test('a name of an emoji that is typed becomes one; what is pasted stays as it was written elsewhere', async () => {
  await goTo('#line');
  await ada.page.keyboard.type(':smile');
  await ada.page.locator('#hint button').first().waitFor();
  await ada.page.keyboard.type(':');
  assert.equal(await ada.page.locator('#line').inputValue(), '😄');
  await ada.page.locator('#line').fill('');
  await ada.run(() => { document.getElementById('line').value = 'at 12:30 or :smile:'; });
  await press('ControlOrMeta+a', 'ControlOrMeta+x');
  assert.equal(await ada.page.locator('#line').inputValue(), '');
  await press('ControlOrMeta+v');
  assert.equal(await ada.page.locator('#line').inputValue(), 'at 12:30 or :smile:');
  await ada.page.locator('#line').fill('');
});

test('nothing was thrown, nor refused', () => clean(ada, bob));

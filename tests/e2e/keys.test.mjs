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
  await goTo('.call-control[data-act=hangup]');
  await press('Enter');
  await isOver(ada);
  await isOn(/line/, 'the line, when the call is over');
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

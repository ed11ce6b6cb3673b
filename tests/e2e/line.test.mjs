// SPDX-License-Identifier: GPL-3.0-or-later
// What is in the line goes to whom it was meant for, and as it was meant: files, commands of plugins, edits; whoever composes letters, or
// has only a keyboard.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const LARGE = 30_000_000; // bytes: sealing them takes longer than a click

describe('the line', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** files: names, with a text or a size. */
  const attach = async (tab, ...files) => {
    await tab.run((list) => {
      const given = new DataTransfer();
      for (const [name, what] of list) given.items.add(new File([Number.isInteger(what) ? new Uint8Array(what) : what], name));
      const field = document.getElementById('attach-file');
      field.files = given.files;
      field.dispatchEvent(new Event('change'));
    }, files);
    await tab.page.locator('#attached li', { hasText: files.at(-1)[0] }).waitFor();
  };
  const attached = (tab) => tab.page.locator('#attached li').allTextContents();
  const contents = (tab) => tab.page.locator('#messages .card-name').allTextContents();

  test('files wait with whom they are for, and go to nobody else', async () => {
    const [ann, bob, eve] = await stage.people(['Ann', 'Bob', 'Eve'], { isOneBrowser: true });
    await ann.page.bringToFront();
    await ann.page.locator('#users .user', { hasText: 'Bob' }).locator('.user-write').click();
    await attach(ann, ['notice.txt', 'I leave']);
    await ann.page.keyboard.press('Escape');
    assert.deepEqual(await attached(ann), []);
    await ann.type('good morning, all');
    await eve.shows('good morning, all');
    await attach(ann, ['menu.txt', 'soup']);
    assert.equal((await attached(ann)).length, 1);
    await ann.talk(bob.address);
    assert.match((await attached(ann)).join(), /^notice\.txt/);
    await ann.page.locator('#send').click();
    await untilTabs(async () => (await contents(bob)).join() === 'notice.txt', 'Bob has heard of it');
    assert.deepEqual(await attached(ann), []);
    await ann.talk();
    await ann.page.locator('#send').click();
    await untilTabs(async () => (await contents(eve)).join() === 'menu.txt', 'all have heard of the other one');
    await clean(ann, bob, eve);
  });

  test('what was sent in one room is not said in the next, and that is told', async () => {
    const room = stage.newRoom();
    const [ann, bob] = await stage.tabs(2, { fragment: `room=${room}` });
    const [eve] = await stage.tabs(1, { fragment: `room=${room}-next` });
    for (const [tab, nick] of [[ann, 'Ann'], [bob, 'Bob'], [eve, 'Eve']]) await tab.logIn(nick);
    await ann.session(bob.address);
    await ann.page.bringToFront();
    await attach(ann, ['first.bin', LARGE], ['second.txt', 'for Bob’s room']);
    await ann.page.locator('#send').click();
    await attach(ann, ['later.txt', 'waits beside the line']);
    await ann.run((name) => { location.hash = `room=${name}-next`; }, room); // while the first is sealed
    await ann.session(eve.address);
    assert.deepEqual(await attached(ann), []);
    await attach(ann, ['third.txt', 'for this one']);
    await ann.page.locator('#send').click();
    await untilTabs(async () => (await contents(eve)).length > 0, 'Eve has heard of one');
    assert.deepEqual(await contents(eve), ['third.txt']);
    await untilTabs(async () => (await contents(bob)).length === 2, 'Bob has heard of those that are for him');
    assert.deepEqual(await contents(bob), ['first.bin', 'second.txt']);
    await ann.page.locator('#rooms [data-open="true"] a').click();
    await untilTabs(async () => (await attached(ann)).length === 1, 'what waits is there again');
    assert.match((await attached(ann)).join(), /^later\.txt/);
    await attach(ann, ['fourth.bin', LARGE]);
    await ann.page.locator('#send').click();
    await ann.run((name) => { location.hash = `room=${name}-next`; }, room);
    await ann.page.locator('#rooms [data-open="true"] button').click(); // leaves, while it is sealed
    assert.match((await ann.answers('fourth.bin')), /you left the room/);
    await clean(ann, bob, eve);
  });

  test('what a plugin says goes to whom the line is for', async () => {
    const [ann, bob, eve] = await stage.people(['Ann', 'Bob', 'Eve'], { isOneBrowser: true });
    await ann.page.bringToFront();
    for (const name of ['irc', 'coin', 'poll']) {
      await ann.type(`/load ${name}`);
      await ann.answers(`${name} is loaded`);
    }
    await ann.type('/msg Bob psst');
    await ann.type('/me yawns');
    await ann.shows('* Ann yawns', '[data-private=true]');
    await ann.type('/coin');
    await ann.page.locator('#messages .message[data-private=true] .plugin-body').waitFor();
    await ann.type('/poll "Where to?" sea hills');
    await ann.answers('seen by everybody');
    await ann.talk();
    await ann.type('/me waves');
    await eve.shows('* Ann waves');
    assert.deepEqual((await eve.messages()).map(({ value }) => value), ['* Ann waves']);
    assert.equal((await bob.messages()).length, 4);
    await clean(ann, bob, eve);
  });

  test('a text that begins with a slash is edited as what it is, and comes back as that when it was refused', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.page.bringToFront();
    await ann.type('//etc/hosts');
    await bob.shows('/etc/hosts');
    const own = ann.page.locator('#messages .message.own[data-id]', { hasText: '/etc/hosts' });
    await own.hover();
    await own.locator('.more').click();
    await own.locator('.acts [data-action=edit]').click();
    assert.equal(await ann.page.locator('#line').inputValue(), '//etc/hosts');
    await ann.page.locator('#line').press('End');
    await ann.page.keyboard.type(' of it');
    await ann.page.keyboard.press('Enter');
    await bob.shows('/etc/hosts of it');
    await ann.run(() => window.addEventListener('nktsendingmessage', (event) => event.replace(1n), { once: true })); // JSON has none
    await ann.type('/msg Bob /leave');
    await untilTabs(async () => await ann.page.locator('#say-error').textContent() !== '', 'it is refused');
    assert.equal(await ann.page.locator('#line').inputValue(), '//leave');
  });

  test('letters that are composed are left alone; what was closed is not taken by Tab', async () => {
    const [ann] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.page.bringToFront();
    const line = ann.page.locator('#line');
    await line.pressSequentially('so :tada'); // emoji are fetched
    await ann.page.locator('#hint code', { hasText: '🎉' }).waitFor();
    await line.fill('');
    const session = await ann.page.context().newCDPSession(ann.page);
    const compose = (text) => session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await compose(':tada:');
    assert.equal(await line.inputValue(), ':tada:', 'while it is composed');
    await session.send('Input.insertText', { text: ':tada:' });
    await untilTabs(async () => await line.inputValue() === '🎉', 'when it is there');
    await ann.page.keyboard.press('Control+Shift+F');
    await ann.page.locator('#search-line').fill('');
    const pressed = (init) => ann.page.locator('#search-line').evaluate((field, given) => {
      field.focus();
      return !field.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, key: 'ArrowDown', ...given }));
    }, init);
    await ann.page.keyboard.press('Escape');
    await ann.type('found again');
    await ann.page.locator('#messages .message[data-id]', { hasText: 'found again' }).waitFor();
    await ann.type('/search found');
    await ann.page.locator('#search-found button').waitFor();
    assert.equal(await pressed({ isComposing: true }), false, 'arrows choose among what may be composed');
    assert.equal(await pressed({}), true);
    await ann.page.keyboard.press('Escape');

    await line.pressSequentially('hello @B');
    await ann.page.locator('#hint code', { hasText: '@Bob' }).waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.page.keyboard.press('Tab');
    assert.equal(await line.inputValue(), 'hello @B');
    assert.equal(await ann.run(() => document.activeElement.id), 'send');
    await line.fill('/sea');
    await ann.page.locator('#hint code').first().waitFor();
    await line.press('Escape');
    await line.press('Tab');
    assert.equal(await line.inputValue(), '/sea');
    await clean(ann);
  });
});

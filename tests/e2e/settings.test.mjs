// SPDX-License-Identifier: GPL-3.0-or-later
// The settings: servers of one's own, another room, what is kept, notifications; and the mark above what nobody has seen yet.
// Long: many pages.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { FAKE_DEVICES, isOver } from '../support/calls.mjs';
import { startServer } from '../support/servers.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, clean, Tab } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

/** In the page, before its scripts: one looks elsewhere when the test says so, and notifications can be read. */
function installAbsence() {
  window.isAway = false;
  window.notified = [];
  document.hasFocus = () => !window.isAway;
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      window.notified.push([title, options.body]);
    }
  };
}

const closed = (tab) => tab.page.locator('#settings:not([open])').waitFor({ state: 'attached' });

/** Opens the settings by their command, does something there, saves. */
async function set(tab, act) {
  await tab.type('/settings');
  await tab.page.locator('#settings[open]').waitFor();
  await act(tab.page);
  await tab.page.locator('#settings-save').click();
}

describe('settings', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  /** A relay that the page is not told of. @type {Awaited<ReturnType<typeof startServer>>} */
  let other;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
    other = await startServer('app.js', { NKT_ORIGINS: stage.app.url });
  });
  after(async () => {
    await other.stop();
    await stage.close();
  });
  afterEach(() => stage.clear());

  const relaysOf = (tab) => tab.run(() => nkt.health().relays.map(({ url }) => url));

  /** Types servers of one's own. */
  async function fill(page, name, text) {
    await page.locator(`#settings-${name}-served`).uncheck();
    await page.locator(`#settings-${name}`).fill(text);
  }

  test('a relay of one\'s own, set before the login: kept, in the link for others, taken back', async () => {
    const room = stage.newRoom();
    const [ann] = await stage.tabs(1, { fragment: `room=${room}` });
    await ann.page.locator('#login-settings').click();
    await ann.page.locator('#settings[open]').waitFor();
    assert.equal(await ann.page.locator('#settings-room').isVisible(), false);
    await fill(ann.page, 'relays', `${other.wsUrl}/relay`);
    await fill(ann.page, 'trackers', '');
    await ann.page.locator('#settings-save').click();
    await closed(ann);
    await ann.logIn('Ann');
    assert.deepEqual(await relaysOf(ann), [`${other.wsUrl}/relay`]);
    assert.deepEqual(await ann.run(() => nkt.trackers), []);
    const { address } = ann;
    await ann.page.reload();
    await ann.until(() => nkt.mySwarm.address(), undefined, 'an address');
    assert.equal(await ann.run(() => nkt.mySwarm.address()), address);
    assert.deepEqual(await relaysOf(ann), [`${other.wsUrl}/relay`]);

    const bob = await Tab.blank(await stage.newContext());
    await bob.load(await ann.page.locator('#invite-link').inputValue());
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    await bob.type('by another relay');
    await ann.shows('by another relay');

    await set(ann, async (page) => {
      for (const name of ['relays', 'trackers']) await page.locator(`#settings-${name}-served`).check();
    });
    await closed(ann);
    assert.deepEqual(await relaysOf(ann), stage.relays);
    assert.deepEqual(await ann.run(() => nkt.trackers), stage.trackers);
    assert.equal(await ann.run(() => nkt.mySwarm.address()), address);
    assert.equal(await ann.run(() => localStorage.getItem('nkt.choices')), null);
    await clean(ann, bob);
  });

  test('the gear is at the top, on login and panel, on the smallest screen too; the keyboard opens it and comes back to it', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    const { page } = ann;
    await page.setViewportSize({ width: 320, height: 480 });
    const opens = async (id) => {
      await page.locator(id).focus();
      const { top, bottom } = await page.locator(id).evaluate((node) => node.getBoundingClientRect().toJSON());
      assert.ok(top >= 0 && bottom < 100, `${id} from ${top} to ${bottom}`);
      await page.keyboard.press('Enter');
      await page.locator('#settings[open]').waitFor();
      await page.keyboard.press('Escape');
      await page.waitForFunction((gear) => document.activeElement?.matches(gear), id);
    };
    await opens('#login-settings');
    await ann.logIn('Ann');
    await page.locator('#side-toggle').click();
    await opens('#gear');
    await clean(ann);
  });

  test('what is no server is named, and changes nothing', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    for (const [name, text, said] of [
      ['relays', 'http://localhost/', /“http:\/\/localhost\/” is not an address that begins with ws/],
      ['iceServers', 'turn:localhost:3478 name', /“turn:localhost:3478 name” is not stun:HOST:PORT, or turn/],
    ]) {
      await set(ann, (page) => fill(page, name, text));
      await ann.page.locator('#settings-state', { hasText: said }).waitFor();
      await ann.page.locator('#settings-close').click();
    }
    assert.deepEqual(await relaysOf(ann), stage.relays);
    await set(ann, (page) => fill(page, 'iceServers', 'stun:127.0.0.1:9\nturn:127.0.0.1:9 name password'));
    await closed(ann);
    assert.deepEqual(await ann.run(() => nkt.iceServers),
      [{ urls: ['stun:127.0.0.1:9'] }, { urls: ['turn:127.0.0.1:9'], username: 'name', credential: 'password' }]);
    await set(ann, (page) => fill(page, 'iceServers', 'stun:127.0.0.1:9?x'));
    const refused = /this cannot be used \(8 are, at most\):.*“stun:127.0.0.1:9\?x” is not stun:HOST/s;
    await ann.page.locator('#settings-state', { hasText: refused }).waitFor();
    await clean(ann);
  });

  test('another room: whoever is there is met, whoever was here is not', async () => {
    const rooms = [stage.newRoom(), stage.newRoom()];
    const [[ann], [bob], [eve]] = await Promise.all([rooms[0], rooms[0], `${rooms[1]}&secret=deep`]
      .map((room) => stage.tabs(1, { fragment: `room=${room}` })));
    for (const [tab, nick] of [[ann, 'Ann'], [bob, 'Bob'], [eve, 'Eve']]) await tab.logIn(nick);
    await allMeet([ann, bob]);
    await set(ann, async (page) => {
      await page.locator('#settings-room-name').fill(rooms[1]);
      await page.locator('#settings-secret').fill('deep');
    });
    await ann.answers(`You are in the room ${rooms[1]} now.`);
    await allMeet([ann, eve]);
    await ann.type('hello there');
    await eve.shows('hello there');
    assert.equal(await ann.page.locator('#room-name').textContent(), rooms[1]);
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await allMeet([ann, eve]);
    assert.deepEqual(await bob.messages(), []);
    await ann.type('/nick Anna');
    await ann.answers('You are Anna now.');
    await ann.page.locator('#leave').click();
    await ann.page.locator('#nick').waitFor();
    const form = await ann.run(() => ['nick', 'room', 'secret'].map((id) => document.getElementById(id).value));
    assert.deepEqual(form, ['Anna', rooms[1], 'deep'], 'the login knows what has changed since');
    await clean(ann, bob, eve);
  });

  test('messages are not kept any more, once one says so', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await bob.type('for now only');
    await ann.shows('for now only');
    await set(ann, (page) => page.locator('#settings-history').uncheck());
    await closed(ann);
    await allMeet([ann, bob]);
    await bob.type('and this');
    await ann.shows('and this');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await allMeet([ann, bob]);
    assert.equal(await ann.page.locator('#messages .message').count(), 0);
    assert.deepEqual(await ann.run(() => nkt.history()), []);
  });
});

describe('notifications', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    // the headless shell has none; with a worker: app.test.mjs
    stage = await Stage.open({ isWhole: true, hasWorker: false, args: FAKE_DEVICES });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  test('notified while one looks elsewhere, and the first message that nobody saw is marked', async () => {
    const context = await stage.newContext();
    await context.grantPermissions(['notifications']);
    const fragment = `room=${stage.newRoom()}`;
    const ann = await Tab.blank(context, { before: installAbsence });
    await ann.load(`${stage.app.url}/#${fragment}`);
    const [bob] = await stage.tabs(1, { fragment });
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    await set(ann, (page) => page.locator('#settings-notify').check());
    await closed(ann);
    await bob.type('while she looks');
    await ann.shows('while she looks');
    await ann.run(() => { window.isAway = true; });
    await bob.type('while she does not');
    await bob.type('/msg Ann a secret');
    await ann.shows('a secret');
    await ann.until(() => window.notified.length === 2, undefined, 'two notifications');
    const room = await ann.run(() => nkt.room);
    assert.deepEqual(await ann.run(() => window.notified), [[`Bob · ${room}`, 'while she does not'], ['Bob, privately', 'a secret']]);
    await ann.until((title) => document.title === title, `(2) ${room} · nkt`, 'the title');
    const after = await ann.run(() => [...document.querySelectorAll('.unseen')].map((line) => line.nextElementSibling.textContent));
    assert.equal(after.length, 2, 'one in each conversation');
    assert.match(after[0], /while she does not/);
    await bob.run((to) => nkt.share(new Uint8Array(3), { name: 'notes @Ann.txt', to }), ann.address);
    await ann.until(() => window.notified.length === 3, undefined, 'a file is told of');
    assert.deepEqual(await ann.run(() => window.notified[2]), ['Bob, privately', 'notes @Ann.txt · 3 bytes']);
    await bob.type('/call Ann');
    await ann.until(() => window.notified.length === 4, undefined, 'a ring is told of');
    assert.deepEqual(await ann.run(() => window.notified[3]), [`Bob is calling · ${room}`, undefined]);
    await bob.type('/hangup');
    await isOver(ann);
    await ann.run(() => { window.isAway = false; window.dispatchEvent(new Event('focus')); });
    const seen = ann.page.locator('.unseen:visible');
    assert.equal(await seen.count(), 1, 'so that one sees where to go on');
    await ann.type('an answer');
    await seen.waitFor({ state: 'detached' });
    await ann.type('/unload notify');
    await ann.answers('Plugin notify is unloaded.');
    await clean(ann, bob);
  });

  test('where the browser keeps nothing, what is set is in force all the same, and said to be', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const before = () => {
      Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied by the person', 'SecurityError'); } });
    };
    const [ann] = await stage.tabs(1, { fragment, before });
    await ann.logIn('Ann');
    await set(ann, async (page) => {
      await page.locator('#settings-presence').check();
      await page.locator('#settings-unasked').selectOption('1000000');
    });
    await ann.page.locator('#settings-state', { hasText: 'In force' }).waitFor();
    await ann.page.locator('#settings-close').click();
    const [bob] = await stage.tabs(1, { fragment });
    await bob.logIn('Bob');
    await ann.answers('Bob joined');
    await ann.type('/settings');
    await ann.page.locator('#settings[open]').waitFor();
    assert.equal(await ann.page.locator('#settings-presence').isChecked(), true);
    assert.equal(await ann.page.locator('#settings-unasked').inputValue(), '1000000');
    await clean(ann, bob);
  });

  test('not allowed to notify: said, and the switch stays off', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}`,
      before: () => { window.Notification.requestPermission = async () => 'denied'; } });
    await ann.logIn('Ann');
    await set(ann, (page) => page.locator('#settings-notify').check());
    await ann.page.locator('#settings-state', { hasText: 'does not allow notifications' }).waitFor();
    assert.equal(await ann.page.locator('#settings-notify').isChecked(), false);
    assert.equal(await ann.run(() => 'notify' in nkt.plugins), false);
  });
});

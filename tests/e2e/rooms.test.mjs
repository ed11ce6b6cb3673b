// SPDX-License-Identifier: GPL-3.0-or-later
// Several rooms at once, as somebody in a hurry uses them: back and forth, left and reloaded on the way, while others talk.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const ROOM_COUNT_MAX = 8; // as in glue/family.js
const BUSY_MS = 600; // longer than DOUBLE_MS of web/frame.js
const NEWS_COUNT_MAX = 500; // as in web/news.js

describe('several rooms at once', { skip, timeout: 480_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const seen = (tab) => tab.page.locator('#messages .text:visible').allTextContents();
  const sees = (tab, wanted) => untilTabs(async () => (await seen(tab)).join('|') === wanted.join('|'), `${tab.name} sees ${wanted}`)
    .catch(async (error) => { throw new Error(`${error.message}: ${await seen(tab)}`); });
  const open = (tab) => tab.page.locator('#rooms [data-open="true"]');
  const mark = (tab, text) => tab.page.locator('#rooms .mark:visible', { hasText: text }).waitFor();
  const isShown = (tab, room) => tab.until((name) => nkt.room === name && nkt.roomId, room, `${room} is shown`);
  /** Says something, and waits until all have it. */
  const heard = (tab, text) => tab.run(async (value) => { await (await nkt.sendEncryptedMessage(value)).settled; }, text);
  /** Twice, as the system tells it: each event with its time, whatever the page is at. @param {number[]} times in ms */
  const press = async (tab, [x, y], times) => {
    const system = await tab.page.context().newCDPSession(tab.page);
    const begun = Date.now();
    await Promise.all(times.map((ms, i) => system.send('Input.dispatchMouseEvent', {
      type: i % 2 ? 'mouseReleased' : 'mousePressed', x, y, button: 'left', clickCount: 1 + (i >> 1), timestamp: (begun + ms) / 1000,
    })));
  };
  /** By a link, as a person does. */
  const go = async (tab, room) => {
    await tab.run((name) => { location.hash = `room=${name}`; }, room);
    await isShown(tab, room);
  };

  /** Ann and Bob in one room, and she in others as well, of which the last one is shown. */
  const meet = async (count, before = undefined) => {
    const room = stage.newRoom();
    const [[ann], [bob]] = await Promise.all([
      stage.tabs(1, { fragment: `room=${room}`, before }), stage.tabs(1, { fragment: `room=${room}` })]);
    await Promise.all([ann.logIn('Ann'), bob.logIn('Bob')]);
    await ann.session(bob.address);
    await bob.session(ann.address);
    const rooms = [room];
    for (let n = 1; n < count; n++) {
      rooms.push(`${room}-${n}`);
      await go(ann, rooms[n]);
    }
    return { ann, bob, rooms };
  };

  test('a link that is followed while one joins leads there as well, and one is in both rooms', async () => {
    const room = stage.newRoom();
    let go;
    const held = new Promise((done) => { go = done; });
    const [ann] = await stage.tabs(1, {
      fragment: `room=${room}`, prepare: ({ page }) => page.route('**/core.wasm', async (route) => { await held; await route.continue(); }),
    });
    await ann.page.locator('#nick').fill('Ann');
    await ann.page.locator('#nick').press('Enter');
    await ann.page.locator('#login button:disabled').waitFor();
    await ann.run((name) => { location.hash = `room=${name}`; }, `${room}-other`);
    go();
    await isShown(ann, `${room}-other`);
    await open(ann).filter({ hasText: room }).waitFor();
    assert.match(await ann.run(() => location.hash), /-other$/);
    await ann.page.reload();
    await isShown(ann, `${room}-other`);
    await clean(ann);
  });

  test('whoever left and joined again hears each message of a hidden room once', async () => {
    const { ann, bob, rooms } = await meet(1);
    for (let n = 0; n < 2; n++) {
      await ann.page.locator('#leave').click();
      await ann.logIn('Ann');
    }
    await bob.session(ann.address);
    await ann.session(bob.address);
    await go(ann, `${rooms[0]}-1`);
    await bob.type('once');
    await mark(ann, '1');
    await bob.type('twice');
    await mark(ann, '2');
    await clean(ann, bob);
  });

  test('back and forth, again and again, while somebody talks: everything is there, once, in order, also without a history', async () => {
    const { ann, bob, rooms } = await meet(2);
    const said = Array.from({ length: 60 }, (_, n) => `line ${n}`);
    for (const isKept of [true, false]) {
      const lines = said.map((line) => `${line} ${isKept}`);
      if (!isKept) await ann.run(() => Promise.all(nkt.rooms.map((one) => one.resume({ history: false }))));
      await ann.session(bob.address).catch(() => {}); // it is in the other room
      await go(ann, rooms[0]);
      await ann.session(bob.address);
      await bob.session(ann.address);
      await go(ann, rooms[1]);
      await bob.run(async (all) => { for (const line of all) await nkt.sendEncryptedMessage(line); }, lines.slice(0, 30));
      await mark(ann, '30');
      const talking = bob.run(async (all) => {
        for (const line of all) {
          await nkt.sendEncryptedMessage(line);
          await new Promise((resume) => { setTimeout(resume, 20); });
        }
      }, lines.slice(30));
      // too fast for anything to be told: away again before what came is shown
      await ann.run(async (names) => {
        for (let n = 0; n < 20; n++) {
          location.hash = `room=${names[n % 2]}`;
          await new Promise((resume) => { addEventListener('hashchange', resume, { once: true }); });
        }
      }, rooms);
      await talking;
      await go(ann, rooms[0]);
      const end = `end ${isKept}`; // all of the others may have been shown on the way, and without a history that is all
      await heard(bob, end);
      await untilTabs(async () => (await seen(ann)).at(-1) === end, 'the last line');
      const shown = (await seen(ann)).filter((line) => lines.includes(line));
      if (isKept) assert.deepEqual(shown, lines);
      else assert.deepEqual(shown, lines.filter((line) => shown.includes(line)), 'in order, and once');
    }
    await clean(ann, bob);
  });

  test('away again before what came is shown: nothing is lost, and what comes meanwhile stands behind it', async () => {
    const { ann, bob, rooms } = await meet(2);
    for (const line of ['one', 'two']) await bob.type(line);
    await mark(ann, '2');
    await ann.run((name) => { // a long history takes its time
      const hidden = nkt.rooms.find(({ room }) => room === name);
      hidden.history = () => new Promise((resolve) => {
        window.release = () => {
          delete hidden.history;
          resolve([]);
        };
      });
      return Promise.all(nkt.rooms.map((one) => one.clearHistory()));
    }, rooms[0]);
    await go(ann, rooms[0]);
    await heard(bob, 'three');
    await go(ann, rooms[1]);
    await mark(ann, '3');
    await go(ann, rooms[0]);
    await heard(bob, 'four');
    await ann.run(() => window.release());
    await sees(ann, ['one', 'two', 'three', 'four']);
    assert.equal(await open(ann).locator('.mark:visible').count(), 0);
    await clean(ann, bob);
  });

  test('what came is shown some at a time, in order; what comes meanwhile stands behind it, though the log is emptied', async () => {
    const { ann, bob, rooms } = await meet(2);
    await ann.run(({ name, count }) => {
      const hidden = nkt.rooms.find(({ room }) => room === name);
      const tell = (n) => {
        const said = { from: 'Mal', to: null, room: hidden.roomId, id: String(n).padStart(32, '0'), date: n, encrypted: true, bytes: null };
        for (const target of nkt === hidden ? [hidden, window] : [hidden]) {
          target.dispatchEvent(Object.assign(new CustomEvent('nktencryptedmessagereceived', { detail: `line ${n}` }), said));
        }
      };
      for (let n = 0; n < count; n++) tell(n);
      window.most = 0;
      let inTask = 0;
      addEventListener('nktencryptedmessagereceived', () => {
        if (inTask === 0) setTimeout(() => { inTask = 0; });
        window.most = Math.max(window.most, ++inTask);
      });
      addEventListener('nktencryptedmessagereceived', () => tell(count), { once: true }); // while that is being told
    }, { name: rooms[0], count: NEWS_COUNT_MAX - 1 });
    await go(ann, rooms[0]);
    const lines = Array.from({ length: NEWS_COUNT_MAX }, (_, n) => `line ${n}`);
    await untilTabs(async () => (await seen(ann)).join() === lines.join(), 'all of it, in order');
    const most = await ann.run(() => window.most);
    assert.ok(most < NEWS_COUNT_MAX / 2, `${most} in one task`);

    await go(ann, rooms[1]);
    await bob.type('before');
    await mark(ann, '1');
    await ann.run((name) => { // a long history takes its time
      const hidden = nkt.rooms.find(({ room }) => room === name);
      const { promise, resolve } = Promise.withResolvers();
      hidden.history = () => promise;
      window.release = resolve;
    }, rooms[0]);
    await go(ann, rooms[0]);
    await ann.page.locator('#clear-history').evaluate((button) => { button.click(); button.click(); });
    await ann.answers('Forgotten');
    await ann.run(() => window.release([]));
    await bob.type('after');
    await ann.shows('after');
    await clean(ann, bob);
  });

  test('plugins with a place on the page go along from room to room, each with one place, and what they hear is of that room', async () => {
    const { ann, bob, rooms } = await meet(2);
    const names = ['poll', 'typing', 'whiteboard'];
    for (const name of names) {
      await ann.type(`/load ${name}`);
      await ann.answers(`Plugin ${name} is loaded`);
    }
    const places = () => ann.run(() => document.querySelectorAll('[data-plugin="typing"]').length);
    const before = await places();
    assert.ok(before > 0);
    for (const room of [rooms[0], rooms[1], rooms[0]]) {
      await go(ann, room);
      assert.deepEqual(await ann.run((all) => all.filter((name) => !Object.hasOwn(nkt.plugins, name)), names), [], room);
      assert.equal(await places(), before);
    }
    await bob.run(() => nkt.sendEphemeral({ typing: true }));
    await ann.page.getByText('Bob is typing').first().waitFor();
    await clean(ann, bob);
  });

  test('what one fetches goes on while another room is shown, and can be paused when one is back', async () => {
    const { ann, bob, rooms } = await meet(1);
    const share = (name, size) => bob.run((given) => nkt.share(new File([new Uint8Array(given.size)], given.name)), { name, size });
    const card = (name) => ann.page.locator('.card-content').filter({ hasText: name });
    const inState = (name, state) => card(name).and(ann.page.locator(`[data-state="${state}"]`)).waitFor();
    const press = (name, act) => card(name).locator(`[data-act="${act}"]`).click();
    await share('large', 12e6);
    await press('large', 'cardFetch');
    await go(ann, `${rooms[0]}-1`);
    await ann.until((name) => nkt.rooms.find(({ room }) => room === name).contents[0]?.state === 'complete', rooms[0], 'all of it');
    await go(ann, rooms[0]);
    await inState('large', 'complete');

    await share('gone', 12e6);
    await card('gone').waitFor();
    await bob.page.close();
    await press('gone', 'cardFetch');
    await inState('gone', 'waiting');
    for (const room of [`${rooms[0]}-1`, rooms[0]]) await go(ann, room);
    await inState('gone', 'waiting');
    await press('gone', 'cardPause');
    await inState('gone', 'paused');
    await clean(ann);
  });

  test('what is in the list stays while others talk: a link that has the focus, and one that is being pressed', async () => {
    const { ann, bob, rooms } = await meet(2);
    const link = open(ann).locator('a');
    await link.focus();
    await link.hover();
    await ann.page.mouse.down();
    await bob.type('meanwhile');
    await mark(ann, '1');
    assert.equal(await link.evaluate((node) => node === document.activeElement), true);
    await ann.page.mouse.up();
    await isShown(ann, rooms[0]);
    await sees(ann, ['meanwhile']);
    await clean(ann, bob);
  });

  test('who presses twice by habit leaves one room, not the next as well; two that are meant are two', async () => {
    const { ann, bob } = await meet(4);
    const count = (n) => ann.until((wanted) => nkt.rooms.length === wanted, n, `${n} rooms`);
    await count(4);
    const { x, y, width, height } = await open(ann).first().locator('button').boundingBox();
    const at = [x + width / 2, y + height / 2];
    await ann.run((ms) => { // what the first press begins takes longer than the second is behind it
      document.addEventListener('click', () => { for (const end = performance.now() + ms; performance.now() < end;); }, { once: true });
    }, BUSY_MS);
    await press(ann, at, [0, 40, 120, 160]);
    assert.equal(await open(ann).count(), 2);
    await count(3);
    await ann.page.mouse.click(...at);
    await count(2);
    await clean(ann, bob);
  });

  test('a room whose core is gone for good is none that one is in; whoever sees it goes to another, and back', async () => {
    const { ann, bob, rooms } = await meet(2, () => {
      const draw = Crypto.prototype.getRandomValues;
      Crypto.prototype.getRandomValues = function getRandomValues(view) {
        if (view.buffer.byteLength > 1 << 20) window.coreMemory = view.buffer;
        return draw.call(this, view);
      };
    });
    const end = (room) => ann.run(async (name) => { // traps until it is not started again
      for (let one; (one = nkt.rooms.find((other) => other.room === name));) {
        if (one.health().running) {
          await one.sendEncryptedMessage('draws entropy');
          new Uint8Array(window.coreMemory).fill(0xff);
          one.wake();
        }
        await new Promise((resume) => { setTimeout(resume, 50); });
      }
    }, room);
    await end(rooms[0]);
    await open(ann).waitFor({ state: 'detached' });
    await go(ann, rooms[0]);
    await ann.session(bob.address);
    await bob.type('there again');
    await ann.shows('there again');
    await end(rooms[0]);
    await ann.page.locator('#connection-text', { hasText: 'stopped after a fault' }).waitFor(); // and not that it tries again
    assert.equal(await ann.page.locator('#address').textContent(), ann.address, 'who one was stays to be read');
    await go(ann, `${rooms[0]}-new`);
    await go(ann, rooms[0]);
    await ann.session(bob.address);
    await clean(ann, bob);
  });

  test('a link with an invite to another room leads there, and waits for the button', async () => {
    const { ann, bob, rooms } = await meet(1);
    const invite = await bob.run(async () => (await nkt.invite()).text);
    await go(ann, `${rooms[0]}-1`);
    const link = `room=${rooms[0]}&invite=${encodeURIComponent(invite)}`;
    await ann.run((hash) => { location.hash = hash; }, link);
    await isShown(ann, rooms[0]);
    await ann.until((text) => document.getElementById('hand-invite-in').value === text, invite, 'the invite');
    assert.equal(await ann.page.locator('#hand-answer').inputValue(), '');
    assert.equal(await ann.run(() => new URLSearchParams(location.hash.slice(1)).toString()), `room=${rooms[0]}`);
    await clean(ann, bob);
  });

  test('the ninth room: one stays where one is, and is told what to do', async () => {
    const { ann, bob, rooms } = await meet(ROOM_COUNT_MAX);
    await ann.run((name) => { location.hash = `room=${name}`; }, `${rooms[0]}-more`);
    await ann.answers(`You are in ${ROOM_COUNT_MAX} rooms`);
    assert.equal(await ann.run(() => nkt.room), rooms.at(-1));
    assert.equal(await ann.run(() => new URLSearchParams(location.hash.slice(1)).get('room')), rooms.at(-1));
    assert.equal(await open(ann).count(), ROOM_COUNT_MAX - 1);
    await open(ann).filter({ hasText: `#${rooms[1]}` }).locator('button').click();
    await ann.until((count) => nkt.rooms.length < count, ROOM_COUNT_MAX, 'one is left');
    await go(ann, `${rooms[0]}-more`);
    await clean(ann, bob);
  });

  test('after a reload: a room on the way is entered, not shown half; whoever leaves then takes none of them along', async () => {
    const { ann, bob, rooms } = await meet(5);
    await ann.page.addInitScript(() => { // in the moment in which the page opens, quicker than any test
      new MutationObserver((_changes, observer) => {
        if (document.getElementById('app')?.hidden !== false) return;
        observer.disconnect();
        const { hurry } = sessionStorage;
        if (hurry === 'leave') setTimeout(() => document.getElementById('leave').click());
        else if (hurry) location.hash = hurry;
      }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['hidden'] });
    });
    await ann.run((name) => { sessionStorage.hurry = `room=${name}`; }, rooms[0]);
    await ann.page.reload();
    await isShown(ann, rooms[0]);
    assert.equal(await ann.page.locator('#address').textContent(), ann.address);
    await ann.session(bob.address);
    await untilTabs(async () => await open(ann).count() === rooms.length - 1, 'all are open again');

    await ann.run(() => { sessionStorage.hurry = 'leave'; });
    await ann.page.reload();
    await ann.page.locator('#nick').waitFor();
    await ann.logIn('Zoe');
    await ann.run(() => sessionStorage.removeItem('hurry'));
    await ann.session(bob.address);
    await go(ann, `${rooms[0]}-zoe`);
    assert.deepEqual(await ann.run(() => nkt.rooms.map(({ room }) => room)), [rooms[0], `${rooms[0]}-zoe`]);
    assert.equal(await open(ann).count(), 1);
    await ann.page.reload();
    await ann.until(() => nkt.rooms.length === 2, undefined, 'her two rooms');
    await clean(ann, bob);
  });

  test('who talks most in a hidden room pushes out himself; who is ignored counts no more; a nick is that of all rooms', async () => {
    const { ann, bob, rooms } = await meet(2);
    await bob.type('a word of Bob');
    await mark(ann, '1');
    await ann.run(({ name, count }) => {
      const hidden = nkt.rooms.find(({ room }) => room === name);
      for (let n = 0; n < count; n++) {
        const event = new CustomEvent('nktencryptedmessagereceived', { detail: n % 2 ? null : { text: `junk ${n}`, re: 7, mentions: {} } });
        const id = String(n).padStart(32, '0');
        const where = { to: null, room: hidden.roomId, id, date: n, encrypted: true, bytes: null };
        hidden.dispatchEvent(Object.assign(event, { from: 'Mal', ...where }));
      }
    }, { name: rooms[0], count: 6 * NEWS_COUNT_MAX });
    await mark(ann, '99+');
    await ann.type('/nick Anna');
    await bob.until((addr) => nkt.userList[addr].nick === 'Anna', ann.address, 'her new nick');
    await go(ann, rooms[0]);
    await untilTabs(async () => (await seen(ann)).at(-1) === `junk ${6 * NEWS_COUNT_MAX - 2}`, 'the last of it');
    assert.ok((await seen(ann)).includes('a word of Bob'));
    assert.equal(await ann.page.locator('#you-nick').textContent(), 'Anna');

    await go(ann, rooms[1]);
    await bob.type('another word');
    await mark(ann, '1');
    await ann.run((addr) => nkt.ignore(addr), bob.address);
    await ann.page.locator('#rooms .mark:visible').waitFor({ state: 'detached' });
    assert.doesNotMatch(await ann.page.title(), /^\(/);
    await go(ann, rooms[0]);
    await untilTabs(async () => !(await seen(ann)).includes('a word of Bob'), 'nothing of him');
    await clean(ann, bob);
  });
});

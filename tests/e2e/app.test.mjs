// SPDX-License-Identifier: GPL-3.0-or-later
// The page as an app: Chromium would install it, also without its server.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { launchProfile } from '../support/chromium.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

/** In the page, before its scripts: one looks elsewhere when the test says so; what the system is told to show on the icon. */
function installAbsence() {
  window.isAway = false;
  document.hasFocus = () => !window.isAway;
  window.badges = [];
  const set = navigator.setAppBadge;
  navigator.setAppBadge = (count) => {
    window.badges.push(count);
    return set.call(navigator, count);
  };
}

/**
 * In a page or its worker: which notifications are there by now. To ask the registration for them while one is on its way is what takes it
 * away: Chromium forgets those that are written down and not shown.
 */
function tellShown() {
  const { showNotification } = ServiceWorkerRegistration.prototype;
  self.told = [];
  ServiceWorkerRegistration.prototype.showNotification = async function tell(title, options) {
    await showNotification.call(this, title, options);
    self.told.push(options.body ?? '');
  };
}

describe('the page as an app', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ isWhole: true }); // the shell has no notifications
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const isKept = (tab) => tab.until(async () => (await navigator.serviceWorker.getRegistration())?.active
    && (await caches.keys()).some((name) => name.startsWith('nkt-set-')), undefined, 'a whole set');

  test('Chromium would install it; its icons are what they say; the manifest comes without the server, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nkt-app-'));
    const context = await launchProfile(folder, { isWhole: true }); // other contexts are as private windows: nothing is installed there
    try {
      const tab = await Tab.blank(context);
      await tab.load(stage.app.url);
      const browser = await context.newCDPSession(tab.page);
      assert.deepEqual((await browser.send('Page.getInstallabilityErrors')).installabilityErrors, []);
      const { data, errors } = await browser.send('Page.getAppManifest');
      assert.deepEqual(errors, []);
      const { icons, start_url: start } = JSON.parse(data ?? '');
      assert.equal(start, './');
      for (const { src, sizes } of [...icons, { src: './icons/touch-180.png', sizes: '180x180' }]) {
        const answer = await fetch(new URL(src, stage.app.url));
        const bytes = Buffer.from(await answer.arrayBuffer());
        assert.equal(answer.status, 200);
        if (sizes !== 'any') assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
      }
      const answer = await fetch(`${stage.app.url}/app.webmanifest`);
      assert.equal(answer.headers.get('content-type'), 'application/manifest+json');

      await tab.logIn('Ann');
      await isKept(tab);
      process.kill(stage.app.pid, 'SIGKILL');
      await tab.page.reload();
      await tab.page.locator('#line').waitFor();
      assert.equal((await browser.send('Page.getAppManifest')).data, data);
    } finally {
      await context.close();
      rmSync(folder, { recursive: true });
      await stage.startServers();
    }
  });

  test('the icon counts what nobody saw', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: installAbsence });
    const icon = () => ann.run(() => decodeURIComponent(document.querySelector('link[rel=icon]').href));
    const plain = await icon();
    await ann.run(() => { window.isAway = true; });
    await bob.type('number 1');
    await untilTabs(async () => (await icon()).includes('>1</text>'), 'one');
    for (let n = 2; n <= 11; n++) await bob.type(`number ${n}`);
    await ann.shows('number 11');
    await untilTabs(async () => (await icon()).includes('>9+</text>'), 'nine and more');
    await untilTabs(async () => (await ann.page.title()).startsWith('(11) '), 'the title');
    await ann.until(() => window.badges.includes(11), undefined, 'the badge of the app');
    await ann.run(async () => {
      const image = new Image();
      image.src = document.querySelector('link[rel=icon]').href;
      await image.decode(); // it is a picture
      window.isAway = false;
      window.dispatchEvent(new Event('focus'));
    });
    await untilTabs(async () => (await icon()) === plain, 'as it was');
    await ann.until(() => window.badges[0] === 1 && window.badges.at(-1) === 0, undefined, 'no badge');
    assert.deepEqual(await ann.faults(), []);
  });

  test('a notification of a room that is not shown leads there; its secret is not in what the system keeps', async () => {
    const context = await stage.newContext();
    await context.grantPermissions(['notifications'], { origin: stage.app.url });
    const room = stage.newRoom();
    const [ann, bob] = [await Tab.blank(context, { before: installAbsence }), await Tab.blank(await stage.newContext())];
    for (const [tab, nick] of [[ann, 'Ann'], [bob, 'Bob']]) {
      await tab.load(`${stage.app.url}/#room=${room}&secret=deep`);
      await tab.logIn(nick);
    }
    await allMeet([ann, bob]);
    await isKept(ann);
    await ann.type('/load notify');
    await ann.answers('Plugin notify is loaded.');
    await ann.run((name) => { location.hash = `room=${name}-2`; }, room);
    await ann.until((name) => nkt.room === `${name}-2`, room, 'the other room');
    await ann.run(() => { window.isAway = true; });
    const [worker] = context.serviceWorkers();
    await Promise.all([ann.run(tellShown), worker.evaluate(tellShown)]);
    await worker.evaluate(() => { ExtendableEvent.prototype.waitUntil = () => {}; }); // which an event of ours must not call
    await bob.type('in the deep room');
    const told = async () => [await ann.run(() => window.told), await worker.evaluate(() => self.told)].flat();
    await untilTabs(async () => (await told()).includes('in the deep room'), 'a notification');
    const kept = await worker.evaluate(async () => {
      const [notification] = await registration.getNotifications();
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      return JSON.stringify([notification.title, notification.tag, notification.data]);
    });
    assert.doesNotMatch(kept, /deep/);
    assert.match(kept, new RegExp(`Bob · ${room}"`));
    await ann.until((name) => nkt.room === name, room, 'the room of the notification');
    await ann.shows('in the deep room');
    assert.deepEqual(await ann.faults(), []);
  });

  test('a notification is answered where it stands: to everybody, privately; what no page can send any more is told of', async () => {
    const context = await stage.newContext();
    await context.grantPermissions(['notifications'], { origin: stage.app.url });
    const fragment = `room=${stage.newRoom()}`;
    const [ann, bob] = [await Tab.blank(context, { before: installAbsence }), await Tab.blank(await stage.newContext())];
    for (const [tab, nick] of [[ann, 'Ann'], [bob, 'Bob']]) {
      await tab.load(`${stage.app.url}/#${fragment}`);
      await tab.logIn(nick);
    }
    await allMeet([ann, bob]);
    await isKept(ann);
    await ann.type('/load notify');
    await ann.answers('Plugin notify is loaded.');
    await ann.run(() => { window.isAway = true; });
    const [worker] = context.serviceWorkers();
    await Promise.all([ann.run(tellShown), worker.evaluate(tellShown)]);
    await worker.evaluate(() => { ExtendableEvent.prototype.waitUntil = () => {}; }); // which an event of ours must not call
    const shown = () => worker.evaluate(async () => (await registration.getNotifications()).map(({ title, body, actions }) => (
      { title, body, actions: actions.map(({ action }) => action) })));
    /** What the system does when somebody presses the one with that text, or writes there. */
    const press = (body, reply) => worker.evaluate(async ([words, text]) => {
      const notification = (await registration.getNotifications()).find((one) => one.body === words);
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action: 'reply', reply: text }));
    }, [body, reply]);
    async function isShown(body) {
      const told = async () => [await ann.run(() => window.told ?? []), await worker.evaluate(() => self.told)].flat();
      await untilTabs(async () => (await told()).includes(body), `${body}: shown`);
      assert.ok((await shown()).some((one) => one.body === body), `${body}: there`);
    }
    const isGone = (body) => untilTabs(async () => (await shown()).every((one) => one.body !== body), `${body}: gone`);

    await bob.type('is Ann there?');
    await isShown('is Ann there?');
    assert.deepEqual(await shown(), [{ title: `Bob · ${fragment.slice(5)}`, body: 'is Ann there?', actions: ['reply'] }]);
    await press('is Ann there?', 'yes, in a minute');
    const answer = await bob.shows('yes, in a minute');
    assert.equal(await answer.getAttribute('data-private'), null);
    await isGone('is Ann there?');

    await bob.type('/msg Ann between us');
    await isShown('between us');
    assert.equal((await shown())[0].title, 'Bob, privately');
    await press('between us', 'nobody else');
    await bob.shows('nobody else', '[data-private=true]');

    await bob.type('/msg Ann and now?');
    await isShown('and now?');
    await press('and now?', ''); // where one cannot write there
    await ann.page.locator('#target', { hasText: 'Private to Bob' }).waitFor();

    await bob.talk();
    await bob.type('anybody?');
    await isShown('anybody?');
    await bob.type('/call Ann');
    await isShown('');
    assert.deepEqual((await shown()).find(({ body }) => !body), { title: `Bob is calling · ${fragment.slice(5)}`, body: '', actions: [] });
    await ann.page.locator('#leave').click();
    await ann.page.locator('#nick').waitFor();
    await ann.run(() => { document.getElementById('secret').value = 'of others'; }); // the room has the same name, and is another
    await ann.logIn('Ann');
    await press('anybody?', 'elsewhere');
    await isShown('elsewhere');
    assert.equal(await ann.page.locator('#messages .message', { hasText: 'elsewhere' }).count(), 0);
    assert.deepEqual(await ann.faults(), []);
    await ann.page.goto('about:blank');
    await press('', 'too late');
    await isShown('too late'); // what was written is not lost without a word
    assert.match((await shown()).find(({ body }) => body === 'too late')?.title ?? '', /^Not sent/);
    assert.ok((await bob.messages()).every(({ value }) => value !== 'too late'));
  });

  test('what another app shares is in the line and beside it, once somebody has joined; nothing is sent unasked', async () => {
    const context = await stage.newContext();
    const first = await Tab.blank(context);
    await first.load(`${stage.app.url}/#room=${stage.newRoom()}`);
    await first.logIn('Ann');
    await isKept(first);
    await first.page.close();

    /** As the system does it: a form that is posted from outside of the page. */
    async function shareWith(fields, files = []) {
      const tab = await Tab.blank(context);
      const inputs = Object.keys(fields).map((name) => `<textarea name="${name}"></textarea>`).join('');
      await tab.page.setContent(`<form method="post" enctype="multipart/form-data" action="${stage.app.url}/share">${inputs}
        <input type="file" name="files" multiple></form>`);
      for (const [name, text] of Object.entries(fields)) await tab.page.locator(`[name=${name}]`).fill(text);
      await tab.page.locator('[name=files]').setInputFiles(files);
      await tab.run(() => document.querySelector('form').submit());
      await tab.page.locator('#nick').waitFor();
      return tab;
    }
    const page = { title: 'A page', text: 'A page\nworth reading', url: 'https://example.org/a?b=c' };
    const tab = await shareWith(page, [
      { name: 'one.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
      { name: 'zwei ü.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(100_000, 7) }]);
    await tab.logIn('Ann');
    await tab.page.locator('#attached li').nth(1).waitFor();
    assert.equal(await tab.page.locator('#line').inputValue(), 'A page\nworth reading\nhttps://example.org/a?b=c');
    assert.deepEqual(await tab.page.locator('#attached li > span').allTextContents(), ['one.txt · 5 bytes', 'zwei ü.bin · 100 KB']);
    assert.equal(await tab.page.locator('#messages .message').count(), 0);
    assert.equal(new URL(tab.page.url()).search, '');
    assert.equal(await tab.run(() => caches.has('nkt-shared')), false, 'it is taken once');
    await tab.page.locator('#send').click();
    await tab.page.locator('#messages .message.own').nth(2).waitFor();

    const odd = await shareWith({ text: '/ignore Bob' });
    await odd.logIn('Ann');
    await odd.until(() => document.getElementById('line').value === '//ignore Bob', undefined, 'no command');
    const hidden = await shareWith({ text: '\n /ignore Bob' });
    await hidden.logIn('Ann');
    await hidden.until(() => document.getElementById('line').value === '//ignore Bob', undefined, 'nor one behind spaces');
    for (const one of [tab, odd, hidden]) assert.deepEqual(await one.faults(), []);

    const answer = await fetch(`${stage.app.url}/share`, { method: 'POST', body: 'text=x', redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, './'], 'without a worker the page comes all the same');
  });
});

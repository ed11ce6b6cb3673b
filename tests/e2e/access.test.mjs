// SPDX-License-Identifier: GPL-3.0-or-later
// The page for those who do not see it, or have no mouse: axe-core finds nothing in any of its states, wide and narrow, light and dark.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { LOOKS, look, ready } from '../support/axe.mjs';
import { startServer } from '../support/servers.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet, clean } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('access', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  test('login, and its errors', async () => {
    const [tab] = await stage.tabs(1);
    await ready(tab);
    await tab.run(() => document.body.append(document.createElement('input')));
    await assert.rejects(look(tab, 'a control without a name'), /critical label/);
    await tab.run(() => document.body.lastElementChild.remove());
    await look(tab, 'login');
    for (const id of ['login-room', 'login-keep']) await tab.page.locator(`#${id} summary`).click();
    await tab.page.locator('#nick').fill('Ann');
    await tab.page.locator('#secret').fill('x');
    await tab.page.locator('#room').fill('');
    await tab.page.locator('#identity-file').setInputFiles({ name: 'no.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
    await tab.page.locator('#nick').press('Enter');
    await tab.page.locator('#login-error', { hasText: /./ }).waitFor();
    await look(tab, 'login with an error, all of it open');
  });

  test('the login with an identity that is kept: new, asked twice, refused; chosen, a wrong passphrase', async () => {
    const context = await stage.newContext();
    const url = `${stage.app.url}/#room=${stage.newRoom()}`;
    const open = async () => (await Tab.blank(context)).load(url);
    const first = await open();
    await ready(first);
    const say = (tab, id, text) => tab.page.locator(`#${id}`).fill(text);
    await first.page.locator('#login-keep summary').click();
    await say(first, 'nick', 'Ann');
    await say(first, 'passphrase', 'short');
    await first.page.locator('#nick').press('Enter');
    await first.page.locator('#passphrase[aria-invalid=true]').waitFor();
    await look(first, 'a passphrase that is too short');
    await say(first, 'passphrase', 'correct horse battery');
    await say(first, 'passphrase-again', 'correct horse');
    await first.page.locator('#nick').press('Enter');
    await first.page.locator('#passphrase-again[aria-invalid=true]').waitFor();
    await look(first, 'a passphrase and another one');
    await say(first, 'passphrase-again', 'correct horse battery');
    await first.page.locator('#nick').press('Enter');
    await first.page.locator('#line').waitFor();
    await first.until(() => nkt.health().storage.state === 'ok', undefined, 'storage');
    await first.page.close();

    const second = await open();
    await ready(second);
    await second.page.locator('.who[data-address] input').waitFor();
    await look(second, 'the list of those who are kept');
    await second.page.locator('.who[data-address] input').check();
    await say(second, 'passphrase', 'a wrong one here');
    await second.page.locator('#passphrase').press('Enter');
    await second.page.locator('#login-error', { hasText: 'wrong passphrase' }).waitFor();
    await look(second, 'one of them, and a wrong passphrase');
  });

  test('the login of a link to servers of others, and of one to another room than one is in', async () => {
    const other = await startServer('app.js', { NKT_ORIGINS: stage.app.url });
    const relay = encodeURIComponent(`${other.wsUrl}/relay`);
    const tab = await (await Tab.blank(await stage.newContext())).load(`${stage.app.url}/?auto=1#room=${stage.newRoom()}&relays=${relay}`);
    await ready(tab);
    await tab.page.locator('#login-servers', { hasText: 'servers of others' }).waitFor();
    await look(tab, 'servers of others');
    await tab.logIn('Ann');
    await tab.run(() => { location.hash = 'room=elsewhere'; });
    await tab.page.locator('#room-name', { hasText: 'elsewhere' }).waitFor();
    await look(tab, 'a link to another room, followed');
    await other.stop();
  });

  test('printed: the conversation from its beginning, without what one presses; a window that is open, alone', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await bob.run(async () => { for (let i = 0; i < 80; i++) await nkt.sendEncryptedMessage(`line ${i}`); });
    await ann.shows('line 79');
    const pages = async () => (await ann.page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g)?.length;
    assert.ok(await pages() >= 3, 'not what is in sight alone');
    await ann.page.emulateMedia({ media: 'print' });
    const seen = () => ann.run(() => ['.message .text', '#side', '#say', '#search-open', '.message .more', '#verify'].filter((selector) => {
      const node = document.querySelector(selector);
      return node?.checkVisibility() && node.getBoundingClientRect().height > 0;
    }));
    assert.deepEqual(await seen(), ['.message .text']);
    assert.equal(await ann.run(() => getComputedStyle(document.querySelector('.message .avatar')).printColorAdjust), 'exact');
    await ann.page.emulateMedia({ media: null });
    await ann.type('/verify Bob');
    await ann.page.locator('#verify-number li').nth(11).waitFor();
    assert.equal(await pages(), 1);
    await ann.page.emulateMedia({ media: 'print' });
    assert.deepEqual(await seen(), ['#verify']);
    await clean(ann, bob);
  });

  test('files: beside the line, told of, fetched, paused, such as cannot be played, in the settings; by keys alone', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await ready(ann);
    await ready(bob);
    const picture = Buffer.from(await ann.run(async () => {
      const canvas = new OffscreenCanvas(400, 300);
      canvas.getContext('2d').fillRect(0, 0, 200, 300);
      return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer())];
    }));
    await ann.page.locator('#attach-file').setInputFiles([{ name: 'a.jpg', mimeType: 'image/jpeg', buffer: picture },
      { name: `a-name-${'without-end-'.repeat(12)}.pdf`, mimeType: 'application/pdf', buffer: Buffer.alloc(3000) }]);
    await ann.page.locator('#attached li').nth(1).waitFor();
    await look(ann, 'files beside the line');
    await ann.page.locator('#send').click();
    await bob.page.locator('.card-content').nth(1).waitFor();
    await ann.run(() => nkt.share(new Uint8Array(60_000_000), { name: 'large.bin' }));
    await ann.run(() => nkt.share(new Blob([new Uint8Array(300_000)], { type: 'audio/wav' }), { name: 'noise.wav' }));
    const act = (name, what) => bob.page.locator('.card-content').filter({ hasText: name }).locator(`[data-act=${what}]`);
    await act('noise.wav', 'cardPlay').waitFor();
    await look(bob, 'files that were told of');
    await act('a.jpg', 'cardFetch').press('Enter'); // what stands in the place of a button that was pressed has the focus
    await bob.until(() => document.activeElement?.dataset.act === 'cardSave', undefined, 'the focus on what comes in its place');
    await act('large.bin', 'cardFetch').press('Enter');
    await bob.until(() => document.activeElement?.dataset.act === 'cardPause', undefined, 'the focus on Pause');
    await bob.page.keyboard.press('Enter');
    await act('large.bin', 'cardOn').waitFor();
    await act('noise.wav', 'cardPlay').press('Enter');
    await bob.page.locator('.card-content', { hasText: 'cannot play' }).waitFor();
    await look(bob, 'one here, one paused, one that cannot be played');
    await ann.page.locator('.card-content').first().waitFor();
    await look(ann, 'files of one\'s own');
    await bob.type('/settings');
    await bob.page.locator('#settings-kept li').nth(2).waitFor();
    await look(bob, 'what is kept, in the settings');
    for (const [width, zoom] of [[320, 1], [640, 2]]) { // 640 px at 200 % are 320
      await bob.page.setViewportSize({ width, height: 640 });
      await bob.run((scale) => { document.documentElement.style.zoom = scale; }, zoom);
      const isWide = (where) => bob.run((id) => document.getElementById(id).scrollWidth > document.getElementById(id).clientWidth, where);
      assert.equal(await isWide('settings'), false, `the settings at ${width} px`);
      assert.equal(await isWide('scroll'), false, `the talk at ${width} px`);
    }
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });

  // the last one: it ends the servers
  test('alone, talking, in private, muted, verifying, a changed key, the swarm, settings, by hand, in trouble', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const [[ann], [bob]] = await Promise.all([stage.tabs(1, { fragment }), stage.tabs(1, { fragment })]);
    await ann.logIn('Ann');
    await ready(ann);
    await look(ann, 'an empty room');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    await bob.type('hello');
    await ann.shows('hello');
    await ann.type('hi');
    await bob.type('/msg Ann between us');
    await ann.shows('between us');
    await look(ann, 'talk');
    await ann.page.locator('#messages .message:visible').first().click();
    await ann.page.locator('#identity summary').click();
    await ann.page.setViewportSize(LOOKS[2].size);
    await ann.page.locator('#side-toggle').click();
    await look(ann, 'the panel');
    await ann.page.setViewportSize(LOOKS[2].size);
    await ann.page.keyboard.press('Escape');
    await ann.page.setViewportSize(LOOKS[0].size);
    await ann.type('/verify Bob');
    await ann.page.locator('#verify-number li').nth(11).waitFor();
    await look(ann, 'safety number');
    await ann.page.locator('#verify-same').click();
    const [eve] = await stage.tabs(1, { fragment });
    await eve.logIn('Bob');
    await ann.page.locator('#warnings .warning').waitFor();
    await look(ann, 'another key under a verified name');
    await ann.page.locator('#warnings .warning button').nth(1).click();
    await ann.type('/swarm');
    await ann.page.locator('#swarm-list li').first().waitFor();
    await look(ann, 'the swarm');
    await ann.page.keyboard.press('Escape');
    await ann.type('/settings');
    await ann.page.locator('#settings-relays-served').uncheck();
    await ann.page.locator('#settings-relays').fill('nowhere');
    await ann.page.locator('#settings-save').click();
    await ann.page.locator('#settings-state', { hasText: 'nowhere' }).waitFor();
    await look(ann, 'settings, with an error');
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#hand-open').click();
    await ann.page.locator('#hand-qr path[d]').waitFor({ state: 'attached' });
    await look(ann, 'by hand');
    await ann.page.keyboard.press('Escape');
    await stage.app.kill();
    await stage.tracker.kill();
    await ann.until(() => nkt.health().relays[0].state !== 'open', undefined, 'the relay gone');
    await ann.type('/status');
    await look(ann, 'servers gone');
    assert.deepEqual(await ann.faults(), []);
  });
});

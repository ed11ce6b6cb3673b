// SPDX-License-Identifier: GPL-3.0-or-later
// The page as an app: Chromium would install it, also without its server.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { launchProfile } from '../support/chromium.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, untilTabs } from '../support/tab.mjs';
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

describe('the page as an app', { skip, timeout: 120_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open();
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
});

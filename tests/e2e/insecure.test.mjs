// SPDX-License-Identifier: GPL-3.0-or-later
// Plain http under a name that is not localhost's: no WebCrypto, no Web Locks, no service worker. Said before one joins; talking works.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { launch } from '../support/chromium.mjs';
import { startServer } from '../support/servers.mjs';
import { Tab, allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const NAME = 'nkt.test';
const RULES = `--host-resolver-rules=MAP ${NAME} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1`;

describe('plain http', { skip, timeout: 360_000 }, () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let app;
  before(async () => {
    app = await startServer('app.js', { NKT_ORIGINS: '*' });
    browser = await launch({ args: [RULES] });
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  async function open(host) {
    const context = await browser.newContext();
    context.setDefaultTimeout(30_000);
    return (await Tab.blank(context)).load(`http://${host}:${app.port}/#room=plain&trackers=`);
  }

  test('the login says what is not protected and what works; messages and direct links do', async () => {
    const [ann, bob] = [await open(NAME), await open(NAME)];
    assert.deepEqual(await ann.run(() => [isSecureContext, Boolean(crypto.subtle), Boolean(navigator.locks)]), [false, false, false]);
    const notice = await ann.page.locator('#login-insecure').textContent();
    for (const words of [/plain http/, /changed it/, /Nothing of you can be kept/, /links work/, /https:\/\//]) assert.match(notice, words);
    assert.ok(await ann.page.locator('#login-insecure').isVisible());
    await ann.page.locator('#login-keep summary').click();
    assert.ok(await ann.page.locator('#passphrase').isDisabled(), 'no promise that cannot be held');
    assert.equal(await ann.page.locator('#login-keep-name').textContent(), 'until the next reload');
    await ready(ann);
    await look(ann, 'what is not protected');
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    await ann.type('over plain http');
    await bob.shows('over plain http');
    await ann.shows('over plain http', '.own[data-state=delivered]');
    await ann.answers('nothing of you is kept');
    await ann.page.bringToFront();
    const pasted = async () => {
      await ann.page.locator('#line').fill('');
      await ann.page.keyboard.press('Control+V');
      return ann.page.locator('#line').inputValue();
    };
    await ann.page.locator('#copy-address').click();
    await ann.page.locator('#copy-address[data-tip=Copied]').waitFor();
    assert.equal(await pasted(), ann.address, 'copied though no program may');
    await ann.act('over plain http', '[data-action=copy]');
    await ann.answers('Copied');
    assert.equal(await pasted(), 'over plain http');
    await ann.page.locator('#line').fill('');
    const { address } = ann;
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    assert.notEqual(await ann.until(() => nkt.mySwarm.address(), undefined, 'an address'), address);
    await ann.answers('You are somebody else than before');
    for (const tab of [ann, bob]) assert.deepEqual(await tab.faults(), []);
  });

  test('on localhost nothing of it is said', async () => {
    const tab = await open('localhost');
    assert.equal(await tab.run(() => isSecureContext), true);
    assert.equal(await tab.page.locator('#login-insecure').isVisible(), false);
    assert.equal(await tab.page.locator('#passphrase').isDisabled(), false);
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// A page that cannot run says in one sentence what is missing and what to do: never "Starting…" for ever, source text, or nothing at all.
// Long: what never answers is waited for.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('a page that cannot run', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false }); // which would have what the server lacks
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** The page with parts of it tampered with. @param {string|RegExp} path @param {(route: any) => unknown} act */
  async function open(path, act, more = {}) {
    const page = await (await stage.newContext()).newPage();
    if (more.before) await page.addInitScript(more.before);
    if (path) await page.route((url) => (path.test?.(url.pathname) ?? url.pathname === path), act);
    page.goto(stage.app.url).catch(() => {}); // a part that hangs keeps it from ending
    return page;
  }

  const sentence = (page, text) => page.locator('#trouble', { hasText: text }).waitFor();
  const join = async (page) => {
    await page.locator('#nick').fill('Ann');
    await page.locator('#nick').press('Enter');
  };
  const ACTS = {
    'is cut off': (route) => route.abort(),
    'is not there': (route) => route.fulfill({ status: 404, contentType: 'text/plain', body: 'Not here.\n' }),
    'is an error of the server': (route) => route.fulfill({ status: 500, contentType: 'text/html', body: '<h1>oops</h1>' }),
  };

  for (const path of ['/first.js', '/main.js']) {
    test(`${path} does not load: a sentence`, async () => {
      for (const act of Object.values(ACTS)) {
        const page = await open(path, act);
        await sentence(page, 'Reload the page'); // not the one that stands there until scripts run
        assert.match(await page.locator('#trouble').textContent(), /did not load/);
        await page.context().close();
      }
    });
  }

  test('a script that is not there yet is told of, and waited for', async () => {
    let go = () => {};
    const gate = new Promise((resolve) => { go = resolve; });
    const page = await open('/main.js', (route) => gate.then(() => route.continue()));
    await join(page); // the login is there already
    await sentence(page, 'is not there yet');
    go();
    await page.locator('#line').waitFor();
    await page.locator('#trouble').waitFor({ state: 'hidden' });
  });

  test('not even check.js: everything works; with another one missing too, a sentence all the same', async () => {
    const page = await open('/check.js', (route) => route.abort());
    await join(page);
    await page.locator('#line').waitFor();
    assert.equal(await page.locator('#trouble').isVisible(), false);
    const worse = await open(/\/(check|first|main)\.js$/, (route) => route.abort());
    await sentence(worse, 'a part of it did not load');
  });

  test('a style that does not load: said, and everything works', async () => {
    const page = await open('/style.css', (route) => route.abort());
    await sentence(page, 'The look of this page did not load');
    await join(page);
    await page.locator('#line').waitFor();
  });

  test('a window that does not load, its script or its look: said, and it opens when it can be loaded', async () => {
    for (const path of ['/settings.js', '/settings.css']) {
      const page = await open(path, (route) => route.abort());
      await join(page);
      await page.locator('#line').fill('/settings');
      await page.locator('#line').press('Enter');
      await page.locator('#messages .note[data-kind=error]', { hasText: 'This window cannot be fetched' }).waitFor();
      await page.unrouteAll();
      await page.locator('#line').fill('/settings');
      await page.locator('#line').press('Enter');
      await page.locator('#settings[open]').waitFor();
    }
  });

  test('what shows and sends files does not load: said where one looks, and tried again', async () => {
    for (const path of ['/files.js', '/files.css']) {
      const page = await open(path, (route) => route.abort());
      await join(page);
      const file = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
      const attach = () => page.locator('#attach-file').setInputFiles(file);
      await attach();
      await page.locator('#say-error', { hasText: 'Files cannot be sent now' }).waitFor();
      await page.evaluate(() => nkt.share(new Uint8Array(3), { name: 'three.bin' })); // by itself: not shown
      await page.evaluate(async () => {
        const { content } = await nkt.share(new Uint8Array(4), { name: 'four.bin' });
        const { showMessage } = await import('./messages.js');
        const { Place } = await import('./place.js');
        showMessage({ from: nkt.mySwarm.address(), encrypted: true, card: new Place(content) });
      });
      const place = page.locator('.card-content', { hasText: 'four.bin' });
      await place.filter({ hasText: 'It cannot be shown' }).waitFor();
      await page.unrouteAll();
      await place.locator('[data-act=again]').click();
      await place.locator('[data-act=cardSave]').waitFor();
      await attach();
      await page.locator('#attached li').waitFor();
    }
    const page = await open('/glue/content_parts.js', (route) => route.abort());
    await join(page);
    const share = () => page.evaluate(() => nkt.share(new Uint8Array(3)).then(({ content }) => content.size, ({ code }) => code));
    assert.equal(await share(), 'NKT_E_STORAGE');
    assert.equal(await page.evaluate(() => nkt.share(7).catch(({ code }) => code)), 'NKT_E_STORAGE');
    await page.unrouteAll();
    assert.equal(await page.evaluate(() => nkt.share(7).catch(({ code }) => code)), 'NKT_E_ARGUMENT');
    assert.equal(await share(), 3);
  });

  test('core.wasm: cut off, not there, forbidden by the policy: the login says so; not there yet: told of', async () => {
    for (const [act, words] of [[ACTS['is cut off'], /core\.wasm/], [ACTS['is not there'], /core\.wasm: HTTP 404/]]) {
      const page = await open('/core.wasm', act);
      await join(page);
      await page.locator('#login-error', { hasText: words }).waitFor();
    }
    const strict = await open('/', async (route) => {
      const response = await route.fetch();
      const policy = response.headers()['content-security-policy'].replace("'wasm-unsafe-eval'", '');
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
    });
    await join(strict);
    await strict.locator('#login-error', { hasText: /Content Security Policy/i }).waitFor();
    let go = () => {};
    const gate = new Promise((resolve) => { go = resolve; });
    const slow = await open('/core.wasm', (route) => gate.then(() => route.continue()));
    await join(slow);
    await slow.locator('#login-progress', { hasText: 'is not there yet' }).waitFor();
    go();
    await slow.locator('#line').waitFor();
  });

  test('a browser without WebAssembly, or older than what is needed: what it lacks, and which ones do', async () => {
    for (const [before, words] of [
      [() => { delete window.WebAssembly; }, /lacks WebAssembly/],
      [() => { WebAssembly.validate = () => false; }, /lacks SIMD in WebAssembly/],
      [() => { delete URL.canParse; }, /lacks parts of JavaScript/],
      [() => { delete window.HTMLDialogElement; }, /lacks dialogs/],
      [() => { delete HTMLScriptElement.prototype.noModule; }, /lacks JavaScript modules/],
    ]) {
      const page = await open('', null, { before });
      await sentence(page, words);
      assert.match(await page.locator('#trouble').textContent(), /Firefox 115/);
    }
  });

  test('without JavaScript: a sentence, and no other', async () => {
    const context = await stage.browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(stage.app.url);
    await page.locator('.noscript', { hasText: 'it needs JavaScript' }).waitFor();
    assert.equal(await page.locator('#trouble').isVisible(), false);
    await context.close();
  });

  test('without WebRTC: said once, and two talk through the relay', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const before = () => { delete window.RTCPeerConnection; };
    const [[ann], [bob]] = await Promise.all([stage.tabs(1, { fragment, before }), stage.tabs(1, { fragment })]);
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob], { links: false });
    await ann.type('by the relay');
    await bob.shows('by the relay');
    await bob.type('I hear you');
    await ann.shows('I hear you');
    assert.equal(await ann.page.locator('#messages .note', { hasText: 'no WebRTC' }).count(), 1);
    assert.deepEqual(await ann.faults(), []);
  });
});

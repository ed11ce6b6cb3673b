// SPDX-License-Identifier: GPL-3.0-or-later
// window.nkt in a real Chromium: settings from the server, events on window, identity across reloads.
// Alone: there is a bar of 100 ms.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from './support/browser.mjs';
import { skip } from './support/wasm.mjs';

const CONFIG = {
  relays: ['ws://127.0.0.1:9/relay', 'no url'], trackers: ['ws://127.0.0.1:9'], iceServers: ['stun:127.0.0.1:9', 'stun:x?y=z'],
};
const PAGE = '<!doctype html><title>test</title><script type="module" src="/glue/window.js"></script>';

describe('window.nkt', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof openBrowser>>} */
  let host;
  before(async () => {
    host = await openBrowser({ '/page.html': PAGE, '/config.json': JSON.stringify(CONFIG) });
  });
  after(() => host.close());

  async function open() {
    const context = await host.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${host.url}page.html`);
    await page.waitForFunction(() => Boolean(window.nkt));
    return page;
  }

  test('takes its settings from config.json, bad entries cost themselves', async () => {
    const page = await open();
    const got = await page.evaluate(async () => {
      await nkt.init({ nick: 'ann' });
      const { relays, trackers, iceServers } = nkt;
      return { relays, trackers, iceServers, errors: nkt.health().iceServers.errors.map(({ entry }) => entry) };
    });
    assert.deepEqual(got, {
      relays: [CONFIG.relays[0]], trackers: CONFIG.trackers, iceServers: [{ urls: ['stun:127.0.0.1:9'] }], errors: ['stun:x?y=z'],
    });
  });

  test('what config.json says late is used when it comes, and asked for again by resume()', async () => {
    const context = await host.browser.newContext();
    const page = await context.newPage();
    const answers = [];
    await page.route('**/config.json', (route) => answers.push((config) => route.fulfill({ json: config })));
    await page.goto(`${host.url}page.html`);
    await page.waitForFunction(() => Boolean(window.nkt));
    const before = await page.evaluate(async () => {
      await nkt.init({ nick: 'ann', relays: [] });
      return { trackers: nkt.trackers, iceServers: nkt.iceServers };
    });
    assert.deepEqual(before, { trackers: [], iceServers: [] });
    const turn = (name) => [{ urls: ['turn:127.0.0.1:9'], username: name, credential: 'x' }];
    await answers.shift()({ trackers: CONFIG.trackers, iceServers: turn('first'), relays: ['ws://127.0.0.1:7/relay'] });
    await page.waitForFunction(() => nkt.iceServers.length === 1);
    const now = await page.evaluate(() => ({
      trackers: nkt.health().trackers.map(({ url }) => url), relays: nkt.relays, name: nkt.iceServers[0].username,
    }));
    assert.deepEqual(now, { trackers: CONFIG.trackers, relays: [], name: 'first' }, 'relays were chosen by init()');
    await new Promise((resolve) => setTimeout(resolve, 5100)); // what is younger is not asked for again
    const resumed = page.evaluate(() => nkt.resume());
    while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await answers.shift()({ trackers: CONFIG.trackers, iceServers: turn('second') });
    await resumed;
    await page.waitForFunction(() => nkt.iceServers[0]?.username === 'second');
    await context.close();
  });

  test('events reach window and the object; either may cancel', async () => {
    const page = await open();
    const seen = await page.evaluate(async () => {
      await nkt.init({ relays: [], trackers: [] });
      const seen = [];
      nkt.addEventListener('nktsendingmessage', (event) => seen.push(`nkt ${event.detail}`));
      window.addEventListener('nktsendingmessage', (event) => {
        seen.push(`window ${event.detail}`);
        event.preventDefault();
      });
      nkt.plugin({ name: 'p', listeners: { nktsendingmessage: () => seen.push('plugin') } });
      seen.push((await nkt.sendEncryptedMessage('x')).cancelled);
      return seen;
    });
    assert.deepEqual(seen, ['nkt x', 'window x', 'plugin', true]);
  });

  test('same address after a reload; nobody can put another object in its place', async () => {
    const page = await open();
    const first = await page.evaluate(async () => {
      await nkt.init({ relays: [], trackers: [] });
      while (nkt.health().storage.state !== 'ok') await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const was = window.nkt;
      try {
        window.nkt = null;
      } catch {
        // modules are strict
      }
      return { address: nkt.mySwarm.address(), isSame: window.nkt === was };
    });
    assert.ok(first.isSame);
    await page.reload();
    await page.waitForFunction(() => Boolean(window.nkt));
    const second = await page.evaluate(async () => {
      await nkt.init({ relays: [], trackers: [] });
      return nkt.mySwarm.address();
    });
    assert.equal(second, first.address);
  });

  test('init() without servers has an address; how soon is printed', async () => {
    const page = await open();
    const { ms, addr } = await page.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300)); // loaded and compiled
      const start = performance.now();
      await nkt.init({ relays: [], trackers: [] });
      return { ms: performance.now() - start, addr: nkt.mySwarm.address() };
    });
    console.log(`  init() to SELF in a loaded page: ${ms.toFixed(1)} ms`);
    assert.match(addr, /^[1-9A-HJ-NP-Za-km-z]{25,40}$/);
  });

  test('a peer of a page that uses the package says good-bye with the page, and wakes and comes back with it', async () => {
    const context = await host.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${host.url}`);
    const events = (types) => page.evaluate(async (types) => {
      const { Nkt } = await import('/glue/nkt.js');
      const said = [];
      class Watched extends Nkt {
        wake() {
          said.push('wake');
          super.wake();
        }
      }
      const nkt = new Watched({ wasm: '/core.wasm' });
      nkt.addEventListener('nktstatus', ({ detail }) => said.push(detail.running ? 'runs' : 'left'));
      await nkt.init({ nick: 'ann', relays: [], trackers: [], storage: 'none' });
      said.length = 0;
      for (const [type, init] of types) {
        const event = type.startsWith('page') ? new PageTransitionEvent(type, init) : new Event(type);
        (type === 'resume' ? document : window).dispatchEvent(event);
        await nkt.ready; // of what it began
        said.push(`${type}: ${nkt.health().running ? 'runs' : 'does not run'}`);
      }
      await nkt.close();
      window.dispatchEvent(new PageTransitionEvent('pagehide'));
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      window.dispatchEvent(new Event('online'));
      said.push(`after close(): ${nkt.health().running}`);
      return said.filter((word) => word !== 'runs' && word !== 'left');
    }, types);
    const said = await events([
      ['online'], ['resume'], ['pagehide'], ['pageshow', { persisted: true }], ['pagehide'], ['pageshow', {}],
    ]);
    assert.deepEqual(said, [
      'wake', 'online: runs', 'wake', 'resume: runs', 'pagehide: does not run', 'pageshow: runs', 'pagehide: does not run',
      'pageshow: does not run', 'after close(): false',
    ]);
    await context.close();
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The page as it is developed: its modules one by one, as they stand in the sources (NKT_PLAIN=1). Everything works as it does bundled.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { skip } from '../glue/support/wasm.mjs';
import { launch } from '../support/chromium.mjs';
import { startServer } from '../support/servers.mjs';
import { Tab, allMeet } from '../support/tab.mjs';

const ends = [];
let app;
let browser;
before(async () => {
  app = await startServer('app.js', { NKT_PLAIN: '1', NKT_TRACKERS: '' });
  ends.push(() => app.stop());
  browser = await launch();
  ends.push(() => browser.close());
});
after(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('plain: two talk, a window opens, a plugin is loaded; each script is its source', { skip, timeout: 60_000 }, async () => {
  const context = await browser.newContext();
  const scripts = new Set();
  context.on('request', (request) => request.resourceType() === 'script' && scripts.add(new URL(request.url()).pathname));
  const tabs = [];
  for (const nick of ['Ann', 'Bob']) {
    const tab = await Tab.blank(context);
    await tab.load(`${app.url}/#room=plain`);
    tabs.push(await tab.logIn(nick));
  }
  const [ann, bob] = tabs;
  await allMeet(tabs);
  await ann.type('hello');
  await bob.shows('hello');
  await ann.type('/settings');
  await ann.page.locator('#settings[open]').waitFor();
  await ann.page.keyboard.press('Escape');
  await ann.type('/load irc');
  await ann.answers('Plugin irc is loaded.');
  await ann.type('/invite');
  await ann.page.locator('#hand-qr path[d]').waitFor(); // what encodes it comes with the first code
  await ann.page.keyboard.press('Escape');
  for (const path of ['/first.js', '/texts.js', '/messages.js', '/glue/nkt.js', '/settings.js', '/plugins/irc.js', '/lib/qr.mjs']) {
    assert.ok(scripts.has(path), path);
  }
  assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
});

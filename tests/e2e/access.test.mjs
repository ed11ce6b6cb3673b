// SPDX-License-Identifier: GPL-3.0-or-later
// The page for those who do not see it, or have no mouse: axe-core finds nothing in any of its states, wide and narrow, light and dark.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LOOKS = [
  { size: { width: 1100, height: 680 }, scheme: 'light' },
  { size: { width: 1100, height: 680 }, scheme: 'dark' },
  { size: { width: 360, height: 640 }, scheme: 'light' },
  { size: { width: 360, height: 640 }, scheme: 'dark' },
];

describe('access', { skip, timeout: 180_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Every look of what is on the screen now. */
  async function look(tab, what) {
    await tab.page.bringToFront();
    for (const { size, scheme } of LOOKS) {
      await tab.page.setViewportSize(size);
      await tab.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await tab.run(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
      const found = await tab.run(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
      });
      assert.deepEqual(found, [], `${what}, ${size.width} wide, ${scheme}`);
    }
    await tab.page.setViewportSize(LOOKS[0].size);
  }

  const ready = (tab) => tab.page.evaluate(AXE); // not as a script of the page's: its policy takes none but its own

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
    await ann.page.locator('#messages .message').first().click();
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

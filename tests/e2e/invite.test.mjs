// SPDX-License-Identifier: GPL-3.0-or-later
// Relay and tracker dead: two browser profiles join by texts passed by hand, and so do their swarms.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const TEXT_SIZE_USUAL = 450;

describe('joining by hand', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const value = (tab, id) => tab.until((field) => document.getElementById(field).value, id, `a text in ${id}`);
  const press = (tab, id) => tab.page.locator(`#${id}`).click();

  /** Each in a profile of its own; the page is loaded, then nothing is left of the servers. prepare: before that. */
  async function strangers(nicks, fragment = `room=${stage.newRoom()}`, prepare = () => {}) {
    await stage.startServers();
    const tabs = [];
    for (const nick of nicks) {
      const [tab] = await stage.tabs(1, { fragment });
      tab.name = nick;
      await prepare(tab);
      tabs.push(tab);
    }
    for (const tab of tabs) await tab.page.waitForLoadState('networkidle'); // the page is there whole: the module comes after the code
    await Promise.all([stage.app.kill(), stage.tracker.kill()]);
    for (const tab of tabs) await tab.logIn(tab.name);
    return tabs;
  }

  /** Through the dialog, step by step. */
  async function byHand(host, guest) {
    await press(host, 'hand-open');
    const invite = await value(host, 'hand-invite');
    await press(guest, 'hand-open');
    await press(guest, 'hand-guest');
    await guest.page.locator('#hand-invite-in').fill(invite);
    await press(guest, 'hand-accept');
    const answer = await value(guest, 'hand-answer');
    await host.page.locator('#hand-answer-in').fill(answer);
    await press(host, 'hand-complete');
    await host.page.locator('#hand-host-state').getByText(`Connected with ${guest.name}.`).waitFor();
    await guest.page.locator('#hand-guest-state').getByText(`Connected with ${host.name}.`).waitFor();
    for (const tab of [host, guest]) await press(tab, 'hand-close');
    return { invite, answer };
  }

  async function talk(from, to, text) {
    await from.type(text);
    for (const tab of to) await tab.shows(text);
    await from.shows(text, '.own[data-state=delivered]');
  }

  test('two profiles, no server: linked by two texts, messages both ways', async () => {
    const [ann, bob] = await strangers(['Ann', 'Bob']);
    const { invite, answer } = await byHand(ann, bob);
    print(`Chromium: invite of ${invite.length} characters, answer of ${answer.length}`);
    assert.ok(invite.length <= TEXT_SIZE_USUAL && answer.length <= TEXT_SIZE_USUAL);
    await allMeet([ann, bob]);
    await talk(ann, [bob], 'No server at all');
    await talk(bob, [ann], 'and yet we talk');
    for (const tab of [ann, bob]) assert.deepEqual(await tab.faults(), []);
  });

  test('two swarms become one: whom each knew all know', async () => {
    await stage.startServers();
    const fragment = `room=${stage.newRoom()}`;
    const pairs = [await stage.tabs(2, { fragment }), await stage.tabs(2, { fragment: `${fragment}&relays=&trackers=` })];
    const [ann, bob, carl, dora] = pairs.flat();
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    await Promise.all([stage.app.kill(), stage.tracker.kill()]);
    await carl.logIn('Carl');
    await dora.logIn('Dora');
    await byHand(carl, dora);
    await byHand(bob, carl);
    await allMeet([ann, bob, carl, dora]);
    await talk(ann, [bob, carl, dora], 'from the one swarm');
    await talk(dora, [ann, bob, carl], 'from the other');
  });

  test('into a secret room, by a link that does not hold the secret', async () => {
    const [ann, bob] = await strangers(['Ann', 'Bob'], `room=${stage.newRoom()}&secret=pssst`);
    await byHand(ann, bob);
    await allMeet([ann, bob]);
    await press(ann, 'hand-open');
    await value(ann, 'hand-invite');
    await ann.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await press(ann, 'hand-copy-link');
    const link = await ann.until(() => navigator.clipboard.readText(), undefined, 'the link');
    assert.ok(!link.includes('pssst') && link.includes('invite=nkt-invite-'));

    await stage.startServers(); // the page alone: nobody is found through them
    const carl = await Tab.blank(await stage.newContext());
    carl.name = 'Carl';
    await carl.page.goto(`${link}&relays=&trackers=`);
    await carl.logIn('Carl');
    await ann.page.locator('#hand-answer-in').fill(await value(carl, 'hand-answer'));
    assert.ok(!(await carl.run(() => location.hash)).includes('invite='), 'a reload does not use it again');
    await press(ann, 'hand-complete');
    await carl.page.locator('#hand-guest-state').getByText('Connected with Ann.').waitFor();
    for (const tab of [ann, carl]) await press(tab, 'hand-close');
    await talk(carl, [ann, bob], 'I never knew the secret');
    await talk(bob, [ann, carl], 'and nobody told you');
  });

  test('the QR code is drawn as it was encoded, and what goes wrong is said in words', async () => {
    const fetchModules = (tab) => tab.run(() => Promise.all([import('/lib/qr.mjs'), import('/login.js')]).then(() => {}));
    const [ann, bob] = await strangers(['Ann', 'Bob'], undefined, fetchModules);
    await ann.type('/invite');
    const invite = await value(ann, 'hand-invite');
    await ann.page.locator('#hand-qr path[d]').waitFor();
    const wrong = await ann.run(async () => {
      const { generate } = await import('/lib/qr.mjs');
      const { handLink } = await import('/login.js');
      const code = generate(handLink(document.getElementById('hand-invite').value));
      const drawn = new Set();
      const path = document.querySelector('#hand-qr path').getAttribute('d');
      for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
        for (let i = 0; i < Number(width); i++) drawn.add(`${Number(x) + i} ${y}`);
      }
      let differing = 0;
      for (let y = 0; y < code.size; y++) {
        for (let x = 0; x < code.size; x++) differing += drawn.has(`${x} ${y}`) !== code.get(x, y);
      }
      const { width, height } = document.getElementById('hand-qr').getBoundingClientRect();
      return { differing, modules: drawn.size, isLarge: Math.min(width, height) > 200 };
    });
    assert.deepEqual({ ...wrong, modules: wrong.modules > 500 }, { differing: 0, modules: true, isLarge: true });

    const says = (tab, text) => tab.page.locator('#hand-error').getByText(text).waitFor();
    await ann.page.locator('#hand-answer-in').fill('hello');
    await press(ann, 'hand-complete');
    await says(ann, 'copy all of it');
    await ann.page.locator('#hand-answer-in').fill(invite);
    await press(ann, 'hand-complete');
    await says(ann, 'the other of the two');
    await bob.type(`/invite ${invite.slice(0, 200)}`);
    await says(bob, 'copy all of it');
    await press(bob, 'hand-close');
    await bob.type(`/invite ${invite}`);
    const answer = await value(bob, 'hand-answer');
    await press(ann, 'hand-close');
    await ann.type(`/invite ${answer}`);
    await ann.page.locator('#hand-host-state').getByText('Connected with Bob.').waitFor();
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Two people compare safety numbers on the page; somebody else under a verified nick.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { clean } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('verifying', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** The groups of the number, once they are shown: the window is fetched when it is first opened. */
  const shown = async (tab) => {
    await tab.page.locator('#verify-number li').nth(11).waitFor();
    return tab.page.locator('#verify-number li').allTextContents();
  };
  const user = (tab, address, more = '') => tab.page.locator(`#users .user[data-address="${address}"]${more}`);

  test('the same twelve groups on both screens; the mark outlives a reload and can be taken back', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await ann.type('/verify Bob');
    await ann.page.getByRole('dialog', { name: /Is it really Bob/ }).waitFor();
    await ann.page.keyboard.press('Enter'); // too soon: it compares nothing
    await ann.page.locator('#verify').waitFor({ state: 'hidden' });
    assert.equal(await user(ann, bob.address).getAttribute('data-verified'), 'false');
    await ann.type('/verify Bob');
    await user(bob, ann.address).locator('.user-verify').click();
    const groups = await shown(ann);
    assert.equal(groups.length, 12);
    for (const group of groups) assert.match(group, /^\d{5}$/);
    assert.deepEqual(await shown(bob), groups);
    assert.equal(await ann.page.locator('#verify-qr').getAttribute('data-number'), groups.join(''));

    await ann.page.locator('#verify-same').click();
    await ann.answers('is verified.');
    await user(ann, bob.address, '[data-verified=true]').waitFor();
    await bob.page.locator('#verify-other').click();
    await bob.page.locator('#verify-state', { hasText: 'is not verified' }).waitFor();
    await bob.page.keyboard.press('Escape');
    assert.equal(await user(bob, ann.address).getAttribute('data-verified'), 'false');

    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await user(ann, bob.address, '[data-verified=true]').waitFor();
    assert.equal(await ann.run((addr) => nkt.userList[addr].verified, bob.address), true);
    await ann.type('/verify Bob');
    await ann.page.locator('#verify-state', { hasText: 'compared this number before' }).waitFor();
    await ann.page.locator('#verify-other').click();
    await user(ann, bob.address, '[data-verified=false]').waitFor();
    await ann.page.locator('#verify-close').click();
    await clean([ann, bob]);
  });

  test('a name from right to left turns no line that it stands in', async () => {
    const [ann, bob] = await stage.people(['Ann', 'אבא 12'], { isOneBrowser: true });
    await user(ann, bob.address).locator('.user-verify').click();
    await shown(ann);
    assert.match(await ann.page.locator('#verify-title').textContent(), /really \u2068אבא 12\u2069 \(/);
    await ann.page.locator('#verify-same').click();
    assert.match(await ann.answers('is verified.'), /^\u2068אבא 12\u2069 \(/);
    const directions = await ann.run(() => ['nick', 'room', 'line', 'login-room-name'].map((id) => document.getElementById(id).dir));
    assert.deepEqual(directions, ['auto', 'auto', 'auto', 'auto']);
    await clean([ann, bob]);
  });

  test('the window comes late or not at all: said, and it does not open for one who has left meanwhile', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await ann.page.route('**/verify.js*', (route) => route.abort()); // by whatever address: fetched.js tries another one
    await user(ann, bob.address).locator('.user-verify').click();
    await ann.answers('This window cannot be fetched');
    await ann.page.unrouteAll();
    let go = () => {};
    const gate = new Promise((resolve) => { go = resolve; });
    await ann.page.route('**/verify.js*', (route) => gate.then(() => route.continue()));
    await user(ann, bob.address).locator('.user-verify').click();
    await ann.page.locator('#leave').click();
    await ann.page.locator('#nick').waitFor();
    go();
    await ann.page.locator('#verify').waitFor({ state: 'attached' });
    await ann.until(() => [...document.styleSheets].some(({ href }) => href?.endsWith('/verify.css')), undefined, 'its look');
    await ann.run(() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); })); // it would be open by now
    assert.equal(await ann.page.locator('#verify[open]').count(), 0);
    await clean([ann, bob]);
  });

  test('by a number that came another way', async () => {
    const [ann, bob] = await stage.people(['Ann 7', 'Bob']);
    const number = await ann.run((addr) => nkt.safetyNumber(addr), bob.address);
    await bob.type(`/verify Ann 7 ${number.replace(/.{5}/g, '$& ')}`);
    await bob.answers('is verified.');
    await user(bob, ann.address, '[data-verified=true]').waitFor();
    await ann.type(`/verify Bob ${[...number].reverse().join('')}`);
    await ann.answers('is not verified.');
    await ann.type('/verify nobody');
    await ann.answers('Nobody here is called nobody.');
    assert.equal(await ann.run((addr) => nkt.userList[addr].verified, bob.address), false);
    await bob.type('/verify Ann 7');
    await bob.page.getByRole('dialog', { name: /Is it really Ann 7/ }).waitFor();
    await clean([ann, bob]);
  });

  test('somebody with other keys under a verified nick: a warning that stays until it is dismissed', async () => {
    const { 0: ann, 1: bob, fragment } = await stage.people(['Ann', 'Bob']);
    const [eve] = await stage.tabs(1, { fragment });
    await ann.run((addr) => nkt.verify(addr, nkt.safetyNumber(addr)), bob.address);
    await bob.page.locator('#leave').click();
    await eve.logIn('bob');
    const warning = ann.page.locator(`#warnings .warning[data-address="${eve.address}"]`);
    await warning.waitFor();
    assert.equal(await warning.getAttribute('data-previous'), bob.address);
    assert.match(await warning.textContent(), /has other keys than the bob you verified/);
    await ann.session(eve.address);
    assert.equal(await ann.run((addr) => nkt.userList[addr].verified, eve.address), false);
    await warning.getByRole('button', { name: 'Compare' }).click();
    await ann.page.getByRole('dialog', { name: /Is it really bob/ }).waitFor();
    await ann.page.locator('#verify-close').click();
    await warning.getByRole('button', { name: 'Dismiss' }).click();
    await warning.waitFor({ state: 'detached' });
    await clean([ann, eve]);
  });

  test('a verified nick in other letters is warned of as well; a nick of which nothing can be seen is none', async () => {
    const { 0: ann, 1: bob, fragment } = await stage.people(['Ann', 'Bob']);
    await ann.run((addr) => nkt.verify(addr, nkt.safetyNumber(addr)), bob.address);
    const [eve, mal] = await stage.tabs(2, { fragment });
    await eve.logIn('В\u034fоb\u2800'); // Cyrillic, and a sign that is none
    const warning = ann.page.locator(`#warnings .warning[data-address="${eve.address}"]`);
    await warning.waitFor();
    assert.equal(await warning.getAttribute('data-previous'), bob.address);
    await user(ann, eve.address).locator('.twin').waitFor();
    await ann.type('/msg Bob psst');
    await ann.answers('Several people are called Bob.');

    await mal.page.locator('#nick').fill('\u3164\u2800');
    await mal.page.locator('#nick').press('Enter');
    await mal.page.locator('#login-error', { hasText: /\S/ }).waitFor();
    await mal.logIn('Mal');
    await ann.session(mal.address);
    assert.match(await mal.run(() => { try { nkt.nick = '\u3164'; } catch ({ code }) { return code; } return ''; }), /NKT_E_OPTIONS/);
    await clean([ann, bob, eve]);
  });
});

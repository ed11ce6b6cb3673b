// SPDX-License-Identifier: GPL-3.0-or-later
// Writing: compositions, long words, what does not fit, drafts, what could not be sent, names that are completed.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { VALUE_SIZE_MAX } from '../../glue/constants.js';
import { Stage } from '../support/stage.mjs';
import { allMeet, clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk'.repeat(20);
const LINK = `https://example.org/${'a/b?c=d&e='.repeat(100)}`;
const CODE = `${'x'.repeat(300)} = ${'\t'.repeat(20)}{${'y,'.repeat(400)}};`;
const LONG_NICK = 'W'.repeat(64);

describe('writing', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const value = (tab) => tab.page.locator('#line').inputValue();
  const own = (tab) => tab.page.locator('#messages .own .text').allTextContents();
  const saidTo = async (tab) => (await tab.messages()).map(({ value: said }) => said.text ?? said);

  test('Enter that ends a composition sends nothing, in Safari\'s order as well; Shift+Enter is a new line', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    await ann.page.locator('#line').fill('にほん');
    const press = (init) => ann.run((given) => {
      const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...given });
      const line = document.getElementById('line');
      line.dispatchEvent(new CompositionEvent('compositionend', { data: line.value }));
      line.dispatchEvent(event);
      return event.defaultPrevented;
    }, init);
    assert.equal(await press({ keyCode: 229, isComposing: false }), false, 'Safari');
    assert.equal(await press({ keyCode: 13, isComposing: true }), false, 'the others');
    assert.deepEqual([await value(ann), await own(ann)], ['にほん', []]);
    await ann.page.locator('#line').press('Shift+Enter');
    await ann.page.locator('#line').pressSequentially('go');
    assert.deepEqual([await value(ann), await own(ann)], ['にほん\ngo', []]);
    assert.equal(await press({ keyCode: 13 }), true);
    assert.deepEqual([await value(ann), await own(ann)], ['', ['にほん\ngo']]);
    await clean(ann);
  });

  test('long nicks, words, links and code scroll nothing sideways, at any width', async () => {
    const tabs = await stage.people([LONG_NICK, 'Ann'], { isOneBrowser: true });
    const [long, ann] = tabs;
    for (const text of [WORD, LINK, CODE]) {
      await long.type(text);
      await ann.shows(text);
    }
    await ann.type(WORD);
    await long.type(`/msg Ann ${WORD}`);
    await ann.page.locator('#messages [data-private=true]').waitFor({ state: 'attached' });
    await ann.type(`/${WORD}`);
    await ann.page.locator('#messages .note[data-kind=error]').waitFor();
    await ann.type('/list');
    await ann.page.locator('#users .user-write').first().click();
    for (const [width, text] of [320, 360, 1100].flatMap((one) => [WORD, LINK].map((typed) => [one, typed]))) {
      await ann.page.setViewportSize({ width, height: 640 });
      await ann.page.locator('#line').fill(text);
      const wide = await ann.run(() => ['html', 'body', '#scroll', '#side', '#say', '#messages', '.bar', '#line'].filter((selector) => {
        const node = document.querySelector(selector);
        return node.scrollWidth > node.clientWidth;
      }));
      assert.deepEqual(wide, [], `${width} px`);
      assert.ok(await ann.run(() => document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth));
      const out = await ann.run(() => [...document.querySelectorAll('#messages :is(.text, .note, .author), #target, .composer')].filter(
        (node) => node.getBoundingClientRect().right > innerWidth).map((node) => node.className));
      assert.deepEqual(out, [], `${width} px`);
    }
    await clean(...tabs);
  });

  test('what does not fit is counted while it is typed, in what the limit is in; nothing is cut, nothing is lost', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    const size = (text) => new TextEncoder().encode(JSON.stringify(text)).length;
    const filled = (count) => { // emoji, quotes and line ends, of so many bytes as JSON
      const start = '🦊"'.repeat(6000) + '\n'.repeat(9);
      return start + 'x'.repeat(count - size(start));
    };
    const count = ann.page.locator('#size');
    await ann.page.locator('#line').fill(filled(53_000));
    assert.equal(await count.isVisible(), false, 'far from it');
    await ann.page.locator('#line').fill(filled(VALUE_SIZE_MAX - 1000));
    assert.match(await count.textContent(), /^1,000 bytes left/);
    const over = filled(VALUE_SIZE_MAX + 1);
    await ann.page.locator('#line').fill(over);
    assert.match(await count.textContent(), /^1 bytes too long/);
    assert.equal(await ann.page.locator('#line').getAttribute('aria-invalid'), 'true');
    await ann.page.locator('#line').press('Enter');
    assert.deepEqual([await value(ann), await own(ann)], [over, []], 'there it stays');
    const fits = filled(VALUE_SIZE_MAX);
    await ann.type(fits);
    await ann.page.locator('.own[data-state=delivered]').waitFor();
    assert.equal(await value(ann), '');
    const [heard] = await saidTo(bob);
    assert.ok(heard === fits, `${heard.length} of ${fits.length} characters`);
    const [shown] = await own(ann); // folded
    assert.ok(fits.startsWith(shown.slice(0, 500)) && shown.length > 500, shown.slice(0, 100));
    assert.equal(await count.isVisible(), false);

    await ann.page.locator('#users .user-write').click(); // privately more goes along
    await ann.page.locator('#line').fill(fits);
    assert.match(await count.textContent(), new RegExp(`^${size({ text: '', private: true }) - 2} bytes too long`));
    await ann.page.locator('#line').press('Enter');
    assert.equal(await value(ann), fits);
    await clean(ann, bob);
  });

  test('drafts survive a reload, each for whom it is; what is sent is none', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await ann.page.locator('#line').fill('for all, not yet');
    await ann.page.locator('#users .user-write').click();
    assert.equal(await value(ann), '', 'what was for all is not for Bob');
    await ann.page.locator('#line').fill('for Bob alone');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await allMeet([ann, bob]);
    await ann.page.locator('#target-text', { hasText: /^Private to Bob/ }).waitFor();
    assert.equal(await value(ann), 'for Bob alone');
    await ann.page.locator('#line').press('Enter');
    await bob.shows('for Bob alone', '[data-private=true]');
    await ann.page.locator('#line').press('Escape');
    assert.equal(await value(ann), 'for all, not yet');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    assert.equal(await value(ann), 'for all, not yet');
    assert.equal(await ann.page.locator('#target').isVisible(), false);
    await ann.page.locator('#line').press('Enter');
    await bob.shows('for all, not yet');
    await ann.page.locator('#users .user-write').click();
    assert.equal(await value(ann), '', 'sent: no draft');
    await ann.page.locator('#line').fill('a last word');
    await ann.page.locator('#leave').click();
    const drafts = () => ann.run(() => Object.keys(sessionStorage).filter((item) => item.includes('draft')));
    await untilTabs(async () => (await drafts()).length === 0, 'no draft: who leaves takes them along');
    await clean(ann, bob);
  });

  test('drafts where the browser keeps nothing: each for whom it is, as long as the page', async () => {
    const before = () => {
      for (const name of ['sessionStorage', 'localStorage']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('denied by the person', 'SecurityError'); } });
      }
    };
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before });
    await ann.page.locator('#line').fill('for all, not yet');
    await ann.page.locator('#users .user-write').click();
    assert.equal(await value(ann), '');
    await ann.page.locator('#line').fill('for Bob alone');
    await ann.page.locator('#line').press('Escape');
    assert.equal(await value(ann), 'for all, not yet');
    await ann.page.locator('#line').press('Enter');
    await bob.shows('for all, not yet');
    await ann.page.locator('#users .user-write').click();
    assert.equal(await value(ann), 'for Bob alone');
    await ann.page.locator('#line').press('Escape');
    assert.equal(await value(ann), '', 'sent: no draft');
    await clean(ann, bob);
  });

  test('what is refused comes back, or stands beside what was typed meanwhile, and never with what is for others', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await ann.run(() => { // a plugin that makes it too long, while somebody types on
      window.meanwhile = '';
      nkt.plugin({ name: 'swell', listeners: { nktsendingmessage(event) {
        const line = document.getElementById('line');
        if (window.meanwhile) {
          line.value = window.meanwhile;
          line.dispatchEvent(new Event('input', { bubbles: true }));
        }
        event.replace('x'.repeat(60_000));
      } } });
    });
    await ann.type('  //first');
    await ann.page.locator('#say-error', { hasText: 'Not sent: ' }).waitFor();
    assert.deepEqual([await value(ann), await own(ann)], ['//first', []]);
    await ann.run(() => { window.meanwhile = 'second'; });
    await ann.page.locator('#line').press('Enter');
    await ann.page.locator('#unsent li', { hasText: '//first' }).waitFor();
    assert.deepEqual([await value(ann), await own(ann)], ['second', []]);
    await ann.run(() => { window.meanwhile = 'to him as well'; });
    await ann.type('/msg Bob third');
    await ann.page.locator('#unsent li', { hasText: 'Not sent to Bob: third' }).waitFor();
    await ann.run(() => { window.meanwhile = ''; });
    assert.equal(await value(ann), 'to him as well');
    await ann.page.locator('#line').fill('');
    await ann.page.locator('#line').press('Escape');
    assert.equal(await value(ann), '', 'what is for Bob is not in the line for all');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await ann.session(bob.address);
    await ann.page.locator('#unsent li').nth(1).waitFor();
    assert.equal(await ann.page.locator('#unsent li').count(), 2);
    const isBack = await ann.run((addr) => { // Bob is forgotten before his button is pressed, and is there again
      const bob = Object.getOwnPropertyDescriptor(nkt.userList, addr);
      delete nkt.userList[addr];
      [...document.querySelectorAll('#unsent li')].find(({ textContent }) => textContent.includes('third')).querySelector('button').click();
      Object.defineProperty(nkt.userList, addr, bob);
      return document.getElementById('line').value.includes('third');
    }, bob.address);
    assert.equal(isBack, false, 'what is for Bob is not in the line for all');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await ann.session(bob.address);
    await ann.page.locator('#unsent li', { hasText: 'third' }).locator('button', { hasText: 'Put back' }).click();
    assert.equal(await value(ann), 'third');
    assert.match(await ann.page.locator('#target-text').textContent(), /^Private to Bob/);
    await ann.page.locator('#line').press('Enter');
    await bob.shows('third', '[data-private=true]');
    await ann.page.locator('#unsent li', { hasText: '//first' }).locator('button', { hasText: 'Drop' }).click();
    assert.equal(await ann.page.locator('#unsent').isVisible(), false);

    await ann.page.locator('#line').press('Escape');
    await ann.type('/msg Zoe hello');
    await ann.answers('Nobody here is called Zoe');
    assert.equal(await value(ann), '/msg Zoe hello', 'to be corrected');
    assert.deepEqual(await saidTo(bob), ['third']);
    await clean(ann, bob);
  });

  test('Tab completes whom a command is for, in quotes where that is needed', async () => {
    const [ann, ada] = await stage.people(['Ann', 'Ada L'], { isOneBrowser: true });
    await ann.page.locator('#line').pressSequentially('/ms');
    await ann.page.locator('#line').press('Tab');
    assert.equal(await value(ann), '/msg ');
    await ann.page.locator('#line').pressSequentially('ad');
    assert.match(await ann.page.locator('#hint button').first().textContent(), /^\/msg "Ada L"/);
    await ann.page.locator('#line').press('Tab');
    assert.equal(await value(ann), '/msg "Ada L" ');
    await ann.page.locator('#line').pressSequentially('hello');
    await ann.page.locator('#line').press('Enter');
    await ada.shows('hello', '[data-private=true]');
    await ann.page.locator('#line').fill('/Ms'); // as telephones begin a line
    await ann.page.locator('#line').press('Tab');
    assert.equal(await value(ann), '/msg ');
    await ann.page.locator('#line').fill('/MSG ad');
    assert.match(await ann.page.locator('#hint button').first().textContent(), /"Ada L"/);
    await ann.page.setViewportSize({ width: 320, height: 256 }); // above the keyboard of a telephone
    await ann.page.locator('#line').fill('/');
    const { top, bottom } = await ann.page.locator('#hint').evaluate((node) => node.getBoundingClientRect().toJSON());
    assert.ok(top >= 0 && bottom <= 256, `the first is in sight: ${top} to ${bottom}`);
    await clean(ann, ada);
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// What people write, as the page shows it, in Chromium and Firefox: marks are elements, links lead where they say, nothing is HTML;
// the text stays what was written, for who copies it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { look, ready } from '../support/axe.mjs';
import { skip } from '../glue/support/wasm.mjs';

const TALK = [
  'Some *italics*, **bold**, ***both***, ~~gone~~ and `code *as it is*`.',
  '> what she said\n> > what he had said\nI agree:\n- one\n  - **inner**\n- two\n\n3. third\n4. fourth',
  '```js\nconst a = "<b>" * 2 * 3;\n\n// *no* marks here\n```\nso far.',
  'see https://example.org/a_(b)?c=*d*, (http://аррӏе.com/login) or mailto:ada@example.org.',
  '<img src=x onerror=alert(1)> <script>alert(1)</script> [x](javascript:alert(1)) javascript:alert(1)',
];

describe('words', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ browsers: ['chromium', 'firefox'], hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** What the message with a text is made of. */
  const made = (tab, id) => tab.run((of) => {
    const text = document.querySelector(`#messages [data-id="${of}"] .text`);
    if (!text) return null;
    const isSeen = (node) => !node.closest('[hidden]');
    const links = [...text.querySelectorAll('a')].map(({ textContent, href, rel, target, dir, dataset, referrerPolicy }) => (
      { textContent, href, rel, target, dir, referrerPolicy, leads: dataset.leads ?? '' }));
    const tags = [...text.querySelectorAll('*')].filter(isSeen).map(({ localName }) => localName).join(' ');
    return { written: text.textContent, seen: text.innerText, tags, links };
  }, id);

  test('marks, links and what is none, in both browsers; no HTML, no fault', async () => {
    const [ann, bob] = await stage.annAndBob();
    for (const [from, to] of [[ann, bob], [bob, ann]]) {
      const ids = [];
      for (const text of TALK) ids.push(await from.say(text));
      const all = [];
      for (const id of ids) {
        await to.page.locator(`#messages [data-id="${id}"] .text`).waitFor();
        all.push(await made(to, id));
      }
      assert.deepEqual(all.map(({ written }) => written), TALK);
      assert.deepEqual(all.map(({ tags }) => tags), [
        'em strong strong em del code', 'blockquote blockquote ul li ul li strong li ol li li', 'pre', 'a a a', '']);
      assert.equal(all[0].seen, 'Some italics, bold, both, gone and code *as it is*.');
      assert.doesNotMatch(all[1].seen, /[>*]/);
      assert.match(all[2].seen, /^const a = "<b>" \* 2 \* 3;\n\n\/\/ \*no\* marks here\n+so far\.$/);
      assert.equal(all[4].seen, TALK[4]);
      const safe = { rel: 'noopener noreferrer', target: '_blank', dir: 'ltr', referrerPolicy: 'no-referrer' };
      assert.deepEqual(all[3].links, [
        { ...safe, textContent: 'https://example.org/a_(b)?c=*d', href: 'https://example.org/a_(b)?c=*d', leads: '' },
        { ...safe, textContent: 'http://аррӏе.com/login', href: 'http://xn--80ak6aa92e.com/login', leads: 'xn--80ak6aa92e.com' },
        { ...safe, textContent: 'mailto:ada@example.org', href: 'mailto:ada@example.org', leads: '' }]);
      const beside = await to.run(() => getComputedStyle(document.querySelector('#messages a[data-leads]'), '::after').content);
      assert.match(beside, /xn--80ak6aa92e\.com|attr\(data-leads\)/);
    }
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
    await ready(bob);
    await look(bob, 'marks and links');
  });

  test('what is copied of a text is what was written; a folded one is marked in its beginning, and whole when it is open', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    const long = `**first**\n${'word *mark* '.repeat(400)}\n- last`;
    for (const text of [TALK[1], long]) await ann.type(text);
    const folded = bob.page.locator('#messages .message').filter({ hasText: 'first' });
    await folded.locator('.unfold').waitFor();
    const copied = (index) => bob.run((at) => {
      const text = document.querySelectorAll('#messages .text')[at];
      const clipboardData = new DataTransfer();
      document.getSelection().selectAllChildren(text);
      const event = new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true });
      text.dispatchEvent(event);
      return [event.defaultPrevented, clipboardData.getData('text/plain')];
    }, index);
    assert.deepEqual(await copied(0), [true, TALK[1]]);
    assert.ok((await folded.locator('.text').textContent()).length < 1100);
    assert.equal(await folded.locator('strong').count(), 1);
    assert.equal(await folded.locator('li').count(), 0);
    await folded.locator('.unfold').click();
    assert.deepEqual(await copied(1), [true, long]);
    assert.equal(await folded.locator('li').count(), 1);
    assert.deepEqual([await ann.faults(), await bob.faults()], [[], []]);
  });
});

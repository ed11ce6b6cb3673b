// SPDX-License-Identifier: GPL-3.0-or-later
// What others can do to one's eyes: long text folds, who flips his nick is one line, whoever is ignored is not seen.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { clean } from '../support/tab.mjs';

describe('what others can do to one’s eyes', { timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const user = (tab, address, more = '') => tab.page.locator(`#users .user[data-address="${address}"]${more}`);

  test('ignore: by the button, over a reload, taken back by a command; he is not told', async () => {
    const [ann, mal, bob] = await stage.people(['Ann', 'Mal', 'Bob']);
    await mal.type('before');
    await ann.shows('before');
    await user(ann, mal.address).getByRole('button', { name: 'Ignore Mal' }).click();
    await user(ann, mal.address, '[data-ignored=true]').waitFor();
    await ann.page.locator('#messages .message').filter({ hasText: 'before' }).waitFor({ state: 'hidden' });
    assert.deepEqual(await ann.run(() => nkt.ignored.map(({ nick }) => nick)), ['Mal']);

    await mal.type('to all of you');
    await mal.type('/msg Ann psst');
    await mal.talk();
    await mal.run(() => nkt.sendClearMessage('clear'));
    await bob.shows('to all of you');
    await bob.type('from Bob');
    await ann.shows('from Bob');
    const seen = () => ann.page.locator('#messages').innerText();
    assert.doesNotMatch(await seen(), /before|to all|psst|clear/);
    const tick = mal.page.locator('#messages .message.own', { hasText: 'psst' });
    assert.equal(await tick.getAttribute('data-state'), 'sent');

    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await user(ann, mal.address, '[data-ignored=true]').waitFor();
    await ann.session(mal.address);
    await bob.type('again');
    await ann.shows('again');
    assert.doesNotMatch(await seen(), /before|to all|psst|clear|Mal/);
    await ann.type('to you as well');
    await mal.shows('to you as well'); // it is something else than to send him nothing
    assert.equal(await user(ann, mal.address).getAttribute('data-muted'), 'false');

    await ann.type('/ignore');
    assert.match(await ann.answers('You ignore 1 person'), new RegExp(`Mal +${mal.address}`));
    await ann.type('/unignore Mal');
    await ann.answers('is heard again');
    await user(ann, mal.address, '[data-ignored=false]').waitFor();
    await mal.type('here I am');
    await ann.shows('here I am');
    await ann.type('/unignore Mal');
    await ann.answers('Nobody here is called Mal');
    await clean([ann, mal, bob]);
  });

  test('long text: its beginning, the rest on request', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await bob.run(() => nkt.sendEncryptedMessage(`first ${'word '.repeat(11_800)}last`).then(() => true));
    const message = ann.page.locator('#messages .message').filter({ hasText: 'first' });
    await message.waitFor();
    assert.ok((await message.innerText()).length < 1200);
    const button = message.getByRole('button', { name: 'Show all (59 KB)' });
    assert.equal(await button.getAttribute('aria-expanded'), 'false');
    await button.click();
    assert.match(await message.locator('.text').textContent(), /last$/);
    await message.getByRole('button', { name: 'Show less' }).click();
    assert.doesNotMatch(await message.locator('.text').textContent(), /last/);
    await ann.run((to) => nkt.sendEncryptedMessage({ text: 'a\n'.repeat(100), private: true }, to).then(() => true), bob.address);
    await bob.page.locator(`#talks [data-talk="${ann.address}"] button`).click();
    const lines = bob.page.locator('#messages .message').filter({ hasText: 'Show all' });
    await lines.waitFor();
    assert.ok((await lines.locator('.text').textContent()).split('\n').length <= 21);
    await clean([ann, bob]);
  });

  test('who flips his nick is one line; a thousand long messages push out nobody else, and the page stays small', async () => {
    const [ann, bob, mal] = await stage.people(['Ann', 'Bob', 'Mal']);
    await bob.type('what Bob said');
    await ann.shows('what Bob said');
    const lines = ann.page.locator('#messages .note[data-kind=error]');
    for (const nick of ['Bob', 'Mal 1', 'Ann', 'Mal 2', 'Bob', 'Mal 3', 'Ann', 'Mal 4']) {
      await mal.run((next) => { nkt.nick = next; }, nick);
      await ann.until(([addr, name]) => nkt.userList[addr].nick === name, [mal.address, nick], 'the nick');
    }
    await lines.filter({ hasText: 'other keys' }).first().waitFor();
    assert.equal(await lines.filter({ hasText: 'other keys' }).count(), 1);

    const show = (count) => ann.run(([from, many]) => { // as the display plugin does, without the way there
      const text = 'x'.repeat(59_000);
      for (let i = 0; i < many; i++) {
        const event = new CustomEvent('nktencryptedmessagereceived', { detail: `${i} ${text}` });
        Object.assign(event, { from, id: String(i).padStart(32, '0'), date: Date.now(), encrypted: true });
        window.dispatchEvent(event);
      }
    }, [mal.address, count]);
    const cdp = await ann.page.context().newCDPSession(ann.page);
    const heap = async () => {
      await cdp.send('HeapProfiler.collectGarbage');
      return (await cdp.send('Runtime.getHeapUsage')).usedSize;
    };
    const before = await heap();
    await show(1000);
    await ann.run(() => { probe.messages.length = 0; });
    const grown = await heap() - before;
    assert.ok(grown < 2 << 20, `${grown} bytes of heap: the 4 MB of texts that are shown lie beside it`);
    assert.ok(await ann.page.locator('#messages .message').filter({ hasText: 'what Bob said' }).count() === 1);
    const shown = await ann.page.locator('#messages .message').count();
    assert.ok(shown > 60 && shown < 100, `${shown} shown`);
    const letters = await ann.run(() => document.getElementById('messages').textContent.length);
    assert.ok(letters < 600_000, `${letters} letters laid out`);
    const first = ann.page.locator(`#messages .message[data-from="${mal.address}"]`).first();
    assert.equal(await first.locator('.author').count(), 1, 'what is left still stands under its author’s name');
    await clean([ann, bob, mal]);
  });
});

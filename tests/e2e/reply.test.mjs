// SPDX-License-Identifier: GPL-3.0-or-later
// Answers: with the mouse and the keyboard, over a reload, private ones to the same person alone; what is quoted is one's own copy of it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('answers', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** The message with a text, which answers quote and do not have. */
  const find = async (tab, text, more = '') => {
    const whole = new RegExp(`^${text.replace(/[*?]/g, '\\$&').replace(/\s/g, '\\s')}$`);
    const message = tab.page.locator(`#messages .message${more}`).filter({ has: tab.page.locator('.text', { hasText: whole }) });
    await message.waitFor();
    return message;
  };
  /** Presses the arrow of the message with a text. */
  const press = async (tab, text) => {
    const message = await find(tab, text);
    await untilTabs(async () => await message.getAttribute('data-id'), 'its id');
    await message.hover();
    await message.locator('.answer').click();
    await tab.page.locator('#reply').waitFor();
  };
  const quoteIn = async (tab, text) => {
    const quote = (await find(tab, text)).locator('.quoted');
    return quote.evaluate(({ firstChild, lastChild, localName }) => [firstChild.textContent, lastChild.textContent, localName]);
  };

  test('an answer quotes, over a reload as well; its quote leads there; Escape gives it up', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await ann.type('When do\nwe *meet*?');
    await find(bob, 'When do\nwe *meet*?');
    await press(bob, 'When do\nwe *meet*?');
    assert.equal(await bob.page.locator('#reply-text').textContent(), 'Reply to Ann: When do we *meet*?');
    await ready(bob);
    await look(bob, 'an answer that is being written');
    await bob.type('at four');
    await bob.page.locator('#reply').waitFor({ state: 'hidden' });
    for (const tab of [ann, bob]) assert.deepEqual(await quoteIn(tab, 'at four'), ['Ann', 'When do we *meet*?', 'button']);
    await look(bob, 'an answer');
    const heard = (await ann.messages()).find(({ value }) => value.text === 'at four').value;
    assert.deepEqual(Object.keys(heard.re), ['id', 'quote']);
    await (await find(ann, 'at four')).locator('.quoted').click();
    assert.equal(await ann.run(() => document.activeElement.querySelector('.text').textContent), 'When do\nwe *meet*?');

    await bob.type('and then'); // nothing is answered any more
    await find(ann, 'and then');
    assert.equal(await (await find(ann, 'and then')).locator('.quoted').count(), 0);
    await press(ann, 'at four');
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#reply').waitFor({ state: 'hidden' });

    for (const tab of [ann, bob]) {
      await tab.until(async () => (await nkt.history()).length === 3, undefined, 'three in the history');
      await tab.page.reload();
      await tab.page.locator('#line').waitFor();
      assert.deepEqual(await quoteIn(tab, 'at four'), ['Ann', 'When do we *meet*?', 'button']);
    }
    await clean([ann, bob]);
  });

  test('by the keyboard: one stop, arrows lead to the others', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    for (const text of ['one', 'two', 'three']) {
      await ann.type(text);
      await find(bob, text);
    }
    assert.equal(await bob.page.locator('.answer:not([tabindex="-1"])').count(), 1);
    await bob.page.locator('.answer').last().focus();
    await bob.page.keyboard.press('ArrowUp');
    await bob.page.keyboard.press('ArrowUp');
    await bob.page.keyboard.press('ArrowDown');
    assert.equal(await bob.run(() => document.activeElement.getAttribute('aria-label')), 'Reply to Ann');
    await bob.page.keyboard.press('Enter');
    assert.equal(await bob.page.locator('#reply-text').textContent(), 'Reply to Ann: two');
    await bob.page.keyboard.type('yes');
    await bob.page.keyboard.press('Enter');
    await find(ann, 'yes');
    assert.deepEqual(await quoteIn(ann, 'yes'), ['Ann', 'two', 'button']);
    await clean([ann, bob]);
  });

  test('private stays private, of either end; another aim gives it up', async () => {
    const [ann, bob, eve] = await stage.people(['Ann', 'Bob', 'Eve']);
    await ann.type('/msg Bob psst');
    await bob.talk(ann.address);
    await find(bob, 'psst');
    await press(bob, 'psst');
    assert.match(await bob.page.locator('#target-text').textContent(), /^Private to Ann/);
    await bob.type('hush');
    await find(ann, 'hush', '[data-private=true]');
    await press(ann, 'psst'); // one's own
    assert.match(await ann.page.locator('#target-text').textContent(), /^Private to Bob/);
    await ann.type('sh');
    await find(bob, 'sh', '[data-private=true]');
    await press(ann, 'hush');
    await ann.page.locator('#target-clear').click();
    await ann.page.locator('#reply').waitFor({ state: 'hidden' });
    await ann.type('to all');
    await find(eve, 'to all');
    assert.deepEqual((await eve.messages()).map(({ value }) => value), ['to all']);
    await clean([ann, bob, eve]);
  });

  test('the name of a content that came to one alone is told to nobody', async () => {
    const [ann, bob, eve] = await stage.people(['Ann', 'Bob', 'Eve']);
    await ann.run((to) => nkt.share(new File(['x'], 'notice of leave.txt'), { to }).then(() => {}), bob.address);
    await bob.page.locator(`#talks [data-talk="${ann.address}"] button`).click();
    const card = bob.page.locator('#messages .message[data-id]').filter({ hasText: 'notice of leave.txt' });
    await card.hover();
    await card.locator('.answer').click();
    assert.equal(await bob.page.locator('#reply-text').textContent(), 'Reply to Ann: notice of leave.txt');
    await bob.type('oh');
    assert.deepEqual(await quoteIn(bob, 'oh'), ['Ann', 'notice of leave.txt', 'button']);
    await ann.hears('oh', ({ value }) => value.text === 'oh');
    await bob.talk();
    await bob.type('to all');
    await find(eve, 'to all');
    assert.deepEqual((await eve.messages()).map(({ value }) => value), ['to all'], 'what came to one alone is answered to one alone');
    await clean([ann, bob, eve]);
  });

  test('what is quoted is one’s own copy; a quote of what is not here has no name', async () => {
    const [ann, bob, eve] = await stage.people(['Ann', 'Bob', 'Eve']);
    await ann.type('I like tea');
    const message = await find(bob, 'I like tea');
    const id = await message.getAttribute('data-id');
    await eve.say({ text: 'liar', re: { id, quote: 'I hate tea', from: ann.address } });
    await eve.say({ text: 'forged', re: { id: 'f'.repeat(32), quote: `Ann: <b>I</b>\n${'x'.repeat(3000)}`, from: ann.address } });
    await eve.say({ text: 'broken', re: { id: '"] *', quote: 'x' } });
    assert.deepEqual(await quoteIn(bob, 'liar'), ['Ann', 'I like tea', 'button']);
    const [by, words, kind] = await quoteIn(bob, 'forged');
    assert.deepEqual([by, words.length, words.slice(0, 13), kind], ['Quoted, not here:', 200, 'Ann: <b>I</b>', 'div']);
    assert.equal(await (await find(bob, 'broken')).locator('.quoted').count(), 0);
    await clean([ann, bob, eve]);
  });
});

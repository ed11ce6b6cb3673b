// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of messages: the menu of each, reactions, edits, deletions, details; live, over a reload, and by whom it must not.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('what becomes of messages', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** The message with a text, which has an id. */
  const find = async (tab, text) => {
    const words = tab.page.locator('.text, .card-name', { hasText: text });
    const message = tab.page.locator('#messages .message:not([data-id=""])[data-id]').filter({ has: words });
    await message.first().waitFor();
    return message.last();
  };
  /** Opens the menu of the message with a text, and presses one of its buttons. */
  const act = async (tab, text, what) => {
    const message = await find(tab, text);
    await message.hover();
    await message.locator('.more').click();
    if (what) await message.locator(`.acts [data-${what.length > 2 ? 'action' : 'sign'}="${what}"]`).click();
    return message;
  };
  /** Everything that became of the messages, as it is seen. */
  const seen = (tab) => tab.run(() => [...document.querySelectorAll('#messages .message')].map((node) => ({
    text: node.querySelector('.text, .card-name')?.textContent ?? '', gone: Boolean(node.dataset.gone),
    edited: Boolean(node.querySelector('.edited')), quoted: node.querySelector('.quoted')?.lastChild.textContent ?? '',
    signs: [...node.querySelectorAll('.tail > .sign')]
      .map((one) => `${one.textContent}${one.getAttribute('aria-pressed') === 'true' ? '!' : ''}`).join(),
  })));
  const texts = async (tab) => (await seen(tab)).map(({ text }) => text);

  test('reactions, edits, deletions: seen by all, the same over a reload; what was deleted is nowhere', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await ann.type('We meet at five');
    await act(bob, 'We meet at five', '👍');
    await untilTabs(async () => (await seen(ann))[0].signs === '👍1', 'a reaction');
    await (await find(ann, 'We meet at five')).locator('.sign').click();
    for (const [tab, signs] of [[ann, '👍2!'], [bob, '👍2!']]) await untilTabs(async () => (await seen(tab))[0].signs === signs, signs);
    await act(bob, 'We meet at five', '👍');
    await untilTabs(async () => (await seen(ann))[0].signs === '👍1!', 'taken back');

    await bob.page.locator('#messages .message').first().hover();
    await bob.page.locator('.answer').first().click();
    await bob.type('I shall be there');
    await find(ann, 'I shall be there');
    await ann.page.locator('#line').fill('half a thought');
    await act(ann, 'We meet at five', 'edit');
    assert.equal(await ann.page.locator('#line').inputValue(), 'We meet at five');
    assert.equal(await ann.page.locator('#reply-text').textContent(), 'Edit: We meet at five');
    await ann.page.locator('#line').press('Escape');
    assert.equal(await ann.page.locator('#line').inputValue(), 'half a thought');
    await act(ann, 'We meet at five', 'edit');
    await ann.type('We meet at *six*');
    assert.equal(await ann.page.locator('#line').inputValue(), 'half a thought', 'the draft is back');
    const edited = [
      { text: 'We meet at *six*', gone: false, edited: true, quoted: '', signs: '👍1' },
      { text: 'I shall be there', gone: false, edited: false, quoted: 'We meet at *six*', signs: '' }];
    await untilTabs(async () => JSON.stringify(await seen(bob)) === JSON.stringify(edited), 'the edit');
    assert.equal(await bob.page.locator('.text em').count(), 1);
    assert.deepEqual((await bob.messages()).at(-1).value.text, 'We meet at *six*', 'readable where edits are not known');

    await act(bob, 'We meet at', 'details');
    const told = await bob.page.locator('.details-body').innerText();
    assert.match(told, /Ann[^]*Everybody[^]*Encrypted from end to end[^]*direct[^]*👍 Ann[^]*We meet at five/);
    await bob.page.keyboard.press('Escape');
    for (const tab of tabs) {
      await tab.until(async () => (await nkt.history()).length >= 5, undefined, 'all in the history');
      const was = await seen(tab);
      await tab.page.reload();
      await tab.page.locator('#line').waitFor();
      await untilTabs(async () => JSON.stringify(await seen(tab)) === JSON.stringify(was), `as before, ${JSON.stringify(was)}`);
    }
    await Promise.all([ann.session(bob.address), bob.session(ann.address)]);

    await act(bob, 'We meet at', 'details');
    await act(ann, 'We meet at', 'remove');
    await ann.page.locator('.acts [data-action=yes]').click();
    await untilTabs(async () => (await seen(bob))[0].gone, 'the deletion');
    assert.equal(await bob.page.locator('#details').evaluate((dialog) => dialog.open), false);
    for (const tab of tabs) {
      assert.deepEqual((await seen(tab)).map(({ text, quoted, signs }) => [text, quoted, signs]),
        [['Deleted', '', ''], ['I shall be there', 'Deleted', '']]);
      assert.doesNotMatch(await tab.run(() => document.documentElement.outerHTML), /We meet at/);
      await tab.page.reload();
      await tab.page.locator('#line').waitFor();
      await untilTabs(async () => (await texts(tab)).join() === 'Deleted,I shall be there', 'as before');
      assert.doesNotMatch(await tab.run(() => document.documentElement.outerHTML), /We meet at/);
    }
    await clean(tabs);
  });

  test('a reaction that is being pressed stays where it is while others react', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await ann.type('We meet at five');
    await act(ann, 'We meet at five', '👍');
    const sign = (await find(bob, 'We meet at five')).locator('.sign[data-sign="👍"]');
    await sign.hover();
    await bob.page.mouse.down();
    await act(ann, 'We meet at five', '🙏');
    await untilTabs(async () => (await seen(bob))[0].signs === '👍1,🙏1', 'another one');
    await bob.page.mouse.up();
    await untilTabs(async () => (await seen(ann))[0].signs === '👍2!,🙏1!', 'the one that was pressed');
    await act(ann, 'We meet at five', '🙏');
    await untilTabs(async () => (await seen(bob))[0].signs === '👍2!', 'one of them taken back');
    await clean(tabs);
  });

  test('an edit that leaves nothing is not said, and told of; Escape takes back what was written before', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.type('We meet at five');
    await act(ann, 'We meet at five', 'edit');
    await ann.type(' ');
    const told = () => ann.run(() => [document.getElementById('say-error').textContent, document.getElementById('reply').hidden]);
    assert.deepEqual(await told(), ['Nothing would be left of it. Its menu deletes a message; Esc leaves it as it is.', false]);
    await ann.page.keyboard.press('Escape');
    assert.deepEqual(await told(), ['', true]);
    await ann.type('end');
    await find(bob, 'end');
    assert.deepEqual(await texts(bob), ['We meet at five', 'end']);
    await clean(ann, bob);
  });

  test('a key that is held asks whether to delete, and does not answer', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { isOneBrowser: true });
    await ann.type('We meet at five');
    await act(ann, 'We meet at five');
    await ann.page.locator('.acts [data-action=remove]').focus();
    for (let i = 0; i < 4; i++) await ann.page.keyboard.down('Enter'); // each but the first is a repeat
    await ann.page.keyboard.up('Enter');
    await ann.page.locator('.acts [data-action=yes]:focus').waitFor();
    assert.deepEqual(await texts(ann), ['We meet at five']);
    await ann.page.keyboard.press('Enter');
    await untilTabs(async () => (await seen(bob))[0]?.gone, 'deleted');
    await clean(ann, bob);
  });

  test('private: what becomes of it goes to the same person alone; of a file, too', async () => {
    const tabs = await stage.people(['Ann', 'Bob', 'Eve']);
    const [ann, bob, eve] = tabs;
    await ann.type('/msg Bob psst');
    await bob.shows('psst'); // in the conversation with her
    await act(bob, 'psst', '👍');
    await untilTabs(async () => (await seen(ann))[0].signs === '👍1', 'the reaction');
    await act(ann, 'psst', 'edit');
    assert.match(await ann.page.locator('#target-text').textContent(), /^Private to Bob/);
    await ann.type('hush');
    await untilTabs(async () => (await texts(bob)).join() === 'hush', 'the edit');
    await act(ann, 'hush', 'remove');
    await ann.page.locator('.acts [data-action=yes]').click();
    await untilTabs(async () => (await seen(bob))[0].gone, 'the deletion');
    await ann.page.locator('#attach-file').setInputFiles({ name: 'notice.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
    await ann.page.locator('#attached li').waitFor();
    await ann.page.locator('#send').click();
    await act(bob, 'notice.txt', '👍');
    await untilTabs(async () => (await seen(ann))[1].signs === '👍1', 'a reaction to a file');
    await ann.page.locator('#target-clear').click();
    await ann.type('to all');
    await find(eve, 'to all');
    assert.deepEqual((await eve.messages()).map(({ value }) => value), ['to all']);

    await ann.talk(bob.address);
    await act(ann, 'notice.txt', 'remove');
    await ann.page.locator('.acts [data-action=yes]').click();
    for (const tab of [ann, bob]) {
      await untilTabs(async () => (await texts(tab))[1] === 'Deleted', 'the file gone');
      await tab.until(() => nkt.contents.length === 0, undefined, 'not kept any more');
      assert.doesNotMatch(await tab.run(() => document.documentElement.outerHTML), /notice\.txt/);
    }
    await clean(tabs);
  });

  test('what others claim: no edit, no deletion, no strange sign; before the message, and ten thousand times', async () => {
    const tabs = await stage.people(['Ann', 'Bob', 'Eve']);
    const [ann, bob, eve] = tabs;
    await ann.type('I like tea');
    const id = await (await find(bob, 'I like tea')).getAttribute('data-id');
    await eve.say({ text: 'I hate tea', edit: { id, n: 9 }, from: ann.address, re: { id } });
    await eve.say({ gone: { id }, from: ann.address });
    await eve.say({ react: { id, n: 1, signs: ['<b>x</b>', '👍'.repeat(5000), '🎉', '👍'] } });
    const later = 'ab'.repeat(16);
    await eve.say({ text: 'forged', edit: { id: later, n: 1 } });
    await eve.say({ text: 'not an edit', edit: { id: 'x', n: 1 } });
    await find(bob, 'not an edit');
    await untilTabs(async () => (await seen(bob))[0].signs === '🎉1', 'what is a sign');
    assert.deepEqual(await texts(bob), ['I like tea', 'not an edit']);
    await bob.run(async ({ addr, id: of }) => { // as they would come, without the time that sending takes
      for (let n = 2; n < 10_000; n++) {
        const event = new CustomEvent('nktencryptedmessagereceived', { detail: { react: { id: of, n, signs: ['👀', '🎉', '👍'] } } });
        dispatchEvent(Object.assign(event, { from: addr, id: String(n), date: n, encrypted: true, bytes: null }));
      }
    }, { addr: eve.address, id });
    await untilTabs(async () => (await seen(bob))[0].signs === '🎉1,👀1,👍1', 'one of each, and no more');
    await clean(tabs);
  });

  test('another who takes the same id, an edit told to one alone, who is ignored: what its author said is what is seen', async () => {
    const tabs = await stage.people(['Ann', 'Bob', 'Eve']);
    const [ann, bob, eve] = tabs;
    const id = 'cd'.repeat(16);
    /** As a program that chooses its ids would say it. */
    const told = (detail, { from, of = '', to = null }) => bob.run(({ value, ...said }) => {
      const event = new CustomEvent('nktencryptedmessagereceived', { detail: value });
      dispatchEvent(Object.assign(event, { ...said, date: Date.now(), encrypted: true, bytes: null }));
    }, { value: detail, from, id: of || id, to });
    await told('hers', { from: eve.address });
    await told('Five o’clock', { from: ann.address });
    await told({ text: 'Six o’clock', edit: { id, n: 1 }, re: { id } }, { from: ann.address, of: '01'.repeat(16) });
    await told({ text: 'for Bob alone', edit: { id, n: 2 }, re: { id } }, { from: ann.address, of: '02'.repeat(16), to: bob.address });
    await told({ gone: { id } }, { from: eve.address, of: '03'.repeat(16) });
    await told({ text: 'Fine', re: { id, quote: 'Six o’clock' } }, { from: ann.address, of: '04'.repeat(16) });
    const wanted = [['Deleted', ''], ['Six o’clock', ''], ['Fine', 'Six o’clock']];
    await untilTabs(async () => JSON.stringify((await seen(bob)).map(({ text, quoted }) => [text, quoted])) === JSON.stringify(wanted),
      `what they said, ${JSON.stringify(wanted)}`);
    assert.equal(await bob.page.locator('.quoted').getAttribute('data-by'), ann.address);
    await told({ gone: { id } }, { from: ann.address, of: '05'.repeat(16) });
    await untilTabs(async () => (await texts(bob)).join() === 'Deleted,Deleted,Fine', 'hers and his');

    await ann.type('We meet at five');
    await act(eve, 'We meet at five', '😢');
    await act(bob, 'We meet at five', '👍');
    const signs = async () => (await seen(bob)).at(-1).signs;
    await untilTabs(async () => await signs() === '👍1!,😢1', 'both reactions');
    await bob.run((addr) => nkt.ignore(addr), eve.address);
    await untilTabs(async () => await signs() === '👍1!', 'hers is not seen');
    await bob.run((addr) => nkt.unignore(addr), eve.address);
    await untilTabs(async () => await signs() === '👍1!,😢1', 'and is again');
    await clean(tabs);
  });

  test('by the keyboard alone, at 320 px, with an action of a plugin; axe finds nothing', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    for (const text of ['one', 'two']) {
      await ann.type(text);
      await find(bob, text);
    }
    await bob.run(async () => {
      const { addAction } = await import('./actions.js');
      window.ran = [];
      window.removeAction = addAction({
        id: 'shout', label: 'Shout', applies: ({ text }) => text === 'two',
        run: ({ id, text, own, from }) => { window.ran.push({ id, text, own, from }); },
      });
      addAction({ id: 'broken', label: 'Broken', applies: () => { throw new Error('no'); }, run() {} });
    });
    assert.equal(await bob.page.locator('.more:not([tabindex="-1"])').count(), 1, 'one stop');
    await ready(bob);
    await bob.page.setViewportSize({ width: 320, height: 640 });
    await bob.page.locator('.more').last().focus();
    const press = async (...keys) => { for (const key of keys) await bob.page.keyboard.press(key); };
    await press('ArrowUp', 'ArrowDown', 'Enter');
    const focused = () => bob.run(() => document.activeElement.textContent || document.activeElement.getAttribute('aria-label'));
    await bob.page.locator('.acts').waitFor();
    await untilTabs(async () => await focused() === '👍', 'the first of them');
    await press('End');
    assert.equal(await focused(), 'Shout');
    await press('Enter');
    await bob.until(() => window.ran.length === 1, undefined, 'the action');
    assert.deepEqual(await bob.run(() => window.ran.map(({ text, own, from }) => [text, own, from])), [['two', false, ann.address]]);
    assert.equal(await bob.run(() => document.activeElement.className), 'icon-button more');
    await bob.run(() => window.removeAction());
    await press('Enter');
    await bob.page.locator('.acts').waitFor();
    assert.equal(await bob.page.locator('[data-action=shout], [data-action=broken]').count(), 0);
    await look(bob, 'the menu of a message');
    await bob.page.setViewportSize({ width: 320, height: 640 });
    const isCut = await bob.run(() => document.getElementById('scroll').scrollWidth > document.getElementById('scroll').clientWidth);
    assert.equal(isCut, false);
    await bob.page.locator('.acts .sign').first().focus();
    await press('ArrowLeft', 'Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter');
    await bob.page.locator('.emoji input').waitFor();
    await bob.page.keyboard.type('rocket');
    await bob.page.locator('.emoji-found .sign').nth(0).waitFor();
    await look(bob, 'choosing an emoji');
    await bob.page.locator('.emoji input').press('Enter');
    await untilTabs(async () => (await seen(ann))[1].signs === '🚀1', 'it');
    await look(bob, 'a reaction');
    await act(ann, 'one', 'edit');
    await ann.type('eins');
    await untilTabs(async () => (await texts(bob))[0] === 'eins', 'an edit');
    await act(bob, 'eins', 'details');
    await look(bob, 'details');
    await press('Escape');
    await act(bob, 'eins');
    await press('Escape');
    assert.equal(await bob.page.locator('.acts').count(), 0);
    await clean(tabs);
  });

  test('who is named is told so; nicks and emoji are completed while they are typed', async () => {
    const tabs = await stage.people(['Ann', 'Bob', 'Bo Derek']);
    const [ann, bob, eve] = tabs;
    const line = ann.page.locator('#line');
    const hints = () => ann.page.locator('#hint code').allTextContents();
    await bob.run(() => { Document.prototype.hasFocus = () => false; });
    await line.pressSequentially('so, @bo');
    assert.deepEqual(await hints(), ['@Bo Derek', '@Bob']);
    await ready(ann);
    await look(ann, 'nicks that fit');
    await line.press('Tab');
    assert.equal(await line.inputValue(), 'so, @Bo Derek ');
    await line.press('Tab');
    assert.equal(await line.inputValue(), 'so, @Bob ');
    await line.pressSequentially('do you like :rock');
    await ann.page.locator('#hint code', { hasText: '🚀' }).click();
    await line.pressSequentially('and :tada:, at 10:30? http://x.org');
    assert.equal(await line.inputValue(), 'so, @Bob do you like 🚀 and 🎉, at 10:30? http://x.org');
    await line.press('Enter');
    const mentions = (tab, i) => tab.run((at) => {
      const node = document.querySelectorAll('#messages .message')[at];
      const places = [...node?.querySelectorAll('.mention') ?? []].map((one) => `${one.className}: ${one.textContent}`);
      return [Boolean(node?.dataset.mention), ...places];
    }, i);
    await find(bob, 'so, @Bob');
    await find(eve, 'so, @Bob');
    assert.deepEqual(await Promise.all(tabs.map((tab) => mentions(tab, 0))),
      [[false, 'mention: @Bob'], [true, 'mention me: @Bob'], [false, 'mention: @Bob']]);
    assert.deepEqual((await bob.messages())[0].value.mentions, [bob.address]);
    assert.match(await bob.page.title(), /^\(1@\) /);
    await ready(bob);
    await look(bob, 'a mention');

    await eve.say('a plain string, @bob'); // of a page, or a program, that knows no mentions
    await eve.say({ text: 'nobody here', mentions: [{}, 7, bob.address, 'x'.repeat(9000)] });
    await find(bob, 'nobody here');
    assert.deepEqual([await mentions(bob, 1), await mentions(bob, 2)], [[true, 'mention me: @bob'], [true]]);
    await act(ann, 'so, @Bob', 'edit');
    await ann.type('never mind, `@Bob`, @Bo Derek');
    await untilTabs(async () => (await texts(bob))[0].startsWith('never'), 'the edit');
    assert.deepEqual([await mentions(bob, 0), await mentions(eve, 0)], [[true, 'mention: @Bo Derek'], [true, 'mention me: @Bo Derek']]);
    await clean(tabs);
  });

  test('searching: what is here, as it is by now; by the keyboard; to a day', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    const say = async (text) => {
      await ann.type(text);
      await find(ann, text.slice(0, 30));
    };
    for (const text of ['Tea at the *Café*', 'cake', `${'long '.repeat(400)} the end of the café`, 'gone café', 'caff']) await say(text);
    await act(ann, 'gone café', 'remove');
    await ann.page.locator('.acts [data-action=yes]').click();
    await act(ann, 'caff', 'edit');
    await ann.type('CAFE, at last');
    await untilTabs(async () => (await texts(ann)).join().endsWith('Deleted,CAFE, at last'), 'both');
    await ann.type('/search cafe');
    const found = ann.page.locator('#search-found button');
    await untilTabs(async () => await found.count() === 3, 'what is found');
    const rows = await found.locator('.search-text').allTextContents();
    assert.deepEqual(rows.map((row) => row.slice(-17)), ['CAFE, at last', 'e end of the café', 'Tea at the *Café*']);
    assert.deepEqual(await found.locator('mark').allTextContents(), ['CAFE', 'café', 'Café']);
    await ready(ann);
    await look(ann, 'what was found');
    await ann.page.locator('#search-line').fill('ann the end');
    await untilTabs(async () => await found.count() === 1, 'one of them, by its author as well');
    await ann.page.keyboard.press('ArrowDown');
    await ann.page.keyboard.press('Enter');
    assert.equal(await ann.page.locator('#search').evaluate((dialog) => dialog.open), false);
    assert.match(await ann.run(() => document.activeElement.querySelector('.text').textContent), /the end of the café$/, 'unfolded');
    await ann.page.keyboard.press('Control+Shift+F');
    await ann.page.locator('#search-line').fill('nothing of the kind');
    await ann.page.locator('#search-state', { hasText: 'Nothing found' }).waitFor();
    const today = await ann.run(() => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10));
    await ann.page.locator('#search-date').fill('2999-01-01');
    await ann.page.locator('#search-date').press('Enter');
    await ann.page.locator('#search-state', { hasText: 'Nothing was said' }).waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.type('/search 2999-01-01');
    await ann.page.locator('#search-state', { hasText: 'Nothing was said' }).waitFor();
    await ann.page.locator('#search-close').click();
    await ann.type(`/search ${today}`);
    const first = () => document.activeElement.querySelector?.('.text')?.textContent;
    await untilTabs(async () => (await ann.run(first))?.startsWith('Tea'), 'the first of the day');
    await clean([ann]);
  });
});

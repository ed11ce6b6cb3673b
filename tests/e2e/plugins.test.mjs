// SPDX-License-Identifier: GPL-3.0-or-later
// Plugins on the page: those written for the original, the bundled ones, their switches, their faults.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, clean, untilTabs } from '../support/tab.mjs';
import { closePeers, startPeer } from '../glue/support/peers.mjs';
import { until } from '../glue/support/until.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('plugins', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const values = async (tab) => (await tab.messages()).map(({ value }) => value);

  test('written for the original: display, yo, words, title, commands that others extend', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await bob.run(() => {
      for (const name of ['display', 'commands', 'unread']) nkt.unplug(name);
      const node = (id) => {
        const made = document.createElement('pre');
        made.id = id;
        document.body.append(made);
        return made;
      };
      // one that displays what nktdisplaymessage brings, fired by another
      const shown = node('shown');
      nkt.plugin({
        name: 'receiver',
        listeners: {
          nktencryptedmessagereceived: (e) => {
            window.dispatchEvent(new CustomEvent('nktdisplaymessage', { detail: { from: nkt.userList[e.from].nick, message: e.detail } }));
          },
        },
      });
      nkt.plugin({
        name: 'displayer',
        listeners: { nktdisplaymessage: (e) => { shown.textContent += `${e.detail.from}: ${e.detail.message}\n`; } },
      });
      // an unread counter in the title
      let count = 0;
      nkt.plugin({ name: 'counter', listeners: { nktdisplaymessage: () => { document.title = `(${++count}) nkt`; } } });
      // yo NICK to newcomers
      nkt.plugin({
        name: 'yo',
        listeners: { nktnewpeer: (e) => nkt.sendEncryptedMessage(`yo ${nkt.userList[e.detail.data.addr].nick}`, e.detail.data.addr) },
      });
      // words replaced on sending
      nkt.plugin({ name: 'words', listeners: { nktsendingmessage: (e) => { e.detail = String(e.detail).replace(/\bheck\b/g, 'h**k'); } } });
      // IRC-like commands: one plugin defines an event, another extends it
      nkt.plugin({
        name: 'irc',
        listeners: {
          nktsendingmessage(e) {
            if (!String(e.detail).startsWith('!')) return;
            const [command, ...args] = e.detail.slice(1).split(' ');
            const asked = new CustomEvent('irccommand', { cancelable: true, detail: { command, args, text: '' } });
            window.dispatchEvent(asked);
            if (asked.defaultPrevented) e.detail = asked.detail.text;
            else e.preventDefault();
          },
        },
      });
      nkt.plugin({
        name: 'dance',
        listeners: {
          irccommand(e) {
            if (e.detail.command !== 'dance') return;
            e.preventDefault();
            e.detail.text = `dances with ${e.detail.args.join(' and ')}`;
          },
        },
      });
    });
    await ann.type('one');
    await bob.page.locator('#shown', { hasText: 'Ann: one' }).waitFor();
    await ann.type('two');
    await bob.page.locator('#shown', { hasText: 'Ann: two' }).waitFor();
    assert.equal(await bob.page.title(), '(2) nkt');
    await bob.say('what the heck');
    await ann.shows('what the h**k');
    await bob.say('!dance Ann');
    await ann.shows('dances with Ann');
    assert.equal(await bob.run(async () => (await nkt.sendEncryptedMessage('!unknown')).cancelled), true);
    const [cyd] = await stage.tabs(1, { fragment: tabs.fragment });
    await cyd.logIn('Cyd');
    await cyd.hears('yo', ({ value, from }) => value === 'yo Cyd' && from === bob.address);
    await clean([...tabs, cyd]);
  });

  test('the bundled ones: switched on by hand, remembered over a reload, switched off', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    const item = (name, more = '') => ann.page.locator(`#plugins li[data-name=${name}]${more}`);
    await ann.page.locator('.plugins summary').click();
    await item('yo').waitFor();
    const names = await ann.run(() => [...document.querySelectorAll('#plugins li')].map((li) => `${li.dataset.name} ${li.dataset.loaded}`));
    const on = ['display true', 'commands true', 'unread true', 'calls true'];
    const off = ['coin', 'irc', 'notify', 'poll', 'replace', 'typing', 'whiteboard', 'yo'].map((name) => `${name} false`);
    assert.deepEqual(names, [...on, ...off]);
    await item('coin').getByRole('checkbox').hover();
    await ann.page.mouse.down();
    const told = await ann.run(() => {
      window.dispatchEvent(new CustomEvent('nktstatus'));
      return performance.now();
    });
    await ann.until((ms) => performance.now() > ms, told + 500, 'that the list would have been painted anew');
    await ann.page.mouse.up(); // on the same box, or it is no click
    await item('coin', '[data-loaded=true]').waitFor();
    await item('coin').getByRole('checkbox').uncheck();
    await item('coin', '[data-loaded=false]').waitFor();
    for (const name of ['replace', 'irc']) {
      await item(name).getByRole('checkbox').check();
      await item(name, '[data-loaded=true]').waitFor();
    }
    await ann.type('/replace heck h**k');
    await ann.answers('heck becomes h**k');
    await ann.type('what the heck, heckler');
    await bob.shows('what the h**k, heckler');
    await ann.shows('what the h**k, heckler', '.own'); // as it was sent
    await ann.type('/me waves');
    await bob.shows('* Ann waves');
    await ann.type('/help');
    assert.match(await ann.answers('/connect ADDRESS'), /\/me DOES[\s\S]*\/replace WORD BY/);

    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await ann.until(() => 'replace' in nkt.plugins && 'irc' in nkt.plugins, undefined, 'the plugins of before');
    await allMeet(tabs);
    await ann.type('heck again');
    await bob.shows('h**k again');
    await ann.type('/unload irc');
    await ann.answers('Plugin irc is unloaded.');
    await ann.type('/me is silent');
    await ann.answers('There is no command /me.');
    await ann.page.locator('.plugins summary').click();
    await item('commands').getByRole('checkbox').uncheck();
    await item('commands', '[data-loaded=false]').waitFor();
    await ann.type('/list');
    await ann.answers('There is no command /list.');
    await item('commands').getByRole('checkbox').check();
    await item('commands', '[data-loaded=true]').waitFor();
    await ann.type('/load nothing-here');
    await ann.answers('Plugin nothing-here cannot be loaded');
    await ann.type('/load ../main');
    await ann.answers('A plugin name has small letters');
    assert.ok(!(await values(bob)).includes('* Ann is silent'));
    await clean(tabs);
  });

  test('yo: to newcomers alone, once, privately', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await ann.type('/load yo');
    await ann.answers('Plugin yo is loaded.');
    const loadedAt = await ann.run(() => performance.now());
    await ann.until((since) => performance.now() > since + 3000, loadedAt, 'the end of its patience with those who were here before');
    const [cyd] = await stage.tabs(1, { fragment: tabs.fragment });
    await cyd.logIn('Cyd');
    await cyd.shows('yo Cyd', '[data-private=true]');
    await allMeet([ann, cyd]);
    assert.deepEqual(await values(bob), []);
    assert.deepEqual(await values(cyd), [{ text: 'yo Cyd', private: true }]);
  });

  test('the title counts what nobody saw, and not what a later plugin hid', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await bob.run(() => {
      nkt.plugin({ name: 'censor', listeners: { nktdisplaymessage: (e) => { if (e.detail === 'spam') e.preventDefault(); } } });
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    });
    await ann.type('one');
    await ann.type('spam');
    await ann.type('two');
    await bob.shows('two');
    const title = (start, what) => untilTabs(async () => (await bob.page.title()).startsWith(start), what);
    await title('(2) ', 'two unread');
    await bob.run(() => {
      delete document.hidden;
      document.hasFocus = () => true;
      window.dispatchEvent(new Event('focus'));
    });
    await title('room-', 'none unread');
    await clean(tabs);
  });

  test('faults are shown once, counted, and hurt nobody else', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await bob.run(() => {
      nkt.plugin({ name: 'broken', listeners: { nktencryptedmessagereceived() { throw new Error('a bad day'); } } });
    });
    await ann.type('one');
    await ann.type('two');
    await bob.shows('two');
    await bob.answers('The plugin broken failed at nktencryptedmessagereceived: a bad day');
    assert.equal(await bob.page.locator('#messages .note', { hasText: 'a bad day' }).count(), 1);
    await bob.page.locator('.plugins summary').click();
    await bob.page.locator('#plugins li[data-name=broken][data-errors="2"]').waitFor();
    await bob.type('/plugins');
    assert.match(await bob.answers('Plugins ('), /\+ broken.*2 faults/);
  });

  test('calls of a plugin answer while it is loaded', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    const ask = () => ann.run((addr) => nkt.rpc(addr, 'time').catch((error) => error.code), bob.address);
    await bob.run(() => nkt.plugin({ name: 'clock', calls: { time: (_value, { from }) => `tea time, ${nkt.userList[from].nick}` } }));
    assert.equal(await ask(), 'tea time, Ann');
    await bob.run(() => nkt.unplug('clock'));
    assert.equal(await ask(), 'NKT_E_UNREGISTERED');
    assert.deepEqual(await values(bob), []);
    assert.equal(await bob.page.locator('#messages .message').count(), 0);
    await clean(tabs);
  });

  test('docs/plugins.md: from nothing to the poll, as it stands there', async () => {
    const text = readFileSync(new URL('../../docs/plugins.md', import.meta.url), 'utf8');
    const [hello, command, messages, shared, init, quiet] = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
    const withMessages = command.replace(/^ {2}init\(/m, `${messages}  init(`);
    const whole = withMessages.replace('let ui;\n', shared).replace(/^ {2}init\([\s\S]*?^ {2}\},\n/m, init);
    let file = command;
    const prepare = (tabs) => Promise.all(tabs.map(({ page }) => page.route('**/plugins/vote.js', (route) => (
      route.fulfill({ contentType: 'text/javascript', body: file })))));
    const tabs = await stage.people(['Ann', 'Bob'], { prepare });
    const [ann, bob] = tabs;
    const lines = [];
    bob.page.on('console', (message) => lines.push(message.text()));
    await bob.page.evaluate(hello);
    await ann.type('/load vote');
    await ann.answers('Plugin vote is loaded.');
    await ann.type('/vote');
    await ann.answers('Like this: /vote QUESTION');
    await ann.type('/vote "What for lunch?" pizza soup');
    await bob.shows('What for lunch? pizza / soup'); // who has no such plugin
    await ann.type('/help');
    await ann.answers('/vote QUESTION ANSWER ANSWER...');

    file = whole;
    for (const tab of tabs) { // as the person reloads; with --dev nobody has to
      await tab.page.reload();
      await tab.page.locator('#line').waitFor();
    }
    await bob.type('/load vote');
    await bob.answers('Plugin vote is loaded.');
    await allMeet(tabs);
    const button = (tab, answer, count) => tab.page.locator('.plugin-body button', { hasText: `${answer}: ${count}` }).waitFor();
    for (const tab of tabs) await button(tab, 'pizza', 0); // loaded again by itself at Ann's, in place of what was said before
    await bob.page.locator('.plugin-body button', { hasText: 'pizza' }).click();
    for (const tab of tabs) await button(tab, 'pizza', 1);
    await ann.page.locator('.plugin-body button', { hasText: 'soup' }).click();
    for (const tab of tabs) await button(tab, 'soup', 1);
    await ann.page.locator('.plugin-body button', { hasText: 'pizza' }).click();
    for (const tab of tabs) await Promise.all([button(tab, 'pizza', 2), button(tab, 'soup', 0)]);

    await bob.page.evaluate(quiet);
    await ann.type('spam');
    await ann.type('good bye');
    await bob.shows('good bye');
    assert.equal(await bob.page.locator('#messages .message', { hasText: 'spam' }).count(), 0);
    await ann.type('/unload vote');
    await ann.page.locator('.plugin-body').waitFor({ state: 'detached' });
    await ann.shows('What for lunch? pizza / soup', '.own');
    await until(() => lines.some((line) => line.startsWith('Ann says')), 'a line in the console');
    await clean(tabs);
  });

  test('poll: who comes later has it from the panel, with the tally; typing; the coin', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    for (const tab of tabs) {
      for (const name of ['poll', 'typing', 'coin']) {
        await tab.type(`/load ${name}`);
        await tab.answers(`Plugin ${name} is loaded.`);
      }
    }
    await ann.type('/poll "Where to?" sea "the hills"');
    await bob.page.locator('.plugin-body .poll button', { hasText: 'the hills' }).click();
    await ann.page.locator('.plugin-body .poll button', { hasText: 'the hills · 1' }).waitFor();
    const [cyd] = await stage.tabs(1, { fragment: tabs.fragment });
    await cyd.logIn('Cyd');
    await cyd.type('/load poll');
    await cyd.page.locator('#polls .poll button', { hasText: 'the hills · 1' }).waitFor();
    await cyd.page.locator('#polls .poll button', { hasText: 'sea' }).focus();
    await bob.type('/poll "And when?" soon later');
    await cyd.page.locator('#polls .poll', { hasText: 'And when?' }).waitFor();
    await cyd.page.keyboard.press('Enter'); // what had the focus is still there
    await ann.page.locator('.plugin-body .poll button', { hasText: 'sea · 1' }).waitFor();
    await bob.page.reload();
    await bob.page.locator('.plugin-body .poll button[aria-pressed=true]', { hasText: 'the hills · 1' }).waitFor();
    await allMeet([ann, bob]);
    await bob.until(() => 'typing' in nkt.plugins, undefined, 'typing');
    await ann.page.locator('#line').pressSequentially('hm');
    await bob.page.locator('.plugin-row', { hasText: 'Ann is typing' }).waitFor();
    await ann.type('hm?');
    await bob.shows('hm?');
    await bob.page.locator('.plugin-row:empty').waitFor({ state: 'attached' });
    await ann.type('/coin');
    await bob.page.locator('.plugin-body', { hasText: 'A coin is tossed' }).waitFor();
    await bob.type('/load whiteboard');
    await bob.page.locator('canvas.whiteboard').waitFor();
    await ready(bob);
    await look(bob, 'polls, a coin and a board');
    await clean([...tabs, cyd]);
  });

  test('places: a button, a section, an action, a row; all gone with the plugin, and what they throw is its own fault', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await bob.run(() => {
      nkt.plugin({
        name: 'places',
        init(_nkt, { ui }) {
          ui.header.button({ label: 'In the header', icon: '★', onClick: () => { throw new Error('pressed'); } });
          ui.panel.section({ title: 'A section' }).textContent = 'in the panel';
          ui.composer.button({ label: 'Beside the line', icon: 'shield', onClick() {} });
          ui.composer.row().textContent = 'above the line';
          ui.message.action({ label: 'Remember', applies: ({ own }) => !own, run: ({ id }) => { window.remembered = id; } });
        },
        messages: { bad: { key: 'bad', render() { throw new Error('a bad body'); } } },
        commands: { pick: { run: ([one]) => `picked ${one}`, complete: () => ['an apple', 'a pear'] } },
      });
    });
    await ann.say({ bad: 1, text: 'seen all the same' });
    await bob.shows('seen all the same');
    await bob.answers('The plugin places failed at messages: a bad body');
    await bob.page.getByRole('button', { name: 'In the header' }).click();
    await bob.answers('The plugin places failed at button: pressed');
    await bob.page.locator('#messages .message .more').first().click();
    await bob.page.getByText('Remember', { exact: true }).click();
    assert.match(await bob.until(() => window.remembered, undefined, 'the action'), /^[0-9a-f]{32}$/);
    await bob.page.locator('#line').fill('/pick "a p');
    await bob.page.locator('#hint button', { hasText: '/pick "a pear"' }).waitFor();
    await bob.page.locator('#line').press('Tab');
    await bob.page.locator('#line').press('Enter');
    await bob.answers('picked a pear');
    const count = () => bob.run(() => document.querySelectorAll('[data-plugin=places]').length);
    assert.equal(await count(), 4);
    await bob.run(() => nkt.unplug('places'));
    assert.equal(await count(), 0);
    await bob.page.locator('#messages .message .more').first().click();
    assert.equal(await bob.page.getByText('Remember', { exact: true }).count(), 0);
  });

  test('a plugin that unloads itself while it is asked leaves nothing behind; what its completion throws is its own fault', async () => {
    const [ann, bob] = await stage.people(['Ann', 'Bob']);
    await bob.run(() => {
      for (const [name, when] of [['early', 'test'], ['late', 'render']]) {
        const did = (what) => { if (what === when) nkt.unplug(name); };
        const type = { key: name, test() { did('test'); return true; }, render() { did('render'); return document.createElement('i'); } };
        nkt.plugin({ name, messages: { [name]: type } });
      }
      const complete = { now() { throw new Error('not now'); }, later: async () => { throw new Error('nor later'); } };
      const commands = Object.fromEntries(Object.entries(complete).map(([name, fn]) => [name, { run() {}, complete: fn }]));
      nkt.plugin({ name: 'hinted', commands });
    });
    await ann.say({ early: 1, text: 'one' });
    await ann.say({ late: 1, text: 'two' });
    await bob.shows('one');
    await bob.shows('two');
    assert.deepEqual(await bob.run(() => [document.querySelectorAll('.plugin-body').length, 'early' in nkt.plugins, 'late' in nkt.plugins]),
      [0, false, false]);
    for (const line of ['/now x', '/later x']) await bob.page.locator('#line').fill(line);
    await bob.until(() => nkt.plugins.hinted.errors.length === 2, undefined, 'both faults');
    assert.deepEqual(await bob.run(() => nkt.plugins.hinted.errors.map(({ error }) => error.message)), ['not now', 'nor later']);
    await clean(ann, bob);
  });

  test('what a plugin shows of a message goes with it: edited, deleted, also for a plugin that is loaded later', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    const load = () => bob.run(() => nkt.plugin({
      name: 'cards', messages: { card: { key: 'card', render: ({ card }) => document.createTextNode(`*${card}*`) } },
    }));
    const bodies = () => bob.page.locator('.plugin-body').allTextContents();
    await load();
    const ids = [];
    for (const card of ['first!', 'second!', 'third!']) ids.push(await ann.say({ card, text: `card ${card}` }));
    await untilTabs(async () => (await bodies()).join() === '*first!*,*second!*,*third!*', 'three bodies');
    await ann.say({ gone: { id: ids[0] } });
    await ann.say({ text: 'card 2', edit: { id: ids[1], n: 1 }, re: { id: ids[1] } });
    await bob.shows('card 2');
    for (const state of ['loaded', 'loaded again', 'after a reload']) {
      await untilTabs(async () => (await bodies()).join() === '*third!*', `${state}: one body, not ${await bodies()}`);
      assert.deepEqual(await bob.page.locator('#messages .text:visible').allTextContents(), ['Deleted', 'card 2'], state);
      assert.doesNotMatch(await bob.run(() => document.querySelector('#messages').outerHTML), /first!|second!/, state);
      if (state === 'loaded again') {
        await bob.page.reload();
        await bob.shows('card 2');
      } else {
        await bob.run(() => nkt.unplug('cards'));
        await bob.page.locator('.plugin-body').waitFor({ state: 'detached' });
      }
      await load();
    }
    await clean(tabs);
  });

  test('a body that cannot be put there, words that are none, what is no plugin’s: the message is shown all the same', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await bob.run(() => nkt.plugin({
      name: 'odd',
      messages: {
        page: { key: 'page', render: () => document.body },
        list: { key: 'list', render: () => document.getElementById('messages') },
        words: { key: 'words', text: () => Object.create(null) },
        promise: { key: 'promise', render: async () => { throw new Error('late'); }, text: () => new Promise(() => {}) },
      },
    }));
    for (const key of ['page', 'list', 'words', 'promise']) await ann.say({ [key]: 1, text: `the ${key}` });
    await ann.say({ words: 1 });
    await ann.type('the end');
    await bob.shows('the end');
    const shown = await bob.page.locator('#messages .text:visible').allTextContents();
    assert.deepEqual(shown.filter(Boolean), ['the page', 'the list', 'the words', 'the promise', 'the end']);
    assert.equal(await bob.page.locator('body #messages').count(), 1);
    assert.ok(await bob.run(() => nkt.plugins.odd.errors.length) >= 3);
    await bob.run(() => nkt.plugin({
      name: 'mute', init: (_nkt, { ui }) => ui.message.action({ label: () => { throw new Error('no words'); }, run() {} }),
    }));
    const message = bob.page.locator('#messages .message').last();
    await message.hover();
    await message.locator('.more').click();
    await message.locator('.acts [data-action=copy]').waitFor();
    assert.match(await message.locator('.acts button').last().textContent(), /^plugin-mute-/);
    await clean(tabs);
  });

  test('a poll of which nothing can be seen is none, and an answer cannot turn its number', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    for (const tab of tabs) {
      await tab.type('/load poll');
      await tab.answers('Plugin poll is loaded.');
    }
    await ann.type('/poll "\u2800" sea hills');
    await ann.answers('Usage: /poll');
    const say = (n, question, answers) => ann.run((value) => nkt.sendEncryptedMessage(value),
      { poll: { id: String(n).padStart(16, '0'), question, answers }, text: `poll ${n}` });
    await say(1, ' \u200b', ['sea', 'hills']);
    await say(2, 'Where?', ['\u2060', 'hills']);
    await say(3, 'Whe\u202ere\u00a0\u00a0to?', ['\u202esea\u200f', '\u05d4\u05e8']);
    await bob.page.locator('.poll').waitFor();
    const [poll, ...others] = await bob.page.locator('.poll').allTextContents();
    assert.deepEqual([poll, others], ['Where to?sea · 0\u2068\u05d4\u05e8\u2069 · 0', []]);
    assert.equal(await bob.page.getByRole('group', { name: 'Where to?', exact: true }).count(), 1);
    await clean(tabs);
  });

  test('state that strangers change all the time: painted once for many; few of many polls; own ones within the limit', async () => {
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    await ann.run(() => { for (const name of ['poll', 'whiteboard']) nkt.register(`state ${name}`, () => ({ version: 0, values: [] })); });
    for (const name of ['poll', 'whiteboard']) {
      await bob.type(`/load ${name}`);
      await bob.answers(`Plugin ${name} is loaded.`);
    }
    await bob.run(() => {
      window.paintCount = 0;
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function count(...args) {
        window.paintCount++;
        return clearRect.apply(this, args);
      };
    });
    await ann.run(async (addr) => {
      for (let version = 1; version <= 20; version++) {
        const values = Array.from({ length: 60 }, (_, i) => [`k${i}`, version]);
        await nkt.rpc(addr, 'state whiteboard', { version, values: [...values, ['strokes', [[version, 1, 2, 3]]]] });
      }
    }, bob.address);
    await bob.until(() => document.querySelector('.whiteboard').dataset.strokes === '1', undefined, 'her stroke');
    const paints = await bob.run(() => window.paintCount);
    assert.ok(paints >= 1 && paints < 20 * 60 / 4, `${paints} of 1,220 changes`);

    const room = tabs.fragment.replace('room=', '');
    const config = { relays: stage.relays, room, RTCPeerConnection: null, storage: 'none' };
    const crowd = await Promise.all([1, 2, 3, 4].map((n) => startPeer(`c${n}`, config)));
    const poll = (n) => ({ id: String(n).padStart(16, '0'), question: `q${n}`, answers: ['a', 'b'] });
    const polls = Array.from({ length: 8 }, (_, i) => poll(i));
    for (const { nkt, session } of crowd) {
      await session(bob.address);
      await nkt.rpc(bob.address, 'state poll', { version: 1, values: [['polls', polls]] });
    }
    await untilTabs(async () => await bob.page.locator('#polls .poll').count() === 20, '20 polls');
    await closePeers();
    const long = (letter) => Array.from({ length: 9 }, (_, i) => `"${letter.repeat(190)}${i}"`).join(' ');
    for (const letter of ['é', 'ü', 'ö', 'ä', 'å']) await bob.type(`/poll ${long(letter)}`);
    const button = bob.page.locator('.plugin-body .poll button', { hasText: 'å' }).first();
    await button.click();
    await bob.page.locator('.plugin-body .poll button[aria-pressed=true]', { hasText: '· 1' }).waitFor();
    await clean(tabs);
  });

  test('whiteboard: drawn by hand and by keyboard, seen by others and by who comes later', async () => {
    const [ann] = await stage.people(['Ann']);
    const fragment = (await ann.page.url()).split('#')[1];
    await ann.type('/load whiteboard');
    const board = ann.page.locator('canvas.whiteboard');
    await board.focus();
    for (const key of [' ', 'ArrowRight', 'ArrowDown', ' ']) await board.press(key);
    const { x, y } = await board.boundingBox();
    await ann.page.mouse.move(x + 20, y + 20);
    await ann.page.mouse.down();
    await ann.page.mouse.move(x + 80, y + 60);
    await ann.page.mouse.up();
    await ann.page.locator('canvas.whiteboard[data-strokes="2"]').waitFor();
    const [bob] = await stage.tabs(1, { fragment });
    await bob.logIn('Bob');
    await bob.type('/load whiteboard');
    await bob.page.locator('canvas.whiteboard[data-strokes="2"]').waitFor();
    await clean([ann, bob]);
  });

  test('a file of this origin by its path: there again after a reload until it is unloaded; none from elsewhere', async () => {
    const code = "export default { name: 'deep', commands: { deep: { run: () => 'from the deep' } } };";
    const [ann] = await stage.people(['Ann']);
    await ann.page.route('**/extra/of-mine.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
    for (const bad of ['//evil.example/x.js', 'https://evil.example/x.js', '/../x.js', '/extra/x.css', 'data:text/javascript,1']) {
      await ann.type(`/load ${bad}`);
      await ann.answers('A plugin name has small letters');
      await ann.page.locator('#leave').evaluate(() => document.querySelector('#messages .note:last-child').remove());
    }
    await ann.type('/load /extra/of-mine.js');
    await ann.answers('Plugin deep is loaded.');
    const reload = async () => {
      await ann.page.reload();
      await ann.page.locator('#line').waitFor();
    };
    await reload();
    await ann.until(() => 'deep' in nkt.plugins, undefined, 'it is there again');
    await ann.type('/deep');
    await ann.answers('from the deep');
    await ann.type('/unload deep');
    await ann.answers('Plugin deep is unloaded.');
    assert.equal(await ann.run(() => localStorage.getItem('nkt.plugins')), '{}');
    await ann.run(() => localStorage.setItem('nkt.plugins', '{"https://evil.example/x.js":true,"../main":true}'));
    await reload();
    assert.deepEqual(await ann.run(() => Object.keys(nkt.plugins)), ['display', 'commands', 'unread', 'calls']);
    await clean([ann]);
  });

  test('switched off while it is on its way it stays off; asked for twice it is loaded once', async () => {
    const [ann] = await stage.people(['Ann']);
    const held = [];
    await ann.page.route('**/plugins/coin.js', (route) => held.push(() => route.continue()));
    const isOn = () => ann.run(() => 'coin' in nkt.plugins);
    const isAsked = () => untilTabs(() => held.length > 0, 'it is asked for');
    await ann.type('/load coin');
    await isAsked();
    await ann.type('/unload coin');
    await ann.answers('Plugin coin is unloaded.');
    held.splice(0).forEach((go) => go());
    await untilTabs(async () => await ann.page.locator('#messages .note', { hasText: 'coin is unloaded' }).count() === 2, 'it came');
    assert.equal(await isOn(), false);
    await ann.page.unroute('**/plugins/coin.js');
    await ann.run(() => { nkt.addEventListener('nktplugin', () => { window.loadCount = (window.loadCount ?? 0) + 1; }); });
    for (const line of ['/load coin', '/load coin']) await ann.type(line);
    const answers = ann.page.locator('#messages .note', { hasText: /Plugin coin is loaded/ });
    await untilTabs(async () => await answers.count() === 2, 'both answers');
    assert.deepEqual([await isOn(), await ann.run(() => window.loadCount)], [true, 1]);
    await ann.page.route('**/plugins/coin.js', (route) => held.push(() => route.continue()));
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await isAsked();
    await ann.type('/unload coin');
    await ann.answers('Plugin coin is unloaded.');
    held.splice(0).forEach((go) => go());
    await ann.type('/load yo');
    await ann.answers('Plugin yo is loaded.');
    assert.equal(await isOn(), false);
    await clean(ann);
  });

  test('storage of a kept identity: there again with its passphrase, and nothing of it in clear', async () => {
    const [ann] = await stage.tabs(1);
    const config = { relays: [], trackers: [], storage: { passphrase: 'a long one', name: 'ann' } };
    const plug = () => ann.run(() => nkt.plugin({ name: 'canary-name', init: (_nkt, { storage }) => { window.kept = storage; } }).name);
    await ann.start('Ann', config);
    await plug();
    await ann.run(() => window.kept.set('canary-key', { text: 'canary-value' }));
    const clear = await ann.run(async () => {
      const found = [JSON.stringify({ ...localStorage, ...sessionStorage })];
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise((resolve) => { indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result); });
        for (const store of db.objectStoreNames) {
          const of = db.transaction([store]).objectStore(store);
          const all = (asked) => new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
          found.push(...(await all(of.getAllKeys())).map(String));
          const text = (it) => (it instanceof Uint8Array ? new TextDecoder().decode(it) : JSON.stringify(it));
          found.push(...(await all(of.getAll())).map(text));
        }
        db.close();
      }
      const notes = found.filter((one) => one.startsWith('plugin/')).length;
      return { count: found.length, notes, bad: found.filter((one) => one.includes('canary')) };
    });
    assert.ok(clear.count > 4 && clear.notes === 1);
    assert.deepEqual(clear.bad, []);
    await ann.page.reload();
    await ann.until(() => Boolean(window.nkt), undefined, 'window.nkt');
    await plug();
    await ann.start('Ann', config);
    assert.deepEqual(await ann.run(() => window.kept.get('canary-key')), { text: 'canary-value' });
  });

  test('debug mode loads none, not even those that were switched on', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await ann.run(() => localStorage.setItem('nkt.plugins', '{"yo":true}'));
    await ann.page.reload();
    await ann.logIn('Ann@debug');
    await ann.answers('Debug mode');
    assert.deepEqual(await ann.run(() => Object.keys(nkt.plugins)), []);
    const line = /nkt\.plugin\(.*\)/.exec(await ann.answers('await import'))?.[0]; // as it stands there
    await ann.page.evaluate(`(async () => ${line})()`);
    assert.deepEqual(await ann.run(() => Object.keys(nkt.plugins)), ['display']);
    await ann.type('shown');
    await ann.shows('shown');
  });
});

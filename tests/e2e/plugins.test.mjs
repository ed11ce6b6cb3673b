// SPDX-License-Identifier: GPL-3.0-or-later
// Plugins on the page: those written for the original, the bundled ones, their switches, their faults.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { allMeet, untilTabs } from '../support/tab.mjs';
import { until } from '../glue/support/until.mjs';
import { skip } from '../glue/support/wasm.mjs';

describe('plugins', { skip, timeout: 120_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const clean = async (tabs) => {
    for (const tab of tabs) assert.deepEqual(await tab.faults(), []);
  };
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
    assert.deepEqual(names, [...on, 'irc false', 'notify false', 'replace false', 'yo false']);
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

  test('docs/plugins.md: its plugins work as they stand there', async () => {
    const text = readFileSync(new URL('../../docs/plugins.md', import.meta.url), 'utf8');
    const [hello, coin, score] = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
    const tabs = await stage.people(['Ann', 'Bob']);
    const [ann, bob] = tabs;
    const lines = [];
    bob.page.on('console', (message) => lines.push(message.text()));
    for (const tab of tabs) {
      await tab.page.route('**/plugins/coin.js', (route) => route.fulfill({ contentType: 'text/javascript', body: coin }));
      await tab.type('/load coin');
      await tab.answers('Plugin coin is loaded.');
    }
    await bob.page.evaluate(hello);
    await ann.type('/coin');
    assert.match(await ann.answers('You tossed '), /^You tossed (heads|tails)\.$/);
    assert.match(await bob.answers('Ann tossed '), /^Ann tossed (heads|tails)\.$/);
    await ann.type('/help');
    await ann.answers('tosses a coin');
    await bob.page.evaluate(score);
    await ann.type('/coin');
    await untilTabs(async () => /^heads [01], tails [01]$/.test(await bob.page.title()), 'a score');
    assert.equal(await bob.page.locator('#messages .note', { hasText: 'Ann tossed' }).count(), 1);
    await bob.run(() => nkt.unplug('score'));
    await ann.type('good bye');
    await until(() => lines.includes('Ann says good bye'), 'a line in the console');
    await clean(tabs);
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

// SPDX-License-Identifier: GPL-3.0-or-later
// A tab that is reloaded, or away for a while, stays the same user: what was said meanwhile arrives, once.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { fault, print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const COUNT = 200;
const EVERY_MS = 15;
const RETURN_MS = 10_000; // what was queued arrives within this after a return

/** In the page: notes what it receives so that it outlives the page. */
function keepNotes() {
  window.addEventListener('nktencryptedmessagereceived', ({ detail, from }) => {
    localStorage.setItem('heard', `${localStorage.getItem('heard') ?? ''}${from} ${detail?.i ?? detail}\n`);
  });
}

const notes = (tab) => tab.run(() => (localStorage.getItem('heard') ?? '').split('\n').slice(0, -1)).catch(() => []);

describe('a reload', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Two, each in a browser of its own, so that their notes do not mix. */
  async function pair() {
    await stage.startServers();
    const [ann, bob] = await stage.people(['Ann', 'Bob'], { before: keepNotes });
    return { ann, bob };
  }

  const series = (from, count) => Array.from({ length: count }, (_, i) => `${from.address} ${i}`);
  const numbered = (lines) => [...lines].sort((a, b) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]));

  async function back(tab) {
    await tab.page.locator('#line').waitFor();
    assert.equal(await tab.until(() => nkt.mySwarm.address(), undefined, 'an address'), tab.address);
  }

  test('while it is being talked to, three times: each message once', async () => {
    const { ann, bob } = await pair();
    const talking = ann.run((what) => window.probe.talk(what), { count: COUNT, everyMs: EVERY_MS, tag: 'x', to: bob.address });
    for (const share of [0.2, 0.4, 0.7]) {
      await untilTabs(async () => (await notes(bob)).length >= COUNT * share, `${share} of the messages`, 20_000);
      await bob.page.reload();
      await back(bob);
    }
    await talking;
    const start = Date.now();
    await ann.delivered(RETURN_MS);
    print(`reloaded 3 times under ${COUNT} messages: the last acknowledged ${Date.now() - start} ms after the last was said`);
    const lastMs = Date.now() - start;
    assert.deepEqual(numbered(await notes(bob)), series(ann, COUNT));
    fault('reloaded', { lost: 0, twice: 0, lastMs });
  });

  test('while it talks: what its promises had taken arrives, once, and nothing twice', async () => {
    const { ann, bob } = await pair();
    await bob.run(({ count, everyMs }) => {
      window.probe.talk({ count, everyMs, tag: 'x' });
    }, { count: COUNT, everyMs: EVERY_MS });
    await untilTabs(async () => (await notes(ann)).length >= COUNT / 3, 'a third of the messages', 20_000);
    await bob.page.reload();
    await back(bob);
    await allMeet([ann, bob]);
    await bob.say('the end');
    await bob.delivered(RETURN_MS);
    await untilTabs(async () => (await notes(ann)).includes(`${bob.address} the end`), 'the end', RETURN_MS);
    const heard = (await notes(ann)).filter((line) => !line.endsWith('the end'));
    assert.equal(new Set(heard).size, heard.length, 'nothing twice');
    assert.deepEqual(numbered(heard), series(bob, heard.length), 'no gap');
  });

  test('away for a while: what was queued arrives when it is back', async () => {
    const { ann, bob } = await pair();
    const url = bob.page.url();
    await bob.page.goto(`${stage.app.url}/favicon.svg`); // the tab stays, nkt is gone
    await ann.until((addr) => nkt.userList[addr].isUnreachable, bob.address, 'that Bob is gone');
    for (let i = 0; i < 20; i++) await ann.say({ i }, bob.address);
    await bob.page.goto(url);
    await bob.logIn('Bob');
    const start = Date.now();
    await ann.delivered(RETURN_MS);
    const returnMs = Date.now() - start;
    print(`20 messages for one who was away: all acknowledged ${returnMs} ms after the return`);
    fault('away for a while', { lost: 0, returnMs });
    assert.deepEqual(await notes(bob), series(ann, 20));
  });

  test('the sender is reloaded while the other is away: what it had queued is not forgotten', async () => {
    const { ann, bob } = await pair();
    const url = bob.page.url();
    await bob.page.goto(`${stage.app.url}/favicon.svg`);
    await ann.until((addr) => nkt.userList[addr].isUnreachable, bob.address, 'that Bob is gone');
    for (let i = 0; i < 20; i++) await ann.say({ i }, bob.address);
    await ann.until(() => nkt.health().storage.state === 'ok', undefined, 'its storage');
    await ann.page.reload();
    await back(ann);
    await bob.page.goto(url);
    await bob.logIn('Bob');
    await untilTabs(async () => (await notes(bob)).length >= 20, 'what Ann had queued', RETURN_MS);
    assert.deepEqual(await notes(bob), series(ann, 20));
  });

  test('with all servers dead, the others go on while one is away for good', async () => {
    const { ann, bob } = await pair();
    await Promise.all([stage.app.kill(), stage.tracker.kill()]);
    await bob.page.close();
    await ann.until((addr) => nkt.userList[addr].isUnreachable, bob.address, 'that Bob is gone');
    await ann.type('into the void');
    await ann.shows('into the void', '.own');
    await ann.page.locator('#status[data-state=bad]').waitFor();
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The page as people use it: log in, type, read; commands; what it weighs and whom it talks to; names that mean something.
// Alone: the time from a cold load to the first message is measured.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { median, print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

// 10 of it ML-KEM, 6 the ratchet of its keys, 12 letters and keepers, 10 clocks, those who are away, crowds: one module is built for all
const WASM_SIZE_MAX = 195 * 1024; // 200 KB, with contents in it
// all that is loaded beside it, gzipped: scripts, looks, a table of signs; a talk needs reactions, edits and other rooms at once
const PAGE_SIZE_MAX = 118 * 1024;
const COLD_TRIES = 5;
const HTML = '<img src=x onerror=pwned=1><b>Ann</b>';

describe('the page', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Two that logged in by hand, in a room of their own, and have met. */
  const pair = (nicks = ['Ann', 'Bob']) => stage.people(nicks, { isOneBrowser: true });

  test('two tabs: log in, type, see it on the other side, delivered; both ways, and privately', async () => {
    const [ann, bob] = await pair();
    for (const [from, to, text] of [[ann, bob, 'Hello, Bob. 🦊'], [bob, ann, 'Hello, Ann.\nHow are you?']]) {
      await from.type(text);
      const seen = await to.shows(text);
      assert.equal(await seen.getAttribute('data-from'), from.address);
      await from.shows(text, '.own[data-state=delivered]');
    }
    await ann.page.locator('#users .user[data-session=established][data-path=direct]').waitFor();
    await ann.type('/msg Bob between us');
    await bob.shows('between us', '[data-private=true]');
    await ann.shows('between us', '.own[data-private=true][data-state=delivered]');
    for (const tab of [ann, bob]) assert.deepEqual(await tab.faults(), []);
  });

  test('/help /list /status /nick /mute /connect', async () => {
    const [ann, bob] = await pair();
    await ann.type('/help');
    const help = await ann.answers('/connect ADDRESS');
    for (const name of ['/list', '/mute', '/status', '/msg', '/nick', '/plugins', '/swarm', '/help']) assert.ok(help.includes(name), name);
    await ann.type('/list');
    assert.match(await ann.answers('1 person:'), new RegExp(`Bob\\s+${bob.address}\\s+direct`));
    await ann.until(() => nkt.health().trackers[0].state === 'open', undefined, 'the tracker: they may have met by the relay alone');
    await ann.type('/status');
    assert.match(await ann.answers('1 encrypted session'), /relay ok, tracker ok, 1 direct link/);
    await bob.type('/nick Robert');
    await ann.page.locator('#users .user', { hasText: 'Robert' }).waitFor();

    await ann.type('/mute Robert');
    await ann.page.locator('#users .user[data-muted=true]').waitFor();
    await ann.type('not for Robert');
    await ann.shows('not for Robert', '.own[data-state=nobody]');
    await ann.type('/mute Robert');
    await ann.page.locator('#users .user[data-muted=false]').waitFor();
    await ann.type('for Robert');
    await ann.shows('for Robert', '.own[data-state=delivered]');
    assert.deepEqual((await bob.messages()).map(({ value }) => value), ['for Robert']);

    await ann.type(`/connect ${bob.address}`);
    await ann.answers(`Connected to ${bob.address}.`);
    await ann.type('/connect nowhere');
    await ann.answers('No link to nowhere:');
    await ann.type('/dance');
    await ann.answers('There is no command /dance.');
  });

  test('a nick with spaces in commands, in quotes and without; nobody gets what is for another by his nick', async () => {
    const [ann, ada] = await pair(['Ann', 'Ada L']);
    for (const [line, text] of [['/msg Ada L without quotes', 'without quotes'], ['/msg "ada l" with  "quotes"', 'with  "quotes"'],
      ['/msg “Ada L” curly', 'curly']]) {
      await ann.type(line);
      await ada.shows(text, '[data-private=true]');
    }
    for (const muted of [true, false]) {
      await ann.type(muted ? '/mute "Ada L"' : '/mute Ada L');
      await ann.page.locator(`#users .user[data-muted=${muted}]`).waitFor();
    }
    await ann.type('/verify Ada L');
    await ann.page.locator('#verify-number li').nth(11).waitFor();
    await ann.page.keyboard.press('Escape');
    await ada.type('/nick Ann');
    await ann.page.locator('#users .user', { hasText: 'Ann' }).waitFor();
    await ada.type('/nick Eve I');
    const [eve] = await stage.tabs(1, { fragment: (await ann.page.url()).split('#')[1] });
    await eve.logIn('Eve');
    await ann.session(eve.address);
    await ann.page.locator('#users .user', { hasText: 'Eve I' }).waitFor();
    await ann.type('/msg Eve I think so');
    await ann.answers('whom do you mean: "Eve" or "Eve I"');
    await ann.type('/msg "Eve" I think so');
    await eve.shows('I think so', '[data-private=true]');
    assert.equal((await ada.messages()).length, 3);
  });

  test('nicks and texts full of HTML, and a user called __proto__, change nothing', async () => {
    const tabs = await pair([HTML, '__proto__']);
    const [ann, proto] = tabs;
    const look = () => ({
      injected: document.querySelectorAll('img, iframe, b b, script:not(head script)').length,
      pwned: 'pwned' in window,
      own: Object.getOwnPropertyNames(Object.prototype).sort().join(),
      polluted: ['nick', 'addr', 'text', 'polluted', 'private'].filter((name) => name in {}),
    });
    const clean = await ann.run(() => Object.getOwnPropertyNames(Object.prototype).sort().join());
    await ann.type(HTML);
    await proto.shows(HTML);
    await proto.type('/list');
    assert.ok((await proto.answers('1 person:')).includes(HTML));
    await ann.type('/msg __proto__ to the prototype');
    await proto.shows('to the prototype', '[data-private=true]');
    await ann.type('/mute __proto__');
    await ann.page.locator('#users .user[data-muted=true]').waitFor();
    await ann.type('/mute __proto__');
    await ann.page.locator('#users .user[data-muted=false]').waitFor();
    await proto.say(JSON.parse('{"__proto__": {"polluted": 1}, "text": "an odd value", "private": true}'));
    await ann.shows('an odd value');
    for (const tab of tabs) {
      assert.deepEqual(await tab.run(look), { injected: 0, pwned: false, own: clean, polluted: [] });
      assert.deepEqual(await tab.faults(), []);
    }
    assert.equal(await ann.page.locator('#users .user-nick').textContent(), '__proto__');
    assert.equal(await proto.page.locator('#users .user-nick').textContent(), HTML);
    assert.equal(await ann.page.locator('#you-nick').textContent(), HTML);
  });

  test('same address after a reload; goes on talking without asking', async () => {
    const [ann, bob] = await pair();
    await ann.type('before');
    await bob.shows('before');
    const { address } = bob;
    await bob.page.reload();
    await bob.page.locator('#line').waitFor();
    assert.equal(await bob.until(() => nkt.mySwarm.address(), undefined, 'an address'), address);
    await allMeet([ann, bob]);
    await ann.type('after');
    await bob.shows('after');
    await bob.type('still me');
    assert.equal(await (await ann.shows('still me')).getAttribute('data-from'), address);
    await ann.shows('after', '.own[data-state=delivered]');
    await bob.shows('still me', '.own[data-state=delivered]');
    assert.equal(await ann.page.locator('#users .user').count(), 1);
  });

  test('back from another page: the same person, at once, in the room that one was in; not after one has left', async () => {
    const [ann, bob] = await pair();
    const { address } = bob;
    const elsewhere = `${stage.app.url}/favicon.svg`;
    await bob.page.goto(elsewhere);
    await bob.page.goBack();
    await bob.page.locator('#line').waitFor();
    assert.equal(await bob.until(() => nkt.mySwarm.address(), undefined, 'an address'), address);
    await allMeet([ann, bob]);
    await bob.type('back again');
    await ann.shows('back again');
    await bob.page.locator('#leave').click();
    await bob.page.locator('#nick').waitFor();
    await bob.page.goto(elsewhere);
    await bob.page.goBack();
    await bob.page.locator('#nick').waitFor();
    await bob.until(() => document.getElementById('trouble').hidden, undefined, 'all of the page');
    assert.equal(await bob.run(() => document.getElementById('app').hidden), true);
  });

  test('weight, and whom it talks to', async () => {
    const context = await stage.newContext();
    /** @type {import('playwright-core').Request[]} */
    const requests = [];
    const sockets = new Set();
    context.on('request', (request) => requests.push(request));
    const fragment = `room=${stage.newRoom()}`;
    const tabs = [];
    for (const nick of ['Ann', 'Bob']) {
      const tab = await Tab.blank(context, { before: () => { window.requestIdleCallback = () => 0; } }); // what comes later is not counted
      tab.page.on('websocket', (socket) => sockets.add(socket.url().replace(/\/$/, '')));
      await tab.load(`${stage.app.url}/#${fragment}`);
      tabs.push(await tab.logIn(nick));
    }
    await allMeet(tabs);
    await tabs[0].type('hello');
    await tabs[1].shows('hello');

    const origins = new Set(requests.map((request) => new URL(request.url()).origin));
    assert.deepEqual([...origins], [stage.app.url]);
    assert.deepEqual([...sockets].sort(), [...stage.relays, ...stage.trackers].sort());

    const isOfWorker = (request) => request.serviceWorker() !== null;
    const first = requests.filter((request) => !isOfWorker(request) && request.frame() === tabs[0].page.mainFrame());
    const files = await Promise.all(first.map(async (request) => {
      const { responseBodySize } = await request.sizes();
      return { path: new URL(request.url()).pathname, size: responseBodySize };
    }));
    const sum = files.reduce((size, file) => size + file.size, 0);
    const wasm = files.find(({ path }) => path === '/core.wasm')?.size ?? Infinity;
    const kib = (size) => (size / 1024).toFixed(1);
    print(`${files.length} files, ${kib(sum)} KiB gzipped, of it core.wasm ${kib(wasm)} KiB, the rest ${kib(sum - wasm)}`);
    const again = await Promise.all(requests.filter(isOfWorker).map(async (request) => (await request.sizes()).responseBodySize));
    print(`the service worker: ${again.length} requests, ${kib(again.reduce((size, one) => size + one, 0))} KiB, after the login`);
    assert.equal(new Set(files.map(({ path }) => path)).size, files.length, 'nothing twice');
    const scripts = files.map(({ path }) => path).filter((path) => path.endsWith('.js')).sort();
    const few = ['/check.js', '/first.js', '/glue/confusables.js', '/main.js']; // what can run, the login, a table of signs, the rest
    assert.deepEqual(scripts, few);
    assert.ok(wasm <= WASM_SIZE_MAX, `core.wasm: ${kib(wasm)} KiB`);
    assert.ok(sum - wasm <= PAGE_SIZE_MAX, `${kib(sum - wasm)} KiB beside core.wasm`);
  });

  test('from a cold load to the first message shown', async () => {
    const times = [];
    for (let i = 0; i < COLD_TRIES; i++) {
      const fragment = `room=${stage.newRoom()}`;
      const [host] = await stage.tabs(1, { fragment });
      await host.logIn('host');
      await host.run(() => {
        const greet = ({ detail }) => nkt.sendEncryptedMessage('welcome', detail.data.addr);
        window.addEventListener('nktnewpeer', greet, { once: true });
      });
      await host.until(() => nkt.health().relays[0].state === 'open', undefined, 'the relay');
      const guest = await Tab.blank(await stage.newContext(), { before: noteFirstMessage });
      guest.name = 'guest';
      await guest.page.goto(`${stage.app.url}/#${fragment}`, { waitUntil: 'commit' });
      await guest.logIn('guest');
      times.push(await guest.until(() => window.shownAt, undefined, 'the first message'));
      await stage.clear();
    }
    print(`cold load to the first message shown, logging in by hand: median ${median(times).toFixed(0)} ms `
      + `(${times.map((ms) => ms.toFixed(0)).join(', ')})`);
    assert.ok(median(times) < 5000);
  });
});

/** In the page: when the first message of somebody else was painted, in ms since the load began. */
function noteFirstMessage() {
  const observer = new MutationObserver(() => {
    if (!document.querySelector('#messages .message .text')) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      window.shownAt = performance.now();
    });
  });
  observer.observe(document, { childList: true, subtree: true });
}

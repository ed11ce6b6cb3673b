// SPDX-License-Identifier: GPL-3.0-or-later
// The console of a page that works is silent: no warning, no error, no request that fails. Whoever looks into it because something is wrong
// must not have to know which of fifty lines matter.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { print } from '../support/figures.mjs';
import { Stage } from '../support/stage.mjs';
import { allMeet, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const UNUSED_MS = 7000; // after `load`, browsers warn of what was preloaded for nothing: Chromium after 3 to 5 s

const isOfConsole = (type) => ['warning', 'warn', 'error', 'assert'].includes(type);

describe('a silent console', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ browsers: ['chromium', 'firefox'], isWhole: true });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Requests that wait for their answer, by tab: a page that goes breaks them off, and Firefox says so. */
  const pending = new Map();

  /** Tells of each line of a page's console, and of each of its requests that fails. */
  function listen({ name, page }, lines) {
    const open = new Set();
    pending.set(page, open);
    page.on('request', (request) => open.add(request));
    for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request));
    page.on('console', (line) => {
      if (isOfConsole(line.type())) lines.push(`${name}: ${line.type()}: ${line.text()} (${line.location()?.url})`);
    });
    page.on('pageerror', (error) => lines.push(`${name}: ${error.message}`));
    page.on('requestfailed', (request) => lines.push(`${name}: failed: ${request.url()} ${request.failure()?.errorText}`));
    page.on('response', (response) => response.status() >= 400 && lines.push(`${name}: ${response.status()} ${response.url()}`));
  }

  /** Login, a message, every window that is fetched when it is wanted, a reload, another message, the way out. */
  async function live(browser) {
    const lines = [];
    const fragment = `room=${stage.newRoom()}`;
    const tabs = [];
    for (const nick of ['Ann', 'Bob']) {
      const [tab] = await stage.tabs(1, { fragment, browser, prepare: (blank) => listen(blank, lines) });
      await tab.logIn(nick);
      tabs.push(tab);
    }
    const [ann, bob] = tabs;
    await allMeet(tabs);
    await ann.page.bringToFront();
    const [hello] = await Promise.all([bob.hears('hello', ({ value }) => value === 'hello'), ann.type('hello')]);
    assert.equal(hello.from, ann.address);
    for (const [command, id] of [['/settings', 'settings'], ['/swarm', 'swarm'], ['/verify Bob', 'verify']]) {
      await ann.type(command);
      await ann.until((name) => document.getElementById(name)?.open && Promise.all(document.getElementById(name).getAnimations()), id, id);
      await ann.run((name) => document.getElementById(name).close(), id);
    }
    await ann.until((ms) => performance.now() > ms, UNUSED_MS, 'the time after which unused preloads are warned of');
    // Firefox says so itself of a socket that is still connecting when its page goes
    const isConnected = () => ['relays', 'trackers'].every((kind) => nkt.health()[kind].every(({ state }) => state === 'open'));
    await ann.until(isConnected, undefined, 'relay and tracker');
    const isAhead = () => navigator.serviceWorker.controller !== null
      || performance.getEntriesByName(`${location.origin}/lib/qr.mjs`).length > 0;
    await ann.until(isAhead, undefined, 'a worker that has all of the page, or all of it fetched ahead');
    await untilTabs(() => pending.get(ann.page).size === 0, 'the answers to what was asked');
    await ann.page.reload(); // from what the service worker keeps, if it is ready
    await ann.page.locator('#line').waitFor();
    await allMeet(tabs);
    await bob.say('welcome back');
    await ann.hears('welcome back', ({ value }) => value === 'welcome back');
    await ann.until((ms) => performance.now() > ms, UNUSED_MS, 'the same for the page from the worker');
    for (const tab of tabs) assert.deepEqual(await tab.faults(), []);
    const { origin } = new URL(stage.app.url);
    // Firefox says so of any page that goes while it writes: what is not written then is left to the next one (store.js)
    const isOfReload = (text) => /^An IndexedDB transaction .* aborted due to page navigation/.test(text);
    const told = browser === 'firefox' ? (await stage.consoleOfFirefox()).filter(({ url }) => url.startsWith(origin)) : [];
    // and, in two lines, of a socket that connected just then; of a server that is not there in one of them alone
    const gone = told.flatMap(({ text }) => /^The connection to (\S+) was interrupted while the page/.exec(text)?.[1] ?? []);
    const isOfSocket = (text) => gone.some((url) => text.includes(`server at ${url}.`) || text.includes(`connection to ${url} `));
    for (const { text, url } of told) if (!isOfReload(text) && !isOfSocket(text)) lines.push(`${text} (${url})`);
    return lines;
  }

  for (const browser of /** @type {const} */ (['chromium', 'firefox'])) {
    test(`${browser}: login, a message, windows, a reload: nothing to read`, async () => {
      const lines = await live(browser);
      print(`${browser}: ${lines.length} lines in the console`);
      assert.deepEqual(lines, []);
    });
  }

  test('these tests would see a warning of the browser, an error of a script, and a request that fails', async () => {
    for (const browser of /** @type {const} */ (['chromium', 'firefox'])) {
      const lines = [];
      const [tab] = await stage.tabs(1, { browser, prepare: (blank) => listen(blank, lines) });
      const own = () => (browser === 'firefox' ? stage.consoleOfFirefox() : []);
      const before = (await own()).length;
      await tab.run(() => {
        document.head.append(Object.assign(document.createElement('style'), { textContent: 'p { color: red }' })); // the policy forbids it
        console.warn('of a script');
        return fetch('/not/here').then(() => {});
      });
      const seen = async () => [...lines, ...(await own()).slice(before).map(({ text }) => text)].join('\n');
      for (const what of [/style-src/, /of a script/, /404 .*\/not\/here/]) {
        await untilTabs(async () => what.test(await seen()), `${browser}: ${what}`);
      }
    }
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The page without its server: its service worker serves it, from one checked set of files; a newer one is told of, a wrong
// one refused.
// Long: the limits of its worker are waited for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { print } from '../support/figures.mjs';
import { Stage, lackWorker } from '../support/stage.mjs';
import { Tab, allMeet, untilTabs } from '../support/tab.mjs';
import { until } from '../glue/support/until.mjs';
import { skip } from '../glue/support/wasm.mjs';

const ALIVE_MS = 1000; // web/sw.js

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** The texts are part of the login. */
const otherWords = (text, words = 'Go away') => text.replace('"Leave"', `"${words}"`);

/** A list of files as app.js makes it. */
const listOf = (files) => JSON.stringify({ version: sha256(JSON.stringify(files)), files });

describe('the page without its server', { skip, timeout: 400_000 }, () => {
  /** @type {Stage} */
  let stage;
  /** @type {Array<() => Promise<void>>} */
  const closing = [];
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());
  afterEach(async () => {
    await stage.clear();
    for (const close of closing.splice(0)) await close();
  });

  const isKept = (tab) => tab.until(async () => (await navigator.serviceWorker.getRegistration())?.active
    && (await caches.keys()).some((name) => name.startsWith('nkt-set-')), undefined, 'a whole set');

  /** In front of app.js, so that what it serves can be another version, or wrong. */
  async function front() {
    const changed = new Map(); // path -> (text) => text
    const slow = new Map(); // path -> ms until it is answered, or 'stuck': the beginning of an answer, and no more
    const stuck = new Set();
    const requests = [];
    const serve = async (request, response) => {
      const path = request.url.split('?', 1)[0];
      requests.push(path);
      const answer = await fetch(new URL(request.url, stage.app.url));
      const hop = /^(content-(encoding|length)|etag|connection|keep-alive|date)$/;
      const headers = Object.fromEntries([...answer.headers].filter(([name]) => !hop.test(name)));
      const change = changed.get(path);
      const body = change ? Buffer.from(change(await answer.text())) : Buffer.from(await answer.arrayBuffer());
      const how = slow.get(path);
      if (how === 'stuck') {
        stuck.add(response);
        response.once('close', () => stuck.delete(response));
        response.writeHead(answer.status, headers).write(body.subarray(0, body.length / 2));
        return;
      }
      if (how) await sleep(how);
      response.writeHead(answer.status, headers).end(body);
    };
    // a worker may ask while app.js ends
    const server = createServer((request, response) => serve(request, response).catch(() => response.destroy()));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const close = () => new Promise((resolve) => {
      server.close(() => resolve(undefined));
      server.closeAllConnections();
    });
    closing.push(close);
    return { url: `http://localhost:${port}`, changed, slow, stuck, requests, close };
  }

  /** Servers, one in front of them, and a page there that knows neither relay nor tracker. */
  async function begin() {
    await stage.startServers();
    const server = await front();
    return { server, url: `${server.url}/#room=${stage.newRoom()}&relays=&trackers=` };
  }

  /** Another version of one file: the list says so, as app.js would after a change. */
  async function newVersion(server, path, change) {
    const body = change(await (await fetch(new URL(path, stage.app.url))).text());
    server.changed.set(path, () => body);
    server.changed.set('/set.json', (text) => {
      const { files } = JSON.parse(text);
      return listOf({ ...files, [path]: sha256(body) });
    });
  }

  const words = (tab, text = 'Go away') => tab.page.locator('#leave').getByText(text);

  /** Reloads a page whose server has something newer, which it gets: at once where the server's list came in time, else it is told. */
  async function getsNewer(tab) {
    await tab.page.reload();
    await tab.page.locator('#line').waitFor();
    const waited = await tab.run(() => {
      const [{ workerStart, responseStart }] = performance.getEntriesByType('navigation');
      return responseStart - workerStart;
    });
    if (waited >= ALIVE_MS && !await words(tab).isVisible()) {
      print(`the list took more than a second: the page began after ${waited.toFixed(0)} ms with what was kept`);
      await tab.page.locator('#newer-reload').click();
    }
    await words(tab).waitFor();
  }

  async function open(url, nick, context) {
    const tab = await Tab.blank(context ?? await stage.newContext());
    tab.name = nick;
    await tab.load(url);
    await tab.logIn(nick);
    await isKept(tab);
    return tab;
  }

  test('app.js is killed: a reload and a new tab work, and find the others through the tracker', async () => {
    await stage.startServers();
    const url = `${stage.app.url}/#room=${stage.newRoom()}`;
    const context = await stage.newContext();
    const ann = await open(url, 'Ann', context);
    const bob = await open(url, 'Bob', await stage.newContext());
    await allMeet([ann, bob]);
    await bob.until(() => navigator.serviceWorker.controller !== null, undefined, 'a page on its first visit is under its worker');
    process.kill(stage.app.pid, 'SIGKILL');
    await ann.page.locator('#status[data-state=warn]').waitFor();
    const { address } = ann;
    const start = performance.now();
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    print(`reload with app.js dead: ${(performance.now() - start).toFixed(0)} ms to the line`);
    assert.equal(await ann.until(() => nkt.mySwarm.address(), undefined, 'an address'), address);
    const looks = ['calls', 'files', 'menu', 'search', 'settings', 'swarm', 'verify'];
    await ann.until((all) => all.every((name) => [...document.styleSheets].some(({ href }) => href?.endsWith(`/${name}.css`))), looks,
      'the looks of windows that nobody has opened: with thousands of messages they would cost a look at each');
    assert.deepEqual(await ann.run(() => nkt.trackers), stage.trackers, 'what the server said last');
    const policy = await ann.run(async () => (await fetch('/')).headers.get('content-security-policy'));
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';.*trusted-types nkt-worker nkt-derive$/, 'as strict as before');
    await allMeet([ann, bob]);
    await ann.type('back without a server');
    await bob.shows('back without a server');
    await ann.type('/verify Bob'); // what is fetched when it is first wanted is there as well
    await ann.page.locator('#verify-qr').waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.type('/swarm');
    await ann.page.locator('#swarm-list li').first().waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#attach-file').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await ann.page.locator('#attached li').waitFor();
    await ann.page.locator('#send').click();
    await bob.page.locator('.card-content [data-act=cardFetch]').click(); // nothing of his was loaded ahead
    await bob.page.locator('.card-content[data-state=complete]').waitFor();
    const isKeptInFiles = async () => (await Array.fromAsync((await navigator.storage.getDirectory()).keys())).length > 0;
    assert.ok(await bob.run(isKeptInFiles), 'its worker came from what is kept, though the page did not');
    for (const tab of [ann, bob]) {
      await tab.type('/load irc');
      await tab.answers('Plugin irc is loaded.');
      await tab.run(async () => (await import('/messages.js')).note('from a module that lives in another file'));
      await tab.answers('from a module');
    }

    const mangled = await (await Tab.blank(context)).load(url.replace('#', '%23'));
    assert.equal(await mangled.page.locator('#room').inputValue(), new URLSearchParams(new URL(url).hash.slice(1)).get('room'));
    await mangled.page.close();
    const carl = await Tab.blank(context);
    await carl.page.goto(`${url.replace('#', '?a=new+tab#')}`);
    await carl.logIn('Carl');
    await allMeet([carl, bob, ann]);
    await carl.type('opened without a server');
    await bob.shows('opened without a server');
    for (const tab of [ann, carl]) assert.deepEqual(await tab.faults(), []);
  });

  test('where no worker is, what is seldom wanted is fetched in time', async () => {
    await stage.startServers();
    const ann = await Tab.blank(await stage.newContext(), { before: lackWorker });
    await ann.load(`${stage.app.url}/#room=${stage.newRoom()}`);
    await ann.logIn('Ann');
    const later = [
      '/calls.js', '/calls.css', '/menu.js', '/menu.css', '/emoji.js', '/search.js',
      '/files.js', '/files.css', '/glue/content_parts.js', '/settings.js',
      '/verify.js', '/swarm.js',
    ];
    await ann.until((all) => all.every((path) => performance.getEntriesByName(new URL(path, location.href).href).length > 0), later, 'all');
    // a module has come when what it imports has
    await ann.run((all) => Promise.all(all.map((path) => import(path))), later.filter((path) => path.endsWith('.js')));
    process.kill(stage.app.pid, 'SIGKILL');
    await ann.type('/swarm');
    await ann.page.locator('#swarm[open]').waitFor();
    assert.deepEqual(await ann.faults(), []);
  });

  test('a reload under a living server: the same version from what is kept, a newer one at once and whole', async () => {
    const { server, url } = await begin();
    const context = await stage.newContext();
    const ann = await open(url, 'Ann', context);
    const old = await open(url, 'Old', context);
    await old.page.reload(); // now it lives on the set that is kept
    await old.page.locator('#line').waitFor();

    server.requests.length = 0;
    const start = performance.now();
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    print(`reload with the server alive: ${(performance.now() - start).toFixed(0)} ms to the line, `
      + `${server.requests.length} requests: ${server.requests.join(' ')}`);
    assert.ok(!server.requests.includes('/main.js') && !server.requests.includes('/core.wasm'), 'nothing is loaded again');
    assert.equal(await ann.page.locator('#newer').isVisible(), false);

    await newVersion(server, '/first.js', otherWords);
    server.requests.length = 0;
    await getsNewer(ann);
    const again = (path) => server.requests.includes(path);
    assert.deepEqual(['/first.js', '/main.js', '/core.wasm'].filter(again), ['/first.js'], 'only what changed is loaded');

    // the other page goes on with what it began with, and is told
    await old.page.locator('#newer').waitFor();
    assert.equal(await old.page.locator('#leave').textContent(), 'Leave');
    assert.equal(await old.run(async () => (await (await fetch('/first.js')).text()).includes('Go away')), false, 'one set a page');
    assert.equal(await ann.run(async () => (await (await fetch('/first.js')).text()).includes('Go away')), true);
    await old.page.locator('#newer-reload').click();
    await words(old).waitFor();
    assert.equal(await old.page.locator('#newer').isVisible(), false);

    // and without the server the newer one is there
    await server.close();
    await ann.page.reload();
    await words(ann).waitFor();
  });

  test('a list that takes three seconds: pages wait one, and are told when the newer version is there', async () => {
    const { server, url } = await begin();
    const context = await stage.newContext();
    const ann = await open(url, 'Ann', context);
    const old = await open(url, 'Old', context);
    server.slow.set('/set.json', 3000);
    await newVersion(server, '/first.js', otherWords);
    server.requests.length = 0;
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    assert.equal(await ann.page.locator('#leave').textContent(), 'Leave', 'from what is kept');
    for (const tab of [ann, old]) await tab.page.locator('#newer').waitFor();
    await ann.page.locator('#newer-reload').click();
    await words(ann).waitFor();
    const lists = server.requests.filter((path) => path === '/set.json').length;
    assert.ok(lists <= 6, `asked for by reloads and once by pages, not over and over: ${lists} times`);
  });

  test('a file that comes half and no more: given up, and what the server has by then is not kept waiting', async () => {
    const { server, url } = await begin();
    const ann = await open(url, 'Ann');
    await newVersion(server, '/first.js', otherWords);
    server.slow.set('/first.js', 'stuck');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    assert.equal(await ann.page.locator('#leave').textContent(), 'Leave', 'from what is kept');

    // another version, while the worker waits for that one
    server.slow.clear();
    await newVersion(server, '/first.js', (text) => otherWords(text, 'Be gone'));
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    if (await ann.page.locator('#leave').textContent() === 'Leave') await ann.page.locator('#newer-reload').click();
    await words(ann, 'Be gone').waitFor();

    // the same version, which comes the second time
    await newVersion(server, '/first.js', otherWords);
    server.slow.set('/first.js', 'stuck');
    await ann.page.reload();
    await words(ann, 'Be gone').waitFor();
    server.slow.clear();
    await until(() => server.stuck.size === 0, 'the worker has given it up', 30_000);
    await getsNewer(ann);
    assert.equal(await ann.page.locator('#messages .note[data-kind=error]').count(), 0, 'nothing is wrong with it');
  });

  test('the server goes back to a version that a page lives on, and breaks on its way: its set stays', async () => {
    const { server, url } = await begin();
    const context = await stage.newContext();
    const old = await open(url, 'Old', context);
    await old.page.reload(); // now it lives on the set that is kept
    await old.page.locator('#line').waitFor();
    const before = await (await fetch(`${server.url}/set.json`)).json();
    await newVersion(server, '/settings.js', (text) => `${text}\nwindow.isNew = true;\n`);
    const ann = await open(url, 'Ann', context);
    await ann.page.reload();
    await ann.until(async () => (await caches.keys()).filter((name) => name.startsWith('nkt-set-')).length === 2, undefined, 'both sets');
    server.changed.set('/set.json', () => JSON.stringify({ ...before, files: {} })); // its name, and not what belongs to it
    server.changed.set('/settings.js', () => 'window.tampered = true;');
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    await old.type('/settings'); // fetched when it is first wanted
    await old.page.locator('#settings[open]').waitFor();
    assert.deepEqual(await old.run(() => ['isNew' in window, 'tampered' in window]), [false, false]);
    assert.ok((await old.run(() => caches.keys())).some((name) => name.endsWith(before.version)));
  });

  test('a file that is not what the list says: the whole set is refused, the one before stays', async () => {
    const { server, url } = await begin();
    const ann = await open(url, 'Ann');
    await newVersion(server, '/first.js', otherWords); // sound, but not alone
    const sound = server.changed.get('/set.json');
    server.changed.set('/main.js', (text) => `${text}\nwindow.tampered = true;\n`);
    server.changed.set('/set.json', (text) => listOf({ ...JSON.parse(sound(text)).files, '/main.js': '0'.repeat(64) }));
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    assert.match(await ann.answers('not what it should be'), /\/main\.js/);
    assert.equal(await ann.page.locator('#leave').textContent(), 'Leave');
    assert.equal(await ann.run(() => 'tampered' in window), false);
    const setCount = async () => (await ann.run(() => caches.keys())).filter((name) => name.startsWith('nkt-set-')).length;
    await untilTabs(async () => (await setCount()) === 1, 'nothing kept of the one that was refused');

    // asked again by who reloads, not by what was found
    server.requests.length = 0;
    for (let i = 0; i < 20; i++) await ann.run(() => fetch('/config.json', { cache: 'no-store' }));
    const asked = server.requests.filter((path) => path === '/set.json').length;
    assert.ok(asked <= 2, `asked for the list ${asked} times`);

    // a list whose version is not its hash
    server.changed.set('/set.json', (text) => JSON.stringify({ ...JSON.parse(text), version: 'f'.repeat(64) }));
    await ann.page.reload();
    await ann.page.locator('#line').waitFor();
    assert.match(await ann.answers('not what it should be'), /\/set\.json/);
    assert.equal(await ann.page.locator('#leave').textContent(), 'Leave');
  });
});

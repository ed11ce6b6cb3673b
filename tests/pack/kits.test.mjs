// SPDX-License-Identifier: GPL-3.0-or-later
// What is built on the API, from the package as others get it: nkt/react with React itself, nkt/yjs with Yjs, <nkt-room> on a plain page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serveFolder } from '../../tools/docs/serve.mjs';
import { pack } from '../../tools/pack.mjs';
import { root } from '../../tools/setup/paths.mjs';
import { look, ready } from '../support/axe.mjs';
import { launch } from '../support/chromium.mjs';
import { startServer } from '../support/servers.mjs';
import { Tab, untilTabs } from '../support/tab.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const POLICY = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self' ws:", 'img-src data:',
  "require-trusted-types-for 'script'", 'trusted-types nkt-derive'].join('; ');

describe('kits', { timeout: 400_000 }, () => {
  let folder;
  let app;
  let browser;
  let site;
  let count = 0;
  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'nkt-kits-')));
    const file = await pack(folder, { isChecked: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
    execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', file], { cwd: folder, stdio: 'pipe' });
    for (const name of ['react', 'react-dom', 'scheduler']) {
      cpSync(join(here, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
    }
    for (const name of ['yjs', 'y-protocols', 'lib0']) {
      cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
    }
    cpSync(join(here, 'hooks'), join(folder, 'hooks'), { recursive: true });
    app = await startServer('app.js', { NKT_ORIGINS: '*' });
    browser = await launch();
    mkdirSync(join(folder, 'out'));
    copyFileSync(join(folder, 'node_modules', 'nkt', 'build', 'wasm', 'core.wasm'), join(folder, 'out', 'core.wasm'));
    site = await serveFolder(join(folder, 'out'), { headers: { 'content-security-policy': POLICY } });
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await app?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param {string} entry @param {string} name of the page @param {string} html */
  async function bundle(entry, name, html) {
    await build({
      entryPoints: [entry], bundle: true, format: 'esm', outfile: join(folder, 'out', `${name}.js`), logLevel: 'silent',
      define: { 'process.env.NODE_ENV': '"development"' }, // in which StrictMode does what it is for
    });
    writeFileSync(join(folder, 'out', `${name}.html`), `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title>
      <link rel="icon" href="data:,"><script type="module" src="${name}.js"></script><main>${html}</main></html>`);
  }

  /** @param {string} path */
  async function open(path) {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const faults = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${site.url}/${path}`);
    return { page, faults, context };
  }

  const config = () => ({ room: `kits-${process.pid}-${++count}`, relays: [`${app.wsUrl}/relay`], trackers: [], iceServers: [] });

  test('react on a server: nothing is begun, nothing of a browser is touched', () => {
    const html = execFileSync(process.execPath, ['hooks/server.js'], { cwd: folder, encoding: 'utf8', timeout: 20_000 });
    assert.match(html, /^<main data-status="stopped" data-address=""><ul id="users"><\/ul><ol id="messages"><\/ol>/);
  });

  test('react in StrictMode: one peer, one identity; people, messages, deliveries; what is unmounted leaves', async () => {
    await bundle(join(folder, 'hooks', 'browser.js'), 'hooks', '<div id="root"></div>');
    const given = config();
    const page = (nick) => open(`hooks.html#${encodeURIComponent(JSON.stringify({ ...given, nick }))}`);
    const [ann, bob] = await Promise.all(['Ann', 'Bob'].map(page));
    await ann.page.locator('main[data-status=running] #users li').filter({ hasText: 'Bob' }).waitFor();
    await bob.page.locator('main[data-status=running] #users li').filter({ hasText: 'Ann' }).waitFor();
    await ann.page.getByRole('button', { name: 'say' }).click();
    await bob.page.locator('#messages li').filter({ hasText: 'hello from react' }).waitFor();
    await ann.page.locator('#messages li[data-delivered="1"][data-total="1"][data-settled=true]').waitFor();
    const address = await ann.page.locator('main[data-address]').getAttribute('data-address');
    for (const { page } of [ann, bob]) {
      assert.equal(await page.evaluate(() => [...globalThis.peers].filter(Boolean).length), 1, 'one peer');
      assert.equal(await page.locator('#users li').count(), 1, 'nobody was there for a moment');
      assert.equal(await page.evaluate(() => globalThis.sends.size), 2, 'before and with the peer');
    }
    await ann.page.evaluate(() => globalThis.app.setChange({ nick: 'Anna' }));
    await bob.page.locator('#users li').filter({ hasText: 'Anna' }).waitFor();
    assert.equal(await ann.page.locator('main[data-address]').getAttribute('data-address'), address, 'herself');
    await ann.page.evaluate(() => globalThis.app.setShown(false));
    await bob.page.locator('#users:not(:has(li))').waitFor({ state: 'attached' });
    assert.deepEqual(await ann.page.evaluate(() => [...globalThis.peers].filter(Boolean).map((nkt) => nkt.health().running)), [false]);
    await ann.page.evaluate(() => globalThis.app.setShown(true));
    await bob.page.locator('#users li').filter({ hasText: 'Anna' }).waitFor();
    await ann.page.evaluate(() => globalThis.app.setChange({ relays: ['no url'] }));
    await ann.page.locator('main[data-status=failed][data-error=NKT_E_OPTIONS]').waitFor({ state: 'attached' });
    assert.deepEqual([ann.faults, bob.faults], [[], []]);
  });

  test('<nkt-room>: asks for a name, shows people and messages, by keyboard alone; moved, it goes on; removed, it leaves', async () => {
    const entry = join(folder, 'room.js');
    writeFileSync(entry, "import 'nkt/room';");
    const { room, relays } = config();
    await bundle(entry, 'room', `<nkt-room room="${room}" relays="${relays}" wasm="core.wasm"><h1 slot="heading">Tea</h1></nkt-room>`);
    const [ann, bob] = await Promise.all([open('room.html'), open('room.html')]);
    for (const [{ page }, nick] of [[ann, 'Ann'], [bob, 'Bob']]) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(nick);
      await page.keyboard.press('Enter');
    }
    await ann.page.locator('nkt-room li[part=person]').filter({ hasText: 'Bob' }).waitFor();
    await bob.page.locator('nkt-room li[part=person]').filter({ hasText: 'Ann' }).waitFor();
    await ann.page.keyboard.type('<b>hello</b>');
    await ann.page.keyboard.press('Enter');
    await bob.page.locator('nkt-room p[part=message]').getByText('<b>hello</b>', { exact: true }).waitFor();
    await ann.page.locator('nkt-room p[part~=own][part~=delivered]').waitFor();
    await ann.page.evaluate(async () => {
      const { nkt } = document.querySelector('nkt-room');
      await nkt.sendEncryptedMessage('psst', Object.keys(nkt.userList)[0]);
      for (const value of [{ text: 'to all', private: true }, 5, false, { coin: 'heads' }, null]) await nkt.sendEncryptedMessage(value);
    });
    const said = () => bob.page.locator('nkt-room p[part=message]')
      .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('.mark, .text')].map((node) => node.textContent).join(' ')));
    const shows = (...wanted) => untilTabs(async () => (await said()).join('|') === wanted.join('|'), `${wanted.join(', ')}`);
    const all = ['<b>hello</b>', '(privately) psst', 'to all', '5', 'false'];
    await shows(...all);
    const tab = new Tab(bob.page);
    await ready(tab);
    await look(tab, 'a room');
    await bob.page.evaluate((other) => document.querySelector('nkt-room').setAttribute('room', other), `${room}-other`);
    await bob.page.locator('nkt-room section[data-state=alone]').waitFor();
    assert.deepEqual(await said(), [], 'nothing of the first room');
    await bob.page.evaluate((first) => document.querySelector('nkt-room').setAttribute('room', first), room);
    await shows(...all);
    await bob.page.locator('nkt-room li[part=person]').filter({ hasText: 'Ann' }).waitFor();
    await ann.page.evaluate(() => {
      const one = document.querySelector('nkt-room');
      document.body.append(one);
    });
    await ann.page.locator('nkt-room input').fill('moved');
    await ann.page.locator('nkt-room input').press('Enter');
    await bob.page.locator('nkt-room p[part=message]').getByText('moved', { exact: true }).waitFor();
    assert.equal(await bob.page.locator('nkt-room li[part=person]').count(), 2);
    const inFrame = await bob.page.evaluate(() => { // another document: what is moved there, and what is made for it
      const inside = document.body.appendChild(document.createElement('iframe')).contentDocument;
      const all = [document.querySelector('nkt-room'), document.createElement('nkt-room')];
      inside.body.append(...all);
      return all.map(({ shadowRoot }) => [shadowRoot.adoptedStyleSheets.length, shadowRoot.querySelectorAll('section').length]);
    });
    assert.deepEqual(inFrame, [[1, 1], [1, 1]], 'both have their look');
    await ann.page.evaluate(() => document.querySelector('nkt-room').remove());
    await bob.page.frameLocator('iframe').locator('nkt-room li[part=person]').filter({ hasText: 'Ann' }).waitFor({ state: 'detached' });
    assert.deepEqual([ann.faults, bob.faults], [[], []]);
  });

  test('<nkt-room>: a start that failed, a name that is refused and other attributes; a file is saved by a click', async () => {
    const entry = join(folder, 'room2.js');
    writeFileSync(entry, "import 'nkt/room';");
    const { room, relays } = config();
    await bundle(entry, 'room2', `<nkt-room room="${room}" relays="${relays}" wasm="nowhere.wasm"></nkt-room>`);
    const [ann, bob] = await Promise.all([open('room2.html'), open('room2.html')]);
    const set = ({ page }, ...pair) => page.evaluate((given) => document.querySelector('nkt-room').setAttribute(...given), pair);
    const state = ({ page }, name) => page.locator(`nkt-room section[data-state=${name}]`).waitFor();
    const enter = async ({ page }, label, text) => {
      await page.getByLabel(label).fill(text);
      await page.getByLabel(label).press('Enter');
    };
    for (const [one, nick] of /** @type {const} */ ([[ann, 'Ann'], [bob, 'Bob']])) {
      await enter(one, 'Your name', nick);
      await state(one, 'failed');
      await set(one, 'wasm', 'core.wasm');
      await enter(one, 'Your name', nick);
    }
    await Promise.all([ann, bob].map((one) => state(one, 'here')));
    await set(ann, 'nick', 'x'.repeat(500));
    await ann.page.locator('nkt-room [part=note]').filter({ hasText: 'The name is not changed' }).waitFor();
    await set(ann, 'room', 'x'.repeat(500));
    await state(ann, 'failed');
    await bob.page.locator('nkt-room li[part=person]').filter({ hasText: 'Ann' }).waitFor({ state: 'detached' }); // not in a room unseen
    assert.equal(await ann.page.evaluate(() => document.querySelector('nkt-room').nkt), null);
    await state(ann, 'failed');
    await set(ann, 'nick', 'Anna');
    await set(ann, 'room', room);
    await bob.page.locator('nkt-room li[part=person]').filter({ hasText: 'Anna' }).waitFor();
    await bob.page.evaluate(() => {
      const file = new File(['<script>x</script>'], 'a file.html', { type: 'text/html' });
      return document.querySelector('nkt-room').nkt.share(file);
    });
    const [download] = await Promise.all([
      ann.page.waitForEvent('download'), ann.page.getByRole('button', { name: 'a file.html' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'a file.html');
    assert.equal(readFileSync(await download.path(), 'utf8'), '<script>x</script>');
    await bob.page.evaluate(() => document.querySelector('nkt-room').nkt.share(new File(['x'], ' \u200b')));
    await ann.page.getByRole('button', { name: /: a file \(/ }).waitFor(); // nothing of its name can be seen
    const known = /404|nowhere|TrustedScriptURL/; // the last: a bundle knows no worker for contents, and does without
    assert.deepEqual([ann, bob].flatMap(({ faults }) => faults.filter((fault) => !known.test(fault))), []);
  });

  test('<nkt-room>: what is typed or set before it runs counts; a message is no name; any language, in any tree', async () => {
    const entry = join(folder, 'room3.js');
    writeFileSync(entry, "import 'nkt/room';");
    const { room, relays } = config();
    await bundle(entry, 'room3', '<div lang="fr"></div>');
    const { page, faults } = await open('room3.html');
    let letIn = () => {};
    const isLetIn = new Promise((resolve) => { letIn = resolve; });
    await page.route('**/core.wasm', async (route) => { // a slow start
      await isLetIn;
      await route.continue();
    });
    await page.evaluate(([of, by]) => {
      const root = document.querySelector('div').attachShadow({ mode: 'open' });
      globalThis.one = document.createElement('nkt-room');
      for (const [name, value] of Object.entries({ room: of, relays: by, wasm: 'core.wasm' })) globalThis.one.setAttribute(name, value);
      root.append(globalThis.one);
    }, [room, relays]);
    const set = (...pair) => page.evaluate((given) => globalThis.one.setAttribute(...given), pair);
    const line = page.locator('nkt-room input');
    const notes = () => page.locator('nkt-room [part=note]').allTextContents();
    await page.getByLabel('Votre nom').fill('Ann');
    await page.getByRole('button', { name: 'Entrer' }).click();
    await page.locator('nkt-room section[data-state=connecting]').waitFor();
    await page.keyboard.type('early');
    await page.keyboard.press('Enter');
    assert.deepEqual([await line.inputValue(), await notes()], ['early', []], 'it stays until it can be sent');
    await set('nick', 'Grace');
    letIn();
    await page.locator('nkt-room section[data-state=alone]').waitFor();
    await page.locator('nkt-room li[part=person]').filter({ hasText: 'Grace' }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.one.nkt.nick), 'Grace', 'set while it started');
    await page.keyboard.press('Enter');
    await page.locator('nkt-room p[part~=own]').getByText('early', { exact: true }).waitFor();
    await page.locator('nkt-room p[part~=own]:not(:has([part=state]))').waitFor(); // nobody is there
    await set('room', `${room}-other`);
    await page.locator('nkt-room p[part~=own]').waitFor({ state: 'detached' });
    await set('room', room);
    await page.locator('nkt-room p[part~=own]').waitFor();
    assert.equal(await page.locator('nkt-room [part=state]').count(), 0, 'what was said before is not under way');
    for (const [value, name] of [[' ', 'nkt'], [` ${room} `, room]]) {
      await set('room', value);
      await page.waitForFunction((wanted) => globalThis.one.nkt?.room === wanted, name);
    }
    await page.locator('nkt-room p[part~=own]').waitFor();
    await page.evaluate(() => { document.activeElement.blur(); globalThis.one.focus(); });
    await page.keyboard.type('half a message');
    assert.equal(await line.inputValue(), 'half a message', 'focus() is for the line');
    assert.equal(await line.getAttribute('dir'), 'auto');
    assert.equal(await page.evaluate(async () => {
      const { one } = globalThis;
      const home = one.parentNode;
      const dialog = document.createElement('dialog');
      document.body.append(dialog);
      dialog.append(one);
      dialog.showModal();
      const has = one.shadowRoot.activeElement?.localName;
      home.append(one);
      dialog.remove();
      return has;
    }), 'input', 'a dialog that is opened puts the cursor into the line');
    await set('lang', 'de');
    await page.getByLabel('Nachricht', { exact: true }).waitFor();
    await page.getByText('Noch ist niemand sonst hier.').waitFor();
    await page.evaluate(() => globalThis.one.removeAttribute('nick'));
    await set('relays', 'no url');
    await page.locator('nkt-room section[data-state=failed]').waitFor();
    assert.equal(await line.inputValue(), '', 'a name is asked for');
    await set('relays', relays);
    await line.fill('Ann');
    await line.press('Enter');
    await page.locator('nkt-room section[data-state=alone]').waitFor();
    assert.equal(await line.inputValue(), 'half a message');
    await set('wasm', 'nowhere.wasm');
    await page.evaluate(() => globalThis.one.setAttribute('nick', 'Ann'));
    await page.locator('nkt-room section[data-state=failed]').waitFor();
    await line.press('Enter');
    assert.deepEqual([await line.inputValue(), await notes()], ['half a message', []]);
    assert.deepEqual(faults.filter((fault) => !/404|TrustedScriptURL/.test(fault)), []);
  });

  test('nkt/yjs from the package: with the Yjs of the application', async () => {
    const entry = join(folder, 'doc.js');
    writeFileSync(entry, `import { Nkt } from 'nkt';
      import { NktProvider } from 'nkt/yjs';
      import * as Y from 'yjs';
      const nkt = new Nkt({ wasm: new URL('core.wasm', location.href) });
      const doc = new Y.Doc();
      globalThis.app = { nkt, doc, provider: new NktProvider(nkt, doc) };
      await nkt.init(JSON.parse(decodeURIComponent(location.hash.slice(1))));`);
    await bundle(entry, 'doc', '');
    const hash = encodeURIComponent(JSON.stringify(config()));
    const [ann, bob] = await Promise.all([open(`doc.html#${hash}`), open(`doc.html#${hash}`)]);
    await ann.page.waitForFunction(() => globalThis.app?.provider.synced);
    await ann.page.evaluate(() => globalThis.app.doc.getText('t').insert(0, 'shared'));
    await bob.page.waitForFunction(() => globalThis.app.doc.getText('t').toString() === 'shared');
    assert.deepEqual([ann.faults, bob.faults], [[], []]);
  });
});

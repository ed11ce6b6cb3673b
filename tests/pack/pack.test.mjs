// SPDX-License-Identifier: GPL-3.0-or-later
// The package as others get it: packed, installed in a clean folder without scripts and compilers, used in Node, as a program, in a
// bundle, and by a plain <script type="module">.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveFolder } from '../../tools/docs/serve.mjs';
import { pack } from '../../tools/pack.mjs';
import { runProgram } from '../support/cli.mjs';
import { launch } from '../support/chromium.mjs';
import { imageOf, runImage, whyNoImage } from '../support/image.mjs';
import { startServer } from '../support/servers.mjs';
import { bundlers, copied } from './bundlers.mjs';
import { pages, programs } from './matrix/rows.mjs';
import { Tries } from './matrix/tries.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
// of the file, in bytes: 40,000 of it contents, 12,000 values that hold bytes, 40,000 conversations and what stands in them, 40,000
// the providers for Yjs and React, 305,000 what `nkt serve` serves, 23,000 of them for a relay and a tracker that can be read
const SIZE_MAX = 1_000_000;

/** Strict, as a page of today should be: no inline script, no worker from anywhere else. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ws:; img-src data:";
/** Keys are made of passphrases four times; three have contents: who shares, who fetches, and who shared in her next life. */
const ALL_WORKERS = { workers: 7, kinds: ['opfs'] };
const PASSPHRASE = 'correct horse battery';

describe('the package', { timeout: 500_000 }, () => {
  let folder;
  let file;
  let app;
  let browser;
  let tries;
  let roomCount = 0;
  const newRoom = () => `pack-${process.pid}-${++roomCount}`;
  const inFolder = (command, args) => execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nkt-pack-'));
    file = await pack(folder, { isChecked: true }); // by apidoc.test.mjs
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
    const environment = { ...process.env, PATH: `${join(process.execPath, '..')}:/usr/bin:/bin`, CC: '/bin/false', CXX: '/bin/false' };
    execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', file],
      { cwd: folder, stdio: 'pipe', env: environment });
    app = await startServer('app.js', { NKT_ORIGINS: '*' });
    browser = await launch();
    tries = new Tries({ app: folder, relay: `${app.wsUrl}/relay`, browser });
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page and a peer in the terminal, both from the package, talk. @param {string} url of the page */
  async function talk(url) {
    const room = newRoom();
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${url}#room=${room}&relay=${encodeURIComponent(`${app.wsUrl}/relay`)}`);
    await page.locator('body[data-address]').waitFor({ state: 'attached' });
    const address = await page.locator('body').getAttribute('data-address');
    const bot = runProgram(join(folder, 'node_modules', '.bin', 'nkt'), [room, '--json', '--server', app.url, '--nick', 'bot']);
    const isSession = ({ event, addr, state }) => event === 'session' && addr === address && state === 'established';
    await bot.json(isSession, 'session');
    bot.write(JSON.stringify({ send: 'hello from a terminal', ref: 1 }));
    await page.getByText('bot: hello from a terminal').waitFor();
    const isAnswer = ({ event, from, value }) => event === 'message' && from === address && value === 'heard hello from a terminal';
    await bot.json(isAnswer, 'answer');
    bot.write(JSON.stringify({ rpc: 'page', to: 'page', ref: 2 }));
    assert.equal((await bot.json(({ ref }) => ref === 2, 'call')).value, await page.title());
    bot.end();
    assert.equal(await bot.ended, 0, bot.errors());
    assert.deepEqual(errors, []);
    await page.close();
  }

  test('holds what it needs and nothing else; no scripts, no compiler', () => {
    const installed = join(folder, 'node_modules', 'nkt');
    const top = readdirSync(installed).sort();
    const doors = ['node', 'react', 'room', 'yjs'].flatMap((name) => [`${name}.d.ts`, `${name}.js`]); // for who does not read exports
    const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'build', 'docs', 'examples', 'glue', 'package.json', 'tools'];
    assert.deepEqual(top, [...expected, ...doors].sort());
    assert.deepEqual(readdirSync(join(installed, 'build', 'wasm')).sort(), ['NOTICE.txt', 'core.wasm']);
    assert.deepEqual(readdirSync(join(installed, 'tools')).sort(), ['children.mjs', 'cli', 'log.js', 'setup']);
    const served = readdirSync(join(installed, 'build', 'serve'), { recursive: true }).map(String);
    assert.deepEqual(served.filter((name) => !name.includes('page')).sort(), ['NOTICE.txt', 'relay.js', 'tracker.js']);
    assert.deepEqual(served.filter((name) => /\.(map|wasm)$/.test(name)), [], 'the module is there once, maps nowhere');
    const notices = readFileSync(join(installed, 'build', 'serve', 'NOTICE.txt'), 'utf8');
    for (const name of ['@noble/hashes', 'bittorrent-tracker']) assert.ok(notices.includes(`= ${name} `), name);
    const notice = readFileSync(join(installed, 'build', 'wasm', 'NOTICE.txt'), 'utf8');
    for (const name of ['bearssl', 'cjson', 'libsignal-protocol-c', 'libsodium', 'protobuf-c']) assert.ok(notice.includes(`= ${name} =`));
    assert.match(notice, /= libsignal-protocol-c =+\n\nGPL-3\.0: its text is the package's LICENSE/);
    const hasText = (text) => /GNU GENERAL PUBLIC LICENSE\s+Version 3,/.test(text);
    assert.deepEqual([notice, readFileSync(join(installed, 'LICENSE'), 'utf8')].map(hasText), [false, true], '35 KB of it, once');
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const { scripts = {}, exports, types, bin, version, license, dependencies } = manifest;
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) assert.equal(scripts[name], undefined, name);
    for (const path of [types, exports['.'].default, exports['./node'].types, exports['./node'].default, exports['./core.wasm'], bin.nkt]) {
      assert.ok(existsSync(join(installed, path)), path);
    }
    assert.deepEqual(Object.keys(dependencies), ['ws']);
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(license, 'GPL-3.0-or-later');
    assert.ok(readFileSync(join(installed, 'CHANGELOG.md'), 'utf8').includes(`## ${version}`), 'the changelog knows this version');
    const size = readFileSync(file).length;
    console.log(`  ${size} bytes packed`);
    assert.ok(size <= SIZE_MAX);
    const modules = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    assert.deepEqual(modules, ['nkt', 'ws'], 'nothing else was installed');
  });

  test('in Node: imported, started, without WebRTC it says null', () => {
    const script = `
      import { Nkt, NktError } from 'nkt';
      import { nodeConfig } from 'nkt/node';
      const config = await nodeConfig();
      const nkt = new Nkt();
      await nkt.init({ nick: 'x', ...config });
      console.log(JSON.stringify([nkt.mySwarm.address().length, config.RTCPeerConnection, typeof config.WebSocket, NktError.name]));
      await nkt.close();`;
    const [length, webrtc, socket, error] = JSON.parse(inFolder(process.execPath, ['--input-type=module', '-e', script]));
    assert.ok(length >= 30);
    assert.deepEqual([webrtc, socket, error], [null, 'function', 'NktError']);
  });

  test('as a program: it says that there is no WebRTC here, and how to get it', async () => {
    assert.match(inFolder('node_modules/.bin/nkt', ['--version']), /^nkt \d/);
    const one = runProgram(join(folder, 'node_modules', '.bin', 'nkt'), [newRoom(), '--server', app.url, '--wait', '0']);
    await one.line((line) => line.startsWith('You are'), 'greeting');
    one.end();
    assert.equal(await one.ended, 0);
    assert.match(one.errors(), /no WebRTC here.*npm install @roamhq\/wrtc/);
  });

  /** Somebody who opens the page that is served, and has joined. @param {string} url @param {string} nick */
  async function guest(url, nick) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) errors.push(message.text()); });
    await page.goto(url);
    await page.locator('#nick').fill(nick);
    await page.locator('#nick').press('Enter');
    await page.locator('#line').waitFor();
    return { page, errors, close: () => context.close() };
  }

  test('npx nkt serve: a working room from the package alone; with the relay killed they go on; Ctrl-C ends it', async () => {
    const program = join(folder, 'node_modules', '.bin', 'nkt');
    const startMs = performance.now();
    const served = runProgram(program, ['serve', '--port', '0', '--tracker-port', '0']);
    const [, url] = /Open (\S+) in two tabs/.exec(await served.line((line) => line.includes('in two tabs'), 'where it is')) ?? [];
    const [ada, grace] = await Promise.all([guest(url, 'Ada'), guest(url, 'Grace')]);
    await ada.page.locator('#users .user').filter({ hasText: 'Grace' }).filter({ hasText: 'direct' }).waitFor();
    await ada.page.locator('#line').fill('hello from a page of the package');
    await ada.page.locator('#line').press('Enter');
    await grace.page.getByText('hello from a page of the package', { exact: true }).waitFor();
    console.log(`  the first message ${Math.round(performance.now() - startMs)} ms after npx nkt serve`);
    const bot = runProgram(program, ['--server', url, '--nick', 'bot', '--wait', '20']);
    bot.write('hello from a terminal');
    bot.end();
    await grace.page.getByText('hello from a terminal', { exact: true }).waitFor();
    assert.equal(await bot.ended, 0, bot.errors());
    const health = await grace.page.evaluate(() => /** @type {any} */ (window).nkt.health());
    assert.deepEqual([health.relays, health.trackers].map(([{ state }]) => state), ['open', 'open']);
    await grace.page.evaluate(() => navigator.serviceWorker.ready); // every file was as /set.json says
    assert.deepEqual([ada.errors, grace.errors], [[], []]); // what comes later tells of a relay that is gone
    const [, pid] = /pid (\d+)/.exec(await served.line((line) => line.startsWith('nkt relay: http'), 'its pid')) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    await served.line((line) => line.includes('the relay was killed (SIGKILL); what is left goes on without it'), 'what happened');
    await ada.page.locator('#line').fill('hello without a relay');
    await ada.page.locator('#line').press('Enter');
    await grace.page.getByText('hello without a relay', { exact: true }).waitFor();
    await Promise.all([ada.close(), grace.close()]);
    served.kill('SIGINT');
    assert.equal(await served.ended, 0, served.errors());
  });

  test('the container of examples: its command, as its user, where nothing else is', { skip: whyNoImage() }, async (t) => {
    const image = imageOf('examples/container/Dockerfile', join(folder, 'node_modules'));
    t.after(image.remove);
    const server = runImage(image, { HOST: '127.0.0.1', PORT: '0', TRACKER_PORT: '0' });
    t.after(() => server.kill('SIGKILL'));
    const lines = await Promise.all(['relay', 'tracker'].map((name) => server.json(({ server: of, pid }) => of === name && pid, name)));
    assert.ok(lines.every(({ level, time }) => level === 'info' && !Number.isNaN(Date.parse(time))));
    const [ada, grace] = await Promise.all([guest(lines[0].url, 'Ada'), guest(lines[0].url, 'Grace')]);
    await ada.page.locator('#users .user').filter({ hasText: 'Grace' }).filter({ hasText: 'direct' }).waitFor();
    assert.deepEqual(server.owners(lines.map(({ pid }) => pid)), [65534, 65534], 'nobody');
    await Promise.all([ada.close(), grace.close()]);
    server.kill('SIGTERM');
    assert.equal(await server.ended, 0, server.errors());
  });

  test('built by Vite: the module is in the bundle, the page and a terminal talk', async () => {
    cpSync(join(here, 'app'), join(folder, 'app'), { recursive: true });
    const vite = join(here, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = [vite, 'build', join(folder, 'app'), '--logLevel', 'warn', '--target', 'esnext'];
    const built = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    assert.equal(built.stderr, '', 'no warning: what is of Node alone stays out of the bundle (package.json, browser)');
    const dist = join(folder, 'app', 'dist');
    assert.ok(readdirSync(join(dist, 'assets')).some((name) => /^core-.*\.wasm$/.test(name)), 'core.wasm is an asset');
    const site = await serveFolder(dist);
    try {
      await talk(`${site.url}/`);
    } finally {
      await site.stop();
    }
  });

  test("in Vite's dev server, which puts the modules elsewhere and leaves the other files of the package behind", async () => {
    const { createServer: createVite } = await import('vite');
    cpSync(join(here, 'app'), join(folder, 'app'), { recursive: true });
    cpSync(join(here, 'whole'), join(folder, 'app', 'whole'), { recursive: true });
    const vite = await createVite({
      root: join(folder, 'app'), configFile: false, logLevel: 'error', server: { port: 0, host: 'localhost', fs: { allow: [folder] } },
    });
    try {
      await vite.listen();
      await talk(vite.resolvedUrls?.local[0] ?? assert.fail('no URL'));
      assert.deepEqual(await useAll(new URL('whole/', vite.resolvedUrls?.local[0]).href), ALL_WORKERS);
    } finally {
      await vite.close();
    }
  });

  /** Everything that an application may use, in three tabs. @param {string} url @returns what was started, and where contents are kept */
  async function useAll(url) {
    const context = await browser.newContext();
    const config = { room: newRoom(), relays: [`${app.wsUrl}/relay`], trackers: [], iceServers: [] };
    const faults = [];
    const kinds = new Set(); // of the places where contents are kept
    let workers = 0;
    const open = async (given) => {
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('worker', () => workers++);
      await page.goto(url);
      await page.waitForFunction(() => globalThis.app);
      const address = await page.evaluate(async (all) => {
        await globalThis.app.nkt.init(all);
        return globalThis.app.nkt.mySwarm.address();
      }, { ...config, ...given });
      return { page, address };
    };
    try {
      const storage = { passphrase: PASSPHRASE, name: 'ann' };
      const ann = await open({ nick: 'Ann', storage });
      const bob = await open({ nick: 'Bob' });
      for (const [one, other] of [[ann, bob], [bob, ann]]) {
        await one.page.waitForFunction((addr) => globalThis.app.nkt.userList[addr]?.session === 'established', other.address);
      }
      const shared = await ann.page.evaluate(async (to) => {
        const { nkt } = globalThis.app;
        const { delivery } = await nkt.share(new Blob([new Uint8Array(200_000).fill(7)]), { to, name: 'seven' });
        await delivery.settled;
        return nkt.health().contents.kind;
      }, bob.address);
      const fetched = await bob.page.evaluate(async () => {
        const { nkt, contents } = globalThis.app;
        const blob = await (await nkt.fetch(await contents)).blob();
        const isRight = new Uint8Array(await blob.arrayBuffer()).every((byte) => byte === 7);
        return { size: blob.size, isRight, kind: nkt.health().contents.kind };
      });
      assert.deepEqual(fetched, { size: 200_000, isRight: true, kind: shared });
      kinds.add(shared);
      const said = await ann.page.evaluate(async (addr) => {
        const { nkt } = globalThis.app;
        const delivery = await nkt.sendEncryptedMessage({ text: 'hello' }, addr);
        const states = [...(await delivery.settled).values()];
        const invite = await nkt.invite();
        const result = {
          states, sum: await nkt.rpc(addr, 'add', [1, 2]), invite: typeof invite.text, number: nkt.safetyNumber(addr).length,
          kept: await nkt.kept(), storage: nkt.health().storage.state, file: await nkt.exportIdentity('of the file'),
          code: await nkt.sendEncryptedMessage('x', 'nobody').catch((error) => error instanceof globalThis.app.NktError && error.code),
        };
        await nkt.close();
        return result;
      }, bob.address);
      const { file, ...rest } = said;
      assert.deepEqual(rest, {
        states: ['delivered'], sum: 3, invite: 'string', number: 60, kept: ['ann'], storage: 'ok', code: 'NKT_E_ADDRESS',
      });
      assert.deepEqual(await bob.page.evaluate(() => globalThis.app.heard), [{ detail: { text: 'hello' }, from: ann.address }]);
      await ann.page.close();
      const again = await open({ nick: 'Ann', storage });
      assert.equal(again.address, ann.address);
      assert.equal(await again.page.evaluate(async () => (await globalThis.app.nkt.history()).length), 2, 'a content and a message');
      await again.page.waitForFunction(() => globalThis.app.nkt.contents[0]?.name === 'seven'); // opened once the start is over
      await again.page.evaluate(() => globalThis.app.nkt.close());
      const elsewhere = await open({ nick: 'Ann', storage: 'none', identity: { file, passphrase: 'of the file' } });
      assert.equal(elsewhere.address, ann.address);
      assert.deepEqual(faults, []);
    } finally {
      await context.close();
    }
    return { workers, kinds: [...kinds] };
  }

  for (const [name, { build, isComplete }] of Object.entries(bundlers)) {
    test(`built by ${name}: the whole API, passphrases too, under a strict policy`, async () => {
      const from = copied(join(here, 'whole'), join(folder, `whole-${name}`));
      const to = join(folder, `built-${name}`);
      await build({ from, to, entries: ['whole.js'], app: folder });
      const site = await serveFolder(to, { headers: { 'content-security-policy': POLICY } });
      try {
        const used = await useAll(`${site.url}/${isComplete ? '' : '?wasm=core.wasm'}`);
        if (isComplete) assert.deepEqual(used, ALL_WORKERS, 'keys are made, and contents kept, beside the main thread');
        else assert.deepEqual(used.kinds, ['indexeddb'], 'there is no worker to be had, which is said nowhere and hinders nothing');
      } finally {
        await site.stop();
      }
    });
  }

  // the rest of the matrix takes minutes: npm run matrix
  for (const row of programs.filter(({ isCore }) => isCore)) {
    for (const place of row.places) {
      test(`${row.name}, ${place}: an identity that is kept, a word each way, close()`, () => tries.program(row, place));
    }
  }
  for (const row of pages.filter(({ isCore }) => isCore)) {
    test(`${row.name}, in a page and in its workers: the same`, (t) => tries.pages(row, (place, run) => t.test(place, run)));
  }

  test('by a plain <script type="module">, from the installed folder as it is', async () => {
    const html = readFileSync(join(here, 'app', 'index.html'), 'utf8');
    const map = '<script type="importmap">{"imports":{"nkt":"/node_modules/nkt/glue/nkt.js"}}</script>';
    writeFileSync(join(folder, 'index.html'), html.replace('<script', `${map}\n<script`));
    cpSync(join(here, 'app', 'main.js'), join(folder, 'main.js'));
    const site = await serveFolder(folder);
    try {
      await talk(`${site.url}/`);
    } finally {
      await site.stop();
    }
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The tutorial, word for word: its programs are taken from docs/tutorial.md and run, but for the relay's port.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { serveFolder } from '../../tools/docs/serve.mjs';
import { root } from '../../tools/setup/paths.mjs';
import { skip } from '../glue/support/wasm.mjs';
import { launch } from '../support/chromium.mjs';
import { startServer } from '../support/servers.mjs';

const programs = [...readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8').matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)]
  .map(([, name, text]) => ({ name, text }));

describe('the tutorial', { skip, timeout: 360_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-tutorial-'));
  const ends = [() => rmSync(folder, { recursive: true })];
  const errors = [];
  let relay;
  let site;
  let context;
  before(async () => {
    relay = await startServer('app.js', { NKT_ORIGINS: '*' });
    ends.push(() => relay.stop());
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'nkt'));
    for (const name of ['yjs', 'y-protocols', 'lib0']) symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    for (const { name, text } of programs) writeFileSync(join(folder, name), text.replaceAll('localhost:3000', `localhost:${relay.port}`));
    site = await serveFolder(folder);
    ends.push(() => site.stop());
    const browser = await launch();
    ends.push(() => browser.close());
    context = await browser.newContext();
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  afterEach(() => assert.deepEqual(errors.splice(0), [])); // not what a game says that is closed in the middle of a move

  /** @param {string} file @param {string} nick @param {Promise<void>} [late] when it gets what it needs to begin */
  async function open(file, nick, late) {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(`${file}: ${error}`));
    if (late) await page.route('**/core.wasm', (route) => late.then(() => route.continue()));
    await page.goto(`${site.url}/${file}?nick=${nick}`);
    return page;
  }
  const say = async (page, text) => {
    await page.getByLabel('Message').fill(text);
    await page.getByText('Say', { exact: true }).click();
  };
  const hears = (page, text) => page.locator('li', { hasText: text }).first().waitFor();

  test('a file for each part, and the chat has thirty lines', () => {
    assert.deepEqual(programs.map(({ name }) => name), ['chat.html', 'bot.mjs', 'drop.html', 'game.html', 'notes.html', 'notes.js']);
    const [chat] = programs;
    assert.ok(chat.text.trim().split('\n').length <= 32);
  });

  test('files: one gives, the other gets, byte for byte', async () => {
    const [ada, bob] = await Promise.all([open('drop.html', 'Ada'), open('drop.html', 'Bob')]);
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const told = bob.getByRole('button', { name: 'Get it' });
    for (let i = 0; !(await told.isVisible()); i += 1) { // who is told are those who are there
      assert.ok(i < 20);
      const file = { name: `numbers-${i}.bin`, mimeType: 'application/octet-stream', buffer: bytes };
      await ada.getByLabel('Give a file to all').setInputFiles(file);
      await told.waitFor({ timeout: 1000 }).catch(() => {});
    }
    await bob.getByRole('button', { name: 'Get it' }).first().click();
    const link = bob.getByRole('link', { name: 'Save' });
    await link.waitFor();
    assert.match(await link.getAttribute('download'), /^numbers-\d+\.bin$/);
    const got = await link.evaluate(async ({ href }) => [...new Uint8Array(await (await fetch(href)).arrayBuffer())]);
    assert.deepEqual(Buffer.from(got), bytes);
    await Promise.all([ada.close(), bob.close()]);
  });

  test('what is done before the peer runs waits for it, or is nothing; so is a file that is not chosen', async () => {
    let go = () => {};
    const late = new Promise((resolve) => { go = () => resolve(undefined); });
    const [chat, drop, game] = await Promise.all(['chat.html', 'drop.html', 'game.html'].map((file) => open(file, 'Eve', late)));
    await say(chat, 'too soon');
    assert.equal(await chat.getByLabel('Message').inputValue(), '');
    await drop.getByLabel('Give a file to all').dispatchEvent('change');
    const file = { name: 'soon.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(9) };
    await drop.getByLabel('Give a file to all').setInputFiles(file);
    await game.mouse.move(100, 100);
    await game.mouse.move(200, 200);
    await game.evaluate(() => new Promise(requestAnimationFrame));
    go();
    await hears(drop, 'soon.bin: everybody was told');
    await hears(chat, 'I: too soon');
    const dot = game.locator('i');
    for (let i = 0; (await dot.count()) === 0; i += 1) {
      assert.ok(i < 100);
      await game.mouse.move(100 + i, 200);
      await dot.waitFor({ timeout: 200 }).catch(() => {});
    }
    await Promise.all([chat, drop, game].map((page) => page.close()));
  });

  test('the game: a dot where the other is', async () => {
    const [ada, bob] = await Promise.all([open('game.html', 'Ada'), open('game.html', 'Bob')]);
    const dot = bob.locator('i[title=Ada]');
    for (let i = 0; (await dot.count()) === 0; i += 1) {
      assert.ok(i < 100);
      await ada.mouse.move(100 + i, 200);
      await dot.waitFor({ timeout: 200 }).catch(() => {});
    }
    await ada.close();
    await dot.waitFor({ state: 'detached' });
    await bob.close();
  });

  test('the document: both write, and both have both', async () => {
    const options = /** @type {const} */ ({ bundle: true, format: 'esm', outfile: 'notes.bundle.js', logLevel: 'error' });
    await build({ absWorkingDir: folder, entryPoints: ['notes.js'], ...options });
    const [ada, bob] = await Promise.all([open('notes.html', 'Ada'), open('notes.html', 'Bob')]);
    const field = (page) => page.getByLabel('Notes');
    await field(ada).fill('one ');
    await bob.waitForFunction(() => document.querySelector('textarea').value === 'one ');
    await field(bob).press('End');
    await field(bob).pressSequentially('two');
    await ada.waitForFunction(() => document.querySelector('textarea').value === 'one two');
    await Promise.all([ada.close(), bob.close()]);
  });

  test('the chat, with the bot, and with the relay killed', async () => {
    const [ada, bob] = await Promise.all([open('chat.html', 'Ada'), open('chat.html', 'Bob')]);
    const bot = spawn(process.execPath, ['bot.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const botEnded = new Promise((resolve) => bot.once('exit', resolve));
    ends.push(() => bot.kill('SIGKILL'));
    const [line] = await new Promise((resolve) => createInterface({ input: bot.stdout }).once('line', (...all) => resolve(all)));
    assert.match(line, /^clock is B/);
    const answer = ada.locator('li', { hasText: /^clock: It is 20\d\d-/ });
    for (let i = 0; (await answer.count()) === 0; i += 1) {
      assert.ok(i < 20);
      await say(ada, '!time');
      await answer.first().waitFor({ timeout: 1000 }).catch(() => {});
    }
    await say(bob, 'hello');
    await hears(ada, 'Bob: hello');
    bot.kill('SIGTERM');
    await botEnded;
    relay.kill();
    await say(ada, 'still there?');
    await hears(bob, 'Ada: still there?');
    await say(bob, 'still here');
    await hears(ada, 'Bob: still here');
  });
});

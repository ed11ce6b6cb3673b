// SPDX-License-Identifier: GPL-3.0-or-later
// The documentation as a site: every link leads somewhere, search finds, the live page runs in it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildDocs } from '../../tools/docs/build.mjs';
import { serveFolder } from '../../tools/docs/serve.mjs';
import { skip } from '../glue/support/wasm.mjs';
import { look, ready } from '../support/axe.mjs';
import { launch } from '../support/chromium.mjs';
import { startServer } from '../support/servers.mjs';

describe('the documentation as a site', { skip, timeout: 360_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-docs-'));
  const ends = [() => rmSync(folder, { recursive: true })];
  let site;
  let context;
  before(async () => {
    site = await serveFolder(folder);
    ends.push(() => site.stop());
    const relay = await startServer('app.js', { NKT_ORIGINS: site.url });
    ends.push(() => relay.stop());
    const { pageCount } = await buildDocs(folder, { relays: [`${relay.wsUrl}/relay`] });
    assert.ok(pageCount >= 18);
    const browser = await launch();
    ends.push(() => browser.close());
    context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  const open = async (path) => {
    const page = await context.newPage();
    page.on('pageerror', (error) => assert.fail(`${path}: ${error}`));
    page.on('console', (message) => { if (message.type() === 'error') assert.fail(`${path}: ${message.text()}`); });
    await page.goto(`${site.url}/${path}`);
    return page;
  };

  test('every link of every page leads to a file of the site, and to a heading in it', () => {
    const pages = readdirSync(folder).filter((name) => name.endsWith('.html'));
    const texts = new Map(pages.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    const dead = [];
    for (const [name, text] of texts) {
      for (const [, target] of text.replace(/<pre[\s\S]*?<\/pre>/g, '').matchAll(/(?:href|src)="([^"]*)"/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path, anchor] = target.split('#');
        const file = decodeURIComponent(path) || name;
        const hasAnchor = !anchor || (texts.get(file) ?? '').includes(`id="${anchor}"`);
        if (!existsSync(join(folder, file)) || !statSync(join(folder, file)).isFile() || !hasAnchor) dead.push(`${name}: ${target}`);
      }
    }
    assert.deepEqual(dead, []);
  });

  test('a folder with something else in it is left alone; an older site goes', async (t) => {
    const own = mkdtempSync(join(tmpdir(), 'nkt-own-'));
    t.after(() => rmSync(own, { recursive: true }));
    writeFileSync(join(own, 'thesis.txt'), 'three years of work');
    await assert.rejects(buildDocs(own), /has something else in it/);
    assert.deepEqual(readdirSync(own), ['thesis.txt']);
    rmSync(join(own, 'thesis.txt'));
    await buildDocs(own);
    await buildDocs(own);
  });

  test('what somebody looks for is found, shown with its words, and reached by keys alone', async () => {
    const page = await open('index.html');
    await page.keyboard.press('/');
    await page.keyboard.type('safety num');
    const first = page.locator('.found li a').first();
    await first.waitFor();
    assert.match(await page.locator('.found mark').first().textContent(), /^(safety|num)/i);
    const found = await page.locator('.found li a').evaluateAll((links) => links.slice(0, 5).map((link) => link.getAttribute('href')));
    assert.ok(found.some((href) => href.includes('safety')), `a heading that says it comes early: ${found}`);
    await page.keyboard.press('ArrowDown');
    const href = await page.evaluate(() => document.activeElement.getAttribute('href'));
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.href.endsWith(href));
    await page.keyboard.press('/');
    await page.keyboard.type('xyzzyplugh');
    await page.getByText('Nothing about "xyzzyplugh".').waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.found').isVisible(), false);
    await page.close();
  });

  test('axe finds nothing, and nothing is wider than a telephone', async () => {
    for (const path of ['index.html', 'tutorial.html', 'compare.html']) {
      const page = await open(path);
      const tab = /** @type {any} */ ({ page, run: (fn) => page.evaluate(fn) });
      await ready(tab);
      await look(tab, path);
      await page.setViewportSize({ width: 320, height: 640 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path}: ${wide} px too wide`);
      await page.getByRole('button', { name: 'Pages' }).click();
      await page.locator('nav.pages a[aria-current=page]').waitFor();
      await page.close();
    }
  });

  test('Ada and Bob talk in two frames of the first page', async () => {
    const page = await open('index.html');
    await page.getByRole('button', { name: 'Start Ada and Bob' }).click();
    const [ada, bob] = [page.frameLocator('iframe >> nth=0'), page.frameLocator('iframe >> nth=1')];
    await ada.locator('#users').getByText('Bob').waitFor({ state: 'attached' });
    await ada.locator('#line').fill('hello from a frame');
    await ada.locator('#line').press('Enter');
    await bob.locator('#messages .message').getByText('hello from a frame').waitFor();
    await page.close();
  });
});

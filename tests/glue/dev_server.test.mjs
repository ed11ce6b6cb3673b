// SPDX-License-Identifier: GPL-3.0-or-later
// Servers for who develops: of this machine, by a name of this machine, and of their own folders alone.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serveFolder } from '../../tools/docs/serve.mjs';
import { startServer } from '../support/servers.mjs';

/**
 * As no browser asks.
 * @param {string} url @param {string} path as it is @param {string} [host] @returns {Promise<{status: number, text: string}>}
 */
const ask = (url, path, host) => new Promise((resolve, reject) => {
  const { port } = new URL(url);
  request({ host: '127.0.0.1', port, path, headers: { host: host ?? `localhost:${port}` } }, async (response) => {
    let text = '';
    for await (const chunk of response) text += chunk;
    resolve({ status: Number(response.statusCode), text });
  }).on('error', reject).end();
});

test('npm start -- --dev: what is being written is not for pages whose name leads here', { timeout: 60_000 }, async (t) => {
  const server = await startServer('dev.js', {});
  t.after(() => server.stop());
  const plugin = '/plugins/coin.js';
  for (const host of [undefined, 'localhost', '127.0.0.1:1', '[::1]']) {
    assert.equal((await ask(server.url, plugin, host)).status, 200, host);
  }
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil.example:3000']) {
    for (const path of [plugin, '/', '/dev/events', '/glue/nkt.js']) {
      assert.equal((await ask(server.url, path, host)).status, 404, `${host} ${path}`);
    }
  }
  const out = ['/plugins/../index.js', '/plugins/..%2fpage.js', '/plugins/.js', 'http://x/plugins/../../package.json', '/../package.json'];
  for (const path of out) {
    assert.equal((await ask(server.url, path)).status, 404, path);
  }
});

test('a folder is served, and nothing beside it', async (t) => {
  const top = mkdtempSync(join(tmpdir(), 'nkt-site-'));
  t.after(() => rmSync(top, { recursive: true }));
  for (const [folder, text] of [['site', 'public'], ['site-drafts', 'secret']]) {
    mkdirSync(join(top, folder));
    writeFileSync(join(top, folder, 'a.txt'), text);
  }
  const site = await serveFolder(join(top, 'site'));
  t.after(() => site.stop());
  assert.deepEqual(await ask(site.url, '/a.txt'), { status: 200, text: 'public' });
  const up = 'site-drafts/a.txt';
  for (const path of [`/../${up}`, `/%2e%2e/${up}`, `http://x/../../../${up}`, '/%00', '/%', '/a.txt/', '/']) {
    assert.equal((await ask(site.url, path)).status, 404, path);
  }
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium and an origin that serves the glue, for what only a browser has.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { launch } from '../../support/chromium.mjs';

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const root = new URL('../../../', import.meta.url);

/** @param {Record<string, string>} [files] by path, beside /glue/ and /core.wasm */
export async function openBrowser(files = {}) {
  const server = createServer(async ({ url }, response) => {
    const path = new URL(url, 'http://x').pathname;
    try {
      if (files[path] === undefined && path === '/') throw new Error('blank');
      const body = files[path] ?? await readFile(new URL(path === '/core.wasm' ? 'build/wasm/core.wasm' : `.${path}`, root));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/html' }).end(body);
    } catch {
      response.writeHead(path === '/' ? 200 : 404, { 'content-type': 'text/html' }).end('<!doctype html><title>test</title>');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const browser = await launch();
  return {
    browser,
    url: `http://localhost:${/** @type {any} */ (server.address()).port}/`,
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

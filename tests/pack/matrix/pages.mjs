// SPDX-License-Identifier: GPL-3.0-or-later
// Pages of bundlers, served, each with a peer in it or in one of its workers, in Chromium.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveFolder } from '../../../tools/docs/serve.mjs';
import { runProgram } from '../../support/cli.mjs';
import { freePort } from '../../support/ports.mjs';
import { viteIn } from '../bundlers.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const ENTRIES = ['main.js', 'worker.js', 'shared.js'];
const READY_MS = 60_000;

/** @typedef {{url: string, stop: () => Promise<unknown>, query?: string}} Site query: what its pages are told beside where the peer is */
/** @typedef {(place: {app: string, folder: string}) => Promise<Site>} Serve app: where the package is installed; folder: empty, in it */

/** @param {import('../bundlers.mjs').Bundler} bundler @returns {Serve} */
export const built = (bundler) => async ({ app, folder }) => {
  const to = join(folder, 'built');
  cpSync(join(here, 'app'), folder, { recursive: true });
  mkdirSync(to);
  await bundler.build({ from: folder, to, entries: ENTRIES, app, hasWorkers: true });
  return { ...(await serveFolder(to)), query: bundler.isComplete ? '' : '&wasm=core.wasm' };
};

/**
 * @param {string} home whose node_modules has it @param {string[]} [exclude] what its documentation calls optimizeDeps.exclude
 * @returns {Serve}
 */
export const viteServer = (home, exclude = []) => async ({ app, folder }) => {
  cpSync(join(here, 'app'), folder, { recursive: true });
  const { createServer } = await viteIn(home);
  const server = await createServer({
    root: folder, configFile: false, logLevel: 'error', optimizeDeps: { exclude },
    server: { port: await freePort(), host: 'localhost', fs: { allow: [app] } },
  });
  await server.listen();
  return { url: new URL(server.resolvedUrls.local[0]).origin, stop: () => server.close() };
};

/** @param {'dev' | 'start'} command @param {string[]} flags @returns {Serve} */
export const next = (command, flags) => async ({ folder }) => {
  cpSync(join(here, 'next'), folder, { recursive: true });
  const scripts = readdirSync(join(here, 'app')).filter((name) => name.endsWith('.js'));
  for (const name of scripts) cpSync(join(here, 'app', name), join(folder, name));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  const run = (args) => runProgram(join(here, 'node_modules', 'next', 'dist', 'bin', 'next'), args, {
    cwd: folder, env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: command === 'dev' ? 'development' : 'production' },
  });
  if (command === 'start') {
    const building = run(['build', ...flags]);
    assert.equal(await building.ended, 0, [...building.lines, building.errors()].join('\n'));
  }
  const port = await freePort();
  const server = run([command, '--port', String(port), '--hostname', 'localhost', ...(command === 'dev' ? flags : [])]);
  await server.line((line) => /Ready in/.test(line), 'start');
  return { url: `http://localhost:${port}`, stop: () => Promise.all([server.kill('SIGTERM'), server.ended]) };
};

/**
 * A place for peers in a context of its own: pages of it have the same storage.
 * @param {import('playwright-core').BrowserContext} context @param {Site} site @param {string} where page, worker or shared
 */
export const pagesIn = (context, site, where) => async () => {
  const page = await context.newPage();
  /** @type {(error: Error) => void} */
  let fail = () => {};
  const failed = new Promise((_resolve, reject) => { fail = reject; });
  failed.catch(() => {}); // told when something is asked of it
  page.on('pageerror', fail);
  page.on('console', (message) => message.type() === 'error' && fail(new Error(message.text())));
  page.on('crash', () => fail(new Error('the page crashed')));
  await page.goto(`${site.url}/?in=${where}${site.query ?? ''}`);
  await Promise.race([failed, page.waitForFunction(() => globalThis.app, null, { timeout: READY_MS })]);
  return {
    call: (...step) => Promise.race([failed, page.evaluate((given) => globalThis.app(...given), step)]),
    end: () => page.close(),
  };
};

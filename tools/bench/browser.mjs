// SPDX-License-Identifier: GPL-3.0-or-later
// What both sides of a comparison share: one Chromium, one tracker, and a page each.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { launch } from '../../tests/support/chromium.mjs';
import { freePort } from '../../tests/support/ports.mjs';
import { rivalIsThere, serveRival } from './rival_page.mjs';
import { HERE, ROOT, progress, startServer, within } from './support.mjs';

/** Servers and browser. A side ('nkt', 'trystero') that is not there (not built, not installed) is missing in `has`. */
export async function openBench() {
  const [port, trackerPort] = [await freePort(), await freePort()];
  const ports = { PORT: String(port), TRACKER_PORT: String(trackerPort) };
  const servers = [await startServer(`${ROOT}tools/tracker.js`, ports, trackerPort)];
  const has = new Set();
  if (existsSync(`${ROOT}tools/app.js`) && existsSync(`${ROOT}build/wasm/core.wasm`)) {
    servers.push(await startServer(`${ROOT}tools/app.js`, ports, port));
    has.add('nkt');
  }
  const rivalPort = rivalIsThere() ? await serveRival() : null;
  if (rivalPort) has.add('trystero');

  const browser = await launch({ isWhole: true }); // as people have it
  const url = { nkt: `http://localhost:${port}/`, trystero: `http://localhost:${rivalPort}/` };
  const tracker = `ws://localhost:${trackerPort}`;

  return {
    has,
    browser,
    url,
    /** Arguments for join() of the page scripts. mode: 'relay', 'webrtc' or 'trystero'. */
    config(mode, room, nick) {
      if (mode === 'trystero') {
        const relayConfig = { urls: [tracker], redundancy: 1 };
        return { appId: 'nkt-bench', room, relayConfig, rtcConfig: { iceServers: [] } };
      }
      // 'webrtc': no relay; 'memory': nothing stored either, as trystero; otherwise as people use it
      const relays = mode === 'relay' ? [`ws://localhost:${port}/relay`] : [];
      const storage = mode === 'memory' ? 'none' : 'tab';
      return { nick, room, relays, trackers: [tracker], iceServers: [], storage };
    },
    /** {tabs, close()}: `count` loaded tabs of that side (empty ones: 'bare') in a context of their own, with window.bench in each. */
    async newTabs(kind, count) {
      const context = await browser.newContext();
      context.setDefaultTimeout(15_000);
      const tabs = await Promise.all(
        Array.from({ length: count }, async () => {
          const tab = await context.newPage();
          tab.on('pageerror', (error) => progress(`  ${kind}: ${error.message}`));
          if (kind !== 'bare') {
            await tab.goto(url[kind]);
            await tab.waitForFunction((name) => window[name], kind);
          }
          await tab.evaluate(await readFile(`${HERE}page_${kind}.js`, 'utf8'));
          await tab.evaluate(() => window.bench.load());
          return tab;
        }),
      );
      return { tabs, close: () => within(context.close(), 10_000, 'closing tabs') };
    },
    async close() {
      await within(browser.close(), 10_000, 'closing Chromium').catch(() => {});
      servers.forEach((server) => server.kill('SIGKILL'));
    },
  };
}

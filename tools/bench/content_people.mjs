// SPDX-License-Identifier: GPL-3.0-or-later
// People for the measurements of contents: each has a browser of his own, as on a machine of his own, so that what it takes is his alone.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM, launchProfile } from '../../tests/support/chromium.mjs';
import { freePort } from '../../tests/support/ports.mjs';
import { Processes } from './processes.mjs';
import { rivalIsThere } from './rival_page.mjs';
import { HERE, ROOT, progress, sleep, startServer, within } from './support.mjs';

/** A page from there may keep files, as one from localhost or over https. */
const HUB_NAME = 'hub.localhost';

const WAIT_MS = 30_000;
const RIVAL_PAUSE_MS = 1_500;
const RIVAL_WAIT_MS = 4_000;
const RIVAL_TRIES = 12;

export const sides = () => [
  ...(existsSync(`${ROOT}build/wasm/core.wasm`) ? ['nkt'] : []), ...(rivalIsThere() ? ['trystero'] : []), 'bare',
];

/** Page and tracker of one side. `network`: see Shaped; without one they are on loopback. */
class Servers {
  #running = [];

  async start(side, network) {
    const host = network?.hub;
    const port = await freePort();
    const trackerPort = await freePort();
    const run = async (script, env, at) => {
      this.#running.push(await startServer(script, { ...env, ...(host && { HOST: host }) }, at, { host, prefix: network?.prefix('hub') }));
    };
    const env = { PORT: String(port), TRACKER_PORT: String(trackerPort) };
    if (side !== 'bare') await run(`${ROOT}tools/tracker.js`, env, trackerPort);
    if (side === 'nkt') await run(`${ROOT}tools/app.js`, env, port);
    if (side !== 'nkt') await run(`${HERE}rival_page.mjs`, env, port);
    const name = host ? HUB_NAME : 'localhost';
    this.url = `http://${name}:${port}/`;
    this.tracker = `ws://${name}:${trackerPort}`;
    this.relay = `ws://${name}:${port}/relay`;
  }

  stop() {
    this.#running.splice(0).forEach((server) => server.kill('SIGKILL'));
  }
}

let count = 0;

export class People {
  tabs = [];
  processes = [];
  servers = new Servers();
  #browsers = [];
  #folders = [];

  /** `count` loaded tabs of that side, each with window.bench and a place to choose a file. @returns {Promise<People>} */
  static async open(side, names, network) {
    const people = new People();
    try {
      await people.servers.start(side, network);
      for (const name of names) await people.#add(side, name, network);
      return people;
    } catch (error) {
      await people.close();
      throw error;
    }
  }

  async #add(side, name, network) {
    const mark = `--nkt-bench=${process.pid}-${++count}`;
    const folder = mkdtempSync(join(tmpdir(), 'nkt-bench-profile-'));
    this.#folders.push(folder);
    const browser = await launchProfile(folder, {
      ...(network && { executablePath: network.wrap(name, CHROMIUM), hosts: [network.hub], names: { [HUB_NAME]: network.hub } }),
      args: [mark],
    });
    this.#browsers.push(browser);
    this.processes.push(new Processes(mark));
    browser.setDefaultTimeout(WAIT_MS);
    const tab = browser.pages()[0] ?? await browser.newPage();
    tab.on('pageerror', (error) => progress(`  ${side}: ${error.message}`));
    this.tabs.push(tab);
    await load(tab, side, this.servers.url);
  }

  /** All are in one room and know each other. @returns {Promise<{room: string}>} */
  async meet(side) {
    const { tabs } = this;
    const room = `content-${process.pid}-${++count}`;
    if (side === 'bare') {
      const [a, b] = tabs;
      const answer = await b.evaluate((offer) => window.bench.answer(offer), await a.evaluate(() => window.bench.offer()));
      await a.evaluate((description) => window.bench.accept(description), answer);
    } else if (side === 'trystero') {
      await this.#meetRival(room);
    } else {
      for (const [i, tab] of tabs.entries()) await tab.evaluate((c) => void window.bench.join(c), this.config(side, room, `p${i}`));
    }
    const all = tabs.map((tab) => tab.evaluate((others) => window.bench.meets?.(others) ?? window.bench.direct(), tabs.length - 1));
    await within(Promise.all(all), 2 * WAIT_MS, `${side}: meeting`);
    return { room };
  }

  /**
   * Each is connected with the first, which sends. Of those who come at once some never meet (README), so they come one after the other,
   * and who is not seen soon comes anew.
   */
  async #meetRival(room) {
    const join = (tab) => tab.evaluate((c) => void window.bench.join(c), this.config('trystero', room));
    const [author, ...others] = this.tabs;
    const count = () => author.evaluate(() => window.bench.count());
    await join(author);
    await sleep(RIVAL_PAUSE_MS);
    for (const [i, tab] of others.entries()) {
      for (let tries = 0; await count() <= i; tries++) {
        if (tries === RIVAL_TRIES) throw new Error(`trystero: ${i + 2} did not meet in ${tries} tries`);
        if (tries > 0) await load(tab, 'trystero', this.servers.url);
        await join(tab);
        for (const end = Date.now() + RIVAL_WAIT_MS; Date.now() < end && await count() <= i;) await sleep(100);
      }
    }
  }

  config(side, room, nick) {
    const { tracker, relay } = this.servers;
    if (side === 'nkt') return { nick, room, relays: [relay], trackers: [tracker], iceServers: [], storage: 'tab', contentQuota: 2e9 };
    return { appId: 'nkt-bench', room, relayConfig: { urls: [tracker], redundancy: 1 }, rtcConfig: { iceServers: [] } };
  }

  async close() {
    await Promise.all(this.#browsers.map((browser) => within(browser.close(), 10_000, 'closing').catch(() => {})));
    this.servers.stop();
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The page, and window.bench in it. */
export async function load(tab, side, url) {
  await tab.goto(side === 'bare' ? `${url}blank` : url);
  if (side !== 'bare') await tab.waitForFunction((name) => window[name], side);
  await tab.evaluate(await readFile(`${HERE}page_${side}.js`, 'utf8'));
  await tab.evaluate(() => window.bench.load());
  await tab.evaluate(() => {
    const input = Object.assign(document.createElement('input'), { type: 'file', id: 'bench-file' });
    document.documentElement.append(input);
    window.longest = 0;
    window.longTasks = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        window.longTasks++;
        window.longest = Math.max(window.longest, duration);
      }
    }).observe({ type: 'longtask' }); // those of 50 ms and more
  });
}

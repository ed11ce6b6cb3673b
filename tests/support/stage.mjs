// SPDX-License-Identifier: GPL-3.0-or-later
// What a test with real browsers stands on: Chromium, and Firefox and WebKit if asked for, app.js and tracker.js as processes of
// their own, on free ports.
import { launch } from './chromium.mjs';
import { startServer } from './servers.mjs';
import { patiently } from './slow.mjs';
import { Tab, allMeet } from './tab.mjs';

const DEFAULT_MS = 30_000;

let roomCount = 0;

/** Runs in a page before its scripts: as in private windows, and in Firefox that keeps nothing. */
export function lackWorker() {
  delete Navigator.prototype.serviceWorker;
}

export class Stage {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  app;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  tracker;
  /** @type {import('playwright-core').Browser} */
  browser;
  /** @type {import('./firefox.mjs').Firefox|undefined} */
  #firefox;
  /** @type {import('./webkit.mjs').WebKit|undefined} */
  #webkit;
  #hasWorker = true;
  /** @type {import('playwright-core').BrowserContext[]} */
  #contexts = [];

  /**
   * @param {{browsers?: Array<'chromium'|'firefox'|'webkit'>, isWhole?: boolean, hasWorker?: boolean, args?: string[],
   *   hasPageCache?: boolean}} [options]
   *   isWhole: Chromium with its windows; args: more of its arguments; hasPageCache: see chromium.mjs; hasWorker: false for a test to
   *   which it is all the same whether the browser has service workers. Each tab's fetches 30 files once more, a quarter of what a login
   *   costs
   */
  static async open({ browsers = ['chromium'], isWhole = false, hasWorker = true, args = [], hasPageCache } = {}) {
    const stage = new Stage();
    stage.#hasWorker = hasWorker;
    try {
      if (browsers.includes('chromium')) stage.browser = await launch({ isWhole, args, hasPageCache });
      if (browsers.includes('firefox')) {
        const { Firefox } = await import('./firefox.mjs'); // puppeteer: half a second of CPU
        stage.#firefox = await Firefox.launch();
      }
      if (browsers.includes('webkit')) {
        const { WebKit } = await import('./webkit.mjs');
        stage.#webkit = await WebKit.launch();
      }
      await stage.startServers();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  /** Starts those that do not run, where they ran before: a test may have killed them. */
  async startServers() {
    const portOf = (server) => String(server?.port ?? 0);
    if (!this.tracker?.isRunning()) {
      this.tracker = await startServer('tracker.js', { TRACKER_PORT: portOf(this.tracker) });
    }
    if (!this.app?.isRunning()) {
      this.app = await startServer('app.js', { PORT: portOf(this.app), TRACKER_PORT: portOf(this.tracker) });
    }
  }

  get relays() {
    return [`${this.app.wsUrl}/relay`];
  }

  get trackers() {
    return [this.tracker.wsUrl];
  }

  /** A room of its own for each test. */
  newRoom() {
    return `room-${process.pid}-${++roomCount}`;
  }

  /**
   * A browser with nothing in its cache and its storage: Chromium, where there is one, if none is named.
   * @param {'chromium'|'firefox'|'webkit'} [browser]
   * @param {import('playwright-core').BrowserContextOptions} [options] of Chromium, such as its locale
   */
  async newContext(browser = this.browser ? 'chromium' : 'firefox', options = {}) {
    const launched = { chromium: this.browser, firefox: this.#firefox, webkit: this.#webkit }[browser];
    const context = await launched.newContext(options);
    context.setDefaultTimeout(patiently(DEFAULT_MS));
    if (!this.#hasWorker) await context.addInitScript(lackWorker);
    this.#contexts.push(context);
    return context;
  }

  /**
   * Tabs of one browser that have loaded the page, nobody logged in.
   * @param {number} count
   * @param {{fragment?: string, before?: () => void, browser?: 'chromium'|'firefox'|'webkit', prepare?: (blank: Tab) => unknown}} [options]
   *   fragment: of the address, such as 'room=x'; before: runs in each page before its scripts; prepare: with each tab before it loads
   */
  async tabs(count, { fragment = '', before, browser, prepare } = {}) {
    const context = await this.newContext(browser);
    return Promise.all(Array.from({ length: count }, async (_, i) => {
      const tab = await Tab.blank(context, { before });
      tab.name = `tab ${i}`;
      await prepare?.(tab);
      return tab.load(`${this.app.url}/#${fragment}`);
    }));
  }

  /**
   * People who logged in by hand, in a room of their own, and have met.
   * @param {string[]} nicks
   * @param {{isOneBrowser?: boolean, before?: () => void, prepare?: (tabs: Tab[]) => Promise<unknown>}} [options]
   *   isOneBrowser: all are tabs of one; before: runs in each page before its scripts; prepare: before they log in
   * @returns {Promise<Tab[] & {fragment: string}>} fragment: of the address, with their room
   */
  async people(nicks, { isOneBrowser = false, before, prepare } = {}) {
    const fragment = `room=${this.newRoom()}`;
    const tabs = isOneBrowser ? await this.tabs(nicks.length, { fragment, before })
      : (await Promise.all(nicks.map(() => this.tabs(1, { fragment, before })))).flat();
    await prepare?.(tabs);
    for (const [i, tab] of tabs.entries()) await tab.logIn(nicks[i]);
    await allMeet(tabs);
    return Object.assign(tabs, { fragment });
  }

  /** Ann in Firefox and Bob in Chromium, who logged in by hand, in a room of their own, and have met. @returns {Promise<[Tab, Tab]>} */
  async annAndBob() {
    const fragment = `room=${this.newRoom()}`;
    const [[ann], [bob]] = await Promise.all([
      this.tabs(1, { browser: 'firefox', fragment }), this.tabs(1, { browser: 'chromium', fragment })]);
    await ann.logIn('Ann');
    await bob.logIn('Bob');
    await allMeet([ann, bob]);
    return [ann, bob];
  }

  /** What the console of Firefox holds since its start: {level, text, url}. */
  consoleOfFirefox() {
    return this.#firefox.console();
  }

  /** Closes every tab. */
  async clear() {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  async close() {
    await this.browser?.close();
    await this.#firefox?.close();
    await this.#webkit?.close();
    await Promise.all([this.app, this.tracker].map((server) => server?.isRunning() && server.stop()));
  }
}

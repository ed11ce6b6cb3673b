// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's Firefox under the part of playwright's API that Stage and Tab use: playwright itself drives a patched one only.
import puppeteer from 'puppeteer-core';

export const FIREFOX = '/usr/bin/firefox-esr';
const LAUNCH_MS = 60_000;

/** Whatever is not on this machine is at a port where nobody listens. */
const PROXY = `function FindProxyForURL(url, host) {
  return host === 'localhost' || host === '127.0.0.1' ? 'DIRECT' : 'PROXY 127.0.0.1:9';
}`;

const PREFERENCES = {
  // mDNS needs the network
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // microphones and cameras that are made up, for who asks
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'network.proxy.type': 2,
  'network.proxy.autoconfig_url': `data:text/javascript,${encodeURIComponent(PROXY)}`,
  // nor need it try
  'app.update.auto': false,
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.dns.disablePrefetch': true,
  'network.prefetch-next': false,
  'network.trr.mode': 5,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.unified': false,
};

/**
 * Runs in the browser's own process: WebDriver tells only of what scripts write to the console, not of what the browser warns of there
 * (preloads, styles, policies, cookies).
 */
const READ_CONSOLE = `JSON.stringify(Services.console.getMessageArray().filter((one) => one instanceof Ci.nsIScriptError)
  .map((one) => ({ level: one.flags & one.warningFlag ? 'warning' : 'error', text: one.errorMessage, url: one.sourceName })))`;

/** The only ones of playwright's locators that are needed. */
class Locator {
  #page;
  #selector;

  constructor(page, selector) {
    this.#page = page;
    this.#selector = selector;
  }

  async waitFor() {
    await this.#page.waitForSelector(this.#selector, { visible: true });
  }

  async fill(text) {
    await this.#page.locator(this.#selector).fill(text);
  }

  async click() {
    await this.#page.locator(this.#selector).click();
  }

  async press(key) {
    await this.#page.focus(this.#selector);
    await this.#page.keyboard.press(key);
  }
}

class Page {
  #page;

  /** @param {import('puppeteer-core').Page} page */
  constructor(page) {
    this.#page = page;
  }

  goto(url) {
    return this.#page.goto(url);
  }

  reload() {
    return this.#page.reload();
  }

  url() {
    return this.#page.url();
  }

  evaluate(fn, arg) {
    return this.#page.evaluate(fn, arg);
  }

  addInitScript(fn) {
    return this.#page.evaluateOnNewDocument(fn);
  }

  locator(selector) {
    return new Locator(this.#page, selector);
  }

  /** A tab behind another one draws nothing, and waits for a frame in vain. */
  bringToFront() {
    return this.#page.bringToFront();
  }

  /** @param {'requestfailed'|'response'|'console'|'pageerror'} type @param {(event: any) => void} listener */
  on(type, listener) {
    this.#page.on(type, listener);
  }

  close() {
    return this.#page.close();
  }
}

class Context {
  #context;
  #timeoutMs = LAUNCH_MS;
  #scripts = [];

  constructor(context) {
    this.#context = context;
  }

  setDefaultTimeout(ms) {
    this.#timeoutMs = ms;
  }

  /** @param {() => void} fn runs in each page that is made from now on, before its scripts */
  async addInitScript(fn) {
    this.#scripts.push(fn);
  }

  async newPage() {
    const page = await this.#context.newPage();
    page.setDefaultTimeout(this.#timeoutMs);
    for (const fn of this.#scripts) await page.evaluateOnNewDocument(fn);
    return new Page(page);
  }

  close() {
    return this.#context.close();
  }
}

/** A running Firefox. */
export class Firefox {
  #browser;

  constructor(browser) {
    this.#browser = browser;
  }

  static async launch() {
    return new Firefox(await puppeteer.launch({
      browser: 'firefox', executablePath: FIREFOX, headless: true, timeout: LAUNCH_MS, protocolTimeout: LAUNCH_MS,
      args: ['--remote-allow-system-access'], extraPrefsFirefox: PREFERENCES,
    }));
  }

  /** What the browser's console holds, of pages and of itself. @returns {Promise<Array<{level: string, text: string, url: string}>>} */
  async console() {
    const { connection } = this.#browser;
    const { result: tree } = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const target = { context: tree.contexts[0].context };
    const { result } = await connection.send('script.evaluate', { expression: READ_CONSOLE, target, awaitPromise: false });
    if (result.type !== 'success') throw new Error(`the console of Firefox: ${JSON.stringify(result)}`);
    return JSON.parse(result.result.value);
  }

  /** One with a storage of its own. */
  async newContext() {
    return new Context(await this.#browser.createBrowserContext());
  }

  close() {
    return this.#browser.close();
  }
}

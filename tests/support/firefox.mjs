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

  close() {
    return this.#page.close();
  }
}

class Context {
  #context;
  #timeoutMs = LAUNCH_MS;

  constructor(context) {
    this.#context = context;
  }

  setDefaultTimeout(ms) {
    this.#timeoutMs = ms;
  }

  async newPage() {
    const page = await this.#context.newPage();
    page.setDefaultTimeout(this.#timeoutMs);
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
      extraPrefsFirefox: PREFERENCES,
    }));
  }

  /** One with a storage of its own. */
  async newContext() {
    return new Context(await this.#browser.createBrowserContext());
  }

  close() {
    return this.#browser.close();
  }
}

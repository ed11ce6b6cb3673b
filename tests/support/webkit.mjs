// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's WebKit (WebKitGTK's small browser, on a screen in memory) under the part of playwright's API that Stage and Tab use.
// playwright itself drives a patched one only, and puppeteer none; what is asked of WebDriver is ten plain requests (W3C WebDriver, 6.3).
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createInterface } from 'node:readline';
import { until } from '../glue/support/until.mjs';
import { freePort } from './ports.mjs';

const DRIVER = '/usr/bin/WebKitWebDriver';
const SCREEN = '/usr/bin/Xvfb';
const BROWSER = `/usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu/webkit2gtk-4.1/MiniBrowser`;
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'; // W3C WebDriver, section 12: the name of a reference to one
const WAIT_MS = 30_000;
const ASK_MS = 20;
const KEYS = { Enter: '\uE007', Escape: '\uE00C' }; // section 17.4.2

/** Why this machine cannot run it, or false. */
export const skipWebKit = (() => {
  for (const path of [DRIVER, SCREEN, BROWSER]) {
    try {
      accessSync(path, constants.X_OK);
    } catch {
      return `${path} is not there: install webkit2gtk-driver and xvfb`;
    }
  }
  return false;
})();

/** A program that ends with this process. */
function start(program, args, options) {
  const child = spawn(program, args, options);
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

/** A screen that nobody sees: it chooses its number itself and tells it. */
async function openScreen() {
  const child = start(SCREEN, ['-displayfd', '3', '-screen', '0', '1100x800x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [line] = await new Promise((resolve, reject) => {
    createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdio[3]) }).once('line', (text) => resolve([text]));
    child.once('exit', (code) => reject(new Error(`${SCREEN} ended with ${code}`)));
  });
  return { child, display: `:${line}` };
}

class Driver {
  #url;
  #children;

  constructor(url, children) {
    this.#url = url;
    this.#children = children;
  }

  static async open() {
    const { child: screen, display } = await openScreen();
    const port = await freePort();
    const env = { ...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1', GIO_USE_NETWORK_MONITOR: 'base', NO_AT_BRIDGE: '1' };
    const child = start(DRIVER, [`--port=${port}`], { env, stdio: 'ignore' });
    const driver = new Driver(`http://127.0.0.1:${port}`, [child, screen]);
    await until(() => driver.ask('GET', '/status').then(() => true, () => false), 'WebKitWebDriver answers', WAIT_MS, ASK_MS);
    return driver;
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} its value */
  async ask(method, path, body) {
    const response = await fetch(this.#url + path, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = await response.json();
    if (!response.ok) throw Object.assign(new Error(`${value.error}: ${value.message}`), { name: value.error });
    return value;
  }

  close() {
    for (const child of this.#children) child.kill('SIGTERM');
  }
}

/** The only ones of playwright's locators that are needed. */
class Locator {
  #page;
  #selector;

  constructor(page, selector) {
    this.#page = page;
    this.#selector = selector;
  }

  async #element() {
    const find = () => this.#page.ask('POST', '/elements', { using: 'css selector', value: this.#selector });
    return (await until(async () => (await find()).at(0), this.#selector, WAIT_MS, ASK_MS))[ELEMENT];
  }

  async waitFor() {
    const isShown = (selector) => Boolean(document.querySelector(selector)?.checkVisibility());
    await until(() => this.#page.evaluate(isShown, this.#selector), `${this.#selector} to be seen`, WAIT_MS, ASK_MS);
  }

  async fill(text) {
    const element = await this.#element();
    await this.#page.ask('POST', `/element/${element}/clear`, {});
    await this.#page.ask('POST', `/element/${element}/value`, { text });
  }

  async click() {
    await this.#page.ask('POST', `/element/${await this.#element()}/click`, {});
  }

  async press(key) {
    await this.#page.ask('POST', `/element/${await this.#element()}/value`, { text: KEYS[key] ?? key });
  }
}

/** The one page of a session. */
class Page {
  #driver;
  #session;
  #scripts;

  constructor(driver, session, scripts) {
    this.#driver = driver;
    this.#session = session;
    this.#scripts = scripts;
  }

  /** @param {string} method @param {string} path below the session @param {object} [body] */
  ask(method, path, body) {
    return this.#driver.ask(method, `/session/${this.#session}${path}`, body);
  }

  /** WebDriver knows nothing that runs before a page's own scripts: these run when it has loaded. */
  async #loaded() {
    for (const fn of this.#scripts) await this.evaluate(fn);
  }

  async goto(url) {
    await this.ask('POST', '/url', { url });
    await this.#loaded();
  }

  async reload() {
    await this.ask('POST', '/refresh', {});
    await this.#loaded();
  }

  url() {
    return this.ask('GET', '/url');
  }

  /** Functions go as text. What is thrown there is thrown here. @param {Function | string} fn @param {any} [arg] */
  async evaluate(fn, arg) {
    const script = `const done = arguments[1];
      Promise.resolve().then(() => (${fn})(arguments[0])).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await this.ask('POST', '/execute/async', { script, args: [arg ?? null] });
    if (error !== undefined && error !== null) throw new Error(error);
    return value;
  }

  async addInitScript(fn) {
    this.#scripts.push(fn);
  }

  locator(selector) {
    return new Locator(this, selector);
  }

  /** A picture, as PNG. @returns {Promise<Buffer>} */
  async screenshot() {
    return Buffer.from(await this.ask('GET', '/screenshot'), 'base64');
  }

  close() {
    return this.ask('DELETE', '');
  }
}

/** A browser with nothing in its storage: a session of WebDriver, which is a process of its own, with one page. */
class Context {
  #driver;
  #scripts = [];
  /** @type {Page | undefined} */
  #page;

  constructor(driver) {
    this.#driver = driver;
  }

  setDefaultTimeout() {} // what is waited for here has a limit of its own

  /** @param {() => void} fn */
  async addInitScript(fn) {
    this.#scripts.push(fn);
  }

  async newPage() {
    if (this.#page) throw new Error('one page in each context of WebKit');
    // nothing is asked of another machine: whatever is not here is at a port where nobody listens
    const proxy = { proxyType: 'manual', httpProxy: '127.0.0.1:9', sslProxy: '127.0.0.1:9', noProxy: ['localhost', '127.0.0.1'] };
    const browser = { binary: BROWSER, args: ['--automation'] };
    const capabilities = { alwaysMatch: { proxy, 'webkitgtk:browserOptions': browser } };
    const { sessionId } = await this.#driver.ask('POST', '/session', { capabilities });
    this.#page = new Page(this.#driver, sessionId, this.#scripts);
    return this.#page;
  }

  async close() {
    await this.#page?.close().catch(() => {}); // one that a test has closed
    this.#page = undefined;
  }
}

/** A running WebKit. It drives one browser at a time: a second session is refused by WebKitWebDriver. */
export class WebKit {
  #driver;

  constructor(driver) {
    this.#driver = driver;
  }

  static async launch() {
    return new WebKit(await Driver.open());
  }

  async newContext() {
    return new Context(this.#driver);
  }

  async close() {
    this.#driver.close();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A tab of the real page, driven by its own controls or from its console.
import assert from 'node:assert/strict';
import { until } from '../glue/support/until.mjs';
import { installProbe } from './probe.mjs';
import { patiently, slowDown } from './slow.mjs';

const WAIT_MS = 30_000;
const GAP_MAX_MS = 50; // between two questions to a page

/** Waits for a condition that pages are asked for. @param {() => any} condition @param {string} what @param {number} [ms] */
export const untilTabs = (condition, what, ms) => until(condition, what, ms, GAP_MAX_MS);

/** Nothing was thrown in them, nor refused by a policy, that nobody awaited. @param {...(Tab | Tab[])} tabs */
export async function clean(...tabs) {
  for (const tab of tabs.flat()) assert.deepEqual(await tab.faults(), []);
}

/** A page that reloads while it is asked has not answered yet. @param {Error} error */
function unlessGone(error) {
  if (!/context was destroyed|Cannot find context/.test(error.message)) throw error;
}

export class Tab {
  /** What to call it in an error. */
  name = '';
  address = '';

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * A tab with nothing in it yet.
   * @param {import('playwright-core').BrowserContext} context
   * @param {{before?: () => void}} [options] before: runs in the page before its scripts
   */
  static async blank(context, { before } = {}) {
    const page = await context.newPage();
    await slowDown(page);
    await page.addInitScript(installProbe);
    if (before) await page.addInitScript(before);
    return new Tab(page);
  }

  /** Loads the page, as far as window.nkt. @param {string} url */
  async load(url) {
    await this.page.goto(url);
    await this.until(() => Boolean(window.nkt), undefined, 'window.nkt');
    return this;
  }

  /** Runs a function in the page. @param {(arg: any) => any} fn @param {any} [arg] */
  run(fn, arg) {
    return this.page.evaluate(fn, arg);
  }

  /** Waits for a condition in the page. @param {(arg: any) => any} fn @param {any} arg @param {string} what @param {number} [ms] */
  async until(fn, arg, what, ms = patiently(WAIT_MS)) {
    try {
      return await untilTabs(() => this.page.evaluate(fn, arg).catch(unlessGone), `${this.name}: ${what}`, ms);
    } catch (error) {
      const health = await this.page.evaluate(() => JSON.stringify(window.nkt?.health())).catch(() => 'no answer');
      throw new Error(`${error.message}\n  health of ${this.name}: ${health}`, { cause: error });
    }
  }

  // ---- by hand ----

  /** Types a nick and joins. @param {string} nick */
  async logIn(nick) {
    this.name = nick;
    await this.page.locator('#nick').fill(nick);
    await this.page.locator('#nick').press('Enter');
    await this.page.locator('#line').waitFor();
    await this.#know();
    return this;
  }

  /** Types a line and sends it. @param {string} text */
  async type(text) {
    await this.page.locator('#line').fill(text);
    await this.page.locator('#line').press('Enter');
  }

  /**
   * The message that shows a text, once it is there; in another conversation, which is opened.
   * @param {string} text @param {string} [more] of the selector
   */
  async shows(text, more = '') {
    const message = this.page.locator(`#messages .message${more}`).filter({ has: this.page.getByText(text, { exact: true }) });
    await message.waitFor({ state: 'attached' });
    const elsewhere = await message.evaluate((node) => node.closest('.chunk[hidden]')?.dataset.talk ?? null);
    if (elsewhere !== null) await this.talk(elsewhere);
    await message.waitFor();
    return message;
  }

  /** Opens the conversation with an address, by its row; none: the room's. @param {string} [addr] */
  talk(addr = '') {
    return this.page.locator(`#talks [data-talk="${addr}"] button`).evaluate((button) => button.click()); // the panel may be shut
  }

  /**
   * Presses what a message offers, in any browser.
   * @param {string} text of the message @param {string} what a selector of what is pressed
   */
  async act(text, what) {
    await this.until((wanted) => {
      const node = [...document.querySelectorAll('.message[data-id]')].find((one) => one.querySelector('.text').textContent === wanted);
      node?.querySelector('.more').click();
      return Boolean(node);
    }, text, text);
    await this.until((which) => {
      const button = document.querySelector(`.acts ${which}`);
      button?.click();
      return Boolean(button);
    }, what, what);
  }

  /** A line of the page itself that holds a text, once it is there. @param {string} text @returns {Promise<string>} */
  async answers(text) {
    const note = this.page.locator('#messages .note').filter({ hasText: text }).last();
    await note.waitFor();
    return (await note.textContent()) ?? '';
  }

  // ---- from the console ----

  /** Calls init(). @param {string} nick @param {object} config */
  async start(nick, config) {
    this.name = nick;
    await this.run((given) => nkt.init(given), { nick, iceServers: [], ...config });
    await this.#know();
    return this;
  }

  async #know() {
    this.address = await this.until(() => nkt.mySwarm.address(), undefined, 'an address');
  }

  /** Sends and returns the id. @param {any} value @param {string} [to] @returns {Promise<string>} */
  say(value, to) {
    return this.run(async ({ json, addr }) => {
      const delivery = await nkt.sendEncryptedMessage(JSON.parse(json), addr);
      window.probe.deliveries.push(delivery);
      return delivery.id;
    }, { json: JSON.stringify(value), addr: to }); // as text: the way into the page loses keys such as __proto__
  }

  /** What the page's policy forbade, and errors that nobody caught. @returns {Promise<string[]>} */
  faults() {
    return this.run(() => window.probe.violations.concat(window.probe.errors));
  }

  /** Everything received. */
  messages() {
    return this.run(() => window.probe.messages);
  }

  /** @param {string} address @param {number} [ms] */
  session(address, ms) {
    return this.until((addr) => nkt.userList[addr]?.session === 'established', address, `a session with ${address}`, ms);
  }

  /** @param {string} address @param {number} [ms] */
  link(address, ms) {
    return this.until((addr) => Boolean(nkt.mySwarm.peers[addr]), address, `a link to ${address}`, ms);
  }

  /** @param {string} what @param {(message: any) => boolean} matches @param {number} [ms] */
  hears(what, matches, ms = patiently(WAIT_MS)) {
    return untilTabs(async () => (await this.messages()).find(matches), `${this.name} hears ${what}`, ms);
  }

  /** Everything that was said from here is delivered to all. @param {number} [ms] */
  delivered(ms) {
    return this.until(() => window.probe.deliveries.length > 0 && window.probe.undelivered() === 0, undefined, 'all delivered', ms);
  }
}

/** Waits until each of the tabs has a session with, and a link to, each other. @param {Tab[]} tabs @param {{links?: boolean}} [options] */
export async function allMeet(tabs, { links = true } = {}) {
  for (const tab of tabs) {
    for (const other of tabs) {
      if (tab === other) continue;
      await tab.session(other.address);
      if (links) await tab.link(other.address);
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Tabs that edit one document at once, while relay and tracker are killed and come back: in the end all have the same, and nothing of
// what was typed is missing.
import assert from 'node:assert/strict';
import { Stage } from './stage.mjs';
import { untilTabs } from './tab.mjs';
import { isSame, serveYjsPage } from './yjs_site.mjs';

const TAGS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const CONVERGED_MS = 60_000;

const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

/** Tabs of one browser that share a document. */
class Crowd {
  /** Of each tab, how often its letter was typed. @type {Record<string, number>} */
  #typed = {};
  faults = [];

  /** @param {import('playwright-core').Page[]} pages */
  constructor(pages) {
    this.pages = pages;
    for (const [i, page] of pages.entries()) {
      this.#typed[TAGS[i]] = 0;
      page.on('pageerror', ({ message }) => this.faults.push(message));
    }
  }

  /** @template Given @param {(given: any) => any} fn in each tab @param {(i: number) => Given} [given] */
  each(fn, given = () => undefined) {
    return Promise.all(this.pages.map((page, i) => page.evaluate(fn, given(i))));
  }

  /** @param {string} url @param {object} config */
  async join(url, config) {
    for (const [i, page] of this.pages.entries()) {
      await page.goto(url);
      await page.evaluate((given) => {
        globalThis.shared.open();
        return globalThis.shared.join(given);
      }, { nick: `tab ${i}`, ...config });
    }
    const all = this.pages.length - 1;
    const haveMet = async () => (await this.each(() => globalThis.shared.peers())).every((peers) => peers === all);
    await untilTabs(haveMet, 'all meet', CONVERGED_MS);
  }

  /**
   * All type at once.
   * @param {{edits: number, everyMs: number}} typing of each @param {() => Promise<unknown>} meanwhile once some of it is everywhere
   * @returns {Promise<number>} ms from the last edit until all have the same
   */
  async type({ edits: count, everyMs }, meanwhile) {
    const typed = this.each((what) => globalThis.shared.type(what), (i) => ({ tag: TAGS[i], count, everyMs }));
    const some = sum(Object.values(this.#typed)) + count;
    await this.pages[0].evaluate((length) => globalThis.shared.reaches(length), some);
    await meanwhile();
    await typed;
    for (const tag of Object.keys(this.#typed)) this.#typed[tag] += count;
    const end = performance.now();
    let states = [];
    const areSame = async () => isSame(states = await this.each(() => globalThis.shared.state()));
    await untilTabs(areSame, 'all the same', CONVERGED_MS);
    const found = {};
    for (const letter of states[0].text) found[letter] = (found[letter] ?? 0) + 1;
    assert.deepEqual(found, this.#typed, 'each letter that was typed, and no other');
    return Math.round(performance.now() - end);
  }
}

/**
 * @param {{count: number, edits?: number, everyMs?: number}} options count: of tabs, 26 at most; edits: of each, in each of three times
 * @returns {Promise<{tabs: number, edits: number, meet_ms: number, converged_ms: number[]}>} converged_ms: after the last edit, with
 *   the servers alive, after they died in the middle, after they came back in the middle
 */
export async function editTogether({ count, edits = 40, everyMs = 50 }) {
  const site = await serveYjsPage();
  const stage = await Stage.open({ hasWorker: false });
  try {
    const { relays, trackers } = stage;
    const context = await stage.newContext();
    const from = performance.now();
    const crowd = new Crowd(await Promise.all(Array.from({ length: count }, () => context.newPage())));
    await crowd.join(site.url, { room: stage.newRoom(), relays, trackers, iceServers: [] });
    const meetMs = Math.round(performance.now() - from);
    const converged = [];
    const kill = () => Promise.all([stage.app.kill(), stage.tracker.kill()]);
    for (const meanwhile of [async () => {}, kill, () => stage.startServers()]) {
      converged.push(await crowd.type({ edits, everyMs }, meanwhile));
    }
    assert.deepEqual(crowd.faults, []);
    return { tabs: count, edits: 3 * count * edits, meet_ms: meetMs, converged_ms: converged };
  } finally {
    await stage.close();
    await site.stop();
  }
}

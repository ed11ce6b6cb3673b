// SPDX-License-Identifier: GPL-3.0-or-later
// A peer in this process that is driven as a tab is, so that one test serves both: `nkt` and `window` are what they are in a page.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Nkt } from '../../glue/nkt.js';
import { nodeConfig } from '../../glue/node.js';
import { Tab } from './tab.mjs';

/** @type {HeadlessTab[]} */
const open = [];

export class HeadlessTab extends Tab {
  #config;
  #folder = mkdtempSync(join(tmpdir(), 'nkt-headless-'));
  /** Where every event is dispatched as well, and what a test leaves there. @type {any} */
  #window = new EventTarget();
  #nkt = new Nkt({ mirror: this.#window, crypto: rememberMemory(this.#window) });

  /** @param {object} config for init(), besides the nick */
  constructor(config) {
    super(/** @type {any} */ ({ evaluate: (fn, arg) => this.#evaluate(fn, arg), close: () => this.close() }));
    this.#config = { ...config, storage: { folder: this.#folder } };
  }

  /** One that has not started yet. @param {object} config */
  static async open(config) {
    const tab = new HeadlessTab({ ...await nodeConfig(), ...config });
    open.push(tab);
    return tab;
  }

  static async closeAll() {
    await Promise.all(open.splice(0).map((tab) => tab.close()));
  }

  /** @param {string} nick */
  async logIn(nick) {
    this.name = nick;
    await this.#nkt.init({ nick, iceServers: [], ...this.#config });
    this.address = this.#nkt.mySwarm.address();
    return this;
  }

  async close() {
    await this.#nkt.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** As in a page: text goes in, a function of it is called. @param {Function|string} fn @param {any} arg */
  async #evaluate(fn, arg) {
    if (typeof fn === 'string') return this.#inside(fn);
    return this.#inside(`(${fn})`)(arg);
  }

  /** @param {string} code an expression */
  #inside(code) {
    return new Function('nkt', 'window', `return ${code};`)(this.#nkt, this.#window);
  }
}

/** The platform's, and where it fills the core's memory that memory is kept, for a test to break it. @param {any} window */
function rememberMemory(window) {
  const { crypto } = globalThis;
  return {
    subtle: crypto.subtle,
    randomUUID: () => crypto.randomUUID(),
    getRandomValues(view) {
      if (view.buffer.byteLength > 1 << 20) window.coreMemory = view.buffer;
      return crypto.getRandomValues(view);
    },
  };
}

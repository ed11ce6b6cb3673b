// SPDX-License-Identifier: GPL-3.0-or-later
// Where rows are tried: the package installed as anybody has it, a relay, a browser.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../tools/setup/paths.mjs';
import { live, startProgram } from './life.mjs';
import { pagesIn } from './pages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const PASSPHRASE = 'correct horse battery';
const PROGRAM = 'program.mjs';

export class Tries {
  #app;
  #relay;
  #browser;
  #count = 0;

  /** @param {{app: string, relay: string, browser: import('playwright-core').Browser}} parts app: where nkt is installed */
  constructor({ app, relay, browser }) {
    this.#app = app;
    this.#relay = relay;
    this.#browser = browser;
    cpSync(join(here, 'app'), join(app, 'program'), { recursive: true });
  }

  /** What WebRTC in programs needs. */
  addWebRTC() {
    mkdirSync(join(this.#app, 'node_modules', '@roamhq'));
    for (const name of ['wrtc', 'wrtc-linux-x64']) {
      symlinkSync(join(root, 'node_modules', '@roamhq', name), join(this.#app, 'node_modules', '@roamhq', name));
    }
  }

  #config() {
    return { room: `matrix-${process.pid}-${++this.#count}`, relays: [this.#relay], trackers: [], iceServers: [] };
  }

  #folder() {
    return mkdtempSync(join(this.#app, 'try-'));
  }

  /** @param {string[]} command @param {string} place */
  #program(command, place) {
    return startProgram([...command, PROGRAM, place], { cwd: join(this.#app, 'program'), env: process.env });
  }

  /** @param {import('./rows.mjs').ProgramRow} row @param {string} place */
  async program({ command }, place) {
    const isDirect = place === 'webrtc';
    await live({
      begin: () => this.#program(command, place),
      node: () => this.#program([process.execPath], isDirect ? place : 'main'),
      storage: { folder: join(this.#folder(), 'ann'), passphrase: PASSPHRASE },
      config: this.#config(), isDirect,
    });
  }

  /**
   * @param {import('./rows.mjs').PageRow} row
   * @param {(place: string, run: () => Promise<void>) => Promise<void>} each is told of its places
   */
  async pages({ serve, places }, each) {
    const folder = this.#folder();
    const site = await serve({ app: this.#app, folder });
    try {
      for (const place of places) await each(place, () => this.#page(site, place));
    } finally {
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @param {import('./pages.mjs').Site} site @param {string} place */
  async #page(site, place) {
    const context = await this.#browser.newContext();
    try {
      await live({
        begin: pagesIn(context, site, place), node: () => this.#program([process.execPath], 'main'),
        storage: { passphrase: PASSPHRASE, name: 'ann' }, config: this.#config(),
      });
    } finally {
      await context.close();
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Identities that are kept: their keys from passphrases, their files. What is for these alone is fetched when it is needed.
 */
import { checkPassphrase } from './config.js';
import { loadModule } from './core_module.js';
import { fetched } from './fetched.js';

export class Keeping {
  /** By ticket. @type {Map<number, (sealed: Uint8Array) => void>} */
  #exporting = new Map();
  #parts;

  /**
   * @param {object} parts
   * @param {import('./current.js').Current} parts.current @param {any} parts.crypto @param {string|null} parts.worker
   * @param {(type: string, detail: object) => void} parts.tell dispatches an event
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {any} wasm @returns {import('./seal_key.js').Derive} tells nktderiving around it */
  deriver(wasm) {
    const { tell, worker } = this.#parts;
    return async (params) => {
      tell('nktderiving', { state: 'started' });
      try {
        const { deriveKey } = await fetched(() => import('./derive.js'));
        return await deriveKey(await loadModule(wasm), params, { url: worker });
      } finally {
        tell('nktderiving', { state: 'ended' });
      }
    };
  }

  /** @param {import('./driver.js').Driver} driver @param {string} passphrase @param {any} wasm @returns {Promise<string>} */
  async export(driver, passphrase, wasm) {
    const seal = (/** @type {Uint8Array} */ key) => this.seal(driver, key);
    const checked = checkPassphrase(passphrase);
    const { writeIdentityFile } = await fetched(() => import('./identity_file.js'));
    return writeIdentityFile(checked, this.#parts.crypto, this.deriver(wasm), seal);
  }

  /** The identity, as IMPORT takes it behind the key. @param {import('./driver.js').Driver} driver @param {Uint8Array} key */
  seal(driver, key) {
    return new Promise((resolve, reject) => {
      const ticket = this.#parts.current.nextTicket();
      this.#exporting.set(ticket, resolve);
      driver.step('EXPORT', { ticket, bytes: key }, (code) => {
        if (code < 0) reject(this.#parts.current.error(code));
      });
    });
  }

  /** @param {{file: string, passphrase: string}} identity @param {import('./seal_key.js').Derive} derive @returns {Promise<Uint8Array>} */
  async import({ file, passphrase }, derive) {
    const { readIdentityFile } = await fetched(() => import('./identity_file.js'));
    return readIdentityFile(file, passphrase, derive);
  }

  /** EXPORTED. @param {{ticket: number, bytes: Uint8Array}} fx */
  exported({ ticket, bytes }) {
    this.#exporting.get(ticket)?.(bytes);
    this.#exporting.delete(ticket);
  }
}

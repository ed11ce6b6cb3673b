// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Whom the person ignores, as the core tells it and keeps it: nothing that they say arrives here.
 */
import { NktError } from './errors.js';

/**
 * @typedef {object} Ports
 * @property {(addr: string) => boolean} isAddress throws NktError
 * @property {(addr: string) => string|undefined} nickOf of a known user
 * @property {(addr: string, nick: string, isSet: boolean) => void} ignore tells the core; throws NktError
 * @property {() => void} changed
 */

export class Ignored {
  #ports;
  /** Nick by which each is remembered, by address. @type {Map<string, string>} */
  #nicks = new Map();

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
  }

  /** @param {string} addr */
  has(addr) {
    return this.#nicks.has(addr);
  }

  /** @returns {ReadonlyArray<{readonly addr: string, readonly nick: string}>} */
  get list() {
    return Object.freeze([...this.#nicks].map(([addr, nick]) => Object.freeze({ addr, nick })));
  }

  /** @param {string} addr @param {boolean} isSet */
  set(addr, isSet) {
    if (!this.#ports.isAddress(addr)) throw new NktError('NKT_E_ADDRESS', `${isSet ? 'ignore' : 'unignore'}: an address is wanted`);
    if (this.#nicks.has(addr) !== isSet) this.#ports.ignore(addr, isSet ? this.#ports.nickOf(addr) ?? '' : '', isSet);
  }

  /** IGNORED. @param {{address: string, text: string, value: number}} fx */
  told({ address, text, value }) {
    if (value === 1) this.#nicks.set(address, text);
    else this.#nicks.delete(address);
    this.#ports.changed();
  }

  reset() {
    this.#nicks.clear();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Names of facts, effects and errors, read from the module: no list of them is kept twice.
 */
import { NktError } from './errors.js';

/** The kinds of nkt_wasm_name(). */
const FACTS = 0;
const EFFECTS = 1;

/** The numbers of errors (nkt_err.def) lie between. */
const CODE_FIRST = -101;
const CODE_END = -500;

export class Names {
  #exports;
  #memory;
  /** Numbers by name. @type {Map<string, number>} */
  #facts;
  #effects;
  /** @type {Map<number, {name: string, text: string}>} */
  #errors = new Map();
  /** @type {Map<string, number>|null} */
  #codes = null;

  /** @param {any} exports of the instance @param {import('./core_memory.js').Memory} memory */
  constructor(exports, memory) {
    this.#exports = exports;
    this.#memory = memory;
    this.#facts = new Map(this.#list(FACTS).map((name, i) => [name, i]));
    this.#effects = this.#list(EFFECTS);
  }

  /** @param {string} name without prefix @returns {number} throws NKT_E_ARGUMENT */
  fact(name) {
    const number = this.#facts.get(name);
    if (number === undefined) throw new NktError('NKT_E_ARGUMENT', `no such fact: ${name}`);
    return number;
  }

  /** @param {number} number @returns {string} without prefix */
  effect(number) {
    return this.#effects[number] ?? `#${number}`;
  }

  /** @param {number} code @returns {{name: string, text: string}} such as 'NKT_E_SIZE', and its meaning */
  error(code) {
    let known = this.#errors.get(code);
    if (!known) {
      known = {
        name: this.#memory.terminated(this.#exports.nkt_wasm_err_name(code)),
        text: this.#memory.terminated(this.#exports.nkt_wasm_err_text(code)),
      };
      this.#errors.set(code, known);
    }
    return known;
  }

  /** The reverse; 0 when there is no such error. @param {string} name @returns {number} */
  errorCode(name) {
    if (this.#codes === null) {
      this.#codes = new Map();
      for (let code = CODE_FIRST; code > CODE_END; code--) this.#codes.set(this.error(code).name, code);
    }
    return this.#codes.get(name) ?? 0;
  }

  /** @param {number} kind @returns {string[]} by number */
  #list(kind) {
    const names = [];
    for (;;) {
      const name = this.#memory.terminated(this.#exports.nkt_wasm_name(kind, names.length));
      if (name === '') return names;
      names.push(name);
    }
  }
}

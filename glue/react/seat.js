// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The peer of a component, from when it is mounted to when it is not: what StrictMode unmounts and mounts again at once keeps its peer,
 * and another configuration starts the same one anew.
 */
import { Nkt } from '../nkt.js';
import { View } from './view.js';

/** @typedef {{nkt: Nkt|null, status: string, address: string, error: any}} State */

/** @type {Readonly<State>} */
export const NO_PEER = Object.freeze({ nkt: null, status: 'stopped', address: '', error: null });

export class Seat extends View {
  #nkt = /** @type {Nkt|null} */ (null);
  /** Of the configuration that it runs with, or starts; '': none. */
  #key = '';
  #count = 0;

  constructor() {
    super(NO_PEER);
  }

  /** @param {string} key @param {any} config @returns {() => void} gives it up */
  take(key, config) {
    this.#count++;
    if (this.#key !== key) this.#start(key, config);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#count--;
      setTimeout(() => this.#count === 0 && this.#stop()); // mounted again meanwhile, or with another configuration
    };
  }

  /** @param {string} key @param {any} config */
  async #start(key, config) {
    this.#key = key;
    const nkt = this.#nkt ??= this.#make(config);
    this.#tell({ status: 'starting', error: null });
    try {
      await nkt.init(config);
      if (this.#nkt === nkt && this.#key === key) this.#tell({ status: 'running', address: nkt.mySwarm.address() });
    } catch (error) {
      if (this.#nkt === nkt && this.#key === key) this.#tell({ status: 'failed', error });
    }
  }

  /** @param {any} config */
  #make({ wasm }) {
    return new Nkt(wasm === undefined ? {} : { wasm });
  }

  async #stop() {
    const nkt = this.#nkt;
    this.#nkt = null;
    this.#key = '';
    this.change(NO_PEER);
    await nkt?.close();
  }

  /** @param {Partial<State>} change */
  #tell(change) {
    this.change(Object.freeze({ ...this.get(), nkt: this.#nkt, ...change }));
  }
}

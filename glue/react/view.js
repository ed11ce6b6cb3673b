// SPDX-License-Identifier: GPL-3.0-or-later
/** What useSyncExternalStore() wants: a value that is the same object until it is another one, and who is told of that. */

/** @template T */
export class View {
  /** @type {T} */
  #value;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {T} value */
  constructor(value) {
    this.#value = value;
  }

  get = () => this.#value;

  subscribe = (/** @type {() => void} */ changed) => {
    this.#listeners.add(changed);
    if (this.#listeners.size === 1) this.begin();
    return () => {
      this.#listeners.delete(changed);
      if (this.#listeners.size === 0) this.end();
    };
  };

  /** @param {T} value */
  change(value) {
    if (value === this.#value) return;
    this.#value = value;
    for (const changed of [...this.#listeners]) changed();
  }

  /** Somebody looks. */
  begin() {}

  /** Nobody does any more. */
  end() {}
}

/** A view of what a peer knows: it listens while somebody looks. @template T @extends {View<T>} */
export class PeerView extends View {
  #types;
  #listener = (event) => this.heard(event);

  /** @param {import('../types.d.ts').Nkt<any>|null} nkt @param {string[]} types of events @param {T} value */
  constructor(nkt, types, value) {
    super(value);
    this.nkt = nkt;
    this.#types = types;
  }

  begin() {
    for (const type of this.#types) this.nkt?.addEventListener(type, this.#listener);
    this.look();
  }

  end() {
    for (const type of this.#types) this.nkt?.removeEventListener(type, this.#listener);
  }

  /** @param {any} event */
  heard(event) {
    this.look();
  }

  /** Makes the value anew. */
  look() {}
}

// SPDX-License-Identifier: GPL-3.0-or-later

/** Clients by their address. Nearly every address has one, so a set is made for the second only. */
export class Addresses {
  /** @type {Map<string, Client | Set<Client>>} */
  #holders = new Map();

  get count() {
    return this.#holders.size;
  }

  /** @param {string} address @returns {Iterable<Client>} in the order of taking it */
  of(address) {
    const holders = this.#holders.get(address);
    if (holders === undefined) return [];
    return holders instanceof Set ? holders : [holders];
  }

  has(address) {
    return this.#holders.has(address);
  }

  /** @returns {boolean} whether it is the first */
  add(address, client) {
    const holders = this.#holders.get(address);
    if (holders instanceof Set) holders.add(client);
    else this.#holders.set(address, holders === undefined ? client : new Set([holders, client]));
    return holders === undefined;
  }

  /** @returns {boolean} whether it was the last */
  remove(address, client) {
    const holders = this.#holders.get(address);
    if (holders instanceof Set) {
      holders.delete(client);
      if (holders.size > 0) return false;
    } else if (holders !== client) {
      return false;
    }
    return this.#holders.delete(address);
  }
}

/** @typedef {import('./client.js').Client} Client */

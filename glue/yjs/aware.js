// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Awareness (cursor, name, selection) of y-protocols: each tells his own state alone, and nobody that of another. Client ids are chosen,
 * not proven: whose is taken already is shown under a free one, so that nobody can keep another one from being seen.
 */
import { applyAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';

/** Of one's state as JSON, in bytes. */
const STATE_SIZE_MAX = 8192;

const encoder = new TextEncoder();

/** @typedef {{c: number, k: number, s: any}} Entry client id, clock, state */

export class Aware {
  #awareness;
  #origin;
  #onChange;
  #listener;
  /** Whose client id it is here: proven. @type {Map<number, string>} */
  #owners = new Map();
  /** One each, by address: the client id that he says, and that or a free one. @type {Map<string, {said: number, shown: number}>} */
  #clients = new Map();

  /**
   * @param {import('y-protocols/awareness').Awareness} awareness @param {object} origin of changes that come from others
   * @param {() => void} onChange one's own is other now
   */
  constructor(awareness, origin, onChange) {
    this.#awareness = awareness;
    this.#origin = origin;
    this.#onChange = onChange;
    this.#listener = ({ added, updated, removed }, from) => {
      if (from === origin) return;
      if ([added, updated, removed].some((ids) => ids.includes(awareness.clientID))) this.#onChange();
    };
    awareness.on('update', this.#listener);
  }

  /** @returns {Entry} one's own */
  get entry() {
    const { clientID, meta, states } = this.#awareness;
    return { c: clientID, k: meta.get(clientID)?.clock ?? 0, s: states.get(clientID) ?? null };
  }

  /** @param {number} client @returns {string|undefined} whose it is */
  ownerOf(client) {
    return this.#owners.get(client);
  }

  /** @param {any} entry @param {string} from @returns {boolean} false: malformed, or too large */
  heard(entry, from) {
    const { c: client, k: clock, s: state } = entry ?? {};
    const isWell = isCount(client) && isCount(clock) && typeof state === 'object' && !Array.isArray(state);
    if (!isWell) return false;
    const json = encoder.encode(JSON.stringify(state));
    if (json.length > STATE_SIZE_MAX) return false;
    const head = [1, this.#shown(client, from), clock, json.length].flatMap(varUint); // of one state
    applyAwarenessUpdate(this.#awareness, Uint8Array.of(...head, ...json), this.#origin);
    return true;
  }

  /** @param {number} said @param {string} from @returns {number} the client id of his that is shown */
  #shown(said, from) {
    const former = this.#clients.get(from);
    if (former?.said === said) return former.shown;
    this.forget(from); // reloaded: he has one at a time
    let shown = said;
    while (shown === this.#awareness.clientID || this.#owners.has(shown)) shown = Math.floor(Math.random() * 2 ** 32);
    this.#owners.set(shown, from);
    this.#clients.set(from, { said, shown });
    return shown;
  }

  /** @param {string} addr who is not there any more */
  forget(addr) {
    const client = this.#clients.get(addr);
    if (client === undefined) return;
    this.#clients.delete(addr);
    this.#owners.delete(client.shown);
    removeAwarenessStates(this.#awareness, [client.shown], this.#origin);
    this.#awareness.meta.delete(client.shown); // its clock would outlive it, and keep out whose id it really is
  }

  destroy() {
    this.#awareness.off('update', this.#listener);
    for (const addr of [...this.#clients.keys()]) this.forget(addr);
  }
}

/** @param {unknown} value */
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/** As lib0 writes it: seven bits a byte, the lowest first. @param {number} value @returns {number[]} */
function varUint(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) bytes.push(0x80 | (value % 0x80));
  return [...bytes, value];
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Awareness (cursor, name, selection) of y-protocols: each tells his own state alone, and nobody that of another.
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
  /** Whose client id it is: proven. @type {Map<number, string>} */
  #owners = new Map();
  /** @type {Map<string, number>} */
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

  /** @param {any} entry @param {string} from @returns {boolean} false: malformed, too large, or somebody else's */
  heard(entry, from) {
    const { c: client, k: clock, s: state } = entry ?? {};
    const isWell = isCount(client) && isCount(clock) && typeof state === 'object' && !Array.isArray(state);
    if (!isWell || client === this.#awareness.clientID || (this.#owners.get(client) ?? from) !== from) return false;
    const json = encoder.encode(JSON.stringify(state));
    if (json.length > STATE_SIZE_MAX) return false;
    const former = this.#clients.get(from);
    if (former !== undefined && former !== client) this.forget(from); // reloaded: he has one at a time
    this.#owners.set(client, from);
    this.#clients.set(from, client);
    const head = [1, client, clock, json.length].flatMap(varUint); // of one state
    applyAwarenessUpdate(this.#awareness, Uint8Array.of(...head, ...json), this.#origin);
    return true;
  }

  /** @param {string} addr who is not there any more */
  forget(addr) {
    const client = this.#clients.get(addr);
    if (client === undefined) return;
    this.#clients.delete(addr);
    this.#owners.delete(client);
    removeAwarenessStates(this.#awareness, [client], this.#origin);
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

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What may be lost and goes from program to program as bytes, for what stands on this API and is a part of the package (nkt/yjs): no JSON,
 * no event, no promise. Who is told such must have said that he understands it.
 */
import { EPHEMERAL_OF_ROOM, EPHEMERAL_RAW } from './constants.js';

/** By which a peer is asked for its Raw: another bundle may have made it. */
export const RAW = Symbol.for('nkt.raw');

/** @typedef {(bytes: Uint8Array, from: string, isOfRoom: boolean) => void} Ear bytes: its own copy; from: proven; isOfRoom: user.inRoom */

export class Raw {
  #current;
  #dispatcher;
  #log;
  /** By the first byte. @type {Map<number, Ear>} */
  #ears = new Map();

  /** @param {import('./current.js').Current} current @param {import('./events.js').Dispatcher} dispatcher @param {{error: Function}} log */
  constructor(current, dispatcher, log) {
    this.#current = current;
    this.#dispatcher = dispatcher;
    this.#log = log;
  }

  /** @param {string} addr @param {Uint8Array} bytes @returns {boolean} whether it left, now */
  send(addr, bytes) {
    const { run } = this.#current;
    return run !== null && run.driver.ask('EPHEMERAL', { address: addr, bytes, flags: EPHEMERAL_RAW }) > 0;
  }

  /** @param {number} mark the first byte @param {Ear|null} ear */
  listen(mark, ear) {
    if (ear) this.#ears.set(mark, ear);
    else this.#ears.delete(mark);
  }

  /** EPHEMERAL with that flag. @param {any} fx */
  heard({ bytes, address, flags }) {
    const ear = this.#ears.get(bytes[0]);
    if (ear) this.#dispatcher.queueCall(() => this.#tell(ear, bytes, address, (flags & EPHEMERAL_OF_ROOM) !== 0));
  }

  /**
   * What throws there must not keep others from hearing what came.
   * @param {Ear} ear @param {Uint8Array} bytes @param {string} from @param {boolean} isOfRoom
   */
  #tell(ear, bytes, from, isOfRoom) {
    try {
      ear(bytes, from, isOfRoom);
    } catch (error) {
      this.#log.error('nkt:', error);
    }
  }
}

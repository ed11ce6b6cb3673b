// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What others have and is not here, fetched from one of them; from another one when he is slow, and again when it failed.
 */
import { PART_SIZE_MAX } from './serve.js';

/** Of what one may give at once, in bytes: it lies in memory. */
const UPDATE_SIZE_MAX = 64 << 20;

/** Parts asked for at once: a line of some length is full, and of a user's 50 calls a second others are left. */
const PART_COUNT = 4;

/** Sources at once: a second one when the first has given nothing for so long, in ms. */
const SOURCE_COUNT_MAX = 3;
const SLOW_MS = 1500;

/** After a failure, in ms: each time twice as long. */
const AGAIN_MS = 500;
const AGAIN_MS_MAX = 30_000;

/**
 * @typedef {object} Ports
 * @property {(to: string, value: object) => Promise<any>} call
 * @property {() => Uint8Array} vector what is here
 * @property {(addr: string) => boolean} isWanted still: something there is not here
 * @property {(update: Uint8Array, from: string, digest: string) => boolean} take false: it is broken
 */

export class Pulling {
  #ports;
  /** @type {Set<string>} */
  #wanted = new Set();
  /** When each gave something last. @type {Map<string, number>} */
  #active = new Map();
  /** @type {Map<string, {count: number, timer: any}>} */
  #failed = new Map();
  /** @type {any} */
  #timer;
  #life = 0;

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
  }

  /** @param {string} addr who has what is not here */
  want(addr) {
    const failed = this.#failed.get(addr);
    if (failed?.timer) return; // in a while
    this.#wanted.add(addr);
    this.#next();
  }

  /** @param {string} addr who is not there any more */
  forget(addr) {
    clearTimeout(this.#failed.get(addr)?.timer);
    this.#failed.delete(addr);
    this.#wanted.delete(addr);
  }

  stop() {
    this.#life++;
    clearTimeout(this.#timer);
    for (const { timer } of this.#failed.values()) clearTimeout(timer);
    for (const all of [this.#wanted, this.#active, this.#failed]) all.clear();
  }

  #next() {
    clearTimeout(this.#timer);
    for (const addr of this.#wanted) {
      if (this.#active.has(addr)) continue;
      if (!this.#ports.isWanted(addr)) {
        this.#wanted.delete(addr);
        continue;
      }
      if (this.#active.size >= SOURCE_COUNT_MAX) return;
      const idle = performance.now() - Math.max(-Infinity, ...this.#active.values());
      if (idle < SLOW_MS) {
        this.#timer = setTimeout(() => this.#next(), SLOW_MS - idle);
        return;
      }
      this.#wanted.delete(addr);
      this.#pull(addr);
    }
  }

  /** @param {string} addr */
  async #pull(addr) {
    const life = this.#life;
    this.#active.set(addr, performance.now());
    let isTaken = false;
    try {
      const { update, digest } = await this.#fetch(addr, life);
      isTaken = this.#ports.take(update, addr, digest);
    } catch {
      // asked again below, or somebody else is
    }
    if (life !== this.#life) return;
    this.#active.delete(addr);
    if (isTaken) this.forget(addr);
    else this.#again(addr);
    this.#next();
  }

  /** @param {string} addr */
  #again(addr) {
    const count = (this.#failed.get(addr)?.count ?? 0) + 1;
    const timer = setTimeout(() => {
      this.#failed.set(addr, { count, timer: null });
      this.want(addr);
    }, Math.min(AGAIN_MS * 2 ** (count - 1), AGAIN_MS_MAX));
    this.#failed.set(addr, { count, timer });
  }

  /** @param {string} addr @param {number} life @returns {Promise<{update: Uint8Array, digest: string}>} */
  async #fetch(addr, life) {
    const first = await this.#ports.call(addr, { k: 'pull', v: this.#ports.vector() });
    const { d: digest, s: size, id, p: part } = first ?? {};
    const isWell = typeof digest === 'string' && Number.isSafeInteger(size) && size >= 0 && size <= UPDATE_SIZE_MAX;
    if (!isWell || !isPart(part, 0, size)) throw new Error('no update');
    if (part.length === size) return { update: part, digest };
    const parts = [part]; // memory is taken as they come, not as it was said
    let next = PART_SIZE_MAX;
    const line = async () => {
      while (next < size && life === this.#life) {
        const at = next;
        next += PART_SIZE_MAX;
        const { p } = await this.#ports.call(addr, { k: 'more', id, at }) ?? {};
        if (!isPart(p, at, size)) throw new Error('no part');
        parts[at / PART_SIZE_MAX] = p;
        this.#active.set(addr, performance.now());
      }
    };
    await Promise.all(Array.from({ length: PART_COUNT }, line));
    return { update: joined(parts, size), digest };
  }
}

/** @param {unknown} part @param {number} at @param {number} size of all */
const isPart = (part, at, size) => part instanceof Uint8Array && part.length === Math.min(PART_SIZE_MAX, size - at);

/** @param {Uint8Array[]} parts @param {number} size */
function joined(parts, size) {
  const all = new Uint8Array(size);
  for (const [i, part] of parts.entries()) all.set(part, i * PART_SIZE_MAX);
  return all;
}

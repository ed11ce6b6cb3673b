// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What others have and is not here, fetched from one of them; from another one when he is slow, and again when it failed.
 */
import { PART_SIZE_MAX } from './serve.js';
import { isDigest } from './update.js';

/** Of what one may give at once, in bytes: it lies in memory. */
const UPDATE_SIZE_MAX = 64 << 20;

/** Parts asked for at once: a line of some length is full, and of a user's 50 calls a second others are left. */
const PART_COUNT = 4;

/** Sources at once: a second one when the first has given nothing for so long, in ms. */
const SOURCE_COUNT_MAX = 3;
const SLOW_MS = 1500;
/** Nor does it hold up others by a trickle: less than so many bytes a ms, after so many ms, or whatever it gives after so many. */
const TRICKLE_PER_MS = 64;
const TRICKLE_MS = 4000;
const LONG_MS = 10_000;

/** After a failure, in ms: each time twice as long. */
const AGAIN_MS = 500;
const AGAIN_MS_MAX = 30_000;
/** After so many failures in a row it is told that nothing is to be had there. */
const HOPELESS_COUNT = 3;

/**
 * @typedef {{since: number, at: number, size: number}} Source asked since then, gave something last, so many bytes
 *
 * @typedef {object} Ports
 * @property {(to: string, value: object) => Promise<any>} call
 * @property {() => Uint8Array} vector what is here
 * @property {(addr: string) => boolean} isWanted still: something there is not here
 * @property {(update: Uint8Array, from: string, digest: string) => boolean} take false: it is broken
 * @property {(addr: string) => number} likely bytes that are missing here, as far as is known; 0: it is not
 * @property {(addr: string) => void} failed again and again
 */

export class Pulling {
  #ports;
  /** @type {Set<string>} */
  #wanted = new Set();
  /** @type {Map<string, Source>} */
  #active = new Map();
  /** @type {Map<string, {count: number, timer: any}>} */
  #failed = new Map();
  /** @type {any} */
  #timer;

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
      const wait = this.#makePlace(performance.now());
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#next(), wait);
        return;
      }
      this.#wanted.delete(addr);
      this.#pull(addr);
    }
  }

  /** For one more source: of several that go slowly the one that gave least makes room. @param {number} now @returns {number} ms until */
  #makePlace(now) {
    const all = [...this.#active].sort(([, a], [, b]) => a.size - b.size);
    const waits = all.map(([, source]) => waitFor(source, now));
    if (waits.some((wait) => wait > 0) && all.length < SOURCE_COUNT_MAX) return Math.max(...waits);
    if (all.length < SOURCE_COUNT_MAX) return 0;
    const least = Math.max(all[0][1].since + TRICKLE_MS - now, waits[0]);
    if (least > 0) return least;
    this.#active.delete(all[0][0]);
    this.#again(all[0][0]);
    return 0;
  }

  /** @param {string} addr */
  async #pull(addr) {
    const now = performance.now();
    const source = { since: now, at: now, size: 0 };
    const isWaitedFor = () => this.#active.get(addr) === source;
    this.#active.set(addr, source);
    let isTaken = false;
    try {
      const { update, digest } = await this.#fetch(addr, source, isWaitedFor);
      isTaken = isWaitedFor() && this.#ports.take(update, addr, digest);
    } catch {
      // asked again below, or somebody else is
    }
    if (!isWaitedFor()) return;
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
    if (count === HOPELESS_COUNT) this.#ports.failed(addr);
  }

  /**
   * @param {string} addr @param {Source} source @param {() => boolean} isWaitedFor
   * @returns {Promise<{update: Uint8Array, digest: string}>}
   */
  async #fetch(addr, source, isWaitedFor) {
    const v = this.#ports.vector();
    const ask = (at) => this.#ports.call(addr, { k: 'pull', v, at });
    const first = ask(0);
    /** Parts that are likely to be there, asked for in the same moment. @type {Map<number, Promise<any>>} */
    const ahead = new Map();
    const likely = Math.min(this.#ports.likely(addr), (1 + PART_COUNT) * PART_SIZE_MAX);
    for (let at = PART_SIZE_MAX; at < likely; at += PART_SIZE_MAX) ahead.set(at, ask(at).catch(() => null));
    const { d: digest, s: size, id, p: part } = await first ?? {};
    const isWell = isDigest(digest) && Number.isSafeInteger(size) && size >= 0 && size <= UPDATE_SIZE_MAX;
    if (!isWell || !isPart(part, 0, size)) throw new Error('no update');
    if (part.length === size) return { update: part, digest };
    const parts = [part]; // memory is taken as they come, not as it was said
    let next = PART_SIZE_MAX;
    const line = async () => {
      while (next < size && isWaitedFor()) {
        const at = next;
        next += PART_SIZE_MAX;
        const early = await ahead.get(at);
        const { p } = (early?.id === id ? early : await this.#ports.call(addr, { k: 'more', id, at })) ?? {}; // of another state
        if (!isPart(p, at, size)) throw new Error('no part');
        parts[at / PART_SIZE_MAX] = p;
        source.at = performance.now();
        source.size += p.length;
      }
    };
    await Promise.all(Array.from({ length: PART_COUNT }, line));
    return { update: joined(parts, size), digest };
  }
}

/** @param {Source} source @param {number} now @returns {number} ms until it holds up nobody */
function waitFor({ since, at, size }, now) {
  const age = now - since;
  if (age >= TRICKLE_MS && size < age * TRICKLE_PER_MS) return 0;
  return Math.max(0, Math.min(at + SLOW_MS, since + LONG_MS) - now);
}

/** @param {unknown} part @param {number} at @param {number} size of all */
const isPart = (part, at, size) => part instanceof Uint8Array && part.length === Math.min(PART_SIZE_MAX, size - at);

/** @param {Uint8Array[]} parts @param {number} size */
function joined(parts, size) {
  const all = new Uint8Array(size);
  for (const [i, part] of parts.entries()) all.set(part, i * PART_SIZE_MAX);
  return all;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** What plugins keep and share, as they see it: there at once, while what does the work is loaded when the first of them wants it. */
import { NktError } from './errors.js';
import { fetched } from './fetched.js';
import { checkFunction } from './given.js';

/** @typedef {typeof import('./plugin_shared.js')} Code */
/** @typedef {import('./plugin_state.js').State} State */
/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./plugins.js').Offer} Offer */

/**
 * @typedef {object} Parts
 * @property {any} nkt @property {any} platform
 * @property {import('./current.js').Current} current
 * @property {() => {room: string|null, secret: string|null}} place @property {() => import('./family.js').Family} family of rooms
 * @property {() => Promise<Run>} soon @property {() => void} dropped
 * @property {(offer: Offer) => void} announce
 */

export class PluginMeans {
  #parts;
  /** @type {Promise<Code>|null} */
  #loading = null;
  /** @type {Set<State>} */
  #states = new Set();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {Offer} offer */
  announce(offer) {
    this.#parts.announce(offer);
  }

  /** Before init() it waits for that call. @param {Offer} offer */
  storage({ plugin: { name } }) {
    const open = async () => {
      const { Storage } = await this.#code();
      return new Storage(async () => {
        await this.#parts.nkt.ready;
        return this.#openNote(['storage', name]);
      });
    };
    return Object.freeze({
      get: async (key) => (await open()).get(key),
      set: async (key, value) => (await open()).set(key, value),
      delete: async (key) => (await open()).delete(key),
      keys: async () => (await open()).keys(),
    });
  }

  /** @param {Offer} offer */
  state(offer) {
    /** @type {State|null} */
    let state = null;
    /** @type {Set<(change: any) => void>} */
    const watchers = new Set();
    const tell = (change) => {
      for (const watcher of watchers) offer.guard('state', () => watcher(change));
    };
    const loading = this.#code().then(({ State: Made }) => {
      if (offer.signal.aborted) return null;
      const made = new Made(offer, this.#ports());
      made.watch(tell);
      this.#states.add(made);
      offer.signal.addEventListener('abort', () => this.#states.delete(made));
      if (this.#parts.current.run !== null) made.begin();
      state = made;
      return made;
    });
    loading.catch((error) => offer.guard('state', () => { throw error; }));
    const there = async () => (await loading) ?? Promise.reject(new NktError('NKT_E_STATE', 'state: the plugin is unloaded'));
    return Object.freeze({
      get: (key, addr) => state?.get(key, addr),
      all: (key) => state?.all(key) ?? new Map(),
      set: async (key, value) => (await there()).set(key, value),
      delete: async (key) => (await there()).delete(key),
      watch(fn) {
        checkFunction('watch: what is given', fn);
        const own = (change) => fn(change);
        watchers.add(own);
        return () => watchers.delete(own);
      },
    });
  }

  // ---- runs ----

  begin() {
    for (const state of this.#states) state.begin();
  }

  /** @param {boolean} willGoOn */
  end(willGoOn) {
    for (const state of this.#states) state.end(willGoOn);
  }

  /** @param {string} addr @param {boolean} isIgnored */
  ignored(addr, isIgnored) {
    for (const state of this.#states) state.ignored(addr, isIgnored);
  }

  // ---- what they need ----

  /** A failed try is tried again. @returns {Promise<Code>} */
  #code() {
    this.#loading ??= fetched(() => import('./plugin_shared.js')).catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /** @param {string[]} label */
  async #openNote(label) {
    const { Notes } = await this.#code();
    const run = await this.#parts.soon();
    const family = this.#parts.family();
    family.notes ??= new Notes(this.#parts.platform.crypto, () => this.#parts.platform.clock.wall());
    return family.notes.open(run, JSON.stringify(label));
  }

  /** @returns {import('./plugin_state.js').Ports} */
  #ports() {
    const { nkt, platform, place, dropped } = this.#parts;
    return {
      register: (name, fn) => nkt.register(name, fn),
      rpc: (...call) => nkt.rpc(...call),
      users: () => nkt.userList,
      self: () => nkt.mySwarm.address(),
      listen: (type, listener, options) => nkt.addEventListener(type, listener, options),
      ready: () => nkt.ready,
      dropped,
      wall: () => platform.clock.wall(),
      timers: platform.timers,
      clock: platform.clock,
      openNote: (name) => this.#openNote(['state', name, String(place().room), String(place().secret)]),
    };
  }
}

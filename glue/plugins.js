// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Plugins: listeners by event name, calls that others may make, commands. A plugin's fault is reported and stays with the plugin.
 * Listeners of one event run in the order in which the plugins were loaded.
 */
import { messageOf, NktError } from './errors.js';
import { orRefuse } from './given.js';
import { checkPlugin } from './plugin_check.js';
import { listenForCommands } from './plugin_commands.js';

/** Errors kept per plugin, the newest ones. */
const ERROR_COUNT_MAX = 10;

/**
 * @typedef {object} Plugin
 * @property {string} name
 * @property {Record<string, (event: any) => unknown>} [listeners]
 * @property {Record<string, (value: any, context: any) => unknown>} [calls] registered while it is loaded, as by nkt.register()
 * @property {Record<string, import('./plugin_commands.js').Command>} [commands]
 * @property {Record<string, any>} [messages] types of messages that it shows: of whoever shows messages
 * @property {(nkt: any, context: any) => unknown} [init] context: {signal, storage, state, ui?}; signal: aborted when it is unloaded
 * @property {(nkt: any) => unknown} [stop]
 *
 * @typedef {Plugin & {errors: Array<{where: string, error: unknown}>}} LoadedPlugin
 *
 * What a plugin is loaded with.
 * @typedef {object} Offer
 * @property {LoadedPlugin} plugin @property {AbortSignal} signal
 * @property {(where: string, call: () => unknown) => boolean} guard calls code of the plugin; false: it threw, which is reported
 * @property {any} ui of whoever shows something; undefined: nobody does
 *
 * What a plugin may ask for, made when it does.
 * @typedef {object} Means
 * @property {(offer: Offer) => void} [announce] before init
 * @property {(offer: Offer) => any} [storage] @property {(offer: Offer) => any} [state]
 */

export class Plugins {
  #nkt;
  /** Where listeners are registered. @type {EventTarget} */
  target;
  #log;
  #onError;
  #means;
  /** By name; no prototype, so that no name means anything else. @type {Record<string, LoadedPlugin>} */
  list = Object.create(null);
  /** What undoes it, by name. @type {Map<string, AbortController>} */
  #controllers = new Map();
  /** As they were given, by name. @type {Map<string, Plugin>} */
  #given = new Map();

  /**
   * @param {any} nkt handed to init and stop; its register() is called
   * @param {EventTarget} target where listeners are registered
   * @param {{error(...args: unknown[]): void}} log
   * @param {(detail: {name: string, where: string, error: unknown}) => void} [onError] @param {Means} [means]
   */
  constructor(nkt, target, log, onError = () => {}, means = {}) {
    this.#nkt = nkt;
    this.target = target;
    this.#log = log;
    this.#onError = onError;
    this.#means = means;
  }

  /** Loads a plugin; one of the same name is unloaded before. @param {Plugin} plugin @returns {LoadedPlugin} */
  add(plugin) {
    orRefuse('NKT_E_ARGUMENT', 'plugin', () => checkPlugin(plugin));
    const { name, listeners = {}, calls = {}, commands = {}, messages = {}, init, stop } = plugin;
    this.remove(name);
    if (name in this.list) this.#forget(name); // its stop() has loaded one, which nobody could unload any more
    const errors = [];
    const loaded = Object.freeze({ name, listeners, calls, commands, messages, init, stop, errors });
    const controller = new AbortController();
    const { signal } = controller;
    for (const [type, listener] of Object.entries(listeners)) {
      this.target.addEventListener(type, (event) => { this.#guard(loaded, type, () => listener.call(plugin, event)); }, { signal });
    }
    listenForCommands(this.target, plugin, commands, { signal, guard: (where, call) => this.#guard(loaded, where, call) });
    try {
      for (const [call, fn] of Object.entries(calls)) {
        const answer = (value, context) => this.#answer(loaded, call, signal, () => fn.call(plugin, value, context));
        const unregister = this.#nkt.register(call, answer);
        signal.addEventListener('abort', unregister);
      }
    } catch (error) {
      controller.abort();
      throw error;
    }
    this.list[name] = loaded;
    this.#controllers.set(name, controller);
    this.#given.set(name, plugin);
    const context = this.#contextOf(loaded, signal);
    if (init && !this.#guard(loaded, 'init', () => init.call(plugin, this.#nkt, context))) {
      const cause = errors[0]?.error;
      controller.abort();
      if (this.list[name] === loaded) this.#forget(name); // else it has loaded another in its place
      throw new NktError('NKT_E_PLUGIN', `plugin ${name}: init failed: ${messageOf(cause)}`, { cause });
    }
    return loaded;
  }

  /** What init is given: what costs something is made for who takes it. @param {LoadedPlugin} plugin @param {AbortSignal} signal */
  #contextOf(plugin, signal) {
    const means = this.#means;
    const offer = { plugin, signal, guard: (where, call) => this.#guard(plugin, where, call), ui: undefined };
    means.announce?.(offer);
    let storage;
    let state;
    return {
      signal,
      ui: offer.ui,
      get storage() {
        return storage ??= means.storage?.(offer);
      },
      get state() {
        return state ??= means.state?.(offer);
      },
    };
  }

  /** @param {string} name @returns {boolean} whether it was loaded */
  remove(name) {
    if (typeof name !== 'string') throw new NktError('NKT_E_ARGUMENT', 'unplug: the name of a plugin is wanted');
    const loaded = this.list[name];
    if (!loaded) return false;
    this.#forget(name);
    if (loaded.stop) this.#guard(loaded, 'stop', () => loaded.stop?.(this.#nkt));
    return true;
  }

  /**
   * Those of another peer are unloaded there and loaded here, in their order; a fault of one is reported.
   * @param {Plugins} other @param {() => void} between when they are unloaded, before the first is loaded
   */
  takeOver(other, between) {
    const given = [...other.#given];
    for (const [name] of given) other.remove(name);
    for (const name of other.#given.keys()) other.#forget(name); // some stop() has loaded it
    [this.target, other.target] = [other.target, other.#nkt];
    between();
    for (const [name, plugin] of given) {
      try {
        this.add(plugin);
      } catch (error) {
        if (/** @type {any} */ (error)?.code !== 'NKT_E_PLUGIN') this.#report({ name, errors: [] }, 'load', error); // else told already
      }
    }
  }

  /** @param {string} name */
  #forget(name) {
    const controller = this.#controllers.get(name);
    this.#controllers.delete(name);
    this.#given.delete(name);
    delete this.list[name];
    controller?.abort();
  }

  /**
   * Somebody called it: the fault is reported here as well as there. What never ends ends with the plugin, and holds no place then.
   * @param {LoadedPlugin} plugin @param {string} where @param {AbortSignal} signal @param {() => any} call
   */
  async #answer(plugin, where, signal, call) {
    let end = () => {};
    const ended = new Promise((_resolve, reject) => {
      end = () => reject(new NktError('NKT_E_PLUGIN', `the plugin ${plugin.name} is unloaded`));
    });
    signal.addEventListener('abort', end);
    try {
      return await Promise.race([call(), ended]);
    } catch (error) {
      if (!signal.aborted) this.#report(plugin, where, error);
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  /**
   * Calls a plugin's code; what it throws, or rejects with, is reported.
   * @param {LoadedPlugin} plugin @param {string} where @param {() => unknown} call
   * @returns {boolean} whether it did not throw
   */
  #guard(plugin, where, call) {
    try {
      const result = call();
      if (typeof /** @type {any} */ (result)?.then === 'function') {
        Promise.resolve(result).catch((error) => this.#report(plugin, where, error));
      }
      return true;
    } catch (error) {
      this.#report(plugin, where, error);
      return false;
    }
  }

  /** @param {Pick<LoadedPlugin, 'name'|'errors'>} plugin @param {string} where @param {unknown} error */
  #report(plugin, where, error) {
    plugin.errors.push({ where, error });
    if (plugin.errors.length > ERROR_COUNT_MAX) plugin.errors.shift();
    this.#log.error(`nkt: plugin ${plugin.name}, ${where}:`, error);
    if (where !== 'nktpluginerror') this.#onError({ name: plugin.name, where, error }); // else it would never end
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Plugins: listeners by event name, and calls that others may make. A plugin's fault is reported and stays with the plugin. Listeners
 * of one event run in the order in which the plugins were loaded.
 */
import { NktError } from './errors.js';

/** Errors kept per plugin, the newest ones. */
const ERROR_COUNT_MAX = 10;

/**
 * @typedef {object} Plugin
 * @property {string} name
 * @property {Record<string, (event: any) => unknown>} [listeners]
 * @property {Record<string, (value: any, context: any) => unknown>} [calls] registered while it is loaded, as by nkt.register()
 * @property {(nkt: any, context: {signal: AbortSignal}) => unknown} [init] signal: aborted when it is unloaded
 * @property {(nkt: any) => unknown} [stop]
 *
 * @typedef {Plugin & {errors: Array<{where: string, error: unknown}>}} LoadedPlugin
 */

export class Plugins {
  #nkt;
  #target;
  #log;
  #onError;
  /** By name; no prototype, so that no name means anything else. @type {Record<string, LoadedPlugin>} */
  list = Object.create(null);
  /** What undoes it, by name. @type {Map<string, AbortController>} */
  #controllers = new Map();

  /**
   * @param {any} nkt handed to init and stop; its register() is called
   * @param {EventTarget} target where listeners are registered
   * @param {{error(...args: unknown[]): void}} log
   * @param {(detail: {name: string, where: string, error: unknown}) => void} [onError]
   */
  constructor(nkt, target, log, onError = () => {}) {
    this.#nkt = nkt;
    this.#target = target;
    this.#log = log;
    this.#onError = onError;
  }

  /** Loads a plugin; one of the same name is unloaded before. @param {Plugin} plugin @returns {LoadedPlugin} */
  add(plugin) {
    checkPlugin(plugin);
    const { name, listeners = {}, calls = {}, init, stop } = plugin;
    this.remove(name);
    const errors = [];
    const loaded = Object.freeze({ name, listeners, calls, init, stop, errors });
    const controller = new AbortController();
    const { signal } = controller;
    for (const [type, listener] of Object.entries(listeners)) {
      this.#target.addEventListener(type, (event) => { this.#guard(loaded, type, () => listener.call(plugin, event)); }, { signal });
    }
    try {
      for (const [call, fn] of Object.entries(calls)) {
        const unregister = this.#nkt.register(call, (value, context) => this.#answer(loaded, call, () => fn.call(plugin, value, context)));
        signal.addEventListener('abort', unregister);
      }
    } catch (error) {
      controller.abort();
      throw error;
    }
    this.list[name] = loaded;
    this.#controllers.set(name, controller);
    if (init && !this.#guard(loaded, 'init', () => init.call(plugin, this.#nkt, { signal }))) {
      const cause = errors[0]?.error;
      this.#forget(name);
      throw new NktError('NKT_E_PLUGIN', `plugin ${name}: init failed: ${messageOf(cause)}`, { cause });
    }
    return loaded;
  }

  /** @param {string} name @returns {boolean} whether it was loaded */
  remove(name) {
    const loaded = this.list[name];
    if (!loaded) return false;
    this.#forget(name);
    if (loaded.stop) this.#guard(loaded, 'stop', () => loaded.stop?.(this.#nkt));
    return true;
  }

  /** @param {string} name */
  #forget(name) {
    const controller = this.#controllers.get(name);
    this.#controllers.delete(name);
    delete this.list[name];
    controller?.abort();
  }

  /**
   * Somebody called it: the fault is reported here as well as there.
   * @param {LoadedPlugin} plugin @param {string} where @param {() => any} call
   */
  async #answer(plugin, where, call) {
    try {
      return await call();
    } catch (error) {
      this.#report(plugin, where, error);
      throw error;
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

  /** @param {LoadedPlugin} plugin @param {string} where @param {unknown} error */
  #report(plugin, where, error) {
    plugin.errors.push({ where, error });
    if (plugin.errors.length > ERROR_COUNT_MAX) plugin.errors.shift();
    this.#log.error(`nkt: plugin ${plugin.name}, ${where}:`, error);
    if (where !== 'nktpluginerror') this.#onError({ name: plugin.name, where, error }); // else it would never end
  }
}

/** @param {any} plugin */
function checkPlugin(plugin) {
  const refuse = (why) => {
    throw new NktError('NKT_E_ARGUMENT', `plugin: ${why}`);
  };
  if (plugin === null || typeof plugin !== 'object') refuse('an object {name, listeners?, calls?, init?, stop?} is wanted');
  const { name, listeners = {}, calls = {}, init, stop } = plugin;
  if (typeof name !== 'string' || name === '') refuse('name is missing');
  if (listeners === null || typeof listeners !== 'object') refuse(`${name}: listeners is no object`);
  for (const [type, listener] of Object.entries(listeners)) {
    if (typeof listener !== 'function') refuse(`${name}: the listener of ${type} is no function`);
  }
  if (calls === null || typeof calls !== 'object') refuse(`${name}: calls is no object`);
  for (const [call, fn] of Object.entries(calls)) {
    if (typeof fn !== 'function') refuse(`${name}: the call ${call} is no function`);
  }
  if (init !== undefined && typeof init !== 'function') refuse(`${name}: init is no function`);
  if (stop !== undefined && typeof stop !== 'function') refuse(`${name}: stop is no function`);
}

/** @param {unknown} error @returns {string} */
function messageOf(error) {
  return /** @type {Error} */ (error)?.message ?? String(error);
}

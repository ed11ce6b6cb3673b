// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Plugins: listeners by event name. A plugin's fault is reported and stays with the plugin.
 */
import { NktError } from './errors.js';

/** Errors kept per plugin, the newest ones. */
const ERROR_COUNT_MAX = 10;

/**
 * @typedef {object} Plugin
 * @property {string} name
 * @property {Record<string, (event: any) => unknown>} [listeners]
 * @property {(nkt: any) => unknown} [init]
 * @property {(nkt: any) => unknown} [stop]
 *
 * @typedef {Plugin & {errors: Array<{where: string, error: unknown}>}} LoadedPlugin
 */

export class Plugins {
  #nkt;
  #target;
  #log;
  /** By name; no prototype, so that no name means anything else. @type {Record<string, LoadedPlugin>} */
  list = Object.create(null);
  /** @type {Map<string, Array<[string, (event: any) => void]>>} */
  #listeners = new Map();

  /**
   * @param {any} nkt handed to init and stop
   * @param {EventTarget} target where listeners are registered
   * @param {{error(...args: unknown[]): void}} log
   */
  constructor(nkt, target, log) {
    this.#nkt = nkt;
    this.#target = target;
    this.#log = log;
  }

  /** Loads a plugin; one of the same name is unloaded before. @param {Plugin} plugin @returns {LoadedPlugin} */
  add(plugin) {
    checkPlugin(plugin);
    const { name, listeners = {}, init, stop } = plugin;
    this.remove(name);
    const errors = [];
    const loaded = Object.freeze({ name, listeners, init, stop, errors });
    const bound = Object.entries(listeners).map(([type, listener]) => {
      const guarded = (event) => this.#guard(loaded, type, () => listener.call(plugin, event));
      return /** @type {[string, (event: any) => void]} */ ([type, guarded]);
    });
    for (const [type, guarded] of bound) this.#target.addEventListener(type, guarded);
    this.list[name] = loaded;
    this.#listeners.set(name, bound);
    if (init && !this.#guard(loaded, 'init', () => init.call(plugin, this.#nkt))) {
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
    for (const [type, guarded] of this.#listeners.get(name) ?? []) this.#target.removeEventListener(type, guarded);
    this.#listeners.delete(name);
    delete this.list[name];
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
  }
}

/** @param {any} plugin */
function checkPlugin(plugin) {
  const refuse = (why) => {
    throw new NktError('NKT_E_ARGUMENT', `plugin: ${why}`);
  };
  if (plugin === null || typeof plugin !== 'object') refuse('an object {name, listeners, init?, stop?} is wanted');
  const { name, listeners = {}, init, stop } = plugin;
  if (typeof name !== 'string' || name === '') refuse('name is missing');
  if (listeners === null || typeof listeners !== 'object') refuse(`${name}: listeners is no object`);
  for (const [type, listener] of Object.entries(listeners)) {
    if (typeof listener !== 'function') refuse(`${name}: the listener of ${type} is no function`);
  }
  if (init !== undefined && typeof init !== 'function') refuse(`${name}: init is no function`);
  if (stop !== undefined && typeof stop !== 'function') refuse(`${name}: stop is no function`);
}

/** @param {unknown} error @returns {string} */
function messageOf(error) {
  return /** @type {Error} */ (error)?.message ?? String(error);
}

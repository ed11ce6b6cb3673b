// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and unloading plugins: those bundled in plugins/, and any other that the person registered.
// A plugin comes from the page's own origin, asked for by the person; never from a message.

import { texts } from './texts.js';

const bundled = new Map(); // name -> plugin: loaded at the start, unless in debug mode
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

const isLoaded = (name) => Object.hasOwn(window.nkt.plugins ?? {}, name);

/** [{name, loaded}] */
export function listPlugins() {
  const names = new Set([...bundled.keys(), ...Object.keys(window.nkt.plugins ?? {})]);
  return [...names].sort().map((name) => ({ name, loaded: isLoaded(name) }));
}

export function setBundled(plugins) {
  for (const plugin of plugins) bundled.set(plugin.name, plugin);
  loadBundled();
}

export function loadBundled() {
  for (const [name, plugin] of bundled) if (!isLoaded(name)) window.nkt.plugin(plugin);
}

export function unloadBundled() {
  for (const name of bundled.keys()) if (isLoaded(name)) window.nkt.unplug(name);
}

/** Registers plugins/NAME.js; what to say about it, or an error. */
export async function loadPlugin(name) {
  if (!NAME.test(name)) throw new Error(texts.badPluginName);
  if (isLoaded(name)) return texts.alreadyLoaded(name);
  let plugin;
  try {
    plugin = (await import(`./plugins/${name}.js`)).default;
  } catch (error) {
    throw new Error(texts.loadFailed(name, error.message));
  }
  window.nkt.plugin(plugin);
  return texts.loaded(name);
}

export function unloadPlugin(name) {
  if (!isLoaded(name)) throw new Error(texts.notLoaded(name));
  window.nkt.unplug(name);
  return texts.unloaded(name);
}

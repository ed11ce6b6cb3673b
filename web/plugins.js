// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and unloading plugins: those bundled in plugins/, and any other that the person registered. Which of the bundled ones are on is
// remembered in this browser. A plugin comes from the page's own origin, asked for by the person; never from a message.

import { note } from './messages.js';
import { texts, wordsOf } from './texts.js';

const ITEM = 'nkt.plugins';
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Those in plugins/ that are not loaded at the start; what each does is in texts.js. */
const OPTIONAL = ['irc', 'notify', 'replace', 'yo'];

const bundled = new Map(); // name -> plugin: loaded at the start, in this order, unless switched off or in debug mode
const complained = new Set(); // 'name where': said once
let isOff = false; // debug mode: what is still on its way is not loaded either

const isLoaded = (name) => Object.hasOwn(window.nkt.plugins ?? {}, name);

/** [{name, about, loaded, errors}], the loaded ones first, in the order in which their listeners run. */
export function listPlugins() {
  const loaded = Object.keys(window.nkt.plugins ?? {});
  const others = [...bundled.keys(), ...OPTIONAL].filter((name) => !loaded.includes(name)).sort();
  return [...loaded, ...others].map((name) => ({
    name, about: texts.pluginAbout[name] ?? '', loaded: isLoaded(name), errors: window.nkt.plugins[name]?.errors.length ?? 0,
  }));
}

export function setBundled(plugins) {
  for (const plugin of plugins) bundled.set(plugin.name, plugin);
  window.addEventListener('nktpluginerror', ({ detail }) => complain(detail));
  loadBundled();
}

/** Those that are on by default, then those that the person switched on; none twice. */
export function loadBundled() {
  isOff = false;
  const chosen = readChoice();
  for (const [name, plugin] of bundled) if (!isLoaded(name) && chosen[name] !== false) window.nkt.plugin(plugin);
  for (const name of OPTIONAL) {
    if (chosen[name] !== true || isLoaded(name)) continue;
    fetchPlugin(name).then((plugin) => isOff || add(plugin)).catch((error) => note(wordsOf(error), 'error'));
  }
}

export function unloadBundled() {
  isOff = true;
  for (const name of [...bundled.keys(), ...OPTIONAL]) if (isLoaded(name)) window.nkt.unplug(name);
}

/** Registers plugins/NAME.js; what to say about it, or an error. */
export async function loadPlugin(name) {
  if (!NAME.test(name)) throw new Error(texts.badPluginName);
  if (isLoaded(name)) return texts.alreadyLoaded(name);
  add(bundled.get(name) ?? await fetchPlugin(name));
  choose(name, true);
  return texts.loaded(name);
}

export function unloadPlugin(name) {
  if (!isLoaded(name)) throw new Error(texts.notLoaded(name));
  window.nkt.unplug(name);
  choose(name, false);
  return texts.unloaded(name);
}

const add = (plugin) => window.nkt.plugin(plugin);

async function fetchPlugin(name) {
  try {
    const address = `./plugins/${name}.js`; // no bundler can know which there are: each is a file of its own
    return (await import(address)).default;
  } catch (error) {
    throw new Error(texts.loadFailed(name, wordsOf(error)));
  }
}

/** The first fault of a plugin at one place is said on the page; how many there were is in the list. */
function complain({ name, where, error }) {
  const key = `${name} ${where}`;
  if (complained.has(key)) return;
  complained.add(key);
  note(texts.pluginFault(name, where, wordsOf(error)), 'error');
}

function readChoice() {
  try {
    return JSON.parse(localStorage.getItem(ITEM) ?? '{}') ?? {};
  } catch {
    return {};
  }
}

/** Only what comes with the page is loaded again by itself. */
function choose(name, isOn) {
  if (!bundled.has(name) && !OPTIONAL.includes(name)) return;
  try {
    localStorage.setItem(ITEM, JSON.stringify({ ...readChoice(), [name]: isOn }));
  } catch {
    // blocked: the choice lives as long as the page
  }
}

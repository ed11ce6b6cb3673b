// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and unloading plugins: those bundled in plugins/, and any other that the person registered. Which of the bundled ones are on is
// remembered in this browser. A plugin comes from the page's own origin, asked for by the person; never from a message.

import { fetched } from './glue/fetched.js';
import { note } from './messages.js';
import { texts, wordsOf } from './texts.js';

const ITEM = 'nkt.plugins';
const CHOICE_COUNT_MAX = 64;
/** How long one that does not come holds up those behind it, in ms. */
const TURN_MS = 2000;
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Those in plugins/ that are not loaded at the start; what each does is in texts.js. */
const OPTIONAL = ['coin', 'irc', 'notify', 'poll', 'replace', 'typing', 'whiteboard', 'yo'];

/** A file of the page's own origin: no host, and no way up. */
const PATH = /^\.?\/(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)*\.m?js$/;

/** By which the person named it -> as it calls itself. */
const named = new Map();

/** By which the person named it -> what is on its way: {fetching, isWanted}. */
const coming = new Map();

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
  let before = Promise.resolve();
  for (const name of Object.keys(chosen)) {
    if (chosen[name] !== true || bundled.has(name) || isLoaded(nameOf(name)) || !isName(name)) continue;
    const isWanted = () => !isOff && readChoice()[name] === true && !isLoaded(nameOf(name)); // nobody has switched it off meanwhile
    // all are fetched at once, and loaded in their order: of two with one command the same answers after each reload
    const earlier = Promise.race([before, new Promise((done) => setTimeout(done, TURN_MS))]);
    before = fetchPlugin(name).finally(() => earlier).then((plugin) => isWanted() && add(name, plugin))
      .catch((error) => note(wordsOf(error), 'error'));
  }
}

export function unloadBundled() {
  isOff = true;
  for (const name of [...bundled.keys(), ...OPTIONAL, ...named.values()]) if (isLoaded(name)) window.nkt.unplug(name);
}

/** Registers plugins/NAME.js, or what lies at a path of this origin; what to say about it, or an error. */
export async function loadPlugin(name) {
  if (!isName(name)) throw new Error(texts.badPluginName);
  if (isLoaded(nameOf(name))) return texts.alreadyLoaded(nameOf(name));
  const plugin = bundled.get(name) ?? await fetchWanted(name);
  if (plugin === null) return texts.unloaded(name);
  if (!isLoaded(nameOf(name))) add(name, plugin); // else it was asked for twice
  choose(name, true);
  return texts.loaded(nameOf(name));
}

/** Once for all who ask meanwhile; null: it was unloaded before it came. */
async function fetchWanted(name) {
  const one = coming.get(name) ?? { fetching: fetchPlugin(name), isWanted: true };
  one.isWanted = true;
  coming.set(name, one);
  try {
    const plugin = await one.fetching;
    return one.isWanted ? plugin : null;
  } finally {
    coming.delete(name);
  }
}

const isName = (name) => NAME.test(name) || PATH.test(name);

/** What is loaded under what the person named, as it calls itself. */
const nameOf = (name) => named.get(name) ?? name;

export function unloadPlugin(given) {
  const name = nameOf(given);
  const one = coming.get(given);
  if (one) one.isWanted = false;
  if (!window.nkt.unplug(name) && !one && readChoice()[given] !== true) throw new Error(texts.notLoaded(name));
  for (const one of [name, ...[...named].filter(([, own]) => own === name).map(([key]) => key)]) choose(one, false);
  return texts.unloaded(name);
}

function add(name, plugin) {
  const loaded = window.nkt.plugin(plugin);
  named.set(name, loaded.name);
}

async function fetchPlugin(name) {
  try {
    // no bundler can know which there are: each is a file of its own
    const address = PATH.test(name) ? new URL(name, document.baseURI).href : `./plugins/${name}.js`;
    return (await fetched(() => import(address))).default;
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

/** What has a file here is loaded again by itself; what somebody pasted into a console has none. */
function choose(name, isOn) {
  const { [name]: _before, ...choice } = readChoice();
  const isRemembered = isOn || bundled.has(name) || OPTIONAL.includes(name);
  if (isOn && Object.keys(choice).length >= CHOICE_COUNT_MAX) return;
  try {
    localStorage.setItem(ITEM, JSON.stringify(isRemembered ? { ...choice, [name]: isOn } : choice));
  } catch {
    // blocked: the choice lives as long as the page
  }
}

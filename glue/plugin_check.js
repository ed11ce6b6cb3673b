// SPDX-License-Identifier: GPL-3.0-or-later
/** Whether something is a plugin: said before anything of it is loaded. */
import { NktError } from './errors.js';

/** As a line names it: it is looked for in small letters, and ends with the first space. */
const COMMAND = /^[^\s/A-Z][^\sA-Z]{0,31}$/;

/** What a part has beside what it must have. @type {Record<string, {must: string[], may: string[]}>} */
const FUNCTIONS = { commands: { must: ['run'], may: ['complete'] }, messages: { must: [], may: ['test', 'render', 'text'] } };

/** @param {any} plugin @throws {NktError} NKT_E_ARGUMENT */
export function checkPlugin(plugin) {
  if (plugin === null || typeof plugin !== 'object') {
    refuse('an object {name, listeners?, calls?, commands?, messages?, init?, stop?} is wanted');
  }
  const { name, init, stop } = plugin;
  if (typeof name !== 'string' || name === '') refuse('name is missing');
  for (const [part, one] of [['listeners', 'listener of'], ['calls', 'call']]) {
    for (const [key, fn] of entriesOf(plugin, part)) if (typeof fn !== 'function') refuse(`${name}: the ${one} ${key} is no function`);
  }
  for (const [key, command] of entriesOf(plugin, 'commands')) {
    checkFunctions(name, 'commands', key, command);
    if (!COMMAND.test(key)) refuse(`${name}: the command ${key}: a name has no capitals, no spaces, no slash at first, 32 letters at most`);
  }
  for (const [key, type] of entriesOf(plugin, 'messages')) {
    checkFunctions(name, 'messages', key, type);
    if (type.key !== undefined && typeof type.key !== 'string') refuse(`${name}: messages.${key}: key is no text`);
  }
  for (const [key, fn] of Object.entries({ init, stop })) {
    if (fn !== undefined && typeof fn !== 'function') refuse(`${name}: ${key} is no function`);
  }
}

/** @param {any} plugin @param {string} part @returns {[string, any][]} */
function entriesOf(plugin, part) {
  const value = plugin[part] === undefined ? {} : plugin[part];
  if (value === null || typeof value !== 'object') refuse(`${plugin.name}: ${part} is no object`);
  return Object.entries(value);
}

/** @param {string} name @param {string} part @param {string} key @param {any} value */
function checkFunctions(name, part, key, value) {
  if (value === null || typeof value !== 'object') refuse(`${name}: ${part}.${key} is no object`);
  const { must, may } = FUNCTIONS[part];
  for (const one of [...must, ...may]) {
    const isThere = value[one] !== undefined || must.includes(one);
    if (isThere && typeof value[one] !== 'function') refuse(`${name}: ${part}.${key}.${one} is no function`);
  }
}

/** @param {string} why @returns {never} */
function refuse(why) {
  throw new NktError('NKT_E_ARGUMENT', `plugin: ${why}`);
}

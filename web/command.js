// SPDX-License-Identifier: GPL-3.0-or-later
// Lines that begin with /: carried out by whichever plugin knows the command, hinted at and completed while they are typed.

import { writeName } from './glue/named.js';
import { typedArguments, writeArgument } from './glue/plugin_commands.js';
import { $, el } from './dom.js';
import { note } from './messages.js';
import { cleanNick, isAmbiguous } from './names.js';
import { texts, wordsOf } from './texts.js';

const HINT_COUNT_MAX = 6;
const ARGUMENT_LENGTH_MAX = 200; // letters of one that completes

let commands = []; // those that fit what is typed
let people = []; // the line as a whole, with who or what fits what is typed behind the command

export const isCommand = (text) => /^\/[^/]/.test(text);

/** Two slashes send one. */
export const unslashed = (text) => text.replace(/^\/\//, '/');

/** A text as it is typed that is to be said as it stands. */
export const slashed = (text) => text.replace(/^\//, '//');

/** Fires nktcommand; a plugin that knows the command calls preventDefault(). onError(): it was answered with an error at once. */
export function runCommand(text, onError) {
  const [, name, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  let isNew = true; // nothing was typed since, and no time has passed: the line comes back with an error
  setTimeout(() => { isNew = false; });
  const reply = (answer, kind) => {
    note(wordsFor(answer), kind);
    if (kind === 'error' && isNew) onError();
  };
  const event = new CustomEvent('nktcommand', { cancelable: true, detail: Object.freeze({ name: name.toLowerCase(), rest, reply }) });
  if (window.dispatchEvent(event)) reply(texts.noSuchCommand(name), 'error');
}

/** What was thrown is said in the person's language. */
function wordsFor(answer) {
  if (answer?.names) return texts.whomMeant(answer.names);
  return answer instanceof Error ? wordsOf(answer) : String(answer);
}

/** Commands of a plugin of the page. run: functions (rest, reply) by name; help: () => {name: [usage, help]}, in the person's language */
export const commandsOf = (run, help) => Object.fromEntries(Object.entries(run).map(([name, fn]) => [name, {
  get usage() { return help()[name][0]; },
  get help() { return help()[name][1]; },
  run: (_args, { rest, reply }) => fn(rest.trim(), reply),
}]));

/** Fires nktcommandlist; plugins add {name, usage, help}. */
export function listCommands() {
  const found = new Map();
  const add = ({ name, usage = `/${name}`, help = '', complete }) => {
    if (!found.has(String(name))) found.set(String(name), { name, usage, help, complete }); // whoever is asked first answers it
  };
  window.dispatchEvent(new CustomEvent('nktcommandlist', { detail: Object.freeze({ add }) }));
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the line is, or may become. @param {string} text in the line @param {(text: string) => void} choose writes it there */
export function hint(text, choose) {
  const typed = /^\/([^\s/]*)(\s?)/.exec(text);
  const begun = typed?.[1].toLowerCase(); // telephones begin with a capital
  commands = typed ? listCommands().filter(({ name }) => (typed[2] ? name === begun : name.startsWith(begun))) : [];
  people = [...findArguments(text), ...findPeople(text)];
  $('hint').hidden = !commands.length;
  const row = (whole, ...children) => el('button', { type: 'button', tabIndex: -1, onclick: () => choose(whole) }, ...children);
  $('hint').replaceChildren(...people.slice(0, HINT_COUNT_MAX).map((whole) => row(whole, el('code', { textContent: whole }))),
    ...commands.slice(0, HINT_COUNT_MAX - Math.min(people.length, HINT_COUNT_MAX - 1))
      .map(({ name, usage, help }) => row(`/${name} `, el('code', { textContent: usage }), el('span', { textContent: help }))));
}

/** A command, or a name behind one, that is being typed, as a whole; null if there is none. */
export function completed(text) {
  const name = /^\/(\S*)$/.exec(text)?.[1];
  const isNamed = name !== undefined && commands.length && commands[0].name !== name;
  if (isNamed) return `/${commands[0].name} `;
  return people[0] ?? null;
}

/** Lines with an argument that the command itself knows. */
function findArguments(text) {
  const [, name, rest] = /^\/(\S+)\s([\s\S]*)$/.exec(text) ?? [];
  const command = commands.find((one) => one.name === name?.toLowerCase() && one.complete);
  if (!command) return [];
  const { args, index, typed, before } = typedArguments(rest);
  try {
    const fits = (one) => one.length <= ARGUMENT_LENGTH_MAX && one !== typed && one.toLowerCase().startsWith(typed.toLowerCase());
    const found = Array.from(command.complete(args, index) ?? [], String).filter(fits);
    return found.slice(0, HINT_COUNT_MAX).map((one) => `/${name} ${before}${writeArgument(one)} `);
  } catch (error) {
    console.error(`nkt: /${name}:`, error); // a line is typed on without it
    return [];
  }
}

/** Lines that name whoever fits what is typed behind a command that wants somebody. */
function findPeople(text) {
  const [, name, typed] = /^\/(\S+)\s+(\S.*)$/.exec(text) ?? [];
  if (!commands.some((one) => one.name === name?.toLowerCase() && /\b(NICK|PSEUDO)\b/.test(one.usage))) return [];
  const fold = (nick) => cleanNick(nick).toLowerCase();
  const wanted = fold(typed.replace(/^["“„']/, ''));
  return Object.entries(window.nkt.userList ?? {}).filter(([addr, { nick }]) => fold(nick).startsWith(wanted) || addr.startsWith(typed))
    .map(([addr, { nick }]) => `/${name} ${writeName(isAmbiguous(addr) ? '' : cleanNick(nick), addr)} `)
    .filter((whole) => whole.trim() !== text.trim()).sort();
}

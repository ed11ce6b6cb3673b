// SPDX-License-Identifier: GPL-3.0-or-later
// Lines that begin with /: carried out by whichever plugin knows the command, hinted at and completed while they are typed.

import { writeName } from './glue/named.js';
import { $, el } from './dom.js';
import { note } from './messages.js';
import { cleanNick, isAmbiguous } from './names.js';
import { texts } from './texts.js';

const HINT_COUNT_MAX = 6;

let commands = []; // those that fit what is typed
let people = []; // how those are named who fit the name that is typed

export const isCommand = (text) => /^\/[^/]/.test(text);

/** Two slashes send one. */
export const unslashed = (text) => text.replace(/^\/\//, '/');

/** Fires nktcommand; a plugin that knows the command calls preventDefault(). onError(): it was answered with an error at once. */
export function runCommand(text, onError) {
  const [, name, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  let isNew = true; // nothing was typed since, and no time has passed: the line comes back with an error
  setTimeout(() => { isNew = false; });
  const reply = (answer, kind) => {
    note(String(answer), kind);
    if (kind === 'error' && isNew) onError();
  };
  const event = new CustomEvent('nktcommand', { cancelable: true, detail: Object.freeze({ name: name.toLowerCase(), rest, reply }) });
  if (window.dispatchEvent(event)) reply(texts.noSuchCommand(name), 'error');
}

/** Fires nktcommandlist; plugins add {name, usage, help}. */
export function listCommands() {
  const found = new Map();
  const add = ({ name, usage = `/${name}`, help = '' }) => found.set(String(name), { name, usage, help });
  window.dispatchEvent(new CustomEvent('nktcommandlist', { detail: Object.freeze({ add }) }));
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the line is, or may become. @param {string} text in the line @param {(text: string) => void} choose writes it there */
export function hint(text, choose) {
  const typed = /^\/([^\s/]*)(\s?)/.exec(text);
  commands = typed ? listCommands().filter(({ name }) => (typed[2] ? name === typed[1] : name.startsWith(typed[1]))) : [];
  people = findPeople(text);
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

/** Lines that name whoever fits what is typed behind a command that wants somebody. */
function findPeople(text) {
  const [, name, typed] = /^\/(\S+)\s+(\S.*)$/.exec(text) ?? [];
  if (!commands.some((one) => one.name === name && /\b(NICK|PSEUDO)\b/.test(one.usage))) return [];
  const fold = (nick) => cleanNick(nick).toLowerCase();
  const wanted = fold(typed.replace(/^["“„']/, ''));
  return Object.entries(window.nkt.userList ?? {}).filter(([addr, { nick }]) => fold(nick).startsWith(wanted) || addr.startsWith(typed))
    .map(([addr, { nick }]) => `/${name} ${writeName(isAmbiguous(addr) ? '' : cleanNick(nick), addr)} `)
    .filter((whole) => whole.trim() !== text.trim()).sort();
}

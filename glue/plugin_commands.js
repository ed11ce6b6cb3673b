// SPDX-License-Identifier: GPL-3.0-or-later
/** Commands of plugins: what is typed behind one as arguments, and the two events of lines that begin with a slash. */
import { QUOTES } from './named.js';

/** Arguments of one command; what follows them is part of the last. */
const ARGUMENT_COUNT_MAX = 64;

/** @typedef {import('./types.d.ts').PluginCommand} Command */

/**
 * Arguments in a line, from `from` on. In quotes one may have spaces.
 * @param {string} line @returns {Array<{text: string, at: number, isQuoted: boolean, isOpen: boolean}>} isOpen: its quote is not closed
 */
function scan(line) {
  const found = [];
  const space = /\s/;
  let at = 0;
  while (found.length < ARGUMENT_COUNT_MAX) {
    while (at < line.length && space.test(line[at])) at++;
    if (at >= line.length) break;
    if (found.length === ARGUMENT_COUNT_MAX - 1) {
      found.push({ text: line.slice(at).trimEnd(), at, isQuoted: false, isOpen: false });
      break;
    }
    const close = QUOTES.get(line[at]);
    let end = at + 1;
    if (close !== undefined) while (end < line.length && !isEnd(line, end, close)) end++;
    const isQuoted = close !== undefined && end < line.length;
    const isOpen = close !== undefined && !isQuoted;
    if (!isQuoted) for (end = at; end < line.length && !space.test(line[end]);) end++;
    found.push({ text: isQuoted ? line.slice(at + 1, end) : line.slice(at, end), at, isQuoted, isOpen });
    at = isQuoted ? end + 1 : end;
  }
  return found;
}

/** Whether a quote is closed there. @param {string} line @param {number} at @param {string} close */
const isEnd = (line, at, close) => line[at] === close && (at + 1 === line.length || /\s/.test(line[at + 1]));

/** @param {string} line what is typed behind a command @returns {string[]} */
export const splitArguments = (line) => scan(line).map(({ text }) => text);

/**
 * What is being typed behind a command.
 * @param {string} line @returns {{args: string[], index: number, typed: string, before: string}} args: the one being typed as well;
 *   typed: it, without a quote that is still open; before: the line as far as it
 */
export function typedArguments(line) {
  const found = scan(line);
  const open = found.findIndex(({ isOpen }) => isOpen);
  const words = open < 0 ? found : found.slice(0, open);
  const last = words.at(-1);
  const ends = last !== undefined && last.at + last.text.length === line.length && !last.isQuoted;
  const typing = open >= 0 ? { text: line.slice(found[open].at + 1), at: found[open].at } : ends ? last : { text: '', at: line.length };
  if (open < 0 && ends) words.pop();
  const args = [...words.map(({ text }) => text), typing.text];
  return { args, index: words.length, typed: typing.text, before: line.slice(0, typing.at) };
}

/** How a line writes an argument. @param {string} text */
export function writeArgument(text) {
  if (text !== '' && !/\s/.test(text) && !QUOTES.has(text[0])) return text;
  const quote = [...QUOTES].find(([open, close]) => !text.includes(open) && !text.includes(close)) ?? ['"', '"'];
  return quote.join(text);
}

/**
 * @param {any} target @param {any} plugin @param {Record<string, Command>} commands
 * @param {{signal: AbortSignal, guard: (where: string, call: () => unknown) => boolean}} offer
 */
export function listenForCommands(target, plugin, commands, { signal, guard }) {
  if (Object.keys(commands).length === 0) return;
  const usageOf = (name) => commands[name].usage ?? `/${name}`;
  for (const name of namesIn(target).filter((one) => Object.hasOwn(commands, one))) {
    guard('commands', () => { throw new Error(`/${name} is a command of another plugin, which answers it`); });
  }
  target.addEventListener('nktcommand', (event) => {
    const { name, rest = '', reply } = event.detail ?? {};
    if (event.defaultPrevented || !Object.hasOwn(commands, name)) return;
    event.preventDefault();
    const context = { name, rest, reply, get usage() { return usageOf(name); } };
    const run = async () => {
      const answer = await commands[name].run.call(plugin, splitArguments(rest), context);
      if (typeof answer === 'string') reply(answer);
    };
    run().catch((error) => reply(error, 'error'));
  }, { signal });
  target.addEventListener('nktcommandlist', (event) => {
    for (const name of Object.keys(commands)) {
      guard('commands', () => { // usage and help may be getters
        const { help = '', complete } = commands[name];
        const asked = (args, index) => {
          let found;
          guard('commands', () => (found = complete?.call(plugin, args, index)));
          return found;
        };
        event.detail.add({ name, usage: usageOf(name), help, complete: complete && asked });
      });
    }
  }, { signal });
}

/** Of commands that are there. @param {any} target @returns {string[]} */
function namesIn(target) {
  const names = [];
  target.dispatchEvent(new CustomEvent('nktcommandlist', { detail: Object.freeze({ add: ({ name }) => names.push(name) }) }));
  return names;
}

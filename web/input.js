// SPDX-License-Identifier: GPL-3.0-or-later
// The line to type in: sending, history, commands and their hints, whom it is for.

import { $, el, setText } from './dom.js';
import { inLine, short } from './names.js';
import { note, readValue, showOwn } from './messages.js';
import { texts } from './texts.js';

const HISTORY_COUNT_MAX = 100;
const HINT_COUNT_MAX = 6;
const ROW_COUNT_MAX = 8;

const history = [];
let position = 0; // history.length: the line being written
let draft = '';
let target = ''; // address; '' for everybody
let commands = []; // those that fit what is typed
let line;

export function setUpInput() {
  line = $('line');
  $('say').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  line.addEventListener('keydown', onKey);
  line.addEventListener('input', changed);
  $('target-clear').addEventListener('click', () => setTarget(''));
}

/** Everything typed goes to that address until it is cleared. */
export function setTarget(addr) {
  target = addr;
  $('target').hidden = !addr;
  if (addr) setText($('target-text'), texts.target(inLine(addr), short(addr)));
  $('say').dataset.private = String(Boolean(addr));
  line.placeholder = addr ? texts.lineHintPrivate : texts.lineHint;
  line.focus();
}

export function focusInput() {
  line.focus();
}

function submit() {
  const text = line.value.trim();
  if (!text) return;
  if (history.at(-1) !== text) history.push(text);
  if (history.length > HISTORY_COUNT_MAX) history.shift();
  position = history.length;
  write('');
  if (/^\/[^/]/.test(text)) command(text);
  else say(text.replace(/^\/\//, '/'), target || undefined); // two slashes send one
}

/**
 * Says something, to everybody as a plain string, as in the original, so that any plugin understands it; to one as
 * {text, private: true}, because a receiver cannot see to whom else something went.
 */
export function say(text, to) {
  let sending = null; // plugins may have changed what is sent
  const look = (event) => { sending = event; };
  window.addEventListener('nktsendingmessage', look);
  const delivering = to ? send({ text, private: true }, to) : send(text);
  window.removeEventListener('nktsendingmessage', look);
  showOwn({ text: readValue(sending?.detail)?.text ?? text, to, delivering });
}

async function send(...args) { // async: an error thrown at once is a rejection as well
  return window.nkt.sendEncryptedMessage(...args);
}

/** Fires nktcommand; a plugin that knows the command calls preventDefault(). */
function command(text) {
  const [, name, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  const detail = Object.freeze({ name: name.toLowerCase(), rest, reply: (answer, kind) => note(String(answer), kind) });
  const event = new CustomEvent('nktcommand', { cancelable: true, detail });
  if (window.dispatchEvent(event)) note(texts.noSuchCommand(name), 'error');
}

/** Fires nktcommandlist; plugins add {name, usage, help}. */
export function listCommands() {
  const found = new Map();
  const add = ({ name, usage = `/${name}`, help = '' }) => found.set(String(name), { name, usage, help });
  window.dispatchEvent(new CustomEvent('nktcommandlist', { detail: Object.freeze({ add }) }));
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function onKey(event) {
  if (event.isComposing) return;
  const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
  const handled = plain && {
    Enter: () => { submit(); return true; },
    ArrowUp: () => !line.value.slice(0, line.selectionStart).includes('\n') && recall(-1),
    ArrowDown: () => !line.value.slice(line.selectionEnd).includes('\n') && recall(1),
    Tab: complete,
    Escape: escape,
  }[event.key]?.();
  if (handled) event.preventDefault();
}

function recall(step) {
  const next = position + step;
  if (next < 0 || next > history.length) return false;
  if (position === history.length) draft = line.value;
  position = next;
  write(next === history.length ? draft : history[next]);
  return true;
}

/** Tab completes a command while its name is being typed; otherwise it moves on, as everywhere. */
function complete() {
  const name = /^\/(\S*)$/.exec(line.value)?.[1];
  if (name === undefined || !commands.length || commands[0].name === name) return false;
  write(`/${commands[0].name} `);
  return true;
}

function escape() {
  if (!$('hint').hidden) $('hint').hidden = true;
  else if (target) setTarget('');
  else return false;
  return true;
}

function write(text) {
  line.value = text;
  line.setSelectionRange(text.length, text.length);
  changed();
}

function changed() {
  line.rows = Math.min(ROW_COUNT_MAX, line.value.split('\n').length);
  const typed = /^\/([^\s/]*)(\s?)/.exec(line.value);
  commands = typed ? listCommands().filter(({ name }) => (typed[2] ? name === typed[1] : name.startsWith(typed[1]))) : [];
  const hint = $('hint');
  hint.hidden = !commands.length;
  hint.replaceChildren(...commands.slice(0, HINT_COUNT_MAX).map(({ name, usage, help }) => el('button', {
    type: 'button', tabIndex: -1, onclick: () => { write(`/${name} `); line.focus(); },
  }, el('code', { textContent: usage }), el('span', { textContent: help }))));
}

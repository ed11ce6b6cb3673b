// SPDX-License-Identifier: GPL-3.0-or-later
// The line to type in: sending, history, commands and their hints, whom it is for, how much fits; what was not sent comes back.

import { VALUE_SIZE_MAX } from './glue/constants.js';
import { writeName } from './glue/named.js';
import { $, el, setText } from './dom.js';
import { forgetDrafts, keepDraft, keepTarget, keepUnsent, readDraft, readTarget, readUnsent } from './drafts.js';
import { cleanNick, inLine, isAmbiguous, known, short } from './names.js';
import { note, readValue, showOwn, takeBack } from './messages.js';
import { texts } from './texts.js';

const IME_KEY = 229; // Safari's Enter that ends a composition comes after its end, and tells by this code alone
const NEAR = 0.9; // of what fits: from here on it is counted
const HISTORY_COUNT_MAX = 100;
const HINT_COUNT_MAX = 6;
const ROW_COUNT_MAX = 8;

const history = [];
let position = 0; // history.length: the line being written
let draft = '';
let target = ''; // address; '' for everybody
let commands = []; // those that fit what is typed
let people = []; // how those are named who fit the name that is typed
let unsent = []; // [{text, to}] that could not be sent while something else was written
let line;

export function setUpInput() {
  line = $('line');
  $('say').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  line.addEventListener('keydown', onKey);
  line.addEventListener('input', () => {
    position = history.length; // a line called back and changed is a new one
    changed();
  });
  $('target-clear').addEventListener('click', () => setTarget(''));
}

/** The room was entered, or another one: what was being written there, to whom. */
export function openDrafts() {
  const addr = readTarget();
  unsent = readUnsent();
  paintUnsent();
  aim(known(addr) ? addr : '');
}

/** The person left. */
export function closeDrafts() {
  forgetDrafts();
  unsent = [];
  paintUnsent();
  history.length = 0;
  aim('');
}

/** Everything typed goes to that address until it is cleared; what was being written to others stays theirs. */
export function setTarget(addr) {
  if (addr !== target) {
    keepTarget(addr);
    aim(addr);
  }
  line.focus();
}

function aim(addr) {
  target = addr;
  position = history.length;
  setText($('say-error'), '');
  $('target').hidden = !addr;
  if (addr) setText($('target-text'), texts.target(inLine(addr), short(addr)));
  $('say').dataset.private = String(Boolean(addr));
  line.placeholder = addr ? texts.lineHintPrivate : texts.lineHint;
  write(readDraft(target));
}

export function focusInput() {
  line.focus();
}

function submit() {
  const text = line.value.trim();
  if (!text) return;
  const isCommand = /^\/[^/]/.test(text);
  if (!isCommand && sizeOf(text) > VALUE_SIZE_MAX) return; // how much too long it is stands there
  if (history.at(-1) !== text) history.push(text);
  if (history.length > HISTORY_COUNT_MAX) history.shift();
  position = history.length;
  write('');
  if (isCommand) command(text);
  else say(text.replace(/^\/\//, '/'), target || undefined, text); // two slashes send one
}

/**
 * Says something, to everybody as a plain string, as in the original, so that any plugin understands it; to one as
 * {text, private: true}, because a receiver cannot see to whom else something went. typed: what comes back into the line if it is refused.
 */
export function say(text, to, typed = text) {
  let sending = null; // plugins may have changed what is sent
  const look = (event) => { sending = event; };
  window.addEventListener('nktsendingmessage', look);
  const delivering = to ? send(privately(text), to) : send(text);
  window.removeEventListener('nktsendingmessage', look);
  const node = showOwn({ text: readValue(sending?.detail)?.text ?? text, to, delivering });
  delivering.catch((error) => {
    takeBack(node);
    giveBack(typed, to ?? '', error?.message ?? String(error));
  });
}

const privately = (text) => ({ text, private: true });

/** What was refused is in the line again, or beside what was typed meanwhile: never with what is for others. */
function giveBack(text, to, reason) {
  if (to === target && !line.value) write(text);
  else {
    unsent = keepUnsent([...unsent, { text, to }]);
    paintUnsent();
  }
  setText($('say-error'), texts.notSent(reason));
}

function paintUnsent() {
  const drop = (one) => {
    unsent = keepUnsent(unsent.filter((other) => other !== one));
    paintUnsent();
    line.focus();
  };
  const back = (one) => {
    setTarget(known(one.to) ? one.to : target);
    write([one.text, line.value].filter(Boolean).join('\n'));
    drop(one);
  };
  $('unsent').replaceChildren(...unsent.map((one) => el('li', {},
    el('span', { dir: 'auto', textContent: texts.unsent(one.text, one.to && inLine(one.to)) }),
    ...(one.to && !known(one.to) ? [] : [el('button', { type: 'button', textContent: texts.unsentBack, onclick: () => back(one) })]),
    el('button', { type: 'button', className: 'quiet', textContent: texts.unsentDrop, onclick: () => drop(one) }))));
  $('unsent').hidden = !unsent.length;
}

async function send(...args) { // async: an error thrown at once is a rejection as well
  return window.nkt.sendEncryptedMessage(...args);
}

/** Fires nktcommand; a plugin that knows the command calls preventDefault(). */
function command(text) {
  const [, name, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  let isNew = true; // nothing was typed since, and no time has passed: the line comes back with an error
  setTimeout(() => { isNew = false; });
  const reply = (answer, kind) => {
    note(String(answer), kind);
    if (kind === 'error' && isNew && !line.value) write(text);
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

function onKey(event) {
  if (event.isComposing || event.keyCode === IME_KEY) return;
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

/** Tab completes a command, or a name behind one, while it is being typed; otherwise it moves on, as everywhere. */
function complete() {
  const name = /^\/(\S*)$/.exec(line.value)?.[1];
  const isNamed = name !== undefined && commands.length && commands[0].name !== name;
  if (!isNamed && !people.length) return false;
  write(isNamed ? `/${commands[0].name} ` : people[0]);
  return true;
}

/** Lines that name whoever fits what is typed behind a command that wants somebody. */
function findPeople() {
  const [, name, typed] = /^\/(\S+)\s+(\S.*)$/.exec(line.value) ?? [];
  if (!commands.some((one) => one.name === name && /\bNICK\b/.test(one.usage))) return [];
  const fold = (nick) => cleanNick(nick).toLowerCase();
  const wanted = fold(typed.replace(/^["“„']/, ''));
  return Object.entries(window.nkt.userList ?? {}).filter(([addr, { nick }]) => fold(nick).startsWith(wanted) || addr.startsWith(typed))
    .map(([addr, { nick }]) => `/${name} ${writeName(isAmbiguous(addr) ? '' : cleanNick(nick), addr)} `)
    .filter((whole) => whole.trim() !== line.value.trim()).sort();
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
  if (position === history.length) keepDraft(target, line.value);
  if (line.value) setText($('say-error'), '');
  paintSize();
  line.rows = Math.min(ROW_COUNT_MAX, line.value.split('\n').length);
  const typed = /^\/([^\s/]*)(\s?)/.exec(line.value);
  commands = typed ? listCommands().filter(({ name }) => (typed[2] ? name === typed[1] : name.startsWith(typed[1]))) : [];
  people = findPeople();
  const hint = $('hint');
  hint.hidden = !commands.length;
  const onclick = (text) => () => { write(text); line.focus(); };
  const row = (text, ...children) => el('button', { type: 'button', tabIndex: -1, onclick: onclick(text) }, ...children);
  hint.replaceChildren(...people.slice(0, HINT_COUNT_MAX).map((whole) => row(whole, el('code', { textContent: whole }))),
    ...commands.slice(0, HINT_COUNT_MAX - Math.min(people.length, HINT_COUNT_MAX - 1))
      .map(({ name, usage, help }) => row(`/${name} `, el('code', { textContent: usage }), el('span', { textContent: help }))));
}

/** In what the limit is in: bytes of JSON as UTF-8. */
function sizeOf(text) {
  const plain = text.replace(/^\/\//, '/');
  return new TextEncoder().encode(JSON.stringify(target ? privately(plain) : plain)).length;
}

function paintSize() {
  const isFar = line.value.length * 6 < NEAR * VALUE_SIZE_MAX; // no sign takes more
  const size = isFar ? 0 : sizeOf(line.value.trim());
  const isOver = size > VALUE_SIZE_MAX;
  $('size').hidden = size < NEAR * VALUE_SIZE_MAX;
  $('size').dataset.over = String(isOver);
  setText($('size'), $('size').hidden ? '' : texts.size(size, VALUE_SIZE_MAX));
  line.setAttribute('aria-invalid', String(isOver));
}

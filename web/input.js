// SPDX-License-Identifier: GPL-3.0-or-later
// The line to type in: its keys, its history, whom it is for, how much fits.

import { VALUE_SIZE_MAX } from './glue/constants.js';
import { clearAttached, hasAttached, openAttached, sendAttached, setUpAttach, showAttached } from './attach.js';
import { changeOf } from './changed.js';
import { completed, hint, isCommand, runCommand, slashed, unslashed } from './command.js';
import { closeEmoji, completeWord, hintWord, setUpComplete } from './complete.js';
import { $, isComposing, setText } from './dom.js';
import { forgetDrafts, keepDraft, keepTarget, readDraft, readTarget } from './drafts.js';
import { hasMessage, showTalk } from './messages.js';
import { known, nameInLine, short } from './names.js';
import { edit, replyNow, setReply, setUpReply } from './reply.js';
import { closeUnsent, openUnsent, say, setUpSay, sizeOf } from './say.js';
import { texts } from './texts.js';

const NEAR = 0.9; // of what fits: from here on it is counted
const RE_SIZE_MAX = 2500; // bytes that an answer, and whom it names, take beside the text
const HISTORY_COUNT_MAX = 100;
const ROW_COUNT_MAX = 8;

let history = []; // what was said in this conversation: what was for one is not called back among all
const histories = new Map(); // conversation -> the same
const held = new Map(); // conversation -> {re, text}: an answer or an edit that one was at when one left it
const aimed = []; // functions to call when the line is for others
let position = 0; // history.length: the line being written
let draft = '';
let target = ''; // address; '' for everybody
let line;

export function setUpInput() {
  line = $('line');
  $('say').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  line.addEventListener('keydown', onKey);
  line.addEventListener('input', (event) => {
    position = history.length; // a line called back and changed is a new one
    changed();
    // whoever composes letters would lose them; what comes from elsewhere is as it was written there
    if (!event.isComposing && !/Paste|Drop/.test(event.inputType)) closeEmoji();
  });
  line.addEventListener('compositionend', closeEmoji);
  setUpComplete(line, write);
  $('target-clear').addEventListener('click', () => setTarget(''));
  setUpReply(setTarget, giveUp);
  setUpAttach({ focus: focusInput, targetNow });
  setUpSay({
    isFree: (to) => to === target && !line.value && !replyNow(),
    write(text, re) {
      setReply(re);
      write(text);
    },
    back: ({ text, to }) => {
      setTarget(to);
      write([text, line.value].filter(Boolean).join('\n'));
    },
    focus: focusInput,
  });
}

/** For whom the line is: an address, or '' for everybody. */
export const targetNow = () => target;

/** fn(address) when the line is for others: their conversation is shown. */
export const onTarget = (fn) => aimed.push(fn);

/** The room was entered, or another one: what was being written there, to whom. */
export function openDrafts() {
  const addr = readTarget();
  openUnsent();
  openAttached();
  aim(known(addr) ? addr : '');
}

/** The person left; isMoving: for another room, and what was written here is for when they come back. */
export function closeDrafts(isMoving = false) {
  if (!isMoving) forgetDrafts();
  clearAttached(isMoving);
  closeUnsent(isMoving);
  histories.clear();
  aim('');
  held.clear();
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
  if (replyNow()) held.set(target, { re: replyNow(), text: line.value });
  target = addr;
  if (!histories.has(addr)) histories.set(addr, []);
  history = histories.get(addr);
  position = history.length;
  showTalk(addr);
  showAttached(addr);
  setReply(null); // it was to others
  setText($('say-error'), '');
  $('target').hidden = !addr;
  if (addr) setText($('target-text'), texts.target(nameInLine(addr), short(addr)));
  $('say').dataset.private = String(Boolean(addr));
  line.placeholder = addr ? texts.lineHintPrivate : texts.lineHint;
  write(readDraft(target));
  takeUp(addr);
  for (const fn of aimed) fn(addr);
}

/** One is back where something was being answered, or edited, if that is still there. */
function takeUp(addr) {
  const { re, text } = held.get(addr) ?? {};
  held.delete(addr);
  if (!re || !hasMessage(re.id, re.from) || changeOf(re.id, re.from)?.isGone) return;
  setReply(re);
  if (re.n) write(text);
}

/** One's own message is to be edited in the line, for the n-th time. @param {import('./actions.js').Message} message @param {number} n */
export function editLine(message, n) {
  edit(message, n);
  write(slashed(message.text));
  line.focus();
}

/** Nothing is answered any more; what was written before an edit is in the line again. */
function giveUp() {
  const isEdit = Boolean(replyNow()?.n);
  setReply(null);
  if (!isEdit) return;
  setText($('say-error'), '');
  write(readDraft(target));
}

/** Below what is being written. A command is none that another app gives. */
export function addToLine(text) {
  const added = text.trim(); // as the line is before it is sent
  write([line.value, line.value.trim() ? added : slashed(added)].filter(Boolean).join('\n'));
}

export function focusInput() {
  line.focus();
}

function submit() {
  const text = line.value.trim();
  if (hasAttached(target) && !isCommand(text)) sendAttached(target);
  if (!text && replyNow()?.n) setText($('say-error'), texts.editEmpty);
  if (!text) return;
  const isToRun = isCommand(text);
  if (!isToRun && sizeOf(unslashed(text), target, replyNow()) > VALUE_SIZE_MAX) return; // how much too long it is stands there
  if (history.at(-1) !== text) history.push(text);
  if (history.length > HISTORY_COUNT_MAX) history.shift();
  position = history.length;
  const re = replyNow();
  if (!isToRun) setReply(null);
  write(re?.n && !isToRun ? readDraft(target) : '');
  if (isToRun) runCommand(text, () => { if (!line.value) write(text); });
  else say(unslashed(text), target || undefined, text, re);
}

function onKey(event) {
  if (isComposing(event)) return;
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

/** Tab completes a command, a name or an emoji while it is being typed; otherwise it moves on, as everywhere. */
function complete() {
  if (completeWord()) return true;
  const whole = $('hint').hidden ? null : completed(line.value);
  if (whole === null) return false;
  write(whole);
  return true;
}

function escape() {
  if (!$('hint').hidden) $('hint').hidden = true;
  else if (replyNow()) giveUp();
  else if (target) setTarget('');
  else return false;
  return true;
}

function write(text, caret = text.length) {
  line.value = text;
  line.setSelectionRange(caret, caret);
  changed();
}

function changed() {
  if (position === history.length && !replyNow()?.n) keepDraft(target, line.value);
  if (line.value) setText($('say-error'), '');
  paintSize();
  line.rows = Math.min(ROW_COUNT_MAX, line.value.split('\n').length);
  if (!hintWord()) hint(line.value, (text) => { write(text); line.focus(); });
}

function paintSize() {
  const isFar = line.value.length * 6 + RE_SIZE_MAX < NEAR * VALUE_SIZE_MAX; // no sign takes more
  const size = isFar ? 0 : sizeOf(unslashed(line.value.trim()), target, replyNow());
  const isOver = size > VALUE_SIZE_MAX;
  $('size').hidden = size < NEAR * VALUE_SIZE_MAX;
  $('size').dataset.over = String(isOver);
  setText($('size'), $('size').hidden ? '' : texts.size(size, VALUE_SIZE_MAX));
  line.setAttribute('aria-invalid', String(isOver));
}

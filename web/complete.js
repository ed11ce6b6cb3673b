// SPDX-License-Identifier: GPL-3.0-or-later
// Words that are completed while they are typed: @NICK, and :emoji: by name. What fits stands above the line; Tab takes the first, and
// each further Tab the next one.

import { $, el } from './dom.js';
import { loadEmoji } from './later.js';
import { everybody } from './mentioned.js';
import { fitting, wordAt } from './mentions.js';
import { short } from './names.js';

const HINT_COUNT_MAX = 6;
const EMOJI_LENGTH_MIN = 2; // letters behind the colon: one is in many a text

let line;
let take; // (text, caret): writes it there
let found = []; // [{text, caret, shown, more}]: the line as a whole, once that is taken
let turn = null; // {all, at}: what Tab took, while nothing else is typed
let emoji = null; // the table, once it is fetched
let isWanted = false;

/** write(text, caret): into the line. */
export function setUpComplete(theLine, write) {
  line = theLine;
  take = write;
}

/** Shows what the word at the caret may become; false if it is no such word. */
export function hintWord() {
  const { value, selectionStart } = line;
  if (turn && value !== turn.all[turn.at].text) turn = null;
  const word = turn || line.selectionEnd !== selectionStart ? null : wordAt(value, selectionStart);
  found = word ? candidates(word, value, selectionStart).slice(0, HINT_COUNT_MAX) : [];
  if (!found.length) return false;
  $('hint').hidden = false;
  $('hint').replaceChildren(...found.map((one) => el('button', { type: 'button', tabIndex: -1, onclick: () => choose(one) },
    el('code', { dir: 'auto', textContent: one.shown }), el('span', { textContent: one.more }))));
  return true;
}

/** A colon was typed behind the name of an emoji: it is one. */
export function closeEmoji() {
  const caret = line.selectionStart;
  const word = emoji && line.value[caret - 1] === ':' && wordAt(line.value, caret - 1);
  const meant = word?.kind === ':' && emoji.EMOJI.find(([name]) => name === word.typed);
  if (meant) choose(put(word.start, caret, meant[1], '', ''));
}

/** Tab was pressed; true if it did something. */
export function completeWord() {
  if (turn?.at + 1 < turn?.all.length) turn.at++;
  else if (found.length && !turn && !$('hint').hidden) turn = { all: found, at: 0 };
  else return false;
  const one = turn.all[turn.at];
  take(one.text, one.caret);
  return true;
}

function choose(one) {
  take(one.text, one.caret);
  line.focus();
}

const put = (start, end, by, shown, more) => {
  const text = `${line.value.slice(0, start)}${by}${line.value.slice(end)}`;
  return { text, caret: start + by.length, shown, more };
};

function candidates({ start, kind, typed }, value, caret) {
  const spaced = /^\s/.test(value.slice(caret)) ? '' : ' ';
  if (kind === '@') {
    return fitting(typed, everybody()).filter(({ nick }) => nick)
      .sort((a, b) => a.nick.localeCompare(b.nick) || (a.addr < b.addr ? -1 : 1)).slice(0, HINT_COUNT_MAX)
      .map(({ nick, addr }) => put(start, caret, `@${nick}${spaced}`, `@${nick}`, short(addr)));
  }
  if (typed.length < EMOJI_LENGTH_MIN || !/^[\w+-]+$/.test(typed)) return [];
  if (!emoji) wantEmoji();
  return (emoji?.findEmoji(typed) ?? []).slice(0, HINT_COUNT_MAX)
    .map(([name, sign]) => put(start, caret, `${sign}${spaced}`, sign, `:${name}:`));
}

/** Once; without it names stay as they are typed. */
function wantEmoji() {
  if (isWanted) return;
  isWanted = true;
  loadEmoji().then((table) => {
    emoji = table;
    hintWord();
  }, () => { isWanted = false; });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Replaces words in what one sends. Adds the command /replace; the words are kept in this browser.

import '../words_replace.js';
import { commandsOf } from '../command.js';
import { texts } from '../texts.js';

const ITEM = 'nkt.replace';
const WORD_COUNT_MAX = 200;

let words = new Map();

function load() {
  try {
    words = new Map(Object.entries(JSON.parse(localStorage.getItem(ITEM) ?? '{}')));
  } catch {
    words = new Map(); // blocked, or not ours
  }
}

function save() {
  try {
    localStorage.setItem(ITEM, JSON.stringify(Object.fromEntries(words)));
  } catch {
    // they live as long as the page
  }
}

/** Whole words, and signs such as :-) that stand between spaces. */
const replaced = (text) => text.split(/(\s+)/).map((part) => {
  if (words.has(part)) return words.get(part);
  return part.replace(/[\p{L}\p{N}_'-]+/gu, (word) => words.get(word) ?? word);
}).join('');

function command(rest) {
  const [, word, by] = /^(\S*)\s*([\s\S]*)$/.exec(rest.trim());
  if (!word) return words.size ? [...words].map((pair) => pair.join(' → ')).join('\n') : texts.replaceNone;
  if (!by) return words.delete(word) ? texts.replaceGone(word) : texts.replaceUnknown(word);
  if (!words.has(word) && words.size >= WORD_COUNT_MAX) return texts.replaceFull(WORD_COUNT_MAX);
  words.set(word, by);
  return texts.replaceSet(word, by);
}

export default {
  name: 'replace',
  init: load,
  commands: commandsOf({
    replace(rest, reply) {
      reply(command(rest));
      save();
    },
  }, () => ({ replace: texts.replaceHelp })),
  listeners: {
    nktsendingmessage(event) {
      const { detail } = event;
      if (typeof detail === 'string') event.replace(replaced(detail));
      else if (typeof detail?.text === 'string') detail.text = replaced(detail.text);
    },
  },
};

// SPDX-License-Identifier: GPL-3.0-or-later
// Marks within a line: `code`, *italics*, _italics_, **bold**, ***both***, ~~strike~~, links. One pass forward; what has no other
// end is text.

import { linkAt } from './link.js';

/**
 * What a line, or a text, is made of. All strings in it, one after the other, are the text as it was written.
 * @typedef {string | {kind: string, children: Node[], [more: string]: any}} Node kind `mark`: what was written to mark something
 */

/** By sign and how many of them. @type {Record<string, Record<number, string>>} */
const KINDS = { '*': { 1: 'em', 2: 'strong', 3: 'both' }, _: { 1: 'em' }, '~': { 2: 'del' } };
/** A mark within a word marks nothing (2*3*4, some_long_name), save in scripts that put no spaces between words. */
const WORD = /[\p{L}\p{N}]/u;
const SPACELESS = /[\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;

const isWord = (sign) => WORD.test(sign) && !SPACELESS.test(sign);
const isSpace = (sign) => sign === '' || /\s/u.test(sign);
export const mark = (text) => ({ kind: 'mark', children: [text] });

function before(text, at) {
  if (!at) return '';
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low < 0xe000 && at > 1 ? text.slice(at - 2, at) : text[at - 1];
}
const behind = (text, at) => (at < text.length ? String.fromCodePoint(text.codePointAt(at)) : '');

function runEnd(text, at) {
  let end = at + 1;
  while (text[end] === text[at]) end++;
  return end;
}

/** The runs of backticks, by length: where each begins, first one last. */
function ticksOf(text, work) {
  const byLength = new Map();
  for (let at = text.lastIndexOf('`'); at >= 0; at = at ? text.lastIndexOf('`', at - 1) : -1) {
    const end = at + 1;
    while (text[at - 1] === '`') at--;
    work.steps += end - at;
    if (!byLength.has(end - at)) byLength.set(end - at, []);
    byLength.get(end - at).push(at);
  }
  return byLength;
}

/** One line, left to right. */
class Line {
  #text;
  #work;
  #items = []; // strings, nodes, {open}, {close}
  #plain = 0; // where what is text so far begins
  #open = new Map(); // sign and kind -> the mark that may yet be ended; of each only the last
  #stack = []; // marks that were begun, also such that something crossed
  #ticks;

  constructor(text, work) {
    this.#text = text;
    this.#work = work;
    this.#ticks = ticksOf(text, work);
  }

  /** @returns {Node[]} */
  parse() {
    const text = this.#text;
    let at = 0;
    while (at < text.length && this.#work.left > 0) {
      this.#work.steps++;
      const sign = text[at];
      if (sign === '`') at = this.#code(at);
      else if (sign in KINDS) at = this.#delimiter(at);
      else if ('hHmM'.includes(sign) && !WORD.test(before(text, at))) at = this.#link(at);
      else at++;
    }
    this.#flush(text.length);
    return tree(this.#items);
  }

  #flush(end, next = end) {
    if (end > this.#plain) this.#items.push(this.#text.slice(this.#plain, end));
    this.#plain = next;
  }

  #node(at, end, node) {
    this.#flush(at, end);
    this.#items.push(node);
    this.#work.left--;
    return end;
  }

  #code(at) {
    const text = this.#text;
    const from = runEnd(text, at);
    const same = this.#ticks.get(from - at);
    while (same?.length && same.at(-1) <= at) same.pop(); // ends before here are no more needed
    this.#work.steps += from - at;
    const to = same?.at(-1);
    if (to === undefined || text[at - 1] === '\\') return from;
    const ticks = text.slice(at, from);
    this.#work.steps += to - from;
    return this.#node(at, to + ticks.length, { kind: 'code', children: [mark(ticks), text.slice(from, to), mark(ticks)] });
  }

  #link(at) {
    const found = linkAt(this.#text, at);
    if (!found) return at + 1;
    this.#work.steps += found.end - at;
    if (!found.link) return found.end;
    return this.#node(at, found.end, { kind: 'link', ...found.link, children: [this.#text.slice(at, found.end)] });
  }

  /** A mark ends what the last of its kind began, or begins something, or is text. */
  #delimiter(at) {
    const text = this.#text;
    const end = runEnd(text, at);
    this.#work.steps += end - at;
    const kind = KINDS[text[at]][end - at];
    const [left, right] = [before(text, at), behind(text, end)];
    if (!kind || left === '\\') return end;
    const name = text[at] + kind;
    const begun = this.#open.get(name);
    if (begun && !isSpace(left) && !isWord(right)) this.#end(begun, at, end);
    else if (!isSpace(right) && !isWord(left)) this.#begin(name, kind, at, end);
    return end;
  }

  #begin(name, kind, at, end) {
    this.#flush(at, end);
    const begun = { name, kind, text: this.#text.slice(at, end), depth: this.#stack.length, isClosed: false };
    this.#items.push(begun);
    this.#stack.push(begun);
    this.#open.set(name, begun);
  }

  /** What was begun within it and has no end is text. */
  #end(begun, at, end) {
    this.#flush(at, end);
    for (const crossed of this.#stack.splice(begun.depth)) {
      this.#work.steps++;
      if (this.#open.get(crossed.name) === crossed) this.#open.delete(crossed.name);
    }
    begun.isClosed = true;
    this.#items.push({ name: '', text: begun.text });
    this.#work.left--;
  }
}

/** Nested, where what was begun has an end. */
function tree(items) {
  const stack = [{ kind: '', children: [] }];
  const add = (child) => stack.at(-1).children.push(child);
  for (const item of items) {
    if (typeof item === 'string' || item.children) add(item);
    else if (item.name === '') {
      add(mark(item.text));
      const done = stack.pop();
      add(done);
    } else if (item.isClosed) stack.push({ kind: item.kind, children: [mark(item.text)] });
    else add(item.text);
  }
  return stack[0].children;
}

/** Most lines have none of these. */
const ANYTHING = /[`*_~]|https?:|mailto:/i;

/** @param {string} text one line @param {{left: number, steps: number}} work how many things may yet be marked; counts what it took */
export function parseInline(text, work) {
  work.steps += text.length;
  return work.left > 0 && ANYTHING.test(text) ? new Line(text, work).parse() : [text];
}

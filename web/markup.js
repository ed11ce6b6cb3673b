// SPDX-License-Identifier: GPL-3.0-or-later
// What people write, as a tree: quotes, lists, blocks of code, and what inline.js finds in a line. Nothing is thrown away: the
// strings of the tree are the text. Time is linear, depth and number of elements are capped, whatever a stranger writes.

import { mark, parseInline } from './inline.js';

const DEPTH_MAX = 4; // quotes in quotes, lists in lists; deeper ones are text
const COUNT_MAX = 500; // things that are marked in one text: each is a few nodes of the document

const FENCE = /^ {0,3}(`{3,})[^`]*$/;
/** What may stand behind a fence and is not seen, as it names a language: anything else would be copied by who never saw it. */
const LANGUAGE = /^ ?[\w+#.-]{0,20}\s*$/;
const ITEM = /^( {0,16})([-*•]|(?:0|[1-9]\d{0,8})[.)]) +(?=\S)/;
const QUOTE = /^>(?: |(?=>)|$)/;

/** @typedef {{pre: string, text: string, end: string}} Line pre: what quotes took from its beginning; end: its line break */

/**
 * @param {string} text
 * @param {{steps: number}} [tally] counts what it took, in letters looked at
 * @returns {import('./inline.js').Node[]}
 */
export function parse(text, tally = { steps: 0 }) {
  const work = { left: COUNT_MAX, steps: 0 };
  const lines = text.split('\n').map((line, i, all) => ({ pre: '', text: line, end: i < all.length - 1 ? '\n' : '' }));
  const nodes = new Blocks(lines, 0, work).parse();
  tally.steps = work.steps;
  return nodes;
}

const hidden = (text) => (text ? [mark(text)] : []);

/** The lines of a text, or of a quote in it. */
class Blocks {
  #lines;
  #depth;
  #work;
  #at = 0;

  constructor(lines, depth, work) {
    this.#lines = lines;
    this.#depth = depth;
    this.#work = work;
  }

  parse() {
    const nodes = [];
    let isBehindBlock = false;
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at];
      this.#work.steps++;
      const block = this.#block();
      if (block) nodes.push(block);
      else nodes.push(...this.#plain(line, isBehindBlock));
      isBehindBlock = block !== null;
    }
    return nodes;
  }

  /** Whether a line is something, as far as there may be more. @param {RegExp} what @param {Line} [line] */
  #is(what, line) {
    if (!line || this.#work.left <= 0) return null;
    this.#work.steps += line.text.length;
    return what.exec(line.text);
  }

  /** What begins at this line, and all of it is read; or null. */
  #block() {
    const fence = this.#fenceHere();
    if (fence) return this.#fence(fence);
    if (this.#isQuoteHere()) return this.#quote();
    if (this.#isListHere()) return this.#list();
    return null;
  }

  #fenceHere() {
    return this.#is(FENCE, this.#lines[this.#at])?.[1] ?? '';
  }

  #isQuoteHere() {
    return this.#depth < DEPTH_MAX && this.#is(QUOTE, this.#lines[this.#at]) !== null;
  }

  /** One line with a star alone is no list: so does /me begin. */
  #isListHere() {
    const found = this.#is(ITEM, this.#lines[this.#at]);
    return found !== null && (found[2] !== '*' || this.#is(ITEM, this.#lines[this.#at + 1])?.[2] === '*');
  }

  /** Up to a line of as many backticks, or to the end. */
  #fence(ticks) {
    this.#work.left--;
    const first = this.#lines[this.#at++];
    const behind = first.text.indexOf(ticks) + ticks.length;
    const about = first.text.slice(behind);
    const children = LANGUAGE.test(about) ? hidden(first.pre + first.text + first.end)
      : [mark(first.pre + first.text.slice(0, behind)), about, first.end];
    const isEnd = ({ text }) => text.startsWith(ticks) && text.trimEnd() === '`'.repeat(text.trimEnd().length);
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at++];
      this.#work.steps += line.text.length;
      if (isEnd(line)) {
        children.push(...hidden(line.pre + line.text + line.end));
        break;
      }
      const next = this.#lines[this.#at];
      children.push(...hidden(line.pre), line.text, ...(next && !isEnd(next) ? [line.end] : hidden(line.end)));
    }
    return { kind: 'pre', children };
  }

  #quote() {
    const inner = [];
    for (let found; (found = this.#is(QUOTE, this.#lines[this.#at])); this.#at++) {
      const { pre, text, end } = this.#lines[this.#at];
      inner.push({ pre: pre + found[0], text: text.slice(found[0].length), end });
    }
    this.#work.left--;
    const last = inner.at(-1);
    const { end } = last;
    last.end = ''; // no line break is shown at its end
    return { kind: 'quote', children: [...new Blocks(inner, this.#depth + 1, this.#work).parse(), ...hidden(end)] };
  }

  /** All items from here on; one that is further in is in a list of the item above it. */
  #list() {
    const top = { kind: 'list', children: [], indent: -1 };
    const stack = [top];
    for (let found; (found = this.#is(ITEM, this.#lines[this.#at])); this.#at++) {
      const { pre, text, end } = this.#lines[this.#at];
      const [indent, number] = [found[1].length, parseInt(found[2], 10)];
      if (indent <= top.indent && Number.isNaN(number) !== Number.isNaN(top.children[0].number)) break; // another list
      this.#work.left--;
      const words = parseInline(text.slice(found[0].length), this.#work);
      const item = { kind: 'item', number, children: [mark(pre + found[0]), ...words, ...hidden(end)] };
      if (top.indent < 0) top.indent = indent;
      while (stack.length > 1 && indent < stack.at(-1).indent) stack.pop();
      const { children } = stack.at(-1);
      if (indent >= stack.at(-1).indent + 2 && children.length && stack.length < DEPTH_MAX) {
        const inner = { kind: 'list', children: [], indent };
        children.at(-1).children.push(inner);
        stack.push(inner);
      }
      stack.at(-1).children.push(item);
    }
    return top;
  }

  /** A line of nothing but text; no line break is shown before something that stands by itself, nor an empty line behind it. */
  #plain(line, isBehindBlock) {
    const next = this.#lines[++this.#at];
    const isHidden = (isBehindBlock && !line.text) || (next && this.#work.left > 0 && this.#isBlockHere());
    return [...hidden(line.pre), ...parseInline(line.text, this.#work), ...(isHidden ? hidden(line.end) : [line.end])].filter(Boolean);
  }

  #isBlockHere() {
    return this.#fenceHere() !== '' || this.#isQuoteHere() || this.#isListHere();
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What became of messages after they were said: edits, reactions, deletions (docs/messages.md). Whatever the order in which these come,
// and however often, the outcome is the same, so that a page which hears of them live and one which reads them from its history agree.
// Pure, tested in Node (tests/glue/changes.test.mjs). All of it comes from strangers: every table has a cap.

import { textOf } from './held.js';

const EDIT_COUNT_MAX = 20; // earlier wordings of one message that are kept beside the first
const PERSON_COUNT_MAX = 200; // who react to one message: above it those whose address comes first
const REACTION_COUNT_MAX = 20_000; // in all, each some 200 bytes: 4 MB
const GIVEN_COUNT_MAX = 1000; // reactions of one person: above it the oldest goes
const WAITING_SIZE_MAX = 1 << 20; // letters of what waits for its message: 2 MB
const WAITING_SIZE = 200; // letters that each counts beside its text, as it takes about as much memory

/**
 * @typedef {{id: string, from: string, partner?: string, n?: number, kind: string, text?: string, signs?: string[], date?: number,
 *   mentions?: string[]|null}} Change
 *   id: of its own; from: proven; partner: with whom alone it was said, else ''
 * @typedef {import('./held.js').Kept} Kept
 * @typedef {{from: string, partner: string, text: Kept, mentions: string[]|null, date: number, isGone: boolean, edits: Change[],
 *   reactions: Map<string, Change>}} State partner: the other one of a private message, else ''; text: null if it has none, as files do
 */

/** Is it later than the other one? By the count of its author: clocks lie, and stand still. */
const isAfter = (a, b) => a.n - b.n || (a.id > b.id ? 1 : a.id < b.id ? -1 : 0);

export class Changes {
  #own;
  #isHidden;
  /** By id, and by author: an id is its author's choice, and another may choose the same. @type {Map<string, Map<string, State>>} */
  #states = new Map();
  /** Reactions of each person, the oldest first: the messages, each with its id. @type {Map<string, Map<State, string>>} */
  #given = new Map();
  #givenCount = 0;
  /**
   * What waits for its message, of each author, the oldest first.
   * @type {Map<string, {size: number, items: {of: string, change: Change}[]}>}
   */
  #waiting = new Map();
  #waitingSize = 0;

  /**
   * @param {() => string} own one's own address
   * @param {(addr: string) => boolean} [isHidden] nothing of that person is to be seen
   */
  constructor(own, isHidden = () => false) {
    this.#own = own;
    this.#isHidden = isHidden;
  }

  /**
   * A message is there, and what waited for it is carried out.
   * @param {{id: string, from: string, partner?: string, text?: Kept, mentions?: string[]|null, date?: number|Date}} message
   */
  meet({ id, from, partner = '', text = null, mentions = null, date = 0 }) {
    const twins = this.#states.get(id) ?? new Map();
    if (twins.has(from)) return;
    const state = { from, partner, text, mentions, date, isGone: false, edits: [], reactions: new Map() };
    const reactions = [...twins.values()].flatMap((twin) => [...twin.reactions.values()]);
    this.#states.set(id, twins.set(from, state));
    for (const change of reactions) this.#apply(id, state, change);
    for (const [author, of] of this.#waiting) {
      const isReady = (item) => item.of === id && (author === from || item.change.kind === 'react');
      const ready = of.items.filter(isReady);
      if (!ready.length) continue;
      of.items = of.items.filter((item) => !isReady(item));
      for (const { change } of ready) {
        this.#weigh(author, -sizeOf(change));
        this.#apply(id, state, change);
      }
    }
  }

  /** What somebody says about a message; true if it is another one now. @param {string} id of the message @param {Change} change */
  take(id, change) {
    const twins = this.#states.get(id) ?? new Map();
    const meant = change.kind === 'react' ? [...twins.values()] : [twins.get(change.from)].filter(Boolean);
    if (meant.length) return meant.map((state) => this.#apply(id, state, change)).includes(true);
    this.#wait(id, change);
    return false;
  }

  /**
   * What is known of a message: its text by now, and whom it names; edited: the id of the last edit, '' if there is none; date: of what it
   * says now; earlier: what it said before, the first first; who reacted how, the most frequent first. null: never heard of it.
   */
  of(id, from) {
    const state = this.#states.get(id)?.get(from);
    if (!state) return null;
    const { partner, isGone, edits } = state;
    const wordings = [state, ...edits].map(({ text, date, mentions = null }) => ({ text: textOf(text), date, mentions }));
    return {
      id, from, partner, isGone, ...wordings.at(-1), edited: edits.at(-1)?.id ?? '', earlier: wordings.slice(0, -1),
      signs: tally(state.reactions, this.#isHidden), size: wordings.reduce((sum, one) => sum + lengthOf(one), 0),
    };
  }

  /** Whether there is more to a message than that it was said. */
  isTouched(id, from) {
    const state = this.#states.get(id)?.get(from);
    return state !== undefined && (state.isGone || state.edits.length + state.reactions.size > 0);
  }

  /** Messages to which somebody has reacted: their ids. @returns {string[]} */
  reactedBy(addr) {
    return [...this.#given.get(addr)?.values() ?? []];
  }

  /** One's own reaction to a message: {n, signs}, n of the next one. */
  reactionOf(id, from, addr) {
    const now = this.#states.get(id)?.get(from)?.reactions.get(addr);
    return { n: (now?.n ?? 0) + 1, signs: now?.signs ?? [] };
  }

  /** The n of the next edit. */
  nextEdit(id, from) {
    return (this.#states.get(id)?.get(from)?.edits.at(-1)?.n ?? 0) + 1;
  }

  /** The message is not shown any more. */
  forget(id, from) {
    const twins = this.#states.get(id);
    const state = twins?.get(from);
    if (!state) return;
    twins.delete(from);
    if (!twins.size) this.#states.delete(id);
    for (const addr of state.reactions.keys()) this.#ungive(addr, state);
  }

  clear() {
    this.#states.clear();
    this.#given.clear();
    this.#waiting.clear();
    this.#givenCount = this.#waitingSize = 0;
  }

  /** @param {string} id @param {State} state @param {Change} change */
  #apply(id, state, change) {
    const { from, kind, partner = '' } = change;
    if (state.isGone) return false;
    if (kind === 'react') return this.#react(id, state, change);
    if (from !== state.from) return false; // nobody speaks for another
    if (kind === 'gone') return this.#remove(state);
    if (partner !== state.partner) return false; // else what one alone was told would stand where all read it, and the reverse
    if (state.text === null || state.edits.some((one) => one.id === change.id)) return false;
    state.edits = [...state.edits, change].sort(isAfter).slice(-EDIT_COUNT_MAX);
    return state.edits.includes(change);
  }

  #remove(state) {
    for (const addr of state.reactions.keys()) this.#ungive(addr, state);
    Object.assign(state, { isGone: true, text: state.text === null ? null : '', mentions: null, edits: [], reactions: new Map() });
    return true;
  }

  #react(id, state, change) {
    const { from } = change;
    const own = this.#own();
    if (state.partner && ![state.from, state.partner, own].includes(from)) return false; // who should not even know of it
    const was = state.reactions.get(from);
    if (was && isAfter(change, was) <= 0) return false;
    state.reactions.set(from, change);
    if (!was) this.#give(from, id, state);
    if (state.reactions.size > PERSON_COUNT_MAX) {
      const last = [...state.reactions.keys()].filter((addr) => addr !== own).sort().at(-1);
      state.reactions.delete(last);
      this.#ungive(last, state);
    }
    return true;
  }

  #give(addr, id, state) {
    const given = this.#given.get(addr) ?? new Map();
    this.#given.set(addr, given);
    given.set(state, id);
    this.#givenCount++;
    if (addr === this.#own()) return;
    const heaviest = given.size > GIVEN_COUNT_MAX ? addr : this.#givenCount > REACTION_COUNT_MAX ? this.#mostGiven() : '';
    if (!heaviest) return;
    const [oldest] = this.#given.get(heaviest).keys();
    oldest.reactions.delete(heaviest);
    this.#ungive(heaviest, oldest);
  }

  #mostGiven() {
    const own = this.#own();
    let most = '';
    for (const [addr, { size }] of this.#given) if (addr !== own && !(this.#given.get(most)?.size >= size)) most = addr;
    return most;
  }

  #ungive(addr, state) {
    const given = this.#given.get(addr);
    if (!given?.delete(state)) return;
    this.#givenCount--;
    if (!given.size) this.#given.delete(addr);
  }

  /** @param {string} id @param {Change} change */
  #wait(id, change) {
    const of = this.#waiting.get(change.from) ?? { size: 0, items: [] };
    if (of.items.some((item) => item.change.id === change.id)) return;
    this.#waiting.set(change.from, of);
    of.items.push({ of: id, change });
    this.#weigh(change.from, sizeOf(change));
    while (this.#waitingSize > WAITING_SIZE_MAX) {
      const [author, most] = [...this.#waiting].reduce((a, b) => (b[1].size > a[1].size ? b : a));
      this.#weigh(author, -sizeOf(most.items.shift().change));
    }
  }

  #weigh(author, size) {
    const of = this.#waiting.get(author);
    of.size += size;
    this.#waitingSize += size;
    if (of.size === 0) this.#waiting.delete(author);
  }
}

/** Letters that it keeps. */
const lengthOf = ({ text, mentions, signs = [] }) => [text ?? '', ...mentions ?? [], ...signs].reduce((sum, one) => sum + one.length, 0);
const sizeOf = (change) => WAITING_SIZE + lengthOf(change);

/** @param {Map<string, Change>} reactions @param {(addr: string) => boolean} isHidden @returns {{sign: string, by: string[]}[]} */
function tally(reactions, isHidden) {
  const found = new Map();
  for (const [addr, { signs }] of reactions) {
    if (signs.length && !isHidden(addr)) for (const sign of signs) found.set(sign, [...found.get(sign) ?? [], addr]);
  }
  return [...found].map(([sign, by]) => ({ sign, by: by.sort() })).sort((a, b) => b.by.length - a.by.length || (a.sign < b.sign ? -1 : 1));
}

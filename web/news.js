// SPDX-License-Identifier: GPL-3.0-or-later
// What came in a room that is not shown: events that are heard again once it is, and how much of them a person would see. Whoever says
// most makes room, so that nobody's words are pushed out by a stranger's; what is pushed out is in the room's history, if one is kept.

import { Budget } from './budget.js';
import { weigh } from './bodies.js';

const COUNT_MAX = 500; // events
const SIZE_MAX = 1 << 20; // letters: 2 MB for each of eight rooms
const EVENT_SIZE = 100; // letters that each counts beside what it says, as it takes about as much memory

export const nameOf = (id, from) => `${id} ${from}`;
const ignoredBy = (nkt) => new Set(nkt.ignored.map(({ addr }) => addr));

export class News {
  #items = new Set(); // {event, isCounted, isMention}, in the order in which they came
  #budget = new Budget(() => '', { count: COUNT_MAX, size: SIZE_MAX });
  #earlier = { count: 0, isMention: false }; // of what was pushed out

  get size() {
    return this.#items.size;
  }

  /** isCounted: it is for people, and new to them; isMention: it names this one. */
  add(event, { isCounted = false, isMention = false } = {}) {
    const item = { event, isCounted, isMention };
    this.#items.add(item);
    const size = EVENT_SIZE + weigh(event.detail) + weigh(event.bytes);
    for (const old of this.#budget.add(event.from, item, size)) {
      this.#items.delete(old);
      this.#earlier.count += Number(old.isCounted);
      this.#earlier.isMention ||= old.isMention;
    }
  }

  /** What is there, without what those said whom the person ignores by now. */
  #heard(nkt) {
    const ignored = ignoredBy(nkt);
    return [...this.#items].filter(({ event }) => !ignored.has(event.from));
  }

  unread(nkt) {
    return this.#earlier.count + this.#heard(nkt).filter(({ isCounted }) => isCounted).length;
  }

  isMentioned(nkt) {
    return this.#earlier.isMention || this.#heard(nkt).some(({ isMention }) => isMention);
  }

  /** Of whom and which: they are told from here, not from what was kept. @returns {Set<string>} */
  get names() {
    return new Set([...this.#items].map(({ event: { id, from } }) => nameOf(id, from)));
  }

  /** The first, which is not here any more; null: nothing is left. What was pushed out counts no more. @returns {any} event */
  next(nkt) {
    this.#earlier = { count: 0, isMention: false };
    const ignored = ignoredBy(nkt);
    for (const item of this.#items) {
      this.#items.delete(item);
      this.#budget.remove(item);
      if (!ignored.has(item.event.from)) return item.event;
    }
    return null;
  }
}

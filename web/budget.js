// SPDX-License-Identifier: GPL-3.0-or-later
// How much of whom is shown. What makes room is of whoever has most, the oldest first: so nobody pushes out what others said.

const COUNT_MAX = 5200; // items: a long day's talk
const SIZE_MAX = 4 << 20; // letters, those that are folded away as well: 8 MB at most, and as much again that waits to be collected

/** own: of one's own things, which make room only above half of what there is. */
export class Budget {
  #own;
  #authors = new Map(); // author -> {count, size, items: [{node, size}]}
  #count = 0;
  #size = 0;
  #items = new WeakMap(); // node -> {author, item}
  #max;

  /** @param {() => string} own the author that one is oneself @param {{count: number, size: number}} [max] in all */
  constructor(own, max = { count: COUNT_MAX, size: SIZE_MAX }) {
    this.#own = own;
    this.#max = max;
  }

  /** Nodes that make room for this one. */
  add(author, node, size) {
    const of = this.#authors.get(author) ?? { count: 0, size: 0, items: [] };
    this.#authors.set(author, of);
    const item = { node, size };
    of.items.push(item);
    this.#items.set(node, { author, item });
    of.count++;
    this.#count++;
    return this.#grow(of, node, size);
  }

  /** It has another size now; those that make room for it. */
  resize(node, size) {
    const { author, item } = this.#items.get(node) ?? {};
    const of = this.#authors.get(author);
    if (!of) return [];
    const more = size - item.size;
    item.size = size;
    return this.#grow(of, node, more);
  }

  /** It is not shown any more. */
  remove(node) {
    const { author, item } = this.#items.get(node) ?? {};
    const of = this.#authors.get(author);
    if (!of) return;
    of.items.splice(of.items.indexOf(item), 1);
    this.#forget(author, of, item);
  }

  #grow(of, node, more) {
    of.size += more;
    this.#size += more;
    const gone = [];
    while (this.#count > this.#max.count || this.#size > this.#max.size) {
      const first = this.#heaviest(node);
      if (!first) break;
      gone.push(first);
    }
    return gone;
  }

  clear() {
    this.#authors.clear();
    this.#items = new WeakMap();
    this.#count = this.#size = 0;
  }

  /** Takes out the oldest of whoever has most of what is short; never the newest of all. */
  #heaviest(newest) {
    const by = this.#size > this.#max.size ? 'size' : 'count';
    const most = this.#max[by];
    const own = this.#own();
    let found = null;
    for (const [author, of] of this.#authors) {
      if (of.items[0].node === newest || (author === own && of[by] <= most / 2)) continue;
      if (!found || of[by] > found.of[by]) found = { author, of };
    }
    if (!found) return null;
    const { author, of } = found;
    const item = of.items.shift();
    this.#forget(author, of, item);
    return item.node;
  }

  #forget(author, of, { node, size }) {
    this.#items.delete(node);
    of.count--;
    of.size -= size;
    this.#count--;
    this.#size -= size;
    if (!of.count) this.#authors.delete(author);
  }
}

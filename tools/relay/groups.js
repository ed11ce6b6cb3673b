// SPDX-License-Identifier: GPL-3.0-or-later

/** Sockets by a key (a room, an address); empty groups vanish. Order is the order of joining. */
export class Groups {
  /** @type {Map<string, Set<any>>} */
  #groups = new Map();

  get count() {
    return this.#groups.size;
  }

  /** @param {string} key */
  of(key) {
    return this.#groups.get(key);
  }

  /** @returns {boolean} whether this opened the group */
  add(key, member) {
    const group = this.#groups.get(key);
    if (group) {
      group.add(member);
      return false;
    }
    this.#groups.set(key, new Set([member]));
    return true;
  }

  /** @returns {boolean} whether this emptied the group */
  remove(key, member) {
    const group = this.#groups.get(key);
    if (!group?.delete(member) || group.size > 0) return false;
    this.#groups.delete(key);
    return true;
  }
}

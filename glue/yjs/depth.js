// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * How deep the types of an update lie within each other. Yjs deletes and forgets what is nested by recursion: some 3,000 maps within maps
 * are enough, 40 KB, that whoever deletes the first of them, or only joins later, runs out of stack.
 */
import * as Y from 'yjs';

/** Of types within types: rich text has some ten, and stacks hold ten times as many as these. */
const DEPTH_MAX = 256;

/** Where a struct lies is not known: what it hangs on is neither here nor in the update. */
const UNKNOWN = Infinity;

/** @typedef {{client: number, clock: number}} ID */

/** @param {any} item that a document holds @returns {number} how many types it lies in */
function depthHere(item) {
  let depth = 0;
  for (let type = item.parent; type?._item && depth <= DEPTH_MAX; type = type._item.parent) depth++;
  return depth;
}

class Depths {
  #store;
  /** The structs of each author, by clock. @type {Map<number, any[]>} */
  #structs = new Map();
  /** @type {Map<object, number>} */
  #known = new Map();

  /** @param {Y.Doc} doc @param {any[]} structs */
  constructor({ store }, structs) {
    this.#store = store;
    for (const struct of structs) {
      const { client } = struct.id;
      const all = this.#structs.get(client);
      if (all) all.push(struct);
      else this.#structs.set(client, [struct]);
    }
  }

  /** @param {any} struct of the update @returns {number} how many types it lies in */
  of(struct) {
    /** From the struct to what it hangs on, and how much deeper each is. @type {Array<[object, number]>} */
    const way = [];
    const passed = new Set();
    let depth = UNKNOWN; // of the last one
    for (let one = struct; one !== undefined; one = this.#next(one, way)) {
      if (passed.has(one)) break; // a circle
      passed.add(one);
      const known = this.#known.get(one) ?? this.#ground(one);
      if (known !== undefined) {
        depth = known;
        this.#known.set(one, known);
        break;
      }
    }
    for (const [one, more] of way.reverse()) this.#known.set(one, depth += more);
    return depth;
  }

  /** @param {any} one @returns {number|undefined} if it hangs on no struct of the update */
  #ground(one) {
    if (typeof one.parent === 'string') return 0;
    const id = this.#holder(one);
    if (!id) return 0; // a gap, or what was deleted long ago
    if (id.clock >= Y.getState(this.#store, id.client)) return undefined;
    return depthHere(Y.getItem(this.#store, /** @type {any} */ (id))) + Number(Boolean(one.parent));
  }

  /** @param {any} one @param {Array<[object, number]>} way @returns {any} what it hangs on */
  #next(one, way) {
    way.push([one, Number(Boolean(one.parent))]);
    return this.#find(/** @type {ID} */ (this.#holder(one)));
  }

  /** The type it lies in; or, as Yjs writes it, its neighbour there. @param {any} one @returns {ID|null|undefined} */
  #holder(one) {
    return one.parent ?? one.origin ?? one.rightOrigin;
  }

  /** @param {ID} id */
  #find({ client, clock }) {
    const all = this.#structs.get(client) ?? [];
    let [from, end] = [0, all.length];
    while (from < end) {
      const at = (from + end) >> 1;
      if (all[at].id.clock + all[at].length <= clock) from = at + 1;
      else end = at;
    }
    return all[from]?.id.clock <= clock ? all[from] : undefined;
  }
}

/**
 * @param {Y.Doc} doc @param {any[]} structs of an update
 * @returns {'flat'|'deep'|'unknown'} unknown: of a type it is not known where it lies, so it has to come with what it hangs on
 */
export function depthOf(doc, structs) {
  /** @type {Depths|undefined} */
  let depths;
  for (const struct of structs) {
    if (!(struct.content instanceof Y.ContentType)) continue;
    depths ??= new Depths(doc, structs);
    const depth = depths.of(struct);
    if (depth > DEPTH_MAX) return depth === UNKNOWN ? 'unknown' : 'deep';
  }
  return 'flat';
}

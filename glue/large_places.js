// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Places of messages that wait for bytes: who gets one when all are taken. Authors share them, since an address costs nothing but a place
 * has to; among the messages of who has most, that one goes for which least was done: bytes are what a stranger cannot make cheaply.
 */

/** Messages that wait: of one author, and in all. Their bytes, in all, are at most UNASKED_SHARE of what contents may take here. */
export const WAITING_PER_AUTHOR_MAX = 16;
export const WAITING_COUNT_MAX = 64;

/** @typedef {{said: {from: string}, size: number, gained: number, hadTurn: boolean}} Placed */

/**
 * @template {Placed} T
 * @param {T[]} all that have a place, the new one among them @param {Set<T>} mayGo of these @param {T} one that is new
 * @param {number} sizeMax of all, in bytes
 * @returns {T[]|null} who gives up a place for it; null: nobody does, and there is none
 */
export function chooseWhoGoes(all, mayGo, one, sizeMax) {
  if (one.size > sizeMax || all.filter(({ said }) => said.from === one.said.from).length > WAITING_PER_AUTHOR_MAX) return null;
  const staying = new Set(all);
  const gone = [];
  while (staying.size > WAITING_COUNT_MAX || sizeOf(staying) > sizeMax) {
    const [first] = [...staying].reverse().filter((other) => other === one || mayGo.has(other)).sort(byCheapness(staying, one, sizeMax));
    if (first === one) return null;
    staying.delete(first);
    gone.push(first);
  }
  return gone;
}

/** @param {Iterable<Placed>} some */
function sizeOf(some) {
  let sum = 0;
  for (const { size } of some) sum += size;
  return sum;
}

/**
 * Who goes first comes first; of two alike, who stands first: the one that came last.
 * @param {Set<Placed>} all @param {Placed} one that is new @param {number} sizeMax
 */
function byCheapness(all, one, sizeMax) {
  /** Of the places or the bytes, whichever he has more of. @type {Map<string, number>} */
  const shares = new Map();
  for (const { said: { from } } of all) {
    if (shares.has(from)) continue;
    const his = [...all].filter(({ said }) => said.from === from);
    shares.set(from, Math.max(his.length / WAITING_COUNT_MAX, sizeOf(his) / sizeMax));
  }
  const share = ({ said: { from } }) => /** @type {number} */ (shares.get(from));
  // who gave way has had his chance; the new one has not, but those that wait for theirs came before it
  const chance = (other) => (other.hadTurn ? 0 : other === one ? 1 : 2);
  return (a, b) => share(b) - share(a) || a.gained - b.gained || chance(a) - chance(b);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Who is there, and who is meant.
import { isolated, meant, shownNick } from '../../glue/fold.js';

/** Controls that move the cursor, colour the screen or worse, and those that turn the direction of text for the rest of a line. */
const UNPRINTED = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066\u2067]/gu;

/** Any line for a terminal. @param {string} line */
export const clean = (line) => line.replace(UNPRINTED, '');

/** Text of others in a terminal: what goes on below begins a little to the right: it looks like no line of ours. @param {unknown} text */
export const plain = (text) => clean(String(text).replace(/\t/g, ' ').replace(/[\u2068\u2069]/g, '').replace(/\r\n?|\n/g, '\n  '));

/** The same as JSON, which leaves some of them as they are. @param {unknown} value */
export const cleanJson = (/** @type {string} */ text) => text.replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
  (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @param {string} addr */
export const short = (addr) => `${addr.slice(0, 5)}…${addr.slice(-4)}`;

/** @param {any} nkt @param {string} addr @param {string} [known] nick of one who is not here */
export function nameOf(nkt, addr, known) {
  const nick = shownNick(nkt.userList[addr]?.nick ?? known);
  return nick ? `${isolated(nick)} (${short(addr)})` : short(addr);
}

const ADDRESS = /^B[1-9A-HJ-NP-Za-km-z]{33}$/;
const LEFT_COUNT_MAX = 64;

/** Who left: what is said to them waits until they are back. The latest last.
 * @type {WeakMap<object, Map<string, {addr: string, nick: string}>>} */
const left = new WeakMap();

/** From now on. @param {any} nkt */
export function rememberWhoLeaves(nkt) {
  const all = new Map();
  left.set(nkt, all);
  nkt.addEventListener('nktpeerleft', (/** @type {any} */ { detail: { data: { addr } } }) => {
    all.delete(addr);
    all.set(addr, { addr, nick: nkt.userList[addr]?.nick ?? '' });
    if (all.size > LEFT_COUNT_MAX) all.delete(all.keys().next().value);
  });
}

/** Those among them with that nick or beginning of an address. @param {{addr: string, nick: string}[]} users @param {string} who */
function among(users, who) {
  const named = meant(who, users);
  return (named.length > 0 || who.length < 4 ? named : users.filter(({ addr }) => addr.startsWith(who))).map(({ addr }) => addr);
}

/** Everybody who is meant: whoever is here before those who left. @param {any} nkt @param {string} who @returns {string[]} */
function findAll(nkt, who) {
  if (ADDRESS.test(who)) return [who]; // the core knows more people than are here
  const here = among(Object.values(nkt.userList), who);
  return here.length > 0 ? here : among([...left.get(nkt)?.values() ?? []], who);
}

/** @param {any} nkt @param {string} who @returns {string} the address; throws words that help */
export function findUser(nkt, who) {
  const found = findAll(nkt, who);
  if (found.length === 1) return found[0];
  if (found.length === 0) throw new Error(`nobody here is called ${who}`);
  throw new Error(`several are called ${who}, use an address: ${found.join(' ')}`);
}

/** One who is ignored, who need not be here. @param {any} nkt @param {string} who @returns {string|null} null: none, or several */
export function ignoredAs(nkt, who) {
  const found = nkt.ignored.filter(({ addr }) => addr === who);
  const named = found.length > 0 ? found : meant(who, nkt.ignored);
  return named.length === 1 ? named[0].addr : null;
}

/** What is told at most once in a while, by a key that others may choose. */
export class Once {
  #ms;
  /** When, by key; the oldest first. @type {Map<string, number>} */
  #told = new Map();

  /** @param {number} ms */
  constructor(ms) {
    this.#ms = ms;
  }

  /** @param {string} key */
  mayTell(key) {
    const now = performance.now();
    if (now - (this.#told.get(key) ?? -Infinity) < this.#ms) return false;
    this.#told.delete(key);
    this.#told.set(key, now);
    if (this.#told.size > 4096) this.#told.delete(/** @type {string} */ (this.#told.keys().next().value));
    return true;
  }
}

/** Whether anybody is meant. @param {any} nkt @param {string} who */
export const isNamed = (nkt, who) => findAll(nkt, who).length > 0;

/**
 * Waits until somebody (or that one) can be spoken to.
 * @param {any} nkt @param {string} who '' for anybody @param {number} ms
 * @returns {Promise<boolean>} false: nobody came
 */
export function someone(nkt, who, ms) {
  const isThere = () => {
    if (who === '') return Object.values(nkt.userList).some((user) => user.session === 'established' && !user.isUnreachable);
    try {
      return nkt.userList[findUser(nkt, who)].session === 'established';
    } catch {
      return false;
    }
  };
  return new Promise((resolve) => {
    const done = (/** @type {boolean} */ came) => {
      clearTimeout(timer);
      for (const type of ['nktsession', 'nktnewpeer']) nkt.removeEventListener(type, look);
      resolve(came);
    };
    const look = () => { if (isThere()) done(true); };
    const timer = setTimeout(done, ms, false);
    for (const type of ['nktsession', 'nktnewpeer']) nkt.addEventListener(type, look);
    look();
  });
}

const UNITS = /** @type {[string, number][]} */ ([['year', 31_557_600_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]]);

/**
 * What is wrong with one's own clock, in words; '' if nothing is.
 * @param {{off: boolean, offsetMs: number}|undefined} clock health().clock
 */
export function clockWords(clock) {
  if (!clock?.off) return '';
  const ms = Math.abs(clock.offsetMs);
  const [unit, size] = UNITS.find(([, size]) => ms >= 1.5 * size) ?? UNITS[3];
  const count = Math.max(1, Math.round(ms / size));
  return `Your clock is ${count} ${unit}${count === 1 ? '' : 's'} ${clock.offsetMs > 0 ? 'ahead of' : 'behind'} the others'`;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Whom the person has verified, and who shows up under a known nick with other keys. An address is a hash of keys: other keys
 * are another address, so what can be forged is the nick alone, and that is what is watched here. The core keeps the pins.
 */
import { NktError } from './errors.js';
import { looksOf, shareLooks } from './fold.js';

/** Of one user it is told once in this time, in ms, that its nick is that of another; and of so many others. */
const TOLD_MS = 3_600_000;
const TOLD_COUNT_MAX = 8;

/** Users of whom that is remembered, the newest; also when they are gone: coming back is easy. */
const TOLD_USER_COUNT_MAX = 1024;

/**
 * @typedef {object} Ports
 * @property {(addr: string) => string} safetyNumber throws NktError
 * @property {(addr: string, nick: string, isSet: boolean) => void} pin throws NktError
 * @property {(addr: string) => string|undefined} nickOf of a known user
 * @property {(addr: string) => boolean} isIgnored nothing of him is told
 * @property {(addr: string) => void} changed the user's mark
 * @property {(detail: object) => void} keyChanged
 * @property {() => number} now monotonic, in ms
 */

export class Trust {
  #ports;
  /** Nicks of verified users. @type {Map<string, string>} */
  #pins = new Map();
  /** What the nicks of known users look like. @type {Map<string, string[]>} */
  #looks = new Map();
  /** Of whom it was told when, and whose nicks he had. @type {Map<string, {since: number, previous: Set<string>}>} */
  #told = new Map();

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
  }

  /** @param {string} addr */
  isVerified(addr) {
    return this.#pins.has(addr);
  }

  /**
   * Marks a user as verified when the number is the right one; takes the mark back when it is null.
   * @param {string} addr @param {unknown} number what the other side read out or showed; anything but digits is passed over
   * @returns {boolean} whether the mark is now as asked for
   */
  verify(addr, number) {
    if (number === null) {
      if (this.#pins.has(addr)) this.#ports.pin(addr, '', false);
      return true;
    }
    if (typeof number !== 'string') {
      throw new NktError('NKT_E_ARGUMENT', 'verify: the number is text of 60 digits, or null to take the mark back');
    }
    if (number.replace(/\D/g, '') !== this.#ports.safetyNumber(addr)) return false;
    this.#ports.pin(addr, this.#ports.nickOf(addr) ?? '', true);
    return true;
  }

  /** The core says who is pinned. @param {string} addr @param {string} nick @param {boolean} isSet */
  onPin(addr, nick, isSet) {
    if (isSet) this.#pins.set(addr, nick);
    else this.#pins.delete(addr);
    this.#ports.changed(addr);
  }

  /**
   * A user is known, or has another nick.
   * @param {string} addr @param {string} nick @param {boolean} isQuiet it is one of before a restart: what was told is not told again
   */
  onUser(addr, nick, isQuiet) {
    const looks = looksOf(nick);
    if (this.#looks.get(addr)?.join() === looks.join()) return;
    const previous = this.#bearerOf(looks, addr);
    this.#looks.set(addr, looks);
    if (previous !== null && (!isQuiet || previous.verified) && this.#mayTell(addr, previous)) {
      this.#ports.keyChanged({ addr, nick, ...previous });
    }
    const pinned = this.#pins.get(addr);
    if (pinned !== undefined && pinned !== nick && looks.length > 0) this.#ports.pin(addr, nick, true);
  }

  /** @param {string} addr */
  onGone(addr) {
    this.#looks.delete(addr);
  }

  reset() {
    this.#pins.clear();
    this.#looks.clear();
    this.#told.clear();
  }

  /** Whoever changes his nick all day is no news all day. @param {string} addr @param {{previous: string, verified: boolean}} bearer */
  #mayTell(addr, { previous, verified }) {
    if (this.#ports.isIgnored(addr)) return false;
    const now = this.#ports.now();
    let told = this.#told.get(addr);
    if (told === undefined || now - told.since >= TOLD_MS) told = { since: now, previous: new Set() };
    const isNews = !told.previous.has(previous) && (verified || told.previous.size < TOLD_COUNT_MAX);
    if (!isNews) return false;
    told.previous.add(previous);
    this.#told.delete(addr);
    this.#told.set(addr, told); // the one told of longest ago comes first
    if (this.#told.size > TOLD_USER_COUNT_MAX) this.#told.delete(/** @type {string} */ (this.#told.keys().next().value));
    return true;
  }

  /** Another whose nick looks so, a verified one first. @param {string[]} looks @param {string} addr */
  #bearerOf(looks, addr) {
    for (const [pinned, nick] of this.#pins) {
      if (pinned !== addr && shareLooks(looks, looksOf(nick))) return { previous: pinned, verified: true };
    }
    for (const [other, theirs] of this.#looks) {
      if (other !== addr && shareLooks(looks, theirs)) return { previous: other, verified: false };
    }
    return null;
  }
}

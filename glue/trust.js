// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Whom the person has verified, and who shows up under a known nick with other keys. An address is a hash of keys: other keys
 * are another address, so what can be forged is the nick alone, and that is what is watched here. The core keeps the pins.
 */
import { NktError } from './errors.js';

const UNPRINTABLE = /[\p{Cc}\p{Cf}]/gu; // could dress a nick up as another

/**
 * How two nicks are compared: what looks equal is equal, as far as Unicode says so.
 * @param {string} nick @returns {string}
 */
export function foldNick(nick) {
  return nick.replace(UNPRINTABLE, '').normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
}

/**
 * @typedef {object} Ports
 * @property {(addr: string) => string} safetyNumber throws NktError
 * @property {(addr: string, nick: string, isSet: boolean) => void} pin throws NktError
 * @property {(addr: string) => string|undefined} nickOf of a known user
 * @property {(addr: string) => void} changed the user's mark
 * @property {(detail: object) => void} keyChanged
 */

export class Trust {
  #ports;
  /** Nicks of verified users. @type {Map<string, string>} */
  #pins = new Map();
  /** Folded nicks of known users. @type {Map<string, string>} */
  #nicks = new Map();

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
    const folded = foldNick(nick);
    if (this.#nicks.get(addr) === folded) return;
    const previous = folded === '' ? null : this.#bearerOf(folded, addr);
    this.#nicks.set(addr, folded);
    if (previous !== null && (!isQuiet || previous.verified)) this.#ports.keyChanged({ addr, nick, ...previous });
    const pinned = this.#pins.get(addr);
    if (pinned !== undefined && pinned !== nick && folded !== '') this.#ports.pin(addr, nick, true);
  }

  /** @param {string} addr */
  onGone(addr) {
    this.#nicks.delete(addr);
  }

  reset() {
    this.#pins.clear();
    this.#nicks.clear();
  }

  /** Another who has that nick, a verified one first. @param {string} folded @param {string} addr */
  #bearerOf(folded, addr) {
    for (const [pinned, nick] of this.#pins) {
      if (pinned !== addr && foldNick(nick) === folded) return { previous: pinned, verified: true };
    }
    for (const [other, nick] of this.#nicks) {
      if (other !== addr && nick === folded) return { previous: other, verified: false };
    }
    return null;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One entry of nkt.userList: two flags to write, the rest to read.
 */
import { SESSION_STATES, USER_IGNORED, USER_KEEPER, USER_LOST, USER_MUTED, USER_ON_RELAY, USER_UNREACHABLE } from './constants.js';

/** Who left is in no list, but whoever has the address finds what is known. @param {object} userList @param {string} addr */
export const isListed = (userList, addr) => Object.prototype.propertyIsEnumerable.call(userList, addr);

/** @typedef {import('./types.d.ts').User} Declared */
/** @implements {Declared} */
export class User {
  #addr;
  #setFlags;
  #isVerified;
  #isInRoom;
  #nick = '';
  #flags = 0;
  #session = 'none';
  #links = 0;
  #lastSeen = 0;

  /**
   * @param {string} addr @param {(flags: number) => void} setFlags tells the core @param {() => boolean} [isVerified]
   * @param {() => boolean} [isInRoom]
   */
  constructor(addr, setFlags, isVerified = () => false, isInRoom = () => false) {
    this.#addr = addr;
    this.#setFlags = setFlags;
    this.#isVerified = isVerified;
    this.#isInRoom = isInRoom;
  }

  get addr() {
    return this.#addr;
  }

  get nick() {
    return this.#nick;
  }

  /** @returns {'none'|'pending'|'established'} */
  get session() {
    return /** @type {any} */ (this.#session);
  }

  /** Authenticated WebRTC links to this user. */
  get links() {
    return this.#links;
  }

  /** How it is reached: over WebRTC, through a relay, by others who forward, or not at all. */
  get path() {
    if (this.#links > 0) return 'direct';
    if (this.#flags & USER_ON_RELAY) return 'relay';
    return this.#flags & (USER_UNREACHABLE | USER_LOST) ? 'none' : 'forwarded';
  }

  /** Unix ms when it was last heard. */
  get lastSeen() {
    return this.#lastSeen;
  }

  /** Its safety number was compared. */
  get verified() {
    return this.#isVerified();
  }

  /** It may have what is said to everybody in the room; else it only knows this peer's address. */
  get inRoom() {
    return this.#isInRoom();
  }

  get dontSendTo() {
    return (this.#flags & USER_MUTED) !== 0;
  }

  set dontSendTo(isSet) {
    this.#change(USER_MUTED, isSet);
  }

  /** Nothing of it is shown: see nkt.ignore(). */
  get ignored() {
    return (this.#flags & USER_IGNORED) !== 0;
  }

  get isUnreachable() {
    return (this.#flags & USER_UNREACHABLE) !== 0;
  }

  set isUnreachable(isSet) {
    this.#change(USER_UNREACHABLE, isSet);
  }

  /** It keeps, for days, what is said to members of the room who are away. */
  get isKeeper() {
    return (this.#flags & USER_KEEPER) !== 0;
  }

  /** For the console and JSON.stringify(). */
  toJSON() {
    const { addr, nick, session, links, path, lastSeen, verified, inRoom, ignored, dontSendTo, isUnreachable, isKeeper } = this;
    return { addr, nick, session, links, path, lastSeen, verified, inRoom, ignored, dontSendTo, isUnreachable, isKeeper };
  }

  /** The core's word. @param {User} user @param {{nick: string, flags: number, value: number, time: number}} fx */
  static update(user, { nick, flags, value, time }) {
    user.#nick = nick;
    user.#flags = flags & (USER_MUTED | USER_UNREACHABLE | USER_ON_RELAY | USER_KEEPER | USER_IGNORED | USER_LOST);
    user.#links = value >>> 8;
    user.#lastSeen = time;
    User.setSession(user, value & 0xff);
  }

  /** Somebody said something, then. @param {User|undefined} user @param {number} time */
  static heard(user, time) {
    if (user && user.#lastSeen < time) user.#lastSeen = time;
  }

  /** @param {User} user @param {number} state nkt_session_state */
  static setSession(user, state) {
    const name = SESSION_STATES[state] ?? 'none';
    user.#session = name === 'rekeyed' ? 'established' : name;
  }

  /** @param {number} flag @param {unknown} isSet */
  #change(flag, isSet) {
    const flags = isSet ? this.#flags | flag : this.#flags & ~flag;
    if (flags === this.#flags) return;
    this.#flags = flags;
    this.#setFlags(flags & (USER_MUTED | USER_UNREACHABLE));
  }
}

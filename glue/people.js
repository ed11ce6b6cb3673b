// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Who is known and who is linked, as the core tells it: what is behind userList and mySwarm.peers.
 */
import { SESSION_STATES, USER_GONE, USER_IGNORED, USER_LEFT, USER_NEW } from './constants.js';
import { isListed, User } from './user.js';

/**
 * @typedef {object} Ports
 * @property {import('./events.js').Dispatcher} dispatcher
 * @property {() => number} wall Unix ms
 * @property {(address: string, flags: number) => void} setFlags throws NktError
 * @property {(address: string) => boolean} isInRoom
 * @property {(address: string) => void} changed something about that user is other now
 */

export class People {
  #ports;
  /** @type {Record<string, User>} */
  users = Object.create(null);
  /** @type {Record<string, {addr: string, since: number}>} */
  peers = Object.create(null);

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
  }

  /** USER. @param {any} fx @param {import('./trust.js').Trust} trust @param {boolean} isStarting it was known before */
  user(fx, trust, isStarting) {
    const { address, flags } = fx;
    const wasHere = this.#isHere(address);
    if (flags & USER_GONE) {
      delete this.users[address];
      trust.onGone(address);
      if (wasHere) this.#left(address);
      return;
    }
    const setFlags = (value) => this.#ports.setFlags(address, value);
    const isInRoom = () => this.#ports.isInRoom(address);
    const user = this.users[address] ?? new User(address, setFlags, () => trust.isVerified(address), isInRoom);
    // who left is in no list, but whoever has the address finds what is known
    const enumerable = (flags & USER_LEFT) === 0;
    Object.defineProperty(this.users, address, { value: user, enumerable, configurable: true, writable: true });
    User.update(user, { nick: fx.text, flags, value: fx.value, time: fx.time });
    trust.onUser(address, fx.text, isStarting);
    if (flags & USER_NEW && enumerable && !(flags & USER_IGNORED)) {
      this.#ports.dispatcher.queueDetail('nktnewpeer', Object.freeze({ data: Object.freeze({ addr: address }) }));
    }
    if (wasHere && !user.ignored && !this.#isHere(address)) this.#left(address);
    this.#ports.changed(address);
  }

  /** Whether this one is listed, can be reached and may be told of. @param {string} address */
  #isHere(address) {
    const user = this.users[address];
    return user !== undefined && !user.isUnreachable && !user.ignored && isListed(this.users, address);
  }

  /** @param {string} addr */
  #left(addr) {
    this.#ports.dispatcher.queueDetail('nktpeerleft', Object.freeze({ data: Object.freeze({ addr }) }));
  }

  /** MESSAGE, which perhaps comes late, by its author's clock. @param {any} fx @returns {any} the same */
  heard(fx) {
    User.heard(this.users[fx.address], Math.min(fx.time, this.#ports.wall()));
    return fx;
  }

  /** SESSION. @param {{address: string, value: number}} fx */
  session({ address: addr, value }) {
    if (this.users[addr]) User.setSession(this.users[addr], value);
    this.#ports.dispatcher.queueDetail('nktsession', Object.freeze({ addr, state: SESSION_STATES[value] ?? 'none' }));
    this.#ports.changed(addr);
  }

  /** LINK. @param {{address: string, value: number}} fx */
  link({ address: addr, value }) {
    if (value === 1) this.peers[addr] = Object.freeze({ addr, since: this.#ports.wall() });
    else delete this.peers[addr];
    this.#ports.dispatcher.queueDetail(value === 1 ? 'nktwebrtcseen' : 'nktwebrtcleft', addr);
  }

  /** Nobody is known any more. */
  forget() {
    for (const addr of Object.getOwnPropertyNames(this.users)) delete this.users[addr];
    for (const addr of Object.keys(this.peers)) delete this.peers[addr];
  }
}

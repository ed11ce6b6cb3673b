// SPDX-License-Identifier: GPL-3.0-or-later
// Who connects, by IP address: how many sockets it holds and how much work it may cause.
import { BlockList, isIP, isIPv6 } from 'node:net';
import { spend } from './budget.js';

/** One IP address, or one /64 of IPv6: what one household or school usually has. Or a /48, of which one person may have 65,536 of those. */
export class Visitor {
  socketCount = 0;
  /** Of all its sockets, at a tracker. */
  swarmCount = 0;
  /** The /48 that it is of, if it is of one, while it has sockets. @type {Visitor | null} */
  wider = null;

  /** @param {number} credit @param {number} nowMs */
  constructor(credit, nowMs) {
    this.credit = credit;
    this.creditMs = Math.floor(nowMs);
  }

  /** @param {'socketCount' | 'swarmCount'} what @param {number} by */
  count(what, by) {
    this[what] += by;
    if (this.wider !== null) this.wider[what] += by;
  }

  /** @param {'socketCount' | 'swarmCount'} what @param {number} most of one address @param {number} share how many times that a /48 may */
  mayCount(what, most, share) {
    return this[what] < most && (this.wider === null || this.wider[what] < most * share);
  }
}

/** @param {string | undefined} address of a socket @returns {string} the key it counts under */
export function ipOf(address = '') {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  if (!isIPv6(address)) return address;
  const [head, tail] = address.split('%')[0].split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** @param {string} ip key of a visitor @returns {string | null} key of the /48 that it is of */
const widerOf = (ip) => /^(.*):[^:]+::\/64$/.exec(ip)?.[1] ?? null;

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {boolean} isBehindProxy the last address of X-Forwarded-For is what our own proxy saw
 */
export function ipOfRequest(request, isBehindProxy) {
  const forwarded = isBehindProxy ? request.headers['x-forwarded-for'] : undefined;
  const last = String(forwarded ?? '').split(',').at(-1)?.trim() ?? '';
  // some proxies add the port, by which each connection would be another visitor
  const [, bracketed, plain] = /^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(last) ?? [];
  const ip = bracketed ?? plain ?? last;
  return ipOf(isIP(ip) ? ip : request.socket.remoteAddress);
}

/** Where a proxy of the operator's own is: this machine, its network, its containers. */
const near = new BlockList();
for (const [net, bits] of /** @type {const} */ ([['127.0.0.0', 8], ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16]])) {
  near.addSubnet(net, bits);
}
for (const [net, bits] of /** @type {const} */ ([['::1', 128], ['fc00::', 7], ['fe80::', 10]])) near.addSubnet(net, bits, 'ipv6');

/** @param {import('node:net').Socket} socket */
const isNear = ({ remoteAddress: address = '' }) => isIP(address) !== 0 && near.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** Began as a WebSocket, and lost what says so on its way. @param {import('node:http').IncomingMessage} request not an upgrade */
export const isDowngraded = ({ headers }) => headers['sec-websocket-key'] !== undefined;

/**
 * By which pages find no relay or tracker, though everything else of them comes through the proxy.
 * @param {import('node:http').IncomingMessage} request not an upgrade @returns {string | null}
 */
export const downgradeFault = (request) => (!isDowngraded(request) || !isNear(request.socket) ? null
  : 'a WebSocket came as a plain request: the proxy in front is to pass Upgrade and Connection on, by HTTP/1.1 (docs/operators.md)');

/**
 * By which all visitors count as one, so that those above the limit of one stay outside.
 * @param {import('node:http').IncomingMessage} request an upgrade @param {boolean} isBehindProxy as set @returns {string | null}
 */
export function proxyFault({ headers, socket }, isBehindProxy) {
  const isForwarded = headers['x-forwarded-for'] !== undefined;
  if (isForwarded === isBehindProxy) return null;
  if (isBehindProxy) return 'NKT_PROXY=1, and a connection came without X-Forwarded-For: all such count as one visitor';
  if (!isNear(socket)) return null; // a stranger may write what he likes
  return 'connections come through a proxy (X-Forwarded-For), and all of them count as one visitor: NKT_PROXY=1, if it is yours';
}

const VISITOR = Symbol('visitor');

// One function for all sockets; `this` is the socket.
function leave() {
  this[VISITOR].count('socketCount', -1);
}

/** Whose connection it is, once it was admitted. @param {import('node:net').Socket} socket @returns {Visitor | undefined} */
export const visitorOf = (socket) => socket[VISITOR];

/** It is somebody else's now to say when it leaves. @param {import('node:net').Socket} socket */
export const release = (socket) => socket.off('close', leave);

export class Visitors {
  /** @type {Map<string, Visitor>} */
  #byIp = new Map();
  /** @type {Map<string, Visitor>} */
  #wider = new Map();
  #limits;
  refused = 0;

  /** @param {typeof import('./limits.js').limits} limits */
  constructor(limits) {
    this.#limits = limits;
  }

  get count() {
    return this.#byIp.size;
  }

  /** @param {string} ip @returns {Visitor | null} null: no more sockets for this one; leave() gives it back */
  enter(ip, nowMs = performance.now()) {
    const visitor = this.#find(this.#byIp, ip, this.#limits.ipWorkBurst, nowMs);
    const wider = widerOf(ip);
    if (wider !== null) visitor.wider = this.#find(this.#wider, wider, this.#limits.ipWorkBurst * this.#limits.widerShare, nowMs);
    if (!visitor.mayCount('socketCount', this.#limits.ipSocketCountMax, this.#limits.widerShare)) {
      this.refused += 1;
      return null;
    }
    visitor.count('socketCount', 1);
    return visitor;
  }

  /** @param {Map<string, Visitor>} all @param {string} key @param {number} burst @param {number} nowMs */
  #find(all, key, burst, nowMs) {
    let visitor = all.get(key);
    if (visitor === undefined) {
      if (all.size >= this.#limits.ipCountMax) this.forget(nowMs);
      visitor = new Visitor(burst, nowMs);
      all.set(key, visitor);
    }
    return visitor;
  }

  /** Counts a connection until it closes. @param {import('node:net').Socket} socket @param {string} ip @returns {boolean} false: no */
  admit(socket, ip) {
    const visitor = this.enter(ip);
    if (visitor === null) return false;
    socket[VISITOR] = visitor;
    socket.on('close', leave);
    return true;
  }

  /** @param {Visitor} visitor */
  leave(visitor) {
    visitor.count('socketCount', -1);
  }

  /** @param {Visitor} visitor @returns {number} what is left, of it and of its /48; negative: debt */
  spend(visitor, work, nowMs = performance.now()) {
    const { ipWorkRate, ipWorkBurst, widerShare } = this.#limits;
    const left = spend(visitor, work, ipWorkRate, ipWorkBurst, nowMs);
    if (visitor.wider === null) return left;
    return Math.min(left, spend(visitor.wider, work, ipWorkRate * widerShare, ipWorkBurst * widerShare, nowMs));
  }

  /**
   * Takes it if it is there. What is refused costs nothing more: by that, a flood would keep all who share its address away, for as long
   * again as it lasted.
   * @param {Visitor} visitor @param {number} work @returns {boolean}
   */
  take(visitor, work, nowMs = performance.now()) {
    if (this.spend(visitor, 0, nowMs) < work) return false;
    this.spend(visitor, work, nowMs);
    return true;
  }

  /**
   * Whether what its address owes is that socket's doing: twice its equal share of the burst, while others of a school hardly say a word.
   * @param {Visitor} visitor @param {number} spent by the socket, and not earned again
   */
  isHeavy(visitor, spent) {
    const { ipWorkBurst, widerShare } = this.#limits;
    const { socketCount, wider } = visitor;
    return spent > (2 * ipWorkBurst) / Math.max(socketCount, (wider?.socketCount ?? 0) / widerShare);
  }

  /** Forgets those that are gone and owe nothing; all that are gone, when there are too many. */
  forget(nowMs = performance.now()) {
    const { ipWorkRate, ipWorkBurst, ipCountMax, widerShare } = this.#limits;
    for (const [all, share] of /** @type {const} */ ([[this.#byIp, 1], [this.#wider, widerShare]])) {
      for (const [key, visitor] of all) {
        if (visitor.socketCount > 0) continue;
        const left = spend(visitor, 0, ipWorkRate * share, ipWorkBurst * share, nowMs);
        if (left >= ipWorkBurst * share || all.size >= ipCountMax) all.delete(key);
      }
    }
  }
}

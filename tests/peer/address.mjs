// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses as text, safety numbers, and what follows from a room (docs/protocol.md, sections 3 and 4).
import { concat, demand, equal, utf8, zeros } from './bytes.mjs';
import * as derive from './derive.mjs';
import { sha256, sha512 } from './primitives.mjs';

const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const VERSION = 0x19;
const checksum = (bytes) => sha256(sha256(bytes)).slice(0, 4);

/** @param {Uint8Array} address */
export function addressText(address) {
  const bytes = concat(Uint8Array.of(VERSION), address);
  const all = concat(bytes, checksum(bytes));
  let number = BigInt(`0x${Buffer.from(all).toString('hex')}`);
  let digits = '';
  for (; number > 0n; number /= 58n) digits = DIGITS[Number(number % 58n)] + digits;
  return digits; // the version is no zero, so there are no leading ones
}

/** @param {string} text */
export function addressBytes(text) {
  let number = 0n;
  for (const digit of text) {
    demand(DIGITS.includes(digit), 'address');
    number = number * 58n + BigInt(DIGITS.indexOf(digit));
  }
  const all = Uint8Array.from(Buffer.from(number.toString(16).padStart(50, '0'), 'hex'));
  demand(all.length === 25 && all[0] === VERSION && equal(checksum(all.subarray(0, 21)), all.subarray(21)), 'address');
  return all.slice(1, 21);
}

const ROUNDS = 5200;

/** One side's 30 digits. */
function fingerprint(address, identityKey) {
  const key = concat(Uint8Array.of(5), identityKey);
  let digest = sha512(concat(zeros(2), key, utf8(addressText(address)), key));
  for (let round = 1; round < ROUNDS; round++) digest = sha512(concat(digest, key));
  let digits = '';
  for (let at = 0; at < 30; at += 5) {
    const number = digest.subarray(at, at + 5).reduce((value, byte) => value * 256 + byte, 0);
    digits += String(number % 100_000).padStart(5, '0');
  }
  return digits;
}

/** @param {[Uint8Array, Uint8Array]} one address and identity key @param {[Uint8Array, Uint8Array]} other */
export function safetyNumber(one, other) {
  return [fingerprint(...one), fingerprint(...other)].sort().join('');
}

const INFO = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const infoText = (bytes) => [...bytes.subarray(0, 20)].map((byte) => INFO[byte & 63]).join('');

/**
 * @param {{name?: string, secret?: string, owner?: Uint8Array}} room without a name: the swarm of its owner
 */
export function makeRoom({ name, secret = '', owner }) {
  const normal = (part) => utf8(part.normalize('NFC'));
  const key = name === undefined ? derive.swarmKeyOf(owner) : derive.roomKeyOf(normal(name), normal(secret));
  return {
    key,
    isOpen: secret === '',
    network: derive.networkOf(key),
    relayRoom: derive.relayRoomOf(key),
    seal: derive.roomSealOf(key),
    infoHash: infoText(derive.roomInfoOf(key)),
  };
}

/** Where somebody is looked for by address. @param {Uint8Array} address */
export function placeOf(address) {
  return { seal: derive.addressSealOf(address), infoHash: infoText(derive.addressInfoOf(address)) };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Whose an address is. Every socket is given a challenge; who signs it with the key that the address is a hash of holds
// the address, and who merely claims it gives way. The core's side is core/src/relay/relay.h.
import { createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2.js';
import { ADDRESS_SIZE } from './frames.js';

const KEY_SIZE = 32;
/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The challenges of one relay: calculated when they are needed, so that 10,000 sockets need not keep theirs. */
export class Challenges {
  #secret = randomBytes(KEY_SIZE);

  /** @param {number} number of a socket, never used twice @returns {Buffer} 32 bytes */
  of(number) {
    return createHmac('sha256', this.#secret).update(String(number)).digest();
  }
}

/** @param {Uint8Array} bytes @returns {Buffer} preceded by their number */
function counted(bytes) {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** The core's one way of hashing (core/src/base/hash.h). @param {number} dkLen @param {string} label @param {Buffer[]} parts */
const hash = (dkLen, label, ...parts) =>
  Buffer.from(blake2b(Buffer.concat([Buffer.from(`nkt/2 ${label}`), ...parts].map(counted)), { dkLen }));

/** @param {Buffer} signKey Ed25519 @param {Buffer} identityKey Curve25519 @returns {Buffer} 20 bytes */
export const addressOf = (signKey, identityKey) => hash(ADDRESS_SIZE, 'address', signKey, identityKey);

/** @param {Buffer} challenge @returns {Buffer} what is signed */
export const signedForm = (challenge) => hash(32, 'relay proof', challenge);

/**
 * @param {{signKey: Buffer, identityKey: Buffer, signature: Buffer}} proof
 * @param {Buffer} challenge that this socket was given
 * @param {string} address that it claims, one character a byte
 * @returns {boolean}
 */
export function isProof({ signKey, identityKey, signature }, challenge, address) {
  if (addressOf(signKey, identityKey).latin1Slice() !== address) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, signKey]), format: 'der', type: 'spki' });
  return verify(null, signedForm(challenge), key, signature);
}

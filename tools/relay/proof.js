// SPDX-License-Identifier: GPL-3.0-or-later
// Whose an address is. Every socket is given a challenge; who signs it with the key that the address is a hash of holds
// the address, and who merely claims it gives way. The core's side is core/src/relay/relay.h.
import { createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2.js';
import { ADDRESS_SIZE } from './frames.js';

const KEY_SIZE = 32;
const ADDRESS_DOMAIN = Buffer.from('nkt address v1');
const PROOF_DOMAIN = Buffer.from('nkt relay proof v1');
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

/** @param {Buffer} signKey Ed25519 @param {Buffer} identityKey Curve25519 @returns {Buffer} 20 bytes */
export function addressOf(signKey, identityKey) {
  return Buffer.from(blake2b(Buffer.concat([ADDRESS_DOMAIN, signKey, identityKey]), { dkLen: ADDRESS_SIZE }));
}

/** @param {Buffer} challenge @returns {Buffer} what is signed */
export const signedForm = (challenge) => Buffer.concat([PROOF_DOMAIN, challenge]);

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

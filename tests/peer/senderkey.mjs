// SPDX-License-Identifier: GPL-3.0-or-later
// Sender keys as in message version 3 of the Signal protocol (docs/protocol.md, section 10): one's own, and those of others.
import { concat, demand, u8, zeros } from './bytes.mjs';
import { aesCbcOpen, aesCbcSeal, curvePublic, hkdfSha256, hmacSha256, xeddsaSign, xeddsaVerifies } from './primitives.mjs';
import { keyBytes, readKey, readVersioned, versioned } from './ratchet.mjs';

const SIGNATURE_SIZE = 64;
const AHEAD_MAX = 256;

const chainAfter = (chain) => hmacSha256(chain, u8(2));
function messageKeys(chain) {
  const keys = hkdfSha256(zeros(32), hmacSha256(chain, u8(1)), 'WhisperGroup', 48);
  return { iv: keys.slice(0, 16), cipher: keys.slice(16) };
}

/** One's own: to speak with. */
export class SenderKey {
  #entropy;
  #id;
  #chain;
  #signPrivate;
  count = 0;

  /** @param {bigint} epoch higher than of all before @param {import('./entropy.mjs').Entropy} entropy */
  constructor(epoch, entropy) {
    this.epoch = epoch;
    this.#entropy = entropy;
    this.#id = entropy.below(2 ** 31);
    this.#chain = entropy.bytes(32);
    this.#signPrivate = entropy.bytes(32);
  }

  /** From the next message on. @returns {Uint8Array} a SenderKeyDistributionMessage */
  distribution() {
    return versioned('SenderKeyDistributionMessage', {
      id: this.#id,
      iteration: this.count,
      chainKey: this.#chain,
      signingKey: keyBytes(curvePublic(this.#signPrivate)),
    });
  }

  /** @param {Uint8Array} plaintext @returns {Uint8Array} a SenderKeyMessage */
  encrypt(plaintext) {
    const { iv, cipher } = messageKeys(this.#chain);
    const bytes = versioned('SenderKeyMessage', { id: this.#id, iteration: this.count, ciphertext: aesCbcSeal(cipher, iv, plaintext) });
    this.#chain = chainAfter(this.#chain);
    this.count++;
    return concat(bytes, xeddsaSign(this.#signPrivate, bytes, this.#entropy.bytes(64)));
  }
}

/** Another's: to hear with. What decrypts gives another one, so whatever fails has changed nothing. */
export class HeardKey {
  /** @param {Uint8Array} distribution */
  constructor(distribution) {
    const { id, iteration, chainKey, signingKey } = readVersioned('SenderKeyDistributionMessage', distribution);
    demand(id !== undefined && iteration !== undefined && chainKey?.length === 32, 'payload', 'sender key');
    this.id = id;
    this.at = iteration;
    this.chain = chainKey;
    this.signKey = readKey(signingKey);
    /** Of places that were passed over. @type {Map<number, any>} */
    this.skipped = new Map();
  }

  /** @param {Uint8Array} message a SenderKeyMessage @returns {{half: Uint8Array, next: HeardKey}} */
  decrypt(message) {
    demand(message.length > SIGNATURE_SIZE, 'length');
    const bytes = message.slice(0, -SIGNATURE_SIZE);
    const { id, iteration, ciphertext } = readVersioned('SenderKeyMessage', bytes);
    demand(id === this.id && iteration !== undefined && ciphertext, 'sender key');
    demand(xeddsaVerifies(message.slice(-SIGNATURE_SIZE), bytes, this.signKey), 'sender key', 'signature');
    const next = Object.assign(Object.create(HeardKey.prototype), this, { skipped: new Map(this.skipped) });
    const { iv, cipher } = next.keysAt(iteration);
    return { half: aesCbcOpen(cipher, iv, ciphertext), next };
  }

  keysAt(iteration) {
    if (iteration < this.at) {
      const keys = this.skipped.get(iteration);
      demand(keys, 'twice');
      this.skipped.delete(iteration);
      return keys;
    }
    demand(iteration - this.at <= AHEAD_MAX, 'ahead');
    for (; this.at < iteration; this.step()) this.skipped.set(this.at, messageKeys(this.chain));
    for (const old of this.skipped.keys()) if (this.skipped.size > AHEAD_MAX) this.skipped.delete(old);
    const keys = messageKeys(this.chain);
    this.step();
    return keys;
  }

  step() {
    this.at++;
    this.chain = chainAfter(this.chain);
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The primitives as they are used here, with vectors that were made to break them (tests/vectors/wycheproof.txt, mlkem768.txt).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { concat, equal, hex, isZero, unhex, zeros } from './bytes.mjs';
import * as primitives from './primitives.mjs';
import { bytesOf, readVectors } from './support/vectors.mjs';

const isGood = (f) => {
  try {
    return f();
  } catch (error) {
    assert.equal(error.name, 'Refused', error.stack);
    return false;
  }
};

/** Each says whether the vector is taken. @type {Record<string, (...fields: string[]) => void>} */
const kinds = {
  ed25519(result, key, message, signature) {
    assert.equal(primitives.verifies(bytesOf(signature), bytesOf(message), unhex(key)), result === 'valid');
  },
  x25519(kind, publicKey, privateKey, shared) {
    const isTaken = isGood(() => equal(primitives.agree(unhex(privateKey), unhex(publicKey)), unhex(shared)));
    assert.equal(isTaken, kind !== 'zero' && !isZero(unhex(shared)));
    assert.equal(primitives.isCurveKey(unhex(publicKey)), kind === 'plain');
  },
  xchacha20poly1305(result, key, nonce, ad, message, ciphertext, tag) {
    const sealed = concat(bytesOf(nonce), bytesOf(ciphertext), bytesOf(tag));
    const isTaken = isGood(() => equal(primitives.openOften(unhex(key), sealed, bytesOf(ad)), bytesOf(message)));
    assert.equal(isTaken, result === 'valid');
    if (isTaken) assert.equal(hex(primitives.sealOften(unhex(key), bytesOf(message), bytesOf(nonce), bytesOf(ad))), hex(sealed));
  },
  hmac_sha256(result, key, message, tag) {
    const computed = primitives.hmacSha256(bytesOf(key), bytesOf(message)).slice(0, tag.length / 2);
    assert.equal(hex(computed) === tag, result === 'valid');
  },
  hkdf_sha256(material, salt, info, output) {
    assert.equal(hex(primitives.hkdfSha256(bytesOf(salt), bytesOf(material), bytesOf(info), output.length / 2)), output);
  },
  aes256cbc(result, key, iv, message, ciphertext) {
    const isTaken = isGood(() => equal(primitives.aesCbcOpen(unhex(key), unhex(iv), bytesOf(ciphertext)), bytesOf(message)));
    assert.equal(isTaken, result === 'valid');
    if (isTaken) assert.equal(hex(primitives.aesCbcSeal(unhex(key), unhex(iv), bytesOf(message))), ciphertext);
  },
  'mlkem768.keygen'(seed, publicKey, secretKey) {
    const pair = primitives.kemPair(unhex(seed));
    assert.deepEqual([hex(pair.publicKey), hex(pair.secretKey)], [publicKey, secretKey]);
  },
  'mlkem768.encaps'(result, random, publicKey, ciphertext, shared) {
    const isTaken = isGood(() => {
      const { cipherText, sharedSecret } = primitives.kemEncapsulate(unhex(publicKey), unhex(random));
      return hex(cipherText) === ciphertext && hex(sharedSecret) === shared;
    });
    assert.equal(isTaken, result === 'valid');
  },
  'mlkem768.decaps'(result, seed, publicKey, ciphertext, shared) {
    const pair = primitives.kemPair(unhex(seed));
    assert.equal(hex(pair.publicKey), publicKey);
    const isTaken = isGood(() => hex(primitives.kemDecapsulate(bytesOf(ciphertext), pair.secretKey)) === shared);
    assert.equal(isTaken, result === 'valid');
  },
};

/**
 * Each line of the file is of one of these kinds, and each kind has lines.
 * @param {string} name
 * @param {Record<string, (...fields: string[]) => void>} kinds
 */
function checksAll(name, kinds) {
  describe(name, () => {
    const lines = readVectors(name);
    for (const [kind, check] of Object.entries(kinds)) {
      test(kind, () => {
        const found = lines.filter((line) => line.kind === kind);
        assert.ok(found.length > 0);
        for (const { fields } of found) check(...fields);
      });
    }

    test('has no kind that is not looked at', () => {
      assert.deepEqual(lines.filter(({ kind }) => !(kind in kinds)), []);
    });
  });
}

checksAll('wycheproof.txt', kinds);

checksAll('mlkem768.txt', {
  mlkem768(seed, publicKey, random, ciphertext, shared) {
    const pair = primitives.kemPair(unhex(seed));
    const made = primitives.kemEncapsulate(pair.publicKey, unhex(random));
    assert.deepEqual([pair.publicKey, made.cipherText].map((bytes) => hex(bytes.subarray(0, 32))), [publicKey, ciphertext]);
    assert.equal(hex(made.sharedSecret), shared);
    assert.equal(hex(primitives.kemDecapsulate(made.cipherText, pair.secretKey)), shared);
  },
  'mlkem768.acvp'(testCase, seed, publicKeyHash) {
    const pair = primitives.kemPair(unhex(seed));
    assert.equal(createHash('sha3-256').update(pair.publicKey).digest('hex'), publicKeyHash);
  },
  'mlkem768.acvp.encaps'(testCase, publicKey, random, ciphertext, shared) {
    const made = primitives.kemEncapsulate(unhex(publicKey), unhex(random));
    assert.deepEqual([made.cipherText, made.sharedSecret].map(hex), [ciphertext, shared]);
  },
  'mlkem768.acvp.decaps'(testCase, result, secretKey, ciphertext, shared) {
    assert.equal(hex(primitives.kemDecapsulate(unhex(ciphertext), unhex(secretKey))), shared);
    // FIPS 203, algorithm 18, step 10: z and the ciphertext, hashed
    const rejected = concat(unhex(secretKey).subarray(-32), unhex(ciphertext));
    const other = createHash('shake256', { outputLength: 32 }).update(rejected).digest('hex');
    assert.equal(shared === other, result === 'rejected');
  },
});

test('XEdDSA signs so that its key verifies, and no other', () => {
  for (let i = 1; i < 6; i++) {
    const privateKey = zeros(32).fill(i);
    const key = primitives.curvePublic(privateKey);
    const signature = primitives.xeddsaSign(privateKey, zeros(i), zeros(64).fill(i));
    assert.ok(primitives.xeddsaVerifies(signature, zeros(i), key));
    assert.ok(!primitives.xeddsaVerifies(signature, zeros(i + 1), key));
    signature[63] ^= 0x80;
    assert.ok(!primitives.xeddsaVerifies(signature, zeros(i), key));
  }
});

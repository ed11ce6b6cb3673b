// SPDX-License-Identifier: GPL-3.0-or-later
// Wycheproof's and NIST's vectors in WebAssembly: bench.wasm has the cryptography of core.wasm, whose curve arithmetic (core/libsodium:
// two field operations at once, limbs of 29 bits, tables calculated at first use) no native build uses. tests/unit/test_wycheproof.c
// tries the same natively, test_curve_x2.c that arithmetic in plain C; here are the instructions themselves, beside OpenSSL too.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, diffieHellman, sign, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const module = new URL('../../build/wasm/bench.wasm', import.meta.url);
const skip = existsSync(module) ? false : 'no build/wasm/bench.wasm: node tools/build.mjs wasm';
const hex = (text) => (text === '-' ? '' : text);

const rows = ['wycheproof.txt', 'mlkem768.txt'].flatMap((name) =>
  readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .map((line, index) => [`${name}:${index + 1}`, ...line.split(' ')]));

/** A function that puts fields behind one another into the module's memory and tries one primitive: {ok, out(offset, size)}. */
function open() {
  const imports = { host: { entropy: () => -1 } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(module)), imports);
  exports._initialize?.();
  const room = exports.nkt_bench_room();
  assert.ok(room > 0);
  return (what, fields, firstSize = 0, restSize = 0) => {
    const input = Buffer.from(fields.map(hex).join(''), 'hex');
    new Uint8Array(exports.memory.buffer).set(input, room);
    const result = exports.nkt_bench_try(what, room, firstSize, restSize);
    assert.ok(result === 0 || result === -1);
    const out = (offset, size) => Buffer.from(exports.memory.buffer, room + offset, size).toString('hex');
    return { ok: result === 0, out };
  };
}

const sizeOf = (field) => hex(field).length / 2;

/** Each: which primitive, and what has to hold of a line of that kind. */
const kinds = {
  ed25519: (attempt, [result, key, message, signature]) => {
    assert.equal(attempt(0, [key, signature, message], 0, sizeOf(message)).ok, result === 'valid');
  },
  x25519: (attempt, [kind, publicKey, privateKey, shared]) => {
    const { ok, out } = attempt(1, [publicKey, privateKey]);
    assert.equal(ok, kind !== 'zero');
    if (ok) assert.equal(out(0, 32), shared);
  },
  xchacha20poly1305: (attempt, [result, key, nonce, data, message, text, tag]) => {
    const { ok, out } = attempt(2, [key, nonce, data, text, tag], sizeOf(data), sizeOf(text) + 16);
    assert.equal(ok, result === 'valid');
    if (ok) assert.equal(out(56 + sizeOf(data), sizeOf(message)), hex(message));
  },
  hmac_sha256: (attempt, [result, key, message, tag]) => {
    const { out } = attempt(3, [key, message], sizeOf(key), sizeOf(message));
    assert.equal(out(0, sizeOf(tag)) === tag, result === 'valid');
  },
  'mlkem768.keygen': (attempt, [seed, publicKey, secretKey]) => {
    const { out } = attempt(4, [seed]);
    assert.equal(out(0, 1184), publicKey);
    assert.equal(out(1184, 2400), secretKey);
  },
  'mlkem768.encaps': (attempt, [result, random, publicKey, text, shared]) => {
    const { ok, out } = attempt(5, [random, publicKey]);
    assert.equal(ok, result === 'valid');
    if (ok) assert.equal(out(0, 1120), text + shared);
  },
  'mlkem768.decaps': (attempt, [, seed, , text, shared]) => {
    assert.equal(attempt(6, [seed, text]).out(0, 32), shared);
  },
  'mlkem768.acvp.encaps': (attempt, [, publicKey, random, text, shared]) => {
    assert.equal(attempt(5, [random, publicKey]).out(0, 1120), text + shared);
  },
  'mlkem768.acvp.decaps': (attempt, [, result, secretKey, text, shared]) => {
    assert.equal(attempt(9, [secretKey, text]).out(0, 32), shared);
    const other = (parseInt(secretKey.at(-1), 16) ^ 1).toString(16); // of z: the secret of what is rejected hangs on it
    assert.equal(attempt(9, [secretKey.slice(0, -1) + other, text]).out(0, 32) !== shared, result === 'rejected');
  },
};

for (const [kind, check] of Object.entries(kinds)) {
  test(`${kind} in WebAssembly`, { skip }, () => {
    const attempt = open();
    const mine = rows.filter(([, name]) => name === kind);
    assert.ok(mine.length >= 8);
    for (const [line, , ...fields] of mine) {
      try {
        check(attempt, fields);
      } catch (error) {
        error.message = `${line}: ${error.message}`;
        throw error;
      }
    }
  });
}

// RFC 8410: what stands before the 32 bytes of a key
const before = {
  x25519: { pkcs8: '302e020100300506032b656e04220420', spki: '302a300506032b656e032100' },
  ed25519: { pkcs8: '302e020100300506032b657004220420', spki: '302a300506032b6570032100' },
};
const privateKey = (curve, bytes) =>
  createPrivateKey({ key: Buffer.from(before[curve].pkcs8 + bytes, 'hex'), format: 'der', type: 'pkcs8' });
const publicKey = (curve, bytes) =>
  createPublicKey({ key: Buffer.from(before[curve].spki + bytes, 'hex'), format: 'der', type: 'spki' });
const raw = (key) => key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
/** Bytes that follow from a number. */
const bytesOf = (text) => createHash('sha256').update(String(text)).digest('hex');
const ROUNDS = Number(process.env.NKT_CURVE_ROUNDS ?? 300);

test('X25519 in WebAssembly beside OpenSSL', { skip }, () => {
  const attempt = open();
  for (let i = 0; i < ROUNDS; i++) {
    const mine = bytesOf(`mine ${i}`);
    const theirs = privateKey('x25519', bytesOf(`theirs ${i}`));
    const secret = privateKey('x25519', mine);
    assert.equal(attempt(8, [mine]).out(0, 32), raw(createPublicKey(secret)), `key pair ${i}`);
    // a key that is no point of the curve is one of its twist
    const other = i % 2 ? raw(createPublicKey(theirs)) : bytesOf(`any ${i}`).slice(0, 62) + '7e';
    const shared = diffieHellman({ privateKey: secret, publicKey: publicKey('x25519', other) });
    assert.equal(attempt(1, [other, mine]).out(0, 32), shared.toString('hex'), `agreement ${i}`);
  }
});

test('Ed25519 in WebAssembly beside OpenSSL', { skip }, () => {
  const attempt = open();
  for (let i = 0; i < ROUNDS; i++) {
    const seed = bytesOf(`seed ${i}`);
    const message = Buffer.from(bytesOf(`message ${i}`).repeat(4).slice(0, 2 * (i % 120)), 'hex');
    const key = privateKey('ed25519', seed);
    const signature = sign(null, message, key);
    const { out } = attempt(7, [seed, message.toString('hex')], 0, message.length);
    assert.equal(out(0, 32), raw(createPublicKey(key)), `key pair ${i}`);
    assert.equal(out(32, 64), signature.toString('hex'), `signature ${i}`);
    for (const bit of [-1, (i * 37) % 512, -1]) { // the key comes again: by its own tables
      const given = Buffer.from(signature);
      if (bit >= 0) given[bit >> 3] ^= 1 << (bit & 7);
      const isValid = verify(null, message, createPublicKey(key), given);
      const fields = [raw(createPublicKey(key)), given.toString('hex'), message.toString('hex')];
      assert.equal(attempt(0, fields, 0, message.length).ok, isValid, `verification ${i}, bit ${bit}`);
    }
  }
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The primitives. What nkt makes of them is in derive.mjs, what Signal does in x3dh.mjs and ratchet.mjs.
import { cbc } from '@noble/ciphers/aes.js';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 as curve } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { concat, demand, equal, Refused, utf8, zeros } from './bytes.mjs';

const NONCE_SIZE = 24;
const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;

/** All canonical u of low order (Bernstein 2006). */
const LOW_ORDER = [
  0n,
  1n,
  0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
  Point.Fp.ORDER - 1n,
];

export { sha256, sha512 };

/** BLAKE2b whose output has that size. @param {number} size @param {Uint8Array} bytes @param {Uint8Array} [key] */
export const hash = (size, bytes, key) => blake2b(bytes, { dkLen: size, ...(key && { key }) });

export const hmacSha256 = (key, bytes) => hmac(sha256, key, bytes);
/** @param {Uint8Array} salt @param {Uint8Array} secret @param {string | Uint8Array} info @param {number} size */
export const hkdfSha256 = (salt, secret, info, size) => hkdf(sha256, secret, salt, typeof info === 'string' ? utf8(info) : info, size);

export const aesCbcSeal = (key, iv, bytes) => cbc(key, iv).encrypt(bytes);
export function aesCbcOpen(key, iv, bytes) {
  try {
    return cbc(key, iv).decrypt(bytes);
  } catch {
    throw new Refused('cbc');
  }
}

/** XChaCha20-Poly1305. A key that is used once has a nonce of zeros, which is not sent. */
export const sealOnce = (key, bytes, ad = zeros(0)) => xchacha20poly1305(key, zeros(NONCE_SIZE), ad).encrypt(bytes);
export function openOnce(key, sealed, ad = zeros(0)) {
  return open(key, zeros(NONCE_SIZE), sealed, ad);
}
/** Under a key that is used more often: a random nonce, which goes first. @param {Uint8Array} nonce */
export const sealOften = (key, bytes, nonce, ad = zeros(0)) => concat(nonce, xchacha20poly1305(key, nonce, ad).encrypt(bytes));
export function openOften(key, sealed, ad = zeros(0)) {
  demand(sealed.length >= NONCE_SIZE, 'seal');
  return open(key, sealed.subarray(0, NONCE_SIZE), sealed.subarray(NONCE_SIZE), ad);
}
function open(key, nonce, sealed, ad) {
  try {
    return xchacha20poly1305(key, nonce, ad).decrypt(sealed);
  } catch {
    throw new Refused('seal');
  }
}

// ---- Curve25519

/** @param {Uint8Array} privateKey clamped by use */
export const curvePublic = (privateKey) => curve.getPublicKey(privateKey);
/** The agreement; an all-zero result is refused. */
export function agree(privateKey, publicKey) {
  try {
    return curve.getSharedSecret(privateKey, publicKey);
  } catch {
    throw new Refused('agreement');
  }
}
/** Neither of low order nor written in another way than the one. @param {Uint8Array} key */
export function isCurveKey(key) {
  const u = key.length === 32 ? toNumber(key) : Point.Fp.ORDER;
  return u < Point.Fp.ORDER && !LOW_ORDER.includes(u);
}

// ---- Ed25519

export const signPublic = (seed) => ed25519.getPublicKey(seed);
export const sign = (seed, bytes) => ed25519.sign(bytes, seed);

/**
 * Cofactorless; s is below the order, neither the key nor R is of small order or written in another way than the one.
 * @param {Uint8Array} signature @param {Uint8Array} bytes @param {Uint8Array} key
 */
export function verifies(signature, bytes, key) {
  if (signature.length !== 64 || key.length !== 32) return false;
  const r = signature.subarray(0, 32);
  const s = toNumber(signature.subarray(32));
  if (s >= ORDER) return false;
  try {
    const a = Point.fromBytes(key, false);
    if (a.isSmallOrder() || Point.fromBytes(r, false).isSmallOrder()) return false;
    const h = toNumber(sha512(concat(r, key, bytes))) % ORDER;
    return equal(times(s).subtract(a.multiplyUnsafe(h)).toBytes(), r);
  } catch {
    return false;
  }
}

/** Of the base point, which has tables. */
const times = (scalar) => (scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar));

// ---- XEdDSA: Ed25519 signatures with a Curve25519 key, as libsignal makes them

const BIT = 0x80;

/** @param {Uint8Array} privateKey @param {Uint8Array} bytes @param {Uint8Array} random 64 */
export function xeddsaSign(privateKey, bytes, random) {
  const scalar = clamp(privateKey);
  const a = toNumber(scalar) % ORDER;
  const key = Point.BASE.multiply(a).toBytes();
  const prefix = zeros(32).fill(0xff);
  prefix[0] = 0xfe;
  const r = toNumber(sha512(concat(prefix, scalar, bytes, random))) % ORDER;
  const point = Point.BASE.multiply(r).toBytes();
  const h = toNumber(sha512(concat(point, key, bytes))) % ORDER;
  const signature = concat(point, fromNumber((r + h * a) % ORDER));
  signature[63] |= key[31] & BIT; // the sign of the key's other form
  return signature;
}

/** @param {Uint8Array} signature @param {Uint8Array} bytes @param {Uint8Array} key Curve25519 */
export function xeddsaVerifies(signature, bytes, key) {
  if (signature.length !== 64 || key.length !== 32) return false;
  const { Fp } = Point;
  const u = toNumber(key);
  if (u >= Fp.ORDER || u === Fp.ORDER - 1n) return false;
  const edwards = fromNumber(Fp.mul(Fp.sub(u, 1n), Fp.inv(Fp.add(u, 1n))));
  edwards[31] |= signature[63] & BIT;
  const plain = signature.slice();
  plain[63] &= BIT - 1;
  return verifies(plain, bytes, edwards);
}

function clamp(privateKey) {
  const scalar = privateKey.slice();
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  return scalar;
}

/** Little-endian. @param {Uint8Array} bytes */
function toNumber(bytes) {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
function fromNumber(number) {
  return Uint8Array.from(Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse());
}

// ---- ML-KEM-768

/** @param {Uint8Array} seed d || z @returns {{publicKey: Uint8Array, secretKey: Uint8Array}} */
export const kemPair = (seed) => ml_kem768.keygen(seed);
/** @param {Uint8Array} random 32 @returns {{cipherText: Uint8Array, sharedSecret: Uint8Array}} a key that is not canonical is refused */
export function kemEncapsulate(publicKey, random) {
  try {
    return ml_kem768.encapsulate(publicKey, random);
  } catch {
    throw new Refused('kem key');
  }
}
export function kemDecapsulate(cipherText, secretKey) {
  demand(cipherText.length === 1088, 'kem ciphertext');
  return ml_kem768.decapsulate(cipherText, secretKey);
}

# SPDX-License-Identifier: GPL-3.0-or-later
"""
AES-256-CBC, HKDF and ML-KEM-768, written down from their standards with Python's standard library alone: slow, not
constant in time, for test vectors only. `python3 tests/vectors/primitives.py` checks them against published vectors.
"""
import hashlib
import hmac
import os
import sys

# ---- HKDF: RFC 5869, with SHA-256 ----


def hmac256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(salt, ikm, info, size):
    prk, out, block = hmac256(salt, ikm), b'', b''
    for i in range(1, (size + 31) // 32 + 1):
        block = hmac256(prk, block + info + bytes([i]))
        out += block
    return out[:size]


# ---- AES-256 (FIPS 197) in CBC, padded as PKCS #7 says ----

def xtime(a):
    return (a << 1 ^ (0x11b if a & 0x80 else 0)) & 0xff


def gf_mul(a, b):
    out = 0
    while b:
        out ^= a if b & 1 else 0
        a, b = xtime(a), b >> 1
    return out


def make_sbox():
    box = []
    for a in range(256):
        inverse = next((b for b in range(256) if gf_mul(a, b) == 1), 0)
        rotated = 0
        for i in range(5):
            rotated ^= (inverse << i | inverse >> (8 - i)) & 0xff
        box.append(rotated ^ 0x63)
    return box


SBOX = make_sbox()
UNBOX = [SBOX.index(i) for i in range(256)]


def aes_schedule(key):
    words, rcon = [list(key[i:i + 4]) for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = list(words[-1])
        if i % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = xtime(rcon)
        elif i % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[-8], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def mix(state, row):
    out = []
    for c in range(0, 16, 4):
        for r in range(4):
            value = 0
            for k in range(4):
                value ^= gf_mul(state[c + k], row[(k - r) % 4])
            out.append(value)
    return out


def aes_encrypt_block(schedule, block):
    state = [a ^ b for a, b in zip(block, schedule[0])]
    for number, key in enumerate(schedule[1:], 1):
        state = [SBOX[state[(c * 4 + r + 4 * r) % 16]] for c in range(4) for r in range(4)]
        if number < 14:
            state = mix(state, (2, 3, 1, 1))
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def aes_cbc_encrypt(key, iv, plain):
    schedule, out, pad = aes_schedule(key), b'', 16 - len(plain) % 16
    plain += bytes([pad]) * pad
    for i in range(0, len(plain), 16):
        iv = aes_encrypt_block(schedule, bytes(a ^ b for a, b in zip(iv, plain[i:i + 16])))
        out += iv
    return out


# ---- ML-KEM-768: FIPS 203 ----

KQ, KN, KK = 3329, 256, 3
ZETAS = [pow(17, int('{:07b}'.format(i)[::-1], 2), KQ) for i in range(128)]
GAMMAS = [pow(17, 2 * int('{:07b}'.format(i)[::-1], 2) + 1, KQ) for i in range(128)]


def ntt(f):
    f, i, size = list(f), 1, 128
    while size >= 2:
        for start in range(0, 256, 2 * size):
            zeta, i = ZETAS[i], i + 1
            for j in range(start, start + size):
                t = zeta * f[j + size] % KQ
                f[j], f[j + size] = (f[j] + t) % KQ, (f[j] - t) % KQ
        size //= 2
    return f


def ntt_inverse(f):
    f, i, size = list(f), 127, 2
    while size <= 128:
        for start in range(0, 256, 2 * size):
            zeta, i = ZETAS[i], i - 1
            for j in range(start, start + size):
                t = f[j]
                f[j], f[j + size] = (t + f[j + size]) % KQ, zeta * (f[j + size] - t) % KQ
        size *= 2
    return [x * 3303 % KQ for x in f]


def ntt_mul(f, g):
    out = []
    for i in range(128):
        a0, a1, b0, b1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        out += [(a0 * b0 + a1 * b1 * GAMMAS[i]) % KQ, (a0 * b1 + a1 * b0) % KQ]
    return out


def poly_add(f, g):
    return [(a + b) % KQ for a, b in zip(f, g)]


def poly_sub(f, g):
    return [(a - b) % KQ for a, b in zip(f, g)]


def dot(fs, gs):
    out = [0] * 256
    for f, g in zip(fs, gs):
        out = poly_add(out, ntt_mul(f, g))
    return out


def byte_encode(f, d):
    return sum(x << (d * i) for i, x in enumerate(f)).to_bytes(32 * d, 'little')


def byte_decode(data, d):
    n = int.from_bytes(data, 'little')
    return [(n >> (d * i) & (1 << d) - 1) % (KQ if d == 12 else 1 << d) for i in range(256)]


def compress(f, d):
    return [((x << d) + KQ // 2) // KQ % (1 << d) for x in f]


def decompress(f, d):
    return [(x * KQ + (1 << d - 1)) >> d for x in f]


def sample_ntt(seed):
    stream, out, i = hashlib.shake_128(seed).digest(4096), [], 0
    while len(out) < 256:
        a, b, c = stream[i:i + 3]
        i += 3
        for d in (a + 256 * (b % 16), b // 16 + 16 * c):
            if d < KQ and len(out) < 256:
                out.append(d)
    return out


def sample_cbd(seed, number):
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([number])).digest(128), 'little')
    return [((bits >> 4 * i & 1) + (bits >> 4 * i + 1 & 1) - (bits >> 4 * i + 2 & 1) - (bits >> 4 * i + 3 & 1)) % KQ for i in range(256)]


def matrix(rho):
    return [[sample_ntt(rho + bytes([j, i])) for j in range(KK)] for i in range(KK)]


def kem_keypair(seed):
    """seed: d || z, 64 bytes. The public key, and the secret one expanded."""
    d, z = seed[:32], seed[32:]
    g = hashlib.sha3_512(d + bytes([KK])).digest()
    rho, sigma = g[:32], g[32:]
    a = matrix(rho)
    s = [ntt(sample_cbd(sigma, i)) for i in range(KK)]
    e = [ntt(sample_cbd(sigma, KK + i)) for i in range(KK)]
    t = [poly_add(dot(a[i], s), e[i]) for i in range(KK)]
    public = b''.join(byte_encode(f, 12) for f in t) + rho
    return public, b''.join(byte_encode(f, 12) for f in s) + public + hashlib.sha3_256(public).digest() + z


def pke_encrypt(public, message, random):
    t = [byte_decode(public[384 * i:384 * i + 384], 12) for i in range(KK)]
    a = matrix(public[-32:])
    y = [ntt(sample_cbd(random, i)) for i in range(KK)]
    u = [poly_add(ntt_inverse(dot([a[j][i] for j in range(KK)], y)), sample_cbd(random, KK + i)) for i in range(KK)]
    v = poly_add(poly_add(ntt_inverse(dot(t, y)), sample_cbd(random, 2 * KK)), decompress(byte_decode(message, 1), 1))
    return b''.join(byte_encode(compress(f, 10), 10) for f in u) + byte_encode(compress(v, 4), 4)


def kem_encapsulate(public, random):
    """The shared secret, the ciphertext."""
    g = hashlib.sha3_512(random + hashlib.sha3_256(public).digest()).digest()
    return g[:32], pke_encrypt(public, random, g[32:])


def kem_decapsulate(secret, ciphertext):
    s = [byte_decode(secret[384 * i:384 * i + 384], 12) for i in range(KK)]
    public, digest, z = secret[1152:2336], secret[2336:2368], secret[2368:]
    u = [decompress(byte_decode(ciphertext[320 * i:320 * i + 320], 10), 10) for i in range(KK)]
    v = decompress(byte_decode(ciphertext[960:], 4), 4)
    message = byte_encode(compress(poly_sub(v, ntt_inverse(dot(s, [ntt(f) for f in u]))), 1), 1)
    g = hashlib.sha3_512(message + digest).digest()
    if pke_encrypt(public, message, g[32:]) != ciphertext:
        return hashlib.shake_256(z + ciphertext).digest(32)
    return g[:32]


# ---- against published vectors ----

def main():
    here = os.path.dirname(os.path.abspath(__file__))
    un = bytes.fromhex
    # FIPS 197, C.3
    assert aes_encrypt_block(aes_schedule(bytes(range(32))), un('00112233445566778899aabbccddeeff')) == un('8ea2b7ca516745bfeafc49904b496089')
    # NIST SP 800-38A, F.2.5, its first block
    assert aes_cbc_encrypt(un('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'), bytes(range(16)),
                           un('6bc1bee22e409f96e93d7e117393172a'))[:16] == un('f58c4c04d6e5f1ba779eabfb5f7bfbd6')
    # RFC 5869, A.1
    assert hkdf(bytes(range(13)), b'\x0b' * 22, un('f0f1f2f3f4f5f6f7f8f9'), 42) == un(
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865')
    count = 0
    for line in open(os.path.join(here, 'mlkem768.txt'), encoding='utf-8'):
        if line.startswith('mlkem768.acvp '):
            seed, key_hash = (un(x) for x in line.split()[2:])
            public, secret = kem_keypair(seed)
            assert hashlib.sha3_256(public).digest() == key_hash == secret[-64:-32] and secret[-32:] == seed[32:]
            count += 1
        if line.startswith('mlkem768.acvp.encaps '):
            public, random, ciphertext, shared = (un(x) for x in line.split()[2:])
            assert kem_encapsulate(public, random) == (shared, ciphertext)
            count += 1
        if line.startswith('mlkem768.acvp.decaps '):
            result = line.split()[2]
            secret, ciphertext, shared = (un(x) for x in line.split()[3:])
            assert kem_decapsulate(secret, ciphertext) == shared
            assert (hashlib.shake_256(secret[-32:] + ciphertext).digest(32) == shared) == (result == 'rejected')
            count += 1
        if not line.startswith('mlkem768 '):
            continue
        seed, key, random, ciphertext, shared = (un(x) for x in line.split()[1:])
        public, secret = kem_keypair(seed)
        have, sealed = kem_encapsulate(public, random)
        assert public[:32] == key and sealed[:32] == ciphertext and have == shared
        assert kem_decapsulate(secret, sealed) == shared
        assert kem_decapsulate(secret, bytes([sealed[0] ^ 1]) + sealed[1:]) != shared
        count += 1
    assert count > 40
    print('primitives: as published, ML-KEM in %d vectors' % count)
    return 0


if __name__ == '__main__':
    sys.exit(main())

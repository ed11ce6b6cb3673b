#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Calculates derivations.txt anew from the inputs in its lines, with none of this project's code and nothing but Python's standard library:

    python3 tests/vectors/derive.py           says which lines differ; exit code 1 then
    python3 tests/vectors/derive.py --write   writes them

A new line: its inputs and, for each output, a question mark. A new kind: a function below, named in KINDS.
"""
import hashlib
import os
import sys

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'derivations.txt')


# ---- the convention (docs/protocol.md, "Hashing and signing") ----

def L(x):
    return len(x).to_bytes(4, 'big') + x


def T(label, *parts):
    return L(b'nkt/2 ' + label.encode()) + b''.join(L(p) for p in parts)


def H(n, text, key=b''):
    return hashlib.blake2b(text, digest_size=n, key=key).digest()


# ---- Curve25519: RFC 7748 and the appendix of RFC 8032 ----

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


GY = 4 * pow(5, P - 2, P) % P
GX = recover_x(GY, 0)
G = (GX, GY, 1, GX * GY % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def mul(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = add(q, p)
        p = add(p, p)
        s >>= 1
    return q


def compress(p):
    z = pow(p[2], P - 2, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, 'little')


def sha512_scalar(*parts):
    return int.from_bytes(hashlib.sha512(b''.join(parts)).digest(), 'little') % Q


def clamp(k):
    a = int.from_bytes(k, 'little')
    return a & ((1 << 254) - 8) | 1 << 254


def ed25519_public(seed):
    return compress(mul(clamp(hashlib.sha512(seed).digest()[:32]), G))


def ed25519_sign(seed, message):
    h = hashlib.sha512(seed).digest()
    a, public = clamp(h[:32]), ed25519_public(seed)
    r = sha512_scalar(h[32:], message)
    R = compress(mul(r, G))
    s = (r + sha512_scalar(R, public, message) * a) % Q
    return R + s.to_bytes(32, 'little')


def x25519(k, u):
    """RFC 7748, section 5"""
    k, x1 = clamp(k), int.from_bytes(u, 'little') & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b = (x2 + z2) % P, (x2 - z2) % P
        aa, bb = a * a % P, b * b % P
        e, c, d = (aa - bb) % P, (x3 + z3) % P, (x3 - z3) % P
        da, cb = d * a % P, c * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, x3, z2, z3 = x3, x2, z3, z2
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, 'little')


def x25519_public(k):
    return x25519(k, (9).to_bytes(32, 'little'))


def xeddsa_sign(private, message, random):
    """As libsignal does: the private key is used as it is, and the sign of its Edwards form goes into the signature's highest bit."""
    a = clamp(private)
    key = a.to_bytes(32, 'little')
    A = compress(mul(a, G))
    r = sha512_scalar(b'\xfe' + b'\xff' * 31, key, message, random)
    R = compress(mul(r, G))
    s = (r + sha512_scalar(R, A, message) * a) % Q
    s = bytearray(s.to_bytes(32, 'little'))
    s[31] |= A[31] & 0x80
    return R + bytes(s)


# ---- XChaCha20-Poly1305: RFC 8439 and draft-irtf-cfrg-xchacha-03 ----

def rotate(x, n):
    return (x << n | x >> (32 - n)) & 0xffffffff


def rounds(state):
    x = list(state)
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13),
                           (3, 4, 9, 14)):
            for to, other, target, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                x[to] = (x[to] + x[other]) & 0xffffffff
                x[target] = rotate(x[target] ^ x[to], n)
    return x


def words(data):
    return [int.from_bytes(data[i:i + 4], 'little') for i in range(0, len(data), 4)]


def of_words(numbers):
    return b''.join(n.to_bytes(4, 'little') for n in numbers)


SIGMA = words(b'expand 32-byte k')


def chacha20_block(key, counter, nonce12):
    state = SIGMA + words(key) + [counter] + words(nonce12)
    return of_words([(a + b) & 0xffffffff for a, b in zip(rounds(state), state)])


def poly1305(key, message):
    r, s = int.from_bytes(key[:16], 'little') & 0x0ffffffc0ffffffc0ffffffc0fffffff, int.from_bytes(key[16:], 'little')
    a = 0
    for i in range(0, len(message), 16):
        a = (a + int.from_bytes(message[i:i + 16] + b'\1', 'little')) * r % (2**130 - 5)
    return ((a + s) & (1 << 128) - 1).to_bytes(16, 'little')


def xchacha20_poly1305(key, nonce24, plain, data=b''):
    x = rounds(SIGMA + words(key) + words(nonce24[:16]))
    key, nonce = of_words(x[:4] + x[12:]), bytes(4) + nonce24[16:]
    text = b''
    for i in range(0, len(plain), 64):
        block = chacha20_block(key, 1 + i // 64, nonce)
        text += bytes(a ^ b for a, b in zip(plain[i:i + 64], block))
    fill = lambda b: b + bytes(-len(b) % 16)
    mac = fill(data) + fill(text) + len(data).to_bytes(8, 'little') + len(text).to_bytes(8, 'little')
    return text + poly1305(chacha20_block(key, 0, nonce)[:32], mac)


def padded(x):
    """At least 128; four lengths for each power of two, eight from 4,096 on."""
    n = max(len(x) + 1, 128)
    step = 1 << (n.bit_length() - 1 - (2 if n < 4096 else 3))
    return x + b'\x80' + bytes(-(-n // step) * step - len(x) - 1)


def seal_once(key, plain, data=b''):
    """Under a key of which this is the only use."""
    return xchacha20_poly1305(key, bytes(24), padded(plain), data)


def seal_to(ephemeral, identity_key, context, plain):
    e = x25519_public(ephemeral)
    return e + seal_once(H(32, T('seal', e, identity_key, context), x25519(ephemeral, identity_key)), plain)


# ---- text and serialised forms ----

BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'


def base58check(version, payload):
    data = bytes([version]) + payload
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    n, text = int.from_bytes(data, 'big'), ''
    while n > 0:
        n, digit = divmod(n, 58)
        text = BASE58[digit] + text
    return '1' * (len(data) - len(data.lstrip(b'\0'))) + text


def varint(n):
    out = b''
    while n >= 0x80:
        out, n = out + bytes([n & 0x7f | 0x80]), n >> 7
    return out + bytes([n])


def field(number, value):
    """Of protobuf: bytes, or a number as varint."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fixed64(number, value):
    return varint(number << 3 | 1) + value.to_bytes(8, 'little')


# ---- the kinds of lines: inputs to outputs, both as text ----

def un(text):
    return b'' if text == '-' else bytes.fromhex(text)


def of_text(text):
    return b'' if text == '-' else text.encode()


def line_hash(size, key, label, parts):
    parts = [] if parts == '-' else [bytes.fromhex(p) for p in parts.split(',')]
    return [H(int(size), T(label.replace('_', ' '), *parts), un(key)).hex()]


def line_address_text(address):
    return [base58check(0x19, un(address))]


def address_of(sign_key, identity_key):
    return H(20, T('address', sign_key, identity_key))


def line_address_derive(sign_key, identity_key):
    return [address_of(un(sign_key), un(identity_key)).hex()]


INFO_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'


def info_hash(h):
    return ''.join(INFO_DIGITS[b & 63] for b in h[:20])


def line_room(name, secret, owner):
    key = H(32, T('swarm of', un(owner)) if name == '-' else T('room', of_text(name), of_text(secret)))
    return [key.hex(), H(16, T('network'), key).hex(), H(20, T('relay room'), key).hex(), info_hash(H(32, T('room info hash'), key)),
            H(32, T('room seal'), key).hex(), H(16, T('membership', b'\x55' * 64), key).hex()]


def line_room_of(address):
    return [info_hash(H(32, T('address info hash', un(address)))), H(32, T('address seal', un(address))).hex()]


def safety_half(address, key):
    text, key = base58check(0x19, address).encode(), b'\5' + key
    h = hashlib.sha512(b'\0\0' + key + text + key).digest()
    for _ in range(5199):
        h = hashlib.sha512(h + key).digest()
    return ''.join('%05d' % (int.from_bytes(h[i:i + 5], 'big') % 100000) for i in range(0, 30, 5))


def line_safety(address_a, key_a, address_b, key_b):
    halves = sorted([safety_half(un(address_a), un(key_a)), safety_half(un(address_b), un(key_b))]) # not by the addresses
    return [''.join(halves)]


def line_link(seed, offerer, answerer, print_o, print_a, nonce_o, nonce_a, role, room_key):
    told = bytes([room_key != '-']) + (un(room_key) or bytes(32))
    digest = H(32, T('link', un(offerer), un(answerer), un(print_o), un(print_a), un(nonce_o), un(nonce_a), bytes([int(role)]), told[:1], told[1:]))
    return [(FRAME_PROOF + told + ed25519_sign(un(seed), digest)).hex()]


def body_of(network, sender, to, kind, created_ms, payload, keep):
    return (field(1, network) + field(2, sender) + (field(3, to) if to else b'') + field(4, kind) + fixed64(5, created_ms) + field(6, 300) +
            field(7, payload) + (field(9, 1) if keep else b''))


FRAME_ENVELOPE = b'\x21'
FRAME_PROOF = b'\x22'


def envelope(keep):
    def line(seed, network, sender, to, kind, created_ms, payload):
        body = body_of(un(network), un(sender), un(to), int(kind), int(created_ms), un(payload), keep)
        return [(FRAME_ENVELOPE + b'\0' + ed25519_sign(un(seed), H(32, T('envelope', body))) + body).hex()]
    return line


def line_binding(seed, private):
    seed, private = un(seed), un(private)
    sign_key = ed25519_public(seed)
    signed = xeddsa_sign(private, H(32, T('binding', sign_key)), H(64, T('binding chance', sign_key), seed))
    return [sign_key.hex(), x25519_public(private).hex(), signed.hex()]


def line_ends(network, sender, to):
    return [H(16, T('ends', un(network), un(sender), un(to))).hex()]


def line_relay_proof(seed, challenge):
    return [ed25519_sign(un(seed), H(32, T('relay proof', un(challenge)))).hex()]


def line_letter(chain, steps):
    chain = un(chain)
    for _ in range(int(steps)):
        chain = H(32, T('letter next'), chain)
    return [H(32, T('letter key'), chain).hex(), chain.hex()]


def line_seal_once(key, data, plain):
    return [seal_once(un(key), un(plain), un(data)).hex()]


def line_seal_to(ephemeral, identity_private, context, plain):
    return [seal_to(un(ephemeral), x25519_public(un(identity_private)), un(context), un(plain)).hex()]


# ---- the rule by which Ed25519 signatures are good, at its edges (docs/protocol.md, 2.3; "Taming the many EdDSAs", Chalkias et al., 2020) ----

def decompress(s):
    """As RFC 8032, 5.1.3; None: no point, or not canonical."""
    y = int.from_bytes(s, 'little')
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def is_same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


IDENTITY = (0, 1, 1, 0)


def is_small(p):
    return is_same(mul(8, p), IDENTITY)


def negative(p):
    return (P - p[0], p[1], p[2], P - p[3])


def verify(public, message, signature):
    """[by our rule, with the cofactor and nothing refused for its order]"""
    A, R, S = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], 'little')
    if A is None or R is None or S >= Q:
        return [False, False]
    h = sha512_scalar(signature[:32], public, message)
    left, right = mul(S, G), add(R, mul(h, A))
    cofactored = is_same(mul(8, left), mul(8, right))
    return [compress(add(left, negative(mul(h, A)))) == signature[:32] and not is_small(A) and not is_small(R), cofactored]


def torsion():
    """A point of order 8."""
    for y in range(2, 100):
        x = recover_x(y, 0)
        if x is not None:
            t = mul(Q, (x, y, 1, x * y % P))
            if not is_same(mul(4, t), IDENTITY):
                return t


EDGE_SECRET = 0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcde8
T8 = None


def edge(name):
    """Public key, message, signature."""
    global T8
    T8 = T8 or torsion()
    a = EDGE_SECRET % Q
    message = b'edge of ' + name.encode()
    # how often T8 is in A and in R, whether the rest of A and R is there at all, and what h has to be modulo 8
    in_a, in_r, has_a, has_r, residue = {
        'plain': (0, 0, 1, 1, None),
        'A_mixed_R_mixed': (1, 3, 1, 1, 5),              # 5 * 1 + 3 = 8: they cancel out
        'A_mixed_R_mixed_residue': (1, 3, 1, 1, 4),
        'A_mixed_R_plain_h_0': (1, 0, 1, 1, 0),
        'A_mixed_R_plain_residue': (1, 0, 1, 1, 3),
        'A_plain_R_mixed': (0, 1, 1, 1, None),
        'A_small_R_mixed': (1, 3, 0, 1, 5),
        'A_small_R_plain': (1, 0, 0, 1, 0),
        'A_identity_R_plain': (0, 0, 0, 1, None),
        'A_plain_R_identity': (0, 0, 1, 0, None),
        'A_mixed_R_small': (1, 3, 1, 0, 5),
        'A_small_R_small': (1, 3, 0, 0, 5),
        'S_plus_order': (0, 0, 1, 1, None),
        'S_is_order': (0, 0, 0, 0, None),
        'A_identity_not_canonical': (0, 0, 0, 1, None),
        'A_identity_with_sign': (0, 0, 0, 1, None),
        'R_identity_not_canonical': (0, 0, 1, 0, None),
        'R_identity_with_sign': (0, 0, 1, 0, None),
    }[name]
    part = lambda scalar, count: add(mul(scalar, G) if scalar else IDENTITY, mul(count, T8) if count else IDENTITY)
    secret = a if has_a else 0
    odd = {'not_canonical': (P + 1).to_bytes(32, 'little'), 'with_sign': (1 | 1 << 255).to_bytes(32, 'little')}
    ending = next((e for e in odd if name.endswith('identity_' + e)), None)
    public = odd[ending] if ending and name[0] == 'A' else compress(part(secret, in_a))
    for number in range(1000):
        text = message + bytes([number & 255, number >> 8])
        r = sha512_scalar(text) if has_r else 0
        R = odd[ending] if ending and name[0] == 'R' else compress(part(r, in_r))
        h = sha512_scalar(R, public, text)
        if residue is None or h % 8 == residue:
            break
    S = (r + h * secret) % Q
    if name in ('S_plus_order', 'S_is_order'):
        S += Q
    return public, text, R + S.to_bytes(32, 'little')


def line_edge(name):
    public, message, signature = edge(name)
    ours, cofactored = verify(public, message, signature)
    return [public.hex(), message.hex(), signature.hex(), 'good' if ours else 'refused', 'good' if cofactored else 'refused']


# name: (number of inputs, function)
KINDS = {
    'hash': (4, line_hash),
    'address.text': (1, line_address_text),
    'address.derive': (2, line_address_derive),
    'room': (3, line_room),
    'room.of': (1, line_room_of),
    'safety': (4, line_safety),
    'link': (9, line_link),
    'envelope': (7, envelope(False)),
    'envelope.keep': (7, envelope(True)),
    'binding': (2, line_binding),
    'ends': (3, line_ends),
    'relay.proof': (2, line_relay_proof),
    'letter': (2, line_letter),
    'ed25519.edge': (1, line_edge),
    'seal.once': (3, line_seal_once),
    'seal.to': (4, line_seal_to),
}


def main():
    with open(FILE, encoding='utf-8') as file:
        old = file.read().splitlines()
    new = []
    for line in old:
        if line.startswith('#') or not line:
            new.append(line)
            continue
        kind, *fields = line.split(' ')
        count, calculate = KINDS[kind]
        new.append(' '.join([kind] + fields[:count] + calculate(*fields[:count])))
    different = [i for i, (a, b) in enumerate(zip(old, new)) if a != b]
    for i in different:
        print('line %d: %s ... differs' % (i + 1, new[i][:60]))
    if '--write' in sys.argv[1:]:
        with open(FILE, 'w', encoding='utf-8') as file:
            file.write('\n'.join(new) + '\n')
        return 0
    return 1 if different else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Calculates conversation.txt: records, signals, invites, padding, direct frames, a session of five messages, and a message to everybody,
each whole, with none of this project's code and nothing but Python's standard library.

    python3 tests/vectors/converse.py           says which lines differ; exit code 1 then
    python3 tests/vectors/converse.py --write   writes them

All that is to be by chance is chance(NAME), so nobody chose it; what has to be known of it is in the lines.
"""
import base64
import hashlib
import os
import sys

from derive import (H, T, address_of, clamp, ed25519_public, ed25519_sign, field, fixed64, padded, seal_once, seal_to, x25519, x25519_public,
                    xchacha20_poly1305, xeddsa_sign)
from primitives import aes_cbc_encrypt, hkdf, hmac256, kem_decapsulate, kem_encapsulate, kem_keypair

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'conversation.txt')
HEAD = '''# SPDX-License-Identifier: GPL-3.0-or-later
# Whole pieces of the protocol (docs/protocol.md), calculated by converse.py without this project's code. Fields are separated by one
# space, - stands for none; bytes are hexadecimal. Private keys of Curve25519 are clamped when they are used.
#
# pad SIZE PADDED                        so many bytes are padded to so many
# pad.bytes PLAIN PADDED
# record SIGN_SEED IDENTITY_PRIVATE REGISTRATION_ID PREKEY_ID PREKEY_PRIVATE PREKEY_RANDOM KEM_SEED NICK TIME_MS ROOM_KEY
#        RECORD SIGNATURE MEMBERSHIP     no capabilities, no URLs; sequence and issued_ms are TIME_MS, it is valid for 2 h
# seal EPHEMERAL_PRIVATE IDENTITY_PRIVATE CONTEXT PLAIN SEALED
# signal EPHEMERAL_PRIVATE IDENTITY_PRIVATE NETWORK FROM TO SIGNAL SEALED     SIGNAL: serialised
# invite NONCE SIGN_KEY IDENTITY_KEY EXPIRES_S NICK ROOM SDP DESCRIPTION TEXT
# invite.answer EPHEMERAL_PRIVATE INVITER_IDENTITY_PRIVATE INVITER_ADDRESS NONCE SIGN_KEY IDENTITY_KEY ATTEMPT SDP TEXT
# direct NETWORK FROM TO CREATED_MS TTL_S PAYLOAD FRAME DIGEST
# session.end NAME ADDRESS IDENTITY_PRIVATE REGISTRATION_ID SIGNED_PREKEY_ID SIGNED_PREKEY_PRIVATE SIGNED_PREKEY_SIGNATURE KEM_SEED
# session.prekey ID SECRET CURVE_PRIVATE KEM_SEED   bob's for alice; SECRET: what this implementation makes both of
# session.begin BASE_PRIVATE RATCHET_PRIVATE KEM_RANDOM   alice's
# session.message NUMBER FROM TYPE INNER HALF KEM MESSAGE CONTENT   in this order; -: what is drawn before a message, below
# session.drawn NUMBER RATCHET_PRIVATE OFFER_SEED KEM_RANDOM   by who says that message: its new ratchet key, its offer's seed, for its answer
# group.key EPOCH ID CHAIN SIGNING_PRIVATE SHARED   SHARED: SenderKeyDistributionMessage of the first message
# group.message INNER HALF SIGNATURE_RANDOM MESSAGE CONTENT
# letter SIGN_SEED NETWORK FROM TO CREATED_MS EPOCH CHAIN NUMBER INNER PAYLOAD FRAME   CHAIN: at NUMBER; TO -: everybody
# shared SIGN_SEED NETWORK FROM CREATED_MS CONTENT_KEY INNER PAYLOAD FRAME   INNER: what is said; its part is message 6 of the session
# tracker SEAL_KEY NONCE SIGNAL TEXT   what travels as "sdp"
'''


def chance(name, size=32):
    return hashlib.shake_256(b'nkt vector ' + name.encode()).digest(size)


def private_of(name):
    return clamp(chance(name)).to_bytes(32, 'little')


def djb(key):
    return b'\5' + key


def hexes(*fields):
    return ' '.join(f.hex() if isinstance(f, bytes) and f else '-' if f in (b'', None) else str(f) for f in fields)


NETWORK = chance('network', 16)
FRAME_ENVELOPE, FRAME_DIRECT = b'\x21', b'\x2a'
INVITE_VERSION = 2
TIME_MS = 1795800000000

# ---- padding and sealing ----


def ends(network, sender, to):
    return H(16, T('ends', network, sender, to))


def pad_lines():
    for size in (0, 1, 126, 127, 128, 158, 159, 160, 191, 192, 255, 256, 319, 320, 1000, 4094, 4095, 4096, 60000):
        yield 'pad %d %d' % (size, len(padded(bytes(size))))
    for plain in (b'', b'\0', b'\x80', chance('padded', 40)):
        yield hexes('pad.bytes', plain, padded(plain))


def seal_lines():
    private = private_of('seal identity')
    for i, (context, plain) in enumerate(((b'', b''), (chance('context', 16), chance('sealed', 200)))):
        e = private_of('seal %d' % i)
        yield hexes('seal', e, private, context, plain, seal_to(e, x25519_public(private), context, plain))


# ---- people ----

class Person:
    def __init__(self, name):
        self.name = name
        self.seed, self.identity = chance(name + ' sign seed'), private_of(name + ' identity')
        self.sign_key, self.identity_key = ed25519_public(self.seed), x25519_public(self.identity)
        self.address = address_of(self.sign_key, self.identity_key)
        self.registration_id = 1 + int.from_bytes(chance(name + ' registration', 2), 'big') % 16380
        self.prekey_id, self.prekey = 1 + int.from_bytes(chance(name + ' prekey id', 2), 'big'), private_of(name + ' prekey')
        self.prekey_random = chance(name + ' prekey random', 64)
        self.prekey_signature = xeddsa_sign(self.identity, djb(x25519_public(self.prekey)), self.prekey_random)
        self.kem_seed = chance(name + ' kem seed', 64)
        self.kem_key, self.kem_secret = kem_keypair(self.kem_seed)


ALICE, BOB = Person('alice'), Person('bob')


def record_lines():
    for person, nick in ((ALICE, b'alice'), (BOB, 'Bäb \u2713'.encode())):
        room_key = chance(person.name + ' room')
        binding = xeddsa_sign(person.identity, H(32, T('binding', person.sign_key)),
                              H(64, T('binding chance', person.sign_key), person.seed))
        record = (field(1, person.sign_key) + field(2, person.identity_key) + field(3, person.registration_id) + field(4, person.prekey_id) +
                  field(5, x25519_public(person.prekey)) + field(6, person.prekey_signature) + field(7, nick) + field(8, 0) +
                  fixed64(11, TIME_MS) + fixed64(12, TIME_MS) + fixed64(13, TIME_MS + 7200000) + field(14, binding) +
                  field(16, H(32, T('kem key', person.kem_key))))
        signature = ed25519_sign(person.seed, H(32, T('record', record)))
        yield hexes('record', person.seed, person.identity, person.registration_id, person.prekey_id, person.prekey, person.prekey_random,
                    person.kem_seed, nick, TIME_MS, room_key, record, signature, H(16, T('membership', signature), room_key))


# ---- links ----

PRINT = ':'.join('%02X' % b for b in chance('fingerprint'))
SDP = '\r\n'.join(['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
                   'c=IN IP4 0.0.0.0', 'a=candidate:1 1 udp 2130706431 192.0.2.7 50001 typ host',
                   'a=candidate:2 1 udp 2130706430 0d5a0c4e-6f2b-4d0b-8a0d-3c1f5b7a9e21.local 50002 typ host',
                   'a=candidate:3 1 udp 2130706429 2001:db8::5:1 50003 typ host',
                   'a=candidate:4 1 udp 1694498815 198.51.100.9 50004 typ srflx raddr 192.0.2.7 rport 50001',
                   'a=candidate:5 1 udp 2130706428 127.0.0.1 50005 typ host', 'a=ice-ufrag:uF4g', 'a=ice-pwd:a/longer+password0123456789',
                   'a=fingerprint:sha-256 ' + PRINT, 'a=setup:%s', 'a=mid:0', 'a=sctp-port:5000', 'a=max-message-size:262144', ''])


def short(text):
    return bytes([len(text)]) + text.encode()


def description(setup):
    """Of the SDP above: what reaches further first, then hosts; no loopback, since there are others."""
    def candidate(kind, address, port):
        return bytes([kind]) + bytes.fromhex(address) + port.to_bytes(2, 'big')
    candidates = [candidate(0x11, 'c6336409', 50004), candidate(0x10, 'c0000207', 50001),
                  candidate(0x30, '0d5a0c4e6f2b4d0b8a0d3c1f5b7a9e21', 50002), candidate(0x20, '20010db8000000000000000000050001', 50003)]
    return (bytes([setup]) + short('uF4g') + short('a/longer+password0123456789') + short('0') + chance('fingerprint') +
            bytes([len(candidates)]) + b''.join(candidates))


def signal_lines():
    offer = (field(1, 1) + field(2, chance('attempt', 16)) + field(3, chance('offer nonce')) + field(4, (SDP % 'actpass').encode()) +
             field(6, BOB.address))
    reject = field(1, 3) + field(2, chance('attempt', 16))
    for name, sender, to, signal in (('offer', ALICE, BOB, offer), ('reject', BOB, ALICE, reject)):
        e = private_of('signal ' + name)
        yield hexes('signal', e, to.identity, NETWORK, sender.address, to.address, signal,
                    seal_to(e, to.identity_key, ends(NETWORK, sender.address, to.address), signal))


def invite_text(prefix, body):
    data = bytes([INVITE_VERSION]) + len(body).to_bytes(2, 'big') + body
    return prefix + base64.urlsafe_b64encode(data + H(4, T('invite sum', data))).decode().rstrip('=')


def invite_lines():
    nonce, answer_nonce, expires_s = chance('invite nonce'), chance('answer nonce'), 1795800900

    def fixed32(number, value):
        return bytes([number << 3 | 5]) + value.to_bytes(4, 'little')
    for nick, room in ((b'alice', int.from_bytes(NETWORK[:4], 'big')), (b'', None)):
        body = (field(1, nonce) + field(2, ALICE.sign_key) + field(3, ALICE.identity_key) + field(4, description(0)) + fixed32(6, expires_s) +
                field(7, nick) + (b'' if room is None else fixed32(8, room)))
        yield hexes('invite', nonce, ALICE.sign_key, ALICE.identity_key, expires_s, nick, room, (SDP % 'actpass').encode(), description(0),
                    invite_text('nkt-invite-', body))
    e = private_of('invite answer')
    body = (field(1, answer_nonce) + field(2, BOB.sign_key) + field(3, BOB.identity_key) + field(4, description(1)) + field(5, nonce[:16]))
    yield hexes('invite.answer', e, ALICE.identity, ALICE.address, answer_nonce, BOB.sign_key, BOB.identity_key, nonce[:16],
                (SDP % 'active').encode(), invite_text('nkt-answer-', seal_to(e, ALICE.identity_key, ALICE.address, body)))


def direct_lines():
    payload = chance('direct payload', 50)
    body = field(1, NETWORK) + field(2, ALICE.address) + field(3, BOB.address) + field(4, 6) + fixed64(5, TIME_MS) + field(6, 300) + field(7, payload)
    yield hexes('direct', NETWORK, ALICE.address, BOB.address, TIME_MS, 300, payload, FRAME_DIRECT + body, H(32, T('envelope', body)))


# ---- a session ----

class Kem:
    """One end of the KEM half. What is due, and when, is told it."""

    def __init__(self, is_initiator, context, tag, secret):
        self.me, self.tag, self.epoch = 0 if is_initiator else 1, tag, 0
        self.enter(context, 0, secret)

    def enter(self, root, epoch, secret):
        key = H(32, T('kem epoch', epoch.to_bytes(4, 'big'), secret), root)
        self.epoch, self.root = epoch, H(32, T('kem root'), key)
        self.chains, self.places = [H(32, T('kem chain', bytes([role])), key) for role in (1, 2)], [0, 0]

    def next_key(self, who):
        place, chain = self.places[who], self.chains[who]
        self.places[who], self.chains[who] = place + 1, H(32, T('kem next'), chain)
        return place, H(32, T('kem message'), chain)

    def head(self, offer=None, answer=None):
        """(id, key), (id, ciphertext). The header and the message key."""
        place, key = self.next_key(self.me)
        flags = (1 if offer else 0) | (2 if answer else 0) | (4 if answer and self.epoch == 0 else 0)
        head = bytes([flags, self.epoch & 255]) + place.to_bytes(2, 'big') + self.tag
        for extra in (offer, answer):
            head += extra[0].to_bytes(4, 'big') + extra[1] if extra else b''
        return head, key


class Ratchet:
    """One end of the Double Ratchet, in order and without loss."""

    def __init__(self, own, other_key, root, sending, ratchet_private, their_ratchet, receiving):
        self.own, self.other_key, self.root, self.sending, self.private = own, other_key, root, sending, ratchet_private
        self.theirs, self.receiving, self.counter, self.previous = their_ratchet, receiving, 0, 0

    def turn(self, private, public):
        out = hkdf(self.root, x25519(private, public), b'WhisperRatchet', 64)
        self.root = out[:32]
        return out[32:]

    def heard(self, ratchet_key, new_private):
        """A message under that key of the other's came."""
        if ratchet_key == self.theirs:
            self.receiving = hmac256(self.receiving, b'\2')
            return
        self.receiving = hmac256(self.turn(self.private, ratchet_key), b'\2')
        self.theirs, self.private = ratchet_key, new_private
        self.sending, self.previous, self.counter = self.turn(new_private, ratchet_key), max(self.counter - 1, 0), 0

    def encrypt(self, plain):
        keys = hkdf(bytes(32), hmac256(self.sending, b'\1'), b'WhisperMessageKeys', 80)
        sealed = aes_cbc_encrypt(keys[:32], keys[64:], plain)
        text = b'\x33' + (field(1, djb(x25519_public(self.private))) + field(2, self.counter) + field(3, self.previous) + field(4, sealed))
        mac = hmac256(keys[32:64], djb(self.own.identity_key) + djb(self.other_key) + text)[:8]
        self.sending, self.counter = hmac256(self.sending, b'\2'), self.counter + 1
        return text + mac


def hybrid(label, key, half, bound, inner):
    content_key = H(32, T(label, half), key)
    return seal_once(content_key, inner, T(label, *bound))


def say_of(stream_id, sequence, name, json):
    return field(1, fixed64(1, stream_id) + field(2, sequence) + field(3, chance(name, 16)) + fixed64(4, TIME_MS) + field(5, json))


PREKEY_ID = 4711


CONTENT_KEY = chance('content key')
SHARED_PARTS = []  # what session_lines() says last


def session_lines():
    secret = chance('one-time secret')
    one_time = clamp(H(32, T('prekey curve'), secret)).to_bytes(32, 'little')
    kem_seed = H(64, T('prekey kem'), secret)
    kem_key, kem_secret = kem_keypair(kem_seed)
    base, ratchet_a, coin = private_of('base'), private_of('ratchet a1'), chance('kem random')
    for who in (ALICE, BOB):
        yield hexes('session.end', who.name, who.address, who.identity, who.registration_id, who.prekey_id, who.prekey, who.prekey_signature,
                    who.kem_seed)
    yield hexes('session.prekey', PREKEY_ID, secret, one_time, kem_seed)
    yield hexes('session.begin', base, ratchet_a, coin)

    # X3DH, as both see it
    prekey, one_time_key, base_key = x25519_public(BOB.prekey), x25519_public(one_time), x25519_public(base)
    shared = (b'\xff' * 32 + x25519(ALICE.identity, prekey) + x25519(base, BOB.identity_key) + x25519(base, prekey) + x25519(base, one_time_key))
    assert shared == (b'\xff' * 32 + x25519(BOB.prekey, ALICE.identity_key) + x25519(BOB.identity, base_key) + x25519(BOB.prekey, base_key) +
                      x25519(one_time, base_key))
    keys = hkdf(bytes(32), shared, b'WhisperText', 64)
    a = Ratchet(ALICE, BOB.identity_key, keys[:32], None, ratchet_a, prekey, keys[32:])
    a.sending = a.turn(ratchet_a, prekey)
    b = Ratchet(BOB, ALICE.identity_key, keys[:32], keys[32:], BOB.prekey, None, None)

    # the KEM half
    kem_shared, ciphertext = kem_encapsulate(kem_key, coin)
    assert kem_decapsulate(kem_secret, ciphertext) == kem_shared
    context = H(32, T('kem context', ALICE.address, ALICE.identity_key, BOB.address, BOB.identity_key, PREKEY_ID.to_bytes(4, 'big')))
    ka, kb = (Kem(is_initiator, context, ciphertext[:4], kem_shared) for is_initiator in (True, False))

    def message(number, sender, ratchet, kem, inner, offer=None, answer=None, is_first=False, more=b''):
        half = chance('half %d' % number)
        inner += field(10, ends(NETWORK, sender.address, (BOB if sender is ALICE else ALICE).address)) + more
        text = ratchet.encrypt(half)
        if is_first:
            text = b'\x33' + (field(1, PREKEY_ID) + field(2, djb(base_key)) + field(3, djb(sender.identity_key)) + field(4, text) +
                              field(5, sender.registration_id) + field(6, BOB.prekey_id))
        head, key = kem.head(offer, answer)
        SHARED_PARTS[:] = [text, head, hybrid('message', key, half, (head, text), inner)]
        return hexes('session.message', number, sender.name, 3 if is_first else 2, inner, half, head, text,
                     hybrid('message', key, half, (head, text), inner))

    # 1: alice begins
    yield message(1, ALICE, a, ka, field(3, 1), answer=(PREKEY_ID, ciphertext), is_first=True)
    kb.next_key(0)
    # 2: bob answers, under a ratchet key of his own
    ratchet_b = private_of('ratchet b1')
    yield hexes('session.drawn', 2, ratchet_b, None, None)
    b.heard(x25519_public(ratchet_a), ratchet_b)
    yield message(2, BOB, b, kb, field(4, 1))
    ka.next_key(1)
    # 3: alice's second turn: she offers a KEM key
    ratchet_a, offer_seed = private_of('ratchet a2'), chance('offer seed', 64)
    offered, offered_secret = kem_keypair(offer_seed)
    yield hexes('session.drawn', 3, ratchet_a, offer_seed, None)
    a.heard(x25519_public(ratchet_b), ratchet_a)
    stream_a, stream_b = TIME_MS << 20 | 0x12345, TIME_MS << 20 | 0xabcdf
    yield message(3, ALICE, a, ka, say_of(stream_a, 1, 'id 1', b'"hello"'), offer=(1, offered))
    kb.next_key(0)
    # 4: bob answers it, and an epoch begins
    ratchet_b, coin = private_of('ratchet b2'), chance('kem random 2')
    yield hexes('session.drawn', 4, ratchet_b, None, coin)
    b.heard(x25519_public(ratchet_a), ratchet_b)
    kem_shared, ciphertext = kem_encapsulate(offered, coin)
    assert kem_decapsulate(offered_secret, ciphertext) == kem_shared
    kb.enter(kb.root, 1, kem_shared)
    ack = field(2, fixed64(1, stream_a) + field(2, 1) + field(3, 1))
    yield message(4, BOB, b, kb, say_of(stream_b, 1, 'id 2', b'{"a":[1,2.5,null]}') + ack, answer=(1, ciphertext))
    ka.enter(ka.root, 1, kem_shared)
    ka.next_key(1)
    # 5: alice speaks in it
    ratchet_a = private_of('ratchet a3')
    yield hexes('session.drawn', 5, ratchet_a, None, None)
    a.heard(x25519_public(ratchet_b), ratchet_a)
    yield message(5, ALICE, a, ka, say_of(stream_a, 2, 'id 3', b'"' + b'long ' * 100 + b'"') + field(2, fixed64(1, stream_b) + field(2, 1) + field(3, 1)))
    # 6: and once more, what bob needs of shared mail: the second of two messages, at his third position
    place = field(13, field(1, 1) + fixed64(2, stream_a) + field(3, 3))
    yield message(6, ALICE, a, ka, field(5, CONTENT_KEY), more=place)


# ---- a message to everybody ----

def group_lines():
    epoch, number = TIME_MS + 7, int.from_bytes(chance('group id', 4), 'big') >> 1
    chain, signing = chance('group chain'), private_of('group signing')
    shared = b'\x33' + field(1, number) + field(2, 0) + field(3, chain) + field(4, djb(x25519_public(signing)))
    yield hexes('group.key', epoch, number, chain, signing, shared)
    for iteration, json in enumerate((b'"to all"', b'"once more"')):
        inner = (say_of(TIME_MS << 20 | 0x77777, 1 + iteration, 'group id %d' % iteration, json) +
                 field(9, field(1, NETWORK) + field(2, ALICE.address) + fixed64(3, epoch)))
        half, random = chance('group half %d' % iteration), chance('group random %d' % iteration, 64)
        keys = hkdf(bytes(32), hmac256(chain, b'\1'), b'WhisperGroup', 48)
        text = b'\x33' + field(1, number) + field(2, iteration) + field(3, aes_cbc_encrypt(keys[16:], keys[:16], half))
        text += xeddsa_sign(signing, text, random)
        chain = hmac256(chain, b'\2')
        content = seal_once(H(32, T('group message', half)), inner, T('group message', text))
        yield hexes('group.message', inner, half, random, text, content)


# ---- what is kept for those who are away ----

def kept_frame(kind, to, payload, keep_s):
    body = (field(1, NETWORK) + field(2, ALICE.address) + (field(3, to) if to else b'') + field(4, kind) + fixed64(5, TIME_MS) + field(6, 600) +
            field(7, payload) + field(9, 1) + (field(12, keep_s) if keep_s else b''))
    return FRAME_ENVELOPE + b'\0' + ed25519_sign(ALICE.seed, H(32, T('envelope', body))) + body


def letter_lines():
    epoch = int.from_bytes(chance('letter epoch', 8), 'big') | 1
    for number, to in ((1, BOB.address), (2, b'')):
        chain = chance('letter chain %d' % number)
        inner = say_of(TIME_MS << 20 | 0x54321, 7 + number, 'letter %d' % number, b'"in a letter"')
        ad = T('letter', NETWORK, ALICE.address, to or bytes(20), epoch.to_bytes(8, 'big'), number.to_bytes(8, 'big'))
        payload = fixed64(1, epoch) + field(2, number) + field(3, seal_once(H(32, T('letter key'), chain), inner, ad))
        yield hexes('letter', ALICE.seed, NETWORK, ALICE.address, to, TIME_MS, epoch, chain, number, inner, payload,
                    kept_frame(14, to, payload, 604800))


def shared_lines():
    inner = b''.join(say_of(0, 0, 'shared %d' % i, json) for i, json in enumerate((b'"for others"', b'"for bob"')))
    text, head, content = SHARED_PARTS
    part = field(1, BOB.address) + field(2, 2) + field(3, text) + field(4, head) + field(5, content)
    payload = field(1, part) + field(2, seal_once(CONTENT_KEY, inner))
    yield hexes('shared', ALICE.seed, NETWORK, ALICE.address, TIME_MS, CONTENT_KEY, inner, payload, kept_frame(15, b'', payload, 0))


def tracker_lines():
    record = chance('tracker record', 300)
    signed = field(1, record) + field(2, chance('tracker record signature', 64)) + field(3, chance('tracker membership', 16))
    signal = (field(1, 1) + field(2, chance('attempt', 16)) + field(3, chance('offer nonce')) + field(4, (SDP % 'actpass').encode()) + field(5, signed))
    key, nonce = chance('tracker seal key'), chance('tracker nonce', 24)
    sealed = nonce + xchacha20_poly1305(key, nonce, padded(signal))
    yield hexes('tracker', key, nonce, signal, base64.b64encode(sealed).decode().rstrip('='))


def main():
    lines = [line for make in (pad_lines, seal_lines, record_lines, signal_lines, invite_lines, direct_lines, session_lines, group_lines, letter_lines,
                               shared_lines, tracker_lines)
             for line in make()]
    text = HEAD + '\n'.join(lines) + '\n'
    if '--write' in sys.argv[1:]:
        with open(FILE, 'w', encoding='utf-8') as file:
            file.write(text)
        return 0
    with open(FILE, encoding='utf-8') as file:
        old = file.read()
    differing = [(i, new) for i, (have, new) in enumerate(zip(old.split('\n'), text.split('\n'))) if have != new]
    for i, new in differing:
        print('line %d: %s ... differs' % (i + 1, new[:60]))
    if not differing and old != text:
        print('there are more lines in one than in the other')
    return 0 if old == text else 1


if __name__ == '__main__':
    sys.exit(main())

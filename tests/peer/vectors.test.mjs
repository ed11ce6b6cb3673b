// SPDX-License-Identifier: GPL-3.0-or-later
// What every peer must derive alike (tests/vectors), by the second implementation: each line of each kind.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressBytes, addressText, makeRoom, placeOf, safetyNumber } from './address.mjs';
import { concat, equal, hex, text, u8, unhex, zeros } from './bytes.mjs';
import * as derive from './derive.mjs';
import { isSignedBy, makeDirect, makeEnvelope, readDirect, readEnvelope } from './envelope.mjs';
import { answerText, inviteText, readAnswer, readInvite } from './invite.mjs';
import { makeProof, readProof } from './link.mjs';
import { pad, unpad } from './pad.mjs';
import * as primitives from './primitives.mjs';
import { makeRecord, readRecord } from './record.mjs';
import { decode, encode } from './schema.mjs';
import { packSdp, unpackSdp } from './sdp.mjs';
import { openSealed, sealTo } from './seal.mjs';
import { bytesOf, readVectors } from './support/vectors.mjs';

const none = (field) => (field === '-' ? undefined : field);
const utf8Of = (field) => (field === '-' ? undefined : text(unhex(field)));

/** @type {Record<string, (...fields: string[]) => void>} */
const derivations = {
  hash(size, key, label, parts, hashed) {
    const text = derive.T(label.replaceAll('_', ' '), ...(parts === '-' ? [] : parts.split(',').map(bytesOf)));
    assert.equal(hex(primitives.hash(Number(size), text, key === '-' ? undefined : unhex(key))), hashed);
  },
  'seal.once'(key, data, plain, sealed) {
    assert.equal(hex(primitives.sealOnce(unhex(key), pad(bytesOf(plain)), bytesOf(data))), sealed);
    assert.equal(hex(unpad(primitives.openOnce(unhex(key), unhex(sealed), bytesOf(data)))), hex(bytesOf(plain)));
  },
  'seal.to': checkSeal,
  'ed25519.edge'(_name, key, message, signature, byOurRule) {
    assert.equal(primitives.verifies(unhex(signature), unhex(message), unhex(key)), byOurRule === 'good');
  },
  'relay.proof'(seed, challenge, signature) {
    assert.equal(hex(primitives.sign(unhex(seed), derive.relayProofDigest(unhex(challenge)))), signature);
  },
  letter(chain, steps, key, chainThen) {
    let now = unhex(chain);
    for (let step = 0; step < Number(steps); step++) now = derive.letterNextOf(now);
    assert.deepEqual([hex(derive.letterKeyOf(now)), hex(now)], [key, chainThen]);
  },
  'address.text'(address, written) {
    assert.equal(addressText(unhex(address)), written);
    assert.equal(hex(addressBytes(written)), address);
  },
  'address.derive'(signKey, identityKey, address) {
    assert.equal(hex(derive.addressOf(unhex(signKey), unhex(identityKey))), address);
  },
  room(name, secret, owner, key, network, relayRoom, infoHash, seal, membership) {
    const room = makeRoom({ name: none(name), secret: none(secret), owner: unhex(owner) });
    assert.deepEqual([room.key, room.network, room.relayRoom, room.seal].map(hex), [key, network, relayRoom, seal]);
    assert.equal(room.infoHash, infoHash);
    assert.equal(hex(derive.membershipOf(room.key, zeros(64).fill(0x55))), membership);
  },
  'room.of'(address, infoHash, seal) {
    const place = placeOf(unhex(address));
    assert.deepEqual([place.infoHash, hex(place.seal)], [infoHash, seal]);
  },
  safety(address, key, otherAddress, otherKey, number) {
    const [one, other] = [[address, key], [otherAddress, otherKey]].map((pair) => /** @type {any} */ (pair.map(unhex)));
    assert.equal(safetyNumber(one, other), number);
    assert.equal(safetyNumber(other, one), number);
  },
  link(seed, offerer, answerer, print, otherPrint, nonce, otherNonce, role, roomKey, frame) {
    const ends = { offerer: unhex(offerer), answerer: unhex(answerer) };
    const link = { ...ends, fingerprints: [print, otherPrint].map(unhex), nonces: [nonce, otherNonce].map(unhex) };
    const key = none(roomKey) ? unhex(roomKey) : null;
    assert.equal(hex(makeProof(link, Number(role), key, unhex(seed))), frame);
    assert.deepEqual(readProof(link, Number(role), unhex(frame), primitives.signPublic(unhex(seed))), key);
    assert.throws(() => readProof(link, 3 - Number(role), unhex(frame), primitives.signPublic(unhex(seed))), { why: 'proof' });
  },
  envelope(...fields) {
    envelope(fields, {});
  },
  'envelope.keep'(...fields) {
    envelope(fields, { keep: true });
  },
  binding(seed, identityPrivate, signKey, identityKey, binding) {
    const digest = derive.bindingDigest(unhex(signKey));
    const keys = [primitives.signPublic(unhex(seed)), primitives.curvePublic(unhex(identityPrivate))];
    assert.deepEqual(keys.map(hex), [signKey, identityKey]);
    assert.ok(primitives.xeddsaVerifies(unhex(binding), digest, unhex(identityKey)));
    assert.ok(!primitives.xeddsaVerifies(unhex(binding), unhex(signKey), unhex(identityKey)));
  },
  ends(network, from, to, ends) {
    assert.equal(hex(derive.endsOf(unhex(network), unhex(from), unhex(to))), ends);
  },
};

function checkSeal(ephemeral, identityPrivate, context, plain, sealed) {
  const me = { identityPrivate: unhex(identityPrivate), identityKey: primitives.curvePublic(unhex(identityPrivate)) };
  assert.equal(hex(sealTo(me.identityKey, bytesOf(context), bytesOf(plain), unhex(ephemeral))), sealed);
  assert.equal(hex(openSealed(me, bytesOf(context), unhex(sealed))), hex(bytesOf(plain)));
  assert.throws(() => openSealed(me, concat(bytesOf(context), u8(0)), unhex(sealed)), { why: 'seal' });
}

function envelope([seed, network, from, to, kind, createdMs, payload, frame], more) {
  const read = readEnvelope(unhex(frame));
  const { body } = read;
  assert.ok(isSignedBy(read, primitives.signPublic(unhex(seed))));
  assert.deepEqual([hex(body.network), hex(body.from), body.to && hex(body.to)], [network, from, none(to)]);
  assert.deepEqual([body.kind, body.created_ms, hex(body.payload)], [Number(kind), BigInt(createdMs), hex(bytesOf(payload))]);
  assert.equal(Boolean(body.keep), Boolean(more.keep));
  assert.equal(hex(makeEnvelope(/** @type {any} */ ({ signSeed: unhex(seed) }), body)), frame);
}

/** @type {Record<string, (...fields: string[]) => void>} */
const conversation = {
  pad(size, padded) {
    assert.equal(pad(zeros(Number(size))).length, Number(padded));
  },
  'pad.bytes'(plain, padded) {
    assert.equal(hex(pad(bytesOf(plain))), padded);
    assert.equal(hex(unpad(unhex(padded))), hex(bytesOf(plain)));
  },
  record(seed, identityPrivate, registrationId, prekeyId, prekeyPrivate, random, kemSeed, nick, timeMs, roomKey, ...made) {
    const [record, signature, membership] = made;
    const keys = { signSeed: unhex(seed), identityPrivate: unhex(identityPrivate), prekeyPrivate: unhex(prekeyPrivate) };
    const prekey = primitives.curvePublic(keys.prekeyPrivate);
    const { binding } = decode('UserRecord', unhex(record));
    const identity = /** @type {any} */ ({
      ...keys,
      signKey: primitives.signPublic(keys.signSeed),
      identityKey: primitives.curvePublic(keys.identityPrivate),
      registrationId: Number(registrationId),
      prekeyId: Number(prekeyId),
      prekey,
      prekeySignature: primitives.xeddsaSign(keys.identityPrivate, concat(u8(5), prekey), unhex(random)),
      kem: primitives.kemPair(unhex(kemSeed)),
      binding, // its chance is its owner's alone
    });
    const room = { key: unhex(roomKey) };
    const about = { nick: utf8Of(nick) ?? '', sequence: BigInt(timeMs), issuedMs: Number(timeMs) };
    const signed = makeRecord(identity, room, about);
    assert.deepEqual([hex(signed.record), hex(signed.signature), hex(signed.membership)], [record, signature, membership]);
    assert.ok(readRecord(signed, room).isMember);
    assert.ok(!readRecord(signed, { key: zeros(32) }).isMember);
    const forged = { ...signed, signature: unhex(signature).fill(0, 0, 1) };
    if (!equal(forged.signature, signed.signature)) assert.throws(() => readRecord(forged, room), { why: 'record' });
  },
  seal: checkSeal,
  signal(ephemeral, identityPrivate, network, from, to, signal, sealed) {
    const me = { identityPrivate: unhex(identityPrivate), identityKey: primitives.curvePublic(unhex(identityPrivate)) };
    const context = derive.endsOf(unhex(network), unhex(from), unhex(to));
    assert.equal(hex(sealTo(me.identityKey, context, unhex(signal), unhex(ephemeral))), sealed);
    assert.equal(hex(encode('Signal', decode('Signal', openSealed(me, context, unhex(sealed))))), signal);
  },
  invite(nonce, signKey, identityKey, expiresS, nick, room, sdp, description, written) {
    const invite = readInvite(written);
    const read = [invite.nonce, invite.sign_key, invite.identity_key, invite.description];
    assert.deepEqual(read.map(hex), [nonce, signKey, identityKey, description]);
    assert.deepEqual([invite.expires_s, invite.nick ?? ''], [Number(expiresS), utf8Of(nick) ?? '']);
    assert.equal(invite.room, none(room) && Number(room));
    assert.equal(inviteText(invite), written);
    assert.equal(hex(packSdp(text(unhex(sdp)))), description);
    assert.equal(hex(packSdp(unpackSdp(unhex(description)))), description);
    assert.throws(() => readInvite(`${written.slice(0, -1)}${written.endsWith('A') ? 'Q' : 'A'}`), { why: 'invite' });
  },
  'invite.answer'(ephemeral, identityPrivate, address, nonce, signKey, identityKey, attempt, sdp, written) {
    const own = { identityPrivate: unhex(identityPrivate), address: unhex(address) };
    const inviter = { ...own, identityKey: primitives.curvePublic(own.identityPrivate) };
    const answer = readAnswer(written, inviter);
    const read = [answer.nonce, answer.sign_key, answer.identity_key, answer.attempt];
    assert.deepEqual(read.map(hex), [nonce, signKey, identityKey, attempt]);
    assert.equal(hex(packSdp(text(unhex(sdp)))), hex(answer.description));
    assert.equal(answerText(answer, inviter, unhex(ephemeral)), written);
  },
  direct(network, from, to, createdMs, ttlS, payload, frame, digest) {
    const { body, id } = readDirect(unhex(frame));
    assert.deepEqual([network, from, to, payload], [body.network, body.from, body.to, body.payload].map(hex));
    assert.deepEqual([body.created_ms, body.ttl_s, hex(id)], [BigInt(createdMs), Number(ttlS), digest.slice(0, 32)]);
    assert.equal(hex(makeDirect(body)), frame);
  },
  letter(seed, network, from, to, createdMs, epoch, chain, number, inner, payload, frame) {
    const ad = derive.letterAd(unhex(network), unhex(from), none(to) ? unhex(to) : zeros(20), BigInt(epoch), BigInt(number));
    const key = derive.letterKeyOf(unhex(chain));
    const { sealed, ...letter } = decode('Letter', unhex(payload));
    assert.deepEqual(letter, { epoch: BigInt(epoch), number: BigInt(number) });
    assert.equal(hex(unpad(primitives.openOnce(key, sealed, ad))), inner);
    assert.equal(hex(encode('Letter', { ...letter, sealed: primitives.sealOnce(key, pad(unhex(inner)), ad) })), payload);
    kept({ seed, network, from, to, createdMs, payload, frame }, { kind: 14, keep_s: 604_800 });
  },
  shared(seed, network, from, createdMs, key, inner, payload, frame) {
    const shared = decode('Shared', unhex(payload));
    assert.equal(hex(unpad(primitives.openOnce(unhex(key), shared.content))), inner);
    const content = primitives.sealOnce(unhex(key), pad(unhex(inner)));
    assert.equal(hex(encode('Shared', { ...shared, content })), payload);
    const [said] = readVectors('conversation.txt').filter(({ kind }) => kind === 'session.message').slice(-1);
    const [, , type, part, , ...sealed] = said.fields;
    assert.deepEqual(shared.part.map(({ kem, message, body }) => [kem, message, body].map(hex)), [sealed]);
    assert.equal(shared.part[0].type, Number(type));
    const { content_key: contentKey, place } = decode('Inner', unhex(part));
    assert.equal(hex(contentKey), key);
    const words = decode('Inner', unhex(inner)).say;
    assert.deepEqual(place.map(({ index }) => text(words[index].json)), ['"for bob"']);
    kept({ seed, network, from, to: '-', createdMs, payload, frame }, { kind: 15 });
  },
  tracker(key, nonce, signal, written) {
    const sealed = Uint8Array.from(Buffer.from(written, 'base64'));
    assert.equal(hex(unpad(primitives.openOften(unhex(key), sealed))), signal);
    const made = primitives.sealOften(unhex(key), pad(unhex(signal)), unhex(nonce));
    assert.equal(Buffer.from(made).toString('base64').replace(/=+$/, ''), written);
    const { type, record, sdp } = decode('Signal', unhex(signal));
    assert.ok(type === 1 && record && sdp.startsWith('v=0'));
  },
};

/** An envelope that others may keep: read, and made again. */
function kept({ seed, network, from, to, createdMs, payload, frame }, { kind, keep_s: keepS }) {
  const read = readEnvelope(unhex(frame));
  const { body } = read;
  assert.ok(isSignedBy(read, primitives.signPublic(unhex(seed))));
  assert.deepEqual([body.network, body.from, body.payload].map(hex), [network, from, payload]);
  assert.deepEqual([body.to && hex(body.to), body.kind, body.created_ms], [none(to), kind, BigInt(createdMs)]);
  assert.deepEqual([body.ttl_s, body.keep, body.keep_s], [600, true, keepS]);
  assert.equal(hex(makeEnvelope(/** @type {any} */ ({ signSeed: unhex(seed) }), body)), frame);
}

describe('vectors', () => {
  for (const [file, kinds, others] of /** @type {const} */ ([
    ['derivations.txt', derivations, /^$/],
    ['conversation.txt', conversation, /^(session|group)\./], // conversation.test.mjs
  ])) {
    const lines = readVectors(file);
    test(`${file} has no kind that is not looked at`, () => {
      const unknown = lines.filter(({ kind }) => !(kind in kinds) && !others.test(kind));
      assert.deepEqual(unknown, []);
    });
    for (const [kind, check] of Object.entries(kinds)) {
      test(`${file}: ${kind}`, () => {
        const found = lines.filter((line) => line.kind === kind);
        assert.ok(found.length > 0);
        for (const { fields } of found) check(...fields);
      });
    }
  }
});

// SPDX-License-Identifier: GPL-3.0-or-later
// A conversation with fixed keys (tests/vectors/conversation.txt): each message is made byte by byte, and heard.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, hex, u8, unhex, zeros } from './bytes.mjs';
import { groupAd, groupKeyOf } from './derive.mjs';
import { pad, unpad } from './pad.mjs';
import * as primitives from './primitives.mjs';
import { decode } from './schema.mjs';
import { HeardKey, SenderKey } from './senderkey.mjs';
import { Session } from './session.mjs';
import { readVectors, Script } from './support/vectors.mjs';

const lines = readVectors('conversation.txt');
const of = (kind) => lines.filter((line) => line.kind === kind).map(({ fields }) => fields);

/** Who talks. */
function end([, address, identityPrivate, registrationId, prekeyId, prekeyPrivate, prekeySignature, kemSeed]) {
  const keys = { identityPrivate: unhex(identityPrivate), prekeyPrivate: unhex(prekeyPrivate) };
  const prekey = primitives.curvePublic(keys.prekeyPrivate);
  const identityKey = primitives.curvePublic(keys.identityPrivate);
  const identity = {
    ...keys, address: unhex(address), identityKey, registrationId: Number(registrationId), prekeyId: Number(prekeyId), prekey,
    kem: primitives.kemPair(unhex(kemSeed)),
  };
  const record = {
    address: identity.address, identity_key: identityKey, signed_prekey: prekey, signed_prekey_id: identity.prekeyId,
    signed_prekey_signature: unhex(prekeySignature),
  };
  assert.ok(primitives.xeddsaVerifies(record.signed_prekey_signature, concat(u8(5), prekey), identityKey));
  return { identity, record };
}

describe('conversation.txt', () => {
  test('session.*: each message as it stands there, made and heard', () => {
    const ends = Object.fromEntries(of('session.end').map((fields) => [fields[0], end(fields)]));
    const scripts = { alice: new Script(), bob: new Script() };
    const talk = (own, other) => new Session(ends[own].identity, ends[other].record, /** @type {any} */ (scripts[own]));
    const sessions = { alice: talk('alice', 'bob'), bob: talk('bob', 'alice') };
    const [[id, , curvePrivate, kemSeed]] = of('session.prekey');
    const oneTime = { id: Number(id), secret: unhex(curvePrivate), kem: primitives.kemPair(unhex(kemSeed)) };
    const given = { prekey: () => oneTime.secret, kem: () => oneTime.kem.secretKey };
    scripts.alice.add(...of('session.begin')[0].map(unhex));
    sessions.alice.begin({ id: oneTime.id, key: primitives.curvePublic(oneTime.secret) }, { id: oneTime.id, key: oneTime.kem.publicKey });

    const drawn = new Map(of('session.drawn').map(([number, ...fields]) => [number, fields]));
    let heard = 0;
    for (const [number, from, type, inner, half, kem, message, content] of of('session.message')) {
      const [, offerSeed, kemRandom] = (drawn.get(number) ?? ['-', '-', '-']).map((field) => (field === '-' ? undefined : unhex(field)));
      const [own, other] = from === 'alice' ? ['alice', 'bob'] : ['bob', 'alice'];
      scripts[own].add(...[unhex(half), kemRandom, offerSeed].filter((part) => part !== undefined));
      const said = sessions[own].encrypt(decode('Inner', unhex(inner)));
      const made = [said.type, hex(said.kem), hex(said.message), hex(said.content)];
      assert.deepEqual(made, [Number(type), kem, message, content], `message ${number}`);
      assert.equal(scripts[own].left, 0);
      // who hears it draws its next ratchet key now
      const next = drawn.get(String(Number(number) + 1));
      scripts[other].add(next ? unhex(next[0]) : zeros(32));
      assert.deepEqual(sessions[other].decrypt(said, given).inner, decode('Inner', unhex(inner)));
      assert.throws(() => sessions[other].decrypt(said, given), { name: 'Refused' }, 'twice');
      heard++;
    }
    assert.ok(heard >= 5 && sessions.alice.epoch === 1 && sessions.bob.epoch === 1);
  });

  test('group.*: a sender key, and what is said under it', () => {
    const [[epoch, id, chain, signPrivate, shared]] = of('group.key');
    const entropy = { ...new Script(unhex(chain), unhex(signPrivate)), below: () => Number(id) };
    const script = new Script(unhex(chain), unhex(signPrivate));
    Object.assign(entropy, { bytes: (size) => script.bytes(size) });
    const own = new SenderKey(BigInt(epoch), /** @type {any} */ (entropy));
    assert.equal(hex(own.distribution()), shared);
    let theirs = new HeardKey(unhex(shared));
    for (const [inner, half, random, message, content] of of('group.message')) {
      script.add(unhex(random));
      assert.equal(hex(own.encrypt(unhex(half))), message);
      const sealed = primitives.sealOnce(groupKeyOf(unhex(half)), pad(unhex(inner)), groupAd(unhex(message)));
      assert.equal(hex(sealed), content);
      const { half: opened, next } = theirs.decrypt(unhex(message));
      assert.equal(hex(unpad(primitives.openOnce(groupKeyOf(opened), unhex(content), groupAd(unhex(message))))), inner);
      assert.throws(() => next.decrypt(unhex(message)), { why: 'twice' });
      theirs = next;
    }
  });
});

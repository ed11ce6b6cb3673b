// SPDX-License-Identifier: GPL-3.0-or-later
// What breaks a rule of the document is dropped by the core under the name that the document gives, and by the second implementation.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, u8, unhex, utf8, zeros } from './bytes.mjs';
import { endsOf } from './derive.mjs';
import { FRAME, KIND, makeDirect, makeEnvelope } from './envelope.mjs';
import { makeIdentity, makeRecord } from './record.mjs';
import { RelayClient } from './relay.mjs';
import { encode } from './schema.mjs';
import { newRoom, skip, until, useStage } from './support/stage.mjs';

const flipped = (bytes, at) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const OLD_FRAMES = [0x11, 0x12, 0x13, 0x31];

/** @typedef {{peer: import('./peer.mjs').Peer, person: import('./people.mjs').Person}} From */

/** A Body of ours to the core, with what is to be wrong. @param {From} from @param {any} fields */
function body({ peer, person }, { to = person.address, ...fields }) {
  return { ...peer.bodyOf({ to, kind: KIND.DIGEST, payload: encode('Digest', { known: [] }) }), ...fields };
}
const signed = (from, fields) => makeEnvelope(from.peer.identity, body(from, fields));
function greeting(from, fields) {
  return signed(from, { kind: KIND.GREETING, payload: encode('Greeting', { record: from.peer.signed, ...fields }) });
}
const bye = (from, fields) => signed(from, { to: null, kind: KIND.BYE, payload: zeros(1), ...fields });

/** A session message whose Inner is to be wrong. */
function session({ peer, person }, inner, change = (ciphertext) => ciphertext, fields = {}) {
  const ends = endsOf(peer.room.network, peer.address, person.address);
  const payload = encode('Ciphertext', change(person.session.encrypt({ ends, ...inner })));
  return signed({ peer, person }, { kind: KIND.SESSION, payload, ...fields });
}
function said(json, more = {}) {
  return { say: [{ stream_id: 0x1001n, sequence: 1n, id: zeros(16), date_ms: 0n, json: utf8(json), ...more }] };
}
const stranger = (from, fields) => makeEnvelope(makeIdentity(from.peer.entropy), body(from, fields));

/** The greeting of somebody new, whose record has a field that is to be wrong. */
function told(from, fields, keys = {}, more = {}) {
  const { time, room, entropy } = from.peer;
  const identity = { ...makeIdentity(entropy), ...keys };
  const record = makeRecord(identity, room, { nick: 'new', sequence: BigInt(time.nextMs()), issuedMs: time.nowMs, ...fields });
  const payload = encode('Greeting', { record, nonce: zeros(16), ...more });
  return makeEnvelope(identity, body(from, { from: identity.address, kind: KIND.GREETING, payload }));
}

const newer = ({ identity, room, time }, fields) =>
  makeRecord(identity, room, { sequence: BigInt(time.nextMs()), issuedMs: time.nowMs, ...fields });

/** Section, what is wrong, the name of the error, and the frame. @type {[string, string, string, (from: From) => Uint8Array][]} */
const ROWS = [
  ...OLD_FRAMES.map((byte) => /** @type {any} */ (['5.1', `a frame of another version, ${byte.toString(16)}`, 'NKT_E_VERSION',
    (from) => concat(u8(byte), signed(from, {}).slice(1))])),
  ['5.1', 'an unknown type', 'NKT_E_FRAME_TYPE', (from) => concat(u8(0x2f), signed(from, {}).slice(1))],
  ['5.1', 'too short an envelope', 'NKT_E_FRAME_LENGTH', () => concat(u8(FRAME.ENVELOPE), zeros(65))],
  ['5.2', 'no protobuf', 'NKT_E_FRAME_SYNTAX', () => concat(u8(FRAME.ENVELOPE), zeros(65), unhex('ffffffffffff'))],
  ['5.2', 'a network of 15 bytes', 'NKT_E_FRAME_SYNTAX', (from) => signed(from, { network: zeros(15) })],
  ['5.2', 'an address of zeros', 'NKT_E_FRAME_SYNTAX', (from) => signed(from, { from: zeros(20) })],
  ['5.2', '601 s to live', 'NKT_E_EXPIRED', (from) => signed(from, { ttl_s: 601 })],
  ['5.2', 'a time that is none', 'NKT_E_EXPIRED', (from) => signed(from, { created_ms: 2n ** 44n })],
  ['5.3', 'a digest for everybody', 'NKT_E_RECIPIENT', (from) => signed(from, { to: null })],
  ['5.3', 'a letter by itself', 'NKT_E_PAYLOAD', (from) => signed(from, { kind: KIND.LETTER, keep: true })],
  ['5.4', 'of another room, to all', 'NKT_E_NETWORK', (from) => bye(from, { network: zeros(16) })],
  ['5.4', 'of one who is not known', 'NKT_E_SENDER', (from) => stranger(from, { from: zeros(20).fill(7) })],
  ['5.4', 'signed by somebody else', 'NKT_E_SIGNATURE', (from) => stranger(from, {})],
  ['5.4', 'a signature with a bit changed', 'NKT_E_SIGNATURE', (from) => flipped(signed(from, {}), 40)],
  ['3.3', 'a nick of 65 bytes', 'NKT_E_USER_RECORD', (from) => told(from, { nick: 'n'.repeat(65) })],
  ['3.3', 'a nick with a control character', 'NKT_E_USER_RECORD', (from) => told(from, { nick: 'a\u0007b' })],
  ['3.3', 'five relays', 'NKT_E_USER_RECORD', (from) => told(from, { relays: Array(5).fill('ws://x') })],
  ['3.3', 'valid for 25 hours', 'NKT_E_USER_RECORD', (from) => told(from, { validMs: 25 * 3600_000 })],
  ['3.3', 'no registration id', 'NKT_E_USER_RECORD', (from) => told(from, {}, { registrationId: 0 })],
  ['3.3', 'a prekey id that is too large', 'NKT_E_USER_RECORD', (from) => told(from, {}, { prekeyId: 2 ** 24 - 1 })],
  ['3.3', 'a binding of something else', 'NKT_E_SIGNATURE', (from) => told(from, {}, { binding: from.peer.identity.prekeySignature })],
  ['3.3', 'a prekey of low order', 'NKT_E_KEY', (from) => told(from, {}, { prekey: zeros(32) })],
  ['7.1', "another's record", 'NKT_E_USER_RECORD', (from) => greeting(from, { record: from.person.record.signed })],
  ['7.2', 'a lasting KEM key that is not that of the record', 'NKT_E_KEY', (from) => told(from, {}, {}, {
    kem_key: flipped(from.peer.identity.kem.publicKey, 1183) })],
  ['3.3', 'a newer record of one who is known, with a nick of 65 bytes', 'NKT_E_USER_RECORD', (from) => greeting(from, {
    record: newer(from.peer, { nick: 'n'.repeat(65) }) })],
  ['7.4', '25 KEM keys asked for', 'NKT_E_PAYLOAD', (from) => signed(from, {
    kind: KIND.WANT, payload: encode('Want', { kem_key: Array(25).fill(from.peer.address) }) })],
  ['7.4', 'a KEM key of 1,183 bytes told', 'NKT_E_PAYLOAD', (from) => signed(from, {
    kind: KIND.RECORDS, payload: encode('Records', { kem_key: [{ address: from.peer.address, key: zeros(1183) }] }) })],
  ['7.4', 'a record whose signature has 63 bytes told', 'NKT_E_PAYLOAD', (from) => signed(from, {
    kind: KIND.RECORDS, payload: encode('Records', { record: [{ ...from.person.record.signed, signature: zeros(63) }] }) })],
  ['9.4', 'an acknowledgement that ends before it begins', 'NKT_E_PAYLOAD', (from) => session(from, {
    ack: [{ stream_id: 7n, first: 2n, last: 1n }] })],
  ['7.5', 'a good-bye older than what is known', 'NKT_E_REPLAY', (from) => bye(from, { created_ms: from.peer.sequence })],
  ['8.4', 'content with a bit changed', 'NKT_E_DECRYPT', (from) => session(from, { welcome: true }, (made) => ({
    ...made, content: flipped(made.content, 5) }))],
  ['8.3', 'flags that there are not', 'NKT_E_DECRYPT', (from) => session(from, { welcome: true }, (made) => ({
    ...made, kem: made.kem.map((byte, i) => (i === 0 ? 8 : byte)) }))],
  ['8.5', 'no ends', 'NKT_E_ENDS', (from) => session(from, { welcome: true, ends: undefined })],
  ['8.5', "others' ends", 'NKT_E_ENDS', (from) => session(from, { welcome: true, ends: zeros(16) })],
  ['8.5', 'a group binding in a session', 'NKT_E_PAYLOAD', (from) => session(from, {
    ...said('1'), group: { network: from.peer.room.network, from: from.peer.address, epoch: 1n } })],
  ['9.1', 'a message in stream 0', 'NKT_E_PAYLOAD', (from) => session(from, said('1', { stream_id: 0n }))],
  ['9.1', 'a message at position 0', 'NKT_E_PAYLOAD', (from) => session(from, said('1', { sequence: 0n }))],
  ['9.3', 'no JSON', 'NKT_E_PAYLOAD', (from) => session(from, said('[1,]'))],
  ['9.3', '33 levels', 'NKT_E_PAYLOAD', (from) => session(from, said('['.repeat(33) + ']'.repeat(33)))],
  ['9.3', 'a number that is none', 'NKT_E_PAYLOAD', (from) => session(from, said('1e400'))],
  ['5.5', 'a direct frame over the relay', 'NKT_E_FRAME_TYPE', (from) => makeDirect(body(from, { kind: KIND.SESSION, payload: zeros(1) }))],
];

describe('what is refused', { skip, timeout: 360_000 }, () => {
  const stage = useStage();

  test('by the core, under the names that the document gives', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const second = await stage.second(room, { seed: 'refused' });
    const person = await second.person(core.address);
    await core.session(second.address);
    const from = { peer: second.peer, person };
    const { dropped } = core;
    const [relay] = second.peer.relays;
    const wrong = [];
    for (const [section, what, name, make] of ROWS) {
      const before = { ...dropped() };
      relay.direct(person.address, make(from));
      relay.direct(person.address, zeros(100).fill(0x2e)); // an unknown type: when it is counted, what came before it is
      const isLast = () => (dropped().NKT_E_FRAME_TYPE ?? 0) > (before.NKT_E_FRAME_TYPE ?? 0) + (name === 'NKT_E_FRAME_TYPE' ? 1 : 0);
      await until(isLast, `${section}: ${what}`);
      const found = Object.entries(dropped()).filter(([error, count]) => count > (before[error] ?? 0)).map(([error]) => error);
      const others = found.filter((error) => error !== 'NKT_E_FRAME_TYPE' || name === error);
      if (others.join() !== name) wrong.push(`${section}: ${what}: ${others.join() || 'nothing'}, not ${name}`);
    }
    assert.deepEqual(wrong, []);
    assert.deepEqual(core.values(), []);
    assert.equal(await second.peer.say('and yet we talk', person), 1);
  });

  test('a frame twice is heard once', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const second = await stage.second(room, { seed: 'twice' });
    const person = await second.person(core.address);
    await core.session(second.address);
    const frame = session({ peer: second.peer, person }, said('"once"'));
    for (let i = 0; i < 3; i++) second.peer.relays[0].direct(person.address, frame);
    await until(() => (core.dropped().NKT_E_DUPLICATE ?? 0) >= 2, 'the second and third');
    assert.deepEqual(core.values(), ['once']);
  });

  test('by us: frames of version 1, forged ones, and what is not for us', async () => {
    const room = newRoom();
    const { peer } = await stage.second(room, { seed: 'ours' });
    const other = await stage.second(room, { seed: 'other' });
    const person = await other.person(peer.addressText);
    const from = { peer: other.peer, person };
    const seen = () => ({ ...peer.refusals });
    for (const byte of OLD_FRAMES) peer.receive(concat(u8(byte), signed(from, {}).slice(1)), {});
    assert.equal(seen().version, OLD_FRAMES.length);
    const why = (frame) => {
      const before = seen();
      peer.receive(frame, {});
      return Object.keys(seen()).find((name) => seen()[name] > (before[name] ?? 0));
    };
    assert.equal(why(flipped(signed(from, {}), 40)), 'signature');
    assert.equal(why(signed(from, { ttl_s: 601 })), 'time');
    assert.equal(why(signed(from, { network: zeros(16), to: null, kind: KIND.BYE })), 'network');
    assert.equal(why(session(from, { ends: zeros(16) })), 'ends');
    assert.equal(why(makeDirect(body(from, { kind: KIND.SESSION, payload: zeros(1) }))), 'author');
    assert.equal(why(told(from, { nick: 'n'.repeat(65) })), 'record');
  });

  test('by the relay: a HELLO of version 1, with a code of its own and words', async () => {
    const { peer } = await stage.second(newRoom(), { seed: 'old', isApart: true });
    const relay = new RelayClient(stage.url(), peer.identity, peer.room.relayRoom, 1);
    const [code, reason] = await new Promise((resolve) => { relay.once('closed', (...why) => resolve(why)); });
    assert.equal(code, 4002);
    assert.match(reason, /version 2/);
  });

  test('by the relay: a proof that is none', async () => {
    const { peer } = await stage.second(newRoom(), { seed: 'proof', isApart: true });
    const signSeed = zeros(32).fill(9);
    const relay = new RelayClient(stage.url(), { ...peer.identity, signSeed }, peer.room.relayRoom);
    const [code] = await new Promise((resolve) => { relay.once('closed', (...why) => resolve(why)); });
    assert.equal(code, 1002);
  });
});

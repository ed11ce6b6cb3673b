// SPDX-License-Identifier: GPL-3.0-or-later
// Who somebody is: the keys of a peer, and the record that tells of them (docs/protocol.md, section 3).
import { concat, demand, equal, u8, utf8, zeros } from './bytes.mjs';
import * as derive from './derive.mjs';
import * as primitives from './primitives.mjs';
import { decode, encode } from './schema.mjs';

const RECORD_SIZE_MAX = 2048;
const VALID_MS_MAX = 24 * 3600_000;
const TIME_END = 2n ** 44n;
const VALID_MS = 2 * 3600_000;
const PREKEY_ID_MAX = 2 ** 24 - 2;
const NICK_SIZE_MAX = 64;
const URL_SIZE_MAX = 256;
const URLS_MAX = 4;

/** Keys of a new peer. @param {import('./entropy.mjs').Entropy} entropy */
export function makeIdentity(entropy) {
  const signSeed = entropy.bytes(32);
  const signKey = primitives.signPublic(signSeed);
  const identityPrivate = entropy.bytes(32);
  const identityKey = primitives.curvePublic(identityPrivate);
  const prekeyPrivate = entropy.bytes(32);
  const prekey = primitives.curvePublic(prekeyPrivate);
  const xeddsa = (bytes) => primitives.xeddsaSign(identityPrivate, bytes, entropy.bytes(64));
  return {
    signSeed,
    signKey,
    identityPrivate,
    identityKey,
    address: derive.addressOf(signKey, identityKey),
    registrationId: 1 + entropy.below(16_380),
    prekeyId: 1 + entropy.below(0xfffff0),
    prekeyPrivate,
    prekey,
    prekeySignature: xeddsa(concat(u8(5), prekey)),
    kem: primitives.kemPair(entropy.bytes(64)),
    binding: xeddsa(derive.bindingDigest(signKey)),
  };
}
/** @typedef {ReturnType<typeof makeIdentity>} Identity */

/**
 * @param {Identity} identity @param {{key: Uint8Array}} room that its owner knows
 * @param {{nick: string, sequence: bigint, issuedMs: number, relays?: string[], capabilities?: number, validMs?: number}} about
 * @returns {any} a SignedRecord
 */
export function makeRecord(identity, room, { nick, sequence, issuedMs, relays = [], capabilities = 0, validMs = VALID_MS }) {
  const record = encode('UserRecord', {
    sign_key: identity.signKey,
    identity_key: identity.identityKey,
    registration_id: identity.registrationId,
    signed_prekey_id: identity.prekeyId,
    signed_prekey: identity.prekey,
    signed_prekey_signature: identity.prekeySignature,
    nick,
    capabilities,
    relays,
    trackers: [],
    sequence,
    issued_ms: BigInt(issuedMs),
    expires_ms: BigInt(issuedMs + validMs),
    binding: identity.binding,
    kem_hash: derive.kemHashOf(identity.kem.publicKey),
  });
  const signature = primitives.sign(identity.signSeed, derive.recordDigest(record));
  return { record, signature, membership: derive.membershipOf(room.key, signature) };
}

/**
 * All that can be checked without knowing the time.
 * @param {any} signed a SignedRecord @param {{key: Uint8Array}} room @param {Known} [known] of the same address: its binding was verified
 */
export function readRecord(signed, room, known) {
  demand(signed.record.length <= RECORD_SIZE_MAX, 'record', 'too large');
  const record = decode('UserRecord', signed.record);
  demand(record.sign_key.length === 32 && record.identity_key.length === 32 && record.signed_prekey.length === 32, 'record', 'keys');
  demand(record.registration_id > 0 && record.signed_prekey_id > 0 && record.signed_prekey_id <= PREKEY_ID_MAX, 'record', 'ids');
  demand(record.kem_hash?.length === 32, 'record', 'kem hash');
  demand(isText(record.nick, NICK_SIZE_MAX), 'record', 'nick');
  for (const urls of [record.relays, record.trackers]) {
    demand(urls.length <= URLS_MAX && urls.every((url) => isText(url, URL_SIZE_MAX)), 'record', 'urls');
  }
  const { sequence, issued_ms: issuedMs, expires_ms: expiresMs } = record;
  demand(sequence > 0n && sequence < TIME_END && issuedMs < TIME_END, 'record', 'times');
  demand(issuedMs <= expiresMs && expiresMs - issuedMs <= BigInt(VALID_MS_MAX), 'record', 'validity');
  demand(primitives.isCurveKey(record.identity_key) && primitives.isCurveKey(record.signed_prekey), 'record', 'curve keys');
  demand(primitives.verifies(signed.signature, derive.recordDigest(signed.record), record.sign_key), 'record', 'signature');
  if (!known || !equal(record.identity_key, known.identity_key) || !equal(record.binding, known.binding)) {
    const { binding = zeros(0), sign_key: signKey, identity_key: identityKey } = record;
    demand(primitives.xeddsaVerifies(binding, derive.bindingDigest(signKey), identityKey), 'record', 'binding');
  }
  const membership = derive.membershipOf(room.key, signed.signature);
  return {
    ...record,
    signed,
    address: derive.addressOf(record.sign_key, record.identity_key),
    isMember: signed.membership !== undefined && equal(signed.membership, membership),
  };
}
/** @typedef {ReturnType<typeof readRecord>} Known */

/** UTF-8 of so many bytes, without control characters. */
function isText(text, sizeMax) {
  const isControl = (sign) => sign < '\u0020' || (sign >= '\u007f' && sign <= '\u009f');
  return utf8(text).length <= sizeMax && ![...text].some(isControl);
}

/** Checked by who sets up a session. @param {Known} record */
export function demandPrekey(record) {
  const bytes = concat(u8(5), record.signed_prekey);
  demand(primitives.xeddsaVerifies(record.signed_prekey_signature, bytes, record.identity_key), 'prekey', 'signature');
}


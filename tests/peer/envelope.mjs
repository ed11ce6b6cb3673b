// SPDX-License-Identifier: GPL-3.0-or-later
// Frames between peers (docs/protocol.md, section 5).
import { concat, demand, Reader, u8 } from './bytes.mjs';
import * as derive from './derive.mjs';
import { sign, verifies } from './primitives.mjs';
import { decode, encode } from './schema.mjs';

/** The version, 2, then the type. */
export const FRAME = {
  ENVELOPE: 0x21, PROOF: 0x22, PING: 0x23, PONG: 0x24, IHAVE: 0x25, GRAFT: 0x26, RECORD: 0x28, ROOM: 0x29, DIRECT: 0x2a,
};
export const KIND = {
  GREETING: 1, DIGEST: 2, WANT: 3, RECORDS: 4, SIGNAL: 5, SESSION: 6, CLEAR: 7, BYE: 8, GROUP: 9, WALK: 10, MAIL: 11, KEEP: 12,
  RECEIPT: 13, LETTER: 14, SHARED: 15,
};
/** Without a recipient; those that are not known may be so as well. */
const FOR_ALL = [KIND.GREETING, KIND.CLEAR, KIND.BYE, KIND.GROUP, KIND.WALK, KIND.LETTER, KIND.SHARED];
const KIND_LAST = KIND.SHARED;
const FRAME_SIZE_MAX = 65_536;
const TTL_S_MAX = 600;
const KEEP_S_MAX = 691_200;
const TIME_END = 2n ** 44n;
const ID_SIZE = 16;

/** @param {import('./record.mjs').Identity} identity @param {any} body a Body @returns {Uint8Array} the frame, hops 0 */
export function makeEnvelope(identity, body) {
  const bytes = encode('Body', body);
  const digest = derive.envelopeDigest(bytes);
  const frame = concat(u8(FRAME.ENVELOPE), u8(0), sign(identity.signSeed, digest), bytes);
  demand(frame.length <= FRAME_SIZE_MAX, 'length');
  return frame;
}

/** Everything but who sent it and when. @param {Uint8Array} frame */
export function readEnvelope(frame) {
  demand(frame.length <= FRAME_SIZE_MAX, 'length');
  const reader = new Reader(frame);
  demand(reader.number() === FRAME.ENVELOPE, 'type');
  const hops = reader.number();
  const signature = reader.take(64);
  const bytes = reader.rest();
  const digest = derive.envelopeDigest(bytes);
  const body = readBody(bytes);
  return { hops, signature, digest, id: digest.slice(0, ID_SIZE), body, frame };
}
/** @typedef {ReturnType<typeof readEnvelope>} Envelope */

function readBody(bytes) {
  const body = decode('Body', bytes);
  demand(body.network.length === 16 && body.from.length === 20 && (body.to ?? body.from).length === 20, 'syntax', 'sizes');
  demand(body.created_ms < TIME_END && body.ttl_s <= TTL_S_MAX, 'time');
  demand(body.to || FOR_ALL.includes(body.kind) || body.kind > KIND_LAST, 'to');
  demand((body.keep_s ?? 0) <= KEEP_S_MAX, 'time');
  return body;
}

/** For the recipient's own link, and nothing else: not signed (section 5.5). @param {any} body a Body */
export const makeDirect = (body) => concat(u8(FRAME.DIRECT), encode('Body', body));

/** @param {Uint8Array} frame */
export function readDirect(frame) {
  const bytes = frame.slice(1);
  const digest = derive.envelopeDigest(bytes);
  const body = readBody(bytes);
  demand(body.kind === KIND.SESSION && body.to && !body.keep && body.keep_s === undefined && !body.record && !body.seek, 'direct');
  return { id: digest.slice(0, ID_SIZE), body };
}

/** @param {Envelope} envelope @param {Uint8Array} signKey of its author */
export const isSignedBy = ({ signature, digest }, signKey) => verifies(signature, digest, signKey);

/** One hop further. @param {Uint8Array} frame */
export function passedOn(frame) {
  const next = frame.slice();
  next[1]++;
  return next;
}

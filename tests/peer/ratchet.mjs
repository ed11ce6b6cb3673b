// SPDX-License-Identifier: GPL-3.0-or-later
// The Double Ratchet as in message version 3 of the Signal protocol (docs/protocol.md, section 8.1). A state is a plain object; what
// decrypts returns another one, so whatever fails has changed nothing.
import { concat, demand, equal, hex, u8, zeros } from './bytes.mjs';
import { aesCbcOpen, aesCbcSeal, agree, curvePublic, hkdfSha256, hmacSha256 } from './primitives.mjs';
import { decode, encode } from './schema.mjs';

const VERSION = 0x33;
const KEY_TYPE = 5;
const MAC_SIZE = 8;
const CHAINS_MAX = 5; // of the other side, the newest
const AHEAD_MAX = 512;

export const keyBytes = (key) => concat(u8(KEY_TYPE), key);
export function readKey(bytes) {
  demand(bytes?.length === 33 && bytes[0] === KEY_TYPE, 'key');
  return bytes.slice(1);
}

/** The version, then a message. */
export const versioned = (name, message) => concat(u8(VERSION), encode(name, message));
export function readVersioned(name, bytes) {
  demand(bytes.length > 1 && bytes[0] === VERSION, 'signal version');
  return decode(name, bytes.slice(1));
}

function step(root, ownPrivate, theirKey) {
  const keys = hkdfSha256(root, agree(ownPrivate, theirKey), 'WhisperRatchet', 64);
  return { root: keys.slice(0, 32), chain: keys.slice(32) };
}

function messageKeys(chain) {
  const keys = hkdfSha256(zeros(32), hmacSha256(chain, u8(1)), 'WhisperMessageKeys', 80);
  return { cipher: keys.slice(0, 32), mac: keys.slice(32, 64), iv: keys.slice(64) };
}
const chainAfter = (chain) => hmacSha256(chain, u8(2));

/** @param {{root: Uint8Array, chain: Uint8Array}} secret of X3DH @param {Uint8Array} prekey theirs @param {Uint8Array} freshPrivate */
export function beginAsInitiator(secret, prekey, freshPrivate) {
  const { root, chain } = step(secret.root, freshPrivate, prekey);
  return {
    root,
    own: freshPrivate,
    sending: { chain, index: 0 },
    previous: 0,
    receiving: [{ key: prekey, chain: secret.chain, index: 0, skipped: {} }],
  };
}

/** @param {{root: Uint8Array, chain: Uint8Array}} secret of X3DH @param {Uint8Array} prekeyPrivate one's own */
export function beginAsResponder(secret, prekeyPrivate) {
  return { root: secret.root, own: prekeyPrivate, sending: { chain: secret.chain, index: 0 }, previous: 0, receiving: [] };
}
/** @typedef {{root: Uint8Array, own: Uint8Array, sending: any, previous: number, receiving: any[]}} Ratchet */

const macOf = (key, from, to, bytes) => hmacSha256(key, concat(keyBytes(from), keyBytes(to), bytes)).slice(0, MAC_SIZE);

/** @param {Ratchet} state changed @param {{from: Uint8Array, to: Uint8Array}} identities keys @param {Uint8Array} plaintext */
export function encrypt(state, { from, to }, plaintext) {
  const { sending } = state;
  const keys = messageKeys(sending.chain);
  const bytes = versioned('WhisperMessage', {
    ratchetKey: keyBytes(curvePublic(state.own)),
    counter: sending.index,
    previousCounter: state.previous,
    ciphertext: aesCbcSeal(keys.cipher, keys.iv, plaintext),
  });
  sending.chain = chainAfter(sending.chain);
  sending.index++;
  return concat(bytes, macOf(keys.mac, from, to, bytes));
}

/**
 * @param {Ratchet} before @param {{from: Uint8Array, to: Uint8Array}} identities keys @param {Uint8Array} message
 * @param {() => Uint8Array} fresh a private key
 * @returns {{state: Ratchet, plaintext: Uint8Array}}
 */
export function decrypt(before, { from, to }, message, fresh) {
  demand(message.length > MAC_SIZE + 1, 'length');
  const bytes = message.slice(0, -MAC_SIZE);
  const { ratchetKey, counter, ciphertext } = readVersioned('WhisperMessage', bytes);
  demand(counter !== undefined && ciphertext !== undefined, 'syntax');
  const theirKey = readKey(ratchetKey);
  const state = structuredClone(before);
  const chain = state.receiving.find(({ key }) => equal(key, theirKey)) ?? turn(state, theirKey, fresh);
  const keys = keysAt(chain, counter);
  demand(equal(macOf(keys.mac, from, to, bytes), message.slice(-MAC_SIZE)), 'mac');
  return { state, plaintext: aesCbcOpen(keys.cipher, keys.iv, ciphertext) };
}

/** A new key of the other side: a chain to receive, and another one to send. */
function turn(state, theirKey, fresh) {
  const receive = step(state.root, state.own, theirKey);
  const own = fresh();
  const send = step(receive.root, own, theirKey);
  state.previous = Math.max(state.sending.index - 1, 0);
  Object.assign(state, { root: send.root, own, sending: { chain: send.chain, index: 0 } });
  const chain = { key: theirKey, chain: receive.chain, index: 0, skipped: {} };
  state.receiving = [...state.receiving, chain].slice(-CHAINS_MAX);
  return chain;
}

/** The keys at a place; those of the places before it are kept for what is still on its way. */
function keysAt(chain, counter) {
  if (counter < chain.index) {
    const keys = chain.skipped[counter];
    demand(keys, 'twice', hex(chain.key).slice(0, 8));
    delete chain.skipped[counter];
    return keys;
  }
  demand(counter - chain.index <= AHEAD_MAX, 'ahead');
  for (; chain.index < counter; chain.index++) {
    chain.skipped[chain.index] = messageKeys(chain.chain);
    chain.chain = chainAfter(chain.chain);
  }
  const keys = messageKeys(chain.chain);
  chain.chain = chainAfter(chain.chain);
  chain.index++;
  return keys;
}

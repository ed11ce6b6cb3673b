// SPDX-License-Identifier: GPL-3.0-or-later
// Everything of nkt's own that is hashed, keyed, derived or signed: one convention (docs/protocol.md, sections 2.1 and 2.2).
import { concat, u32, u64, u8, utf8 } from './bytes.mjs';
import { hash } from './primitives.mjs';

const L = (part) => concat(u32(part.length), part);

/** A label and its parts, each preceded by its length. @param {string} label @param {...Uint8Array} parts */
export const T = (label, ...parts) => concat(L(utf8(`nkt/2 ${label}`)), ...parts.map(L));

const plain = (size, ...labelled) => hash(size, T(...labelled));
const keyed = (size, key, ...labelled) => hash(size, T(...labelled), key);

// ---- 3: who somebody is
export const addressOf = (signKey, identityKey) => plain(20, 'address', signKey, identityKey);
export const bindingDigest = (signKey) => plain(32, 'binding', signKey);
export const kemHashOf = (kemKey) => plain(32, 'kem key', kemKey);
export const recordDigest = (record) => plain(32, 'record', record);
export const membershipOf = (roomKey, signature) => keyed(16, roomKey, 'membership', signature);

// ---- 4: rooms
export const roomKeyOf = (name, secret) => plain(32, 'room', name, secret);
export const swarmKeyOf = (address) => plain(32, 'swarm of', address);
export const networkOf = (key) => keyed(16, key, 'network');
export const relayRoomOf = (key) => keyed(20, key, 'relay room');
export const roomSealOf = (key) => keyed(32, key, 'room seal');
export const roomInfoOf = (key) => keyed(32, key, 'room info hash');
export const addressSealOf = (address) => plain(32, 'address seal', address);
export const addressInfoOf = (address) => plain(32, 'address info hash', address);

// ---- 5, 11, 12, 14: what travels
export const envelopeDigest = (body) => plain(32, 'envelope', body);
export const endsOf = (network, from, to) => plain(16, 'ends', network, from, to);
export const sealKeyOf = (secret, ephemeral, identityKey, context) => keyed(32, secret, 'seal', ephemeral, identityKey, context);
export const linkDigest = (parts, role, hasRoom, roomKey) => plain(32, 'link', ...parts, u8(role), u8(hasRoom), roomKey);
export const relayProofDigest = (challenge) => plain(32, 'relay proof', challenge);
export const inviteSumOf = (bytes) => plain(4, 'invite sum', bytes);

// ---- 8.3: the KEM half. initiator and responder: address and identity key
export const kemContextOf = (initiator, responder, keyId) => plain(32, 'kem context', ...initiator, ...responder, u32(keyId));
export const kemEpochOf = (key, epoch, secret) => keyed(32, key, 'kem epoch', u32(epoch), secret);
export const kemRootOf = (secret) => keyed(32, secret, 'kem root');
export const kemChainOf = (secret, isInitiator) => keyed(32, secret, 'kem chain', u8(isInitiator ? 1 : 2));
export const kemMessageOf = (chain) => keyed(32, chain, 'kem message');
export const kemNextOf = (chain) => keyed(32, chain, 'kem next');

// ---- 8.4, 10, 17: what is said
export const contentKeyOf = (messageKey, half) => keyed(32, messageKey, 'message', half);
export const contentAd = (kem, message) => T('message', kem, message);
export const groupKeyOf = (half) => plain(32, 'group message', half);
export const groupAd = (message) => T('group message', message);
export const letterKeyOf = (chain) => keyed(32, chain, 'letter key');
export const letterNextOf = (chain) => keyed(32, chain, 'letter next');
export const letterAd = (network, from, to, epoch, number) => T('letter', network, from, to, u64(epoch), u64(number));

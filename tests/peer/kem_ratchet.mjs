// SPDX-License-Identifier: GPL-3.0-or-later
// The KEM half of a session: ML-KEM-768 keys that turn beside the Double Ratchet (docs/protocol.md, section 8.3). A state is a plain
// object; what hears a message returns another one, so whatever fails has changed nothing.
import { concat, demand, equal, isZero, Reader, u16, u32, u8 } from './bytes.mjs';
import * as derive from './derive.mjs';
import { kemDecapsulate, kemEncapsulate, kemPair } from './primitives.mjs';

const HAS_OFFER = 1;
const HAS_ANSWER = 2;
const IS_FIRST = 4; // the answer is to a published key
const KEY_SIZE = 1184;
const CIPHERTEXT_SIZE = 1088;
const TAG_SIZE = 4;
const PLACE_MAX = 0xffff;
const SKIPPED_MAX = 512;
const EPOCHS_BEHIND = 3;

// when to offer: the offerer's own affair
const OFFER_TURN = 2;
const OFFER_PLACES = 32;
const OFFERS_MAX = 8;
const REPEAT_PLACES = 8;

/** @typedef {{address: Uint8Array, identityKey: Uint8Array}} End */

function beginEpoch(state, epoch, secret, isOfferer) {
  demand(!isZero(secret), 'kem secret');
  const bytes = derive.kemEpochOf(epoch === 0 ? state.context : state.root, epoch, secret);
  const chain = (isInitiator) => ({ chain: derive.kemChainOf(bytes, isInitiator), place: 0 });
  state.root = derive.kemRootOf(bytes);
  state.epoch = epoch;
  state.isOfferer = isOfferer;
  state.saying = { ...chain(state.isInitiator), turns: 0, isTurn: true };
  state.hearing = [{ epoch, ...chain(!state.isInitiator) }, ...(state.hearing ?? [])].slice(0, EPOCHS_BEHIND + 1);
  state.offers = []; // ours, with their secrets
  state.heardOffer = null; // the newest of theirs
}

function begin(isInitiator, context, ciphertext, secret) {
  const state = { isInitiator, context, tag: ciphertext.slice(0, TAG_SIZE), skipped: [] };
  beginEpoch(state, 0, secret, isInitiator);
  return /** @type {any} */ (state);
}

/**
 * @param {End} me @param {End} them @param {{id: number, key: Uint8Array}} kemKey of theirs; id 0: the lasting one
 * @param {Uint8Array} random 32
 */
export function beginAsInitiator(me, them, { id, key }, random) {
  const { cipherText, sharedSecret } = kemEncapsulate(key, random);
  const context = derive.kemContextOf([me.address, me.identityKey], [them.address, them.identityKey], id);
  const state = begin(true, context, cipherText, sharedSecret);
  state.answer = { id, ciphertext: cipherText, isFirst: true };
  return state;
}

/**
 * @param {End} me @param {End} them @param {Header} header of a first message
 * @param {Uint8Array} secretKey of the key that it answers
 */
export function beginAsResponder(me, them, header, secretKey) {
  const { id, ciphertext } = /** @type {any} */ (header.answer);
  const context = derive.kemContextOf([them.address, them.identityKey], [me.address, me.identityKey], id);
  return begin(false, context, ciphertext, kemDecapsulate(ciphertext, secretKey));
}

/**
 * @typedef {{epoch: number, place: number, tag: Uint8Array, offer?: {id: number, key: Uint8Array},
 *   answer?: {id: number, ciphertext: Uint8Array, isFirst: boolean}}} Header
 */

/** @param {Header} header */
function writeHeader({ epoch, place, tag, offer, answer }) {
  const flags = (offer ? HAS_OFFER : 0) | (answer ? HAS_ANSWER : 0) | (answer?.isFirst ? IS_FIRST : 0);
  const parts = [u8(flags), u8(epoch & 0xff), u16(place), tag];
  if (offer) parts.push(u32(offer.id), offer.key);
  if (answer) parts.push(u32(answer.id), answer.ciphertext);
  return concat(...parts);
}

/** @param {Uint8Array} bytes @returns {Header} */
export function readHeader(bytes) {
  const reader = new Reader(bytes);
  const flags = reader.number();
  demand(flags < 8 && (!(flags & IS_FIRST) || flags & HAS_ANSWER), 'kem header', `flags ${flags}`);
  /** @type {Header} */
  const header = { epoch: reader.number(), place: reader.number(2), tag: reader.take(TAG_SIZE) };
  if (flags & HAS_OFFER) header.offer = { id: reader.number(4), key: reader.take(KEY_SIZE) };
  if (flags & HAS_ANSWER) {
    header.answer = { id: reader.number(4), ciphertext: reader.take(CIPHERTEXT_SIZE), isFirst: Boolean(flags & IS_FIRST) };
  }
  demand(reader.left === 0, 'kem header', 'size');
  demand(!header.answer?.isFirst || header.epoch === 0, 'kem header', 'first');
  return header;
}

/** Each message key once. */
function take(chain) {
  const key = derive.kemMessageOf(chain.chain);
  chain.chain = derive.kemNextOf(chain.chain);
  chain.place++;
  return key;
}

// ---- saying

/** @param {any} state changed @param {import('./entropy.mjs').Entropy} entropy @returns {{kem: Uint8Array, key: Uint8Array}} */
export function say(state, entropy) {
  if (state.heardOffer) answer(state, entropy);
  const { saying } = state;
  demand(saying.place <= PLACE_MAX, 'kem places');
  const offer = offerDue(state, entropy);
  saying.isTurn = false;
  const header = { epoch: state.epoch, place: saying.place, tag: state.tag, offer, answer: state.answer ?? undefined };
  return { kem: writeHeader(header), key: take(saying) };
}

/** Begins the next epoch. */
function answer(state, entropy) {
  const { id, key } = state.heardOffer;
  state.heardOffer = null;
  let answered;
  try {
    answered = kemEncapsulate(key, entropy.bytes(32));
  } catch {
    return; // a key that is not canonical is passed over, and another waited for
  }
  const { cipherText, sharedSecret } = answered;
  beginEpoch(state, state.epoch + 1, sharedSecret, true);
  state.answer = { id, ciphertext: cipherText, isFirst: false };
}

/** What is offered with this message, if anything. */
function offerDue(state, entropy) {
  const { saying, offers } = state;
  if (!state.isOfferer) return undefined;
  if (saying.isTurn) saying.turns++;
  const since = saying.place - (offers.at(-1)?.place ?? 0);
  const isNewDue = offers.length === 0 ? saying.turns >= OFFER_TURN || saying.place >= OFFER_PLACES : since >= OFFER_PLACES;
  if (isNewDue && offers.length < OFFERS_MAX) {
    offers.push({ id: offers.length + 1, ...kemPair(entropy.bytes(64)), place: saying.place });
  } else if (offers.length === 0 || !(saying.isTurn || saying.place % REPEAT_PLACES === 0)) {
    return undefined;
  }
  const { id, publicKey } = offers.at(-1);
  return { id, key: publicKey };
}

// ---- hearing

/**
 * @param {any} before @param {Header} header
 * @returns {{state: any, key: Uint8Array}} the state holds once the message opened
 */
export function hear(before, header) {
  demand(equal(header.tag, before.tag), 'kem tag');
  const state = structuredClone(before);
  const ahead = ((header.epoch - state.epoch + 128) & 0xff) - 128;
  demand(ahead <= 1 && ahead >= -EPOCHS_BEHIND, 'kem epoch', `${ahead} ahead`);
  if (ahead === 1) beginAnswered(state, header);
  const epoch = before.epoch + ahead;
  const key = keyAt(state, epoch, header.place);
  if (epoch < state.epoch) return { state, key };
  state.answer = null; // what we answered has arrived
  state.saying.isTurn = true;
  const { offer } = header;
  if (offer && !state.isOfferer && offer.id > (state.heardOffer?.id ?? 0)) state.heardOffer = offer;
  return { state, key };
}

/** The other side answered one of our offers, and began the next epoch. */
function beginAnswered(state, { answer: answered }) {
  demand(answered && !answered.isFirst && state.isOfferer, 'kem answer');
  const offer = state.offers.find(({ id }) => id === answered.id);
  demand(offer, 'kem answer', 'to no offer that is out');
  beginEpoch(state, state.epoch + 1, kemDecapsulate(answered.ciphertext, offer.secretKey), false);
}

function keyAt(state, epoch, place) {
  const chain = state.hearing.find((one) => one.epoch === epoch);
  demand(chain, 'kem epoch');
  if (place < chain.place) {
    const at = state.skipped.findIndex((one) => one.epoch === epoch && one.place === place);
    demand(at >= 0, 'twice');
    return state.skipped.splice(at, 1)[0].key;
  }
  demand(place - chain.place <= SKIPPED_MAX, 'ahead');
  while (chain.place < place) {
    const skippedPlace = chain.place;
    state.skipped.push({ epoch, place: skippedPlace, key: take(chain) });
  }
  state.skipped = state.skipped.slice(-SKIPPED_MAX);
  return take(chain);
}

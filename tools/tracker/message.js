// SPDX-License-Identifier: GPL-3.0-or-later
// What a client may say to the tracker. The server behind it trusts the shape of a message: an offer
// that is null, or offers in a scrape, would end the process.

const OFFER_COUNT_MAX = 20;
/** Levels of a message; one with offers has four. JSON.stringify() goes down the stack, and 5,000 levels (10 KB) are too many for it. */
const DEPTH_MAX = 16;
const EVENTS = new Set(['started', 'stopped', 'completed', 'update', 'paused', 'empty']);

/** Twenty characters, one byte each. */
const isHash = (value) => typeof value === 'string' && /^[\0-\xff]{20}$/.test(value);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFlat = (value, depth = DEPTH_MAX) =>
  typeof value !== 'object' || value === null || (depth > 0 && Object.values(value).every((one) => isFlat(one, depth - 1)));
const isOffer = (value) => isObject(value) && isObject(value.offer) && isHash(value.offer_id);

/** @param {Buffer} bytes @returns {{info_hash: string, peer_id: string, event?: string} | null} null: not sound */
export function readMessage(bytes) {
  let message;
  try {
    message = JSON.parse(bytes.toString());
  } catch {
    return null;
  }
  return isSound(message) ? message : null;
}

function isSound(message) {
  if (!isObject(message) || message.action !== 'announce' || !isFlat(message)) return false;
  const { info_hash: infoHash, peer_id: peerId, event, offers, answer } = message;
  if (!isHash(infoHash) || !isHash(peerId)) return false;
  if (event && !EVENTS.has(event)) return false;
  if (offers) {
    if (!Array.isArray(offers) || offers.length > OFFER_COUNT_MAX || !offers.every(isOffer)) return false;
  }
  if (!answer) return true;
  return isObject(answer) && isHash(message.to_peer_id) && isHash(message.offer_id);
}

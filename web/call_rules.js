// SPDX-License-Identifier: GPL-3.0-or-later
// What people say to one another's pages about calls, and what of it is believed: everything else is nothing. Pure, tested in Node
// (tests/glue/call.test.mjs).

/** In one call, oneself included: each sends to each other, so that five streams go out and come in. */
export const PEOPLE_COUNT_MAX = 6;

/** Of a session description: those of audio and video have 5 to 8 KB in Chromium and Firefox; a call of nkt.rpc() takes 60,000 bytes. */
export const SDP_LENGTH_MAX = 30_000;

/** ICE candidates in one message; their letters; and between two descriptions of one person (a machine with many networks has 20). */
export const CANDIDATE_COUNT_MAX = 32;
export const CANDIDATE_LENGTH_MAX = 512;
export const CANDIDATE_SUM_MAX = 64;

/** Descriptions that one person may send: at once, and one more every so many ms. A path that breaks costs one every 2 s. */
const OFFER_BURST = 10;
const OFFER_MS = 1500;

/** New rings: of one person, and of all; one more every so many ms. Whoever makes throw-away people has the second limit. */
const RING_BURST = 3;
const RING_MS = 20_000;
const RING_ALL_BURST = 12;
const RING_ALL_MS = 5000;

/** At the same time; of one person one. */
export const RING_COUNT_MAX = 3;

/** Budgets of people that are remembered: those heard longest ago begin anew. */
const BUDGET_COUNT_MAX = 1024;

const ID = /^[0-9a-f]{32}$/;
const ADDRESS = /^[A-Za-z0-9]{1,64}$/;

const hex = (byte) => byte.toString(16).padStart(2, '0');

export const newCallId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join('');

const isText = (value, max) => typeof value === 'string' && value.length <= max;
const isSdp = (value) => isText(value, SDP_LENGTH_MAX) && value.startsWith('v=0');

/** What somebody sends: only what is certain to be true is true. */
function readState(state) {
  return { mic: state?.mic === true, camera: state?.camera === true, screen: state?.screen === true };
}

function readMembers(list) {
  if (!Array.isArray(list) || list.length > PEOPLE_COUNT_MAX) return null;
  return list.every((one) => typeof one === 'string' && ADDRESS.test(one)) ? [...new Set(list)] : null;
}

function readCandidate(one) {
  const { candidate, sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = one ?? {};
  const isGood = isText(candidate, CANDIDATE_LENGTH_MAX) && (sdpMid === null || isText(sdpMid, 64))
    && (sdpMLineIndex === null || (Number.isInteger(sdpMLineIndex) && sdpMLineIndex >= 0 && sdpMLineIndex < 64))
    && (usernameFragment === null || isText(usernameFragment, 256)) && (sdpMid !== null || sdpMLineIndex !== null);
  return isGood ? { candidate, sdpMid, sdpMLineIndex, usernameFragment } : null;
}

/** By what is said: the rest of a message, or null if it is nothing. */
const READ = {
  ring: ({ members, video }) => (members = readMembers(members)) && { members, video: video === true },
  join: ({ sdp, state }) => isSdp(sdp) && { sdp, state: readState(state) },
  offer: ({ sdp }) => isSdp(sdp) && { sdp },
  ice({ candidates }) {
    if (!Array.isArray(candidates) || candidates.length > CANDIDATE_COUNT_MAX) return null;
    const read = candidates.map(readCandidate);
    return read.every(Boolean) && { candidates: read };
  },
  state: ({ state }) => ({ state: readState(state) }),
  leave: ({ isDeclined }) => ({ isDeclined: isDeclined === true }),
};

/** A message of a stranger: {op, call, ...} with nothing in it that was not looked at, or null. */
export function readCall(value) {
  if (value === null || typeof value !== 'object' || typeof value.op !== 'string' || !Object.hasOwn(READ, value.op)) return null;
  if (typeof value.call !== 'string' || !ID.test(value.call)) return null;
  const rest = READ[value.op](value);
  return rest ? { op: value.op, call: value.call, ...rest } : null;
}

/** Why something is refused; any other word is 'what', and looked up nowhere. */
const REFUSALS = new Set(['', 'what', 'gone', 'often', 'declined', 'busy', 'glare', 'full', 'deaf', 'failed']);

/** The answer to one: {no} is a refusal, the rest is there if it is as it should be. */
export function readAnswer(value) {
  const said = value?.no ?? '';
  const no = REFUSALS.has(said) ? said : 'what';
  return { no, sdp: isSdp(value?.sdp) ? value.sdp : '', members: readMembers(value?.members) ?? [], state: readState(value?.state) };
}

/** So many at once, and one more every everyMs. */
class Budget {
  #burst;
  #everyMs;
  #left = new Map(); // by whom: {count, at}

  constructor(burst, everyMs) {
    this.#burst = burst;
    this.#everyMs = everyMs;
  }

  /** Whether one more is allowed; it counts. */
  take(who, now) {
    const before = this.#left.get(who) ?? { count: this.#burst, at: now };
    const count = Math.min(this.#burst, before.count + (now - before.at) / this.#everyMs);
    this.#left.delete(who);
    this.#left.set(who, { count: count >= 1 ? count - 1 : count, at: now });
    if (this.#left.size > BUDGET_COUNT_MAX) this.#left.delete(this.#left.keys().next().value);
    return count >= 1;
  }
}

/** What strangers may cost. */
export class Limits {
  #rings = new Budget(RING_BURST, RING_MS);
  #all = new Budget(RING_ALL_BURST, RING_ALL_MS);
  #offers = new Budget(OFFER_BURST, OFFER_MS);

  mayRing = (who, now) => this.#rings.take(who, now) && this.#all.take('', now);

  mayOffer = (who, now) => this.#offers.take(who, now);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Which conversation something belongs to: '' is the room's, an address that of what is said with one person alone. Pure, tested in Node
// (tests/glue/talk_rules.test.mjs).

export const ROOM = '';

/**
 * Whether something was said to oneself alone: as the core tells. A sender of an older version does not tell that; of it alone what stands
 * in the value counts.
 * @param {string|null|undefined} to of the event, or of an entry of history() @param {boolean} says the value says so
 */
export const isPrivate = (to, says) => (to === undefined ? says : to !== null);

/**
 * Of what just came: null if it is shown nowhere here. What was said to everybody in another room is for that room; who is known here has
 * met us by address, perhaps from there, and is heard.
 * @param {{from: string, to?: string|null, room?: string|null}} said @param {boolean} says the value says that it is private
 * @param {{roomId: string|null, isKnown: (addr: string) => boolean}} here
 */
export function talkOf({ from, to, room }, says, { roomId, isKnown }) {
  if (isPrivate(to, says)) return from;
  if (room === roomId || room === undefined) return ROOM;
  return isKnown(from) ? from : null;
}

/**
 * Of what is kept: null unless it belongs to the room one is in. Of what an older version kept nobody knows where it was said: it is
 * shown in no room.
 * @param {{from: string, to?: string|null, room?: string|null, own: boolean}} entry @param {boolean} says as above
 * @param {string|null} roomId
 */
export function talkOfKept({ from, to, room, own }, says, roomId) {
  if (room !== roomId) return null;
  if (own) return to ?? ROOM;
  return isPrivate(to, says) ? from : ROOM;
}

/**
 * People with whom there is a conversation, the newest first, with that one in front: at most so many. Of those that are worth least the
 * oldest makes room.
 * @param {string[]} people @param {string} key @param {number} countMax @param {(addr: string) => number} worth
 */
export function withTalk(people, key, countMax, worth) {
  const all = [key, ...people.filter((one) => one !== key)];
  if (all.length <= countMax) return all;
  const worths = all.map(worth);
  const least = Math.min(...worths.slice(1));
  return all.toSpliced(worths.lastIndexOf(least), 1);
}

/** Of so many in a row, the one so many steps from that one on; around the ends. */
export const step = (keys, key, by) => keys[(Math.max(0, keys.indexOf(key)) + by + keys.length) % keys.length];

/**
 * Rooms this browser remembers, with the one that was entered just now in front.
 * @param {Array<{room?: string|null, secret?: string}>} rooms @param {{room?: string|null, secret?: string}} now @param {number} countMax
 */
export function withRoom(rooms, now, countMax) {
  return [now, ...rooms.filter((one) => !isSameRoom(one, now))].slice(0, countMax);
}

/** Name and secret tell rooms apart. */
export const isSameRoom = (a, b) => a.room === b.room && (a.secret ?? '') === (b.secret ?? '');

// SPDX-License-Identifier: GPL-3.0-or-later
// The rooms of core/src, from the ground up, and what is known to be against their order.

/** Rooms of one line may not know each other, nor those of later lines. */
const order = [
  ['base'],
  ['wire'],
  ['identity', 'dedup', 'tracker', 'relay'],
  ['session', 'gossip'],
  ['overlay'],
  ['swarm'],
];
const levels = new Map(order.flatMap((rooms, level) => rooms.map((room) => [room, level])));

/** @param {string} path of a file of core/src, relative to it @returns {string | undefined} undefined: core.c and what lies beside it */
export const roomOf = (path) => /^(\w+)\//.exec(path)?.[1];

/** @param {string} path @returns {number} */
export function levelOf(path) {
  const room = roomOf(path);
  return room === undefined ? order.length : (levels.get(room) ?? order.length);
}

/** @param {string} room */
export const isRoom = (room) => levels.has(room);

/**
 * What is against the order, and known. This list may only become shorter: what is not on it is a finding, and so is what is
 * on it and no more so.
 * @type {import('./calls.mjs').Known}
 */
export const known = {
  // 'file symbol': the file calls upward, or into a room beside its own
  upward: [],
  // files that call each other, over one another
  circles: [
    [
      'admit announce away clock connect endpoint group history invite journal keeper letter link mailbox mesh outbox persist pins',
      'post reading receive relayed restart resume share spread talk tree trust user view worth',
    ]
      .join(' ')
      .split(' ')
      .map((name) => `swarm/${name}.c`),
  ],
};

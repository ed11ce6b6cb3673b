// SPDX-License-Identifier: GPL-3.0-or-later
// The rooms of core/src, from the ground up, and what is known to be against their order.

/** Rooms of one line may not know each other, nor those of later lines; core.c, above all of them, may know all. */
const order = [
  ['base'],
  ['wire'],
  ['identity', 'dedup', 'tracker', 'relay'],
  ['session', 'gossip'],
  ['overlay'],
  ['state'],
  ['routing'],
  ['people'],
  ['delivery', 'links'],
  ['inbound'],
  ['store'],
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
  // 'file symbol': the file calls upward, or into a room beside its own; so it may include the doorstep of that room
  upward: [
    'links/close.c nkt_user_reachability', // a link is gone: what depends on it is told at once
    'people/admit.c nkt_mesh_want', // one who is no stranger any more is worth a link: a timer is set
    'people/forget.c nkt_outbox_drop', // what waits for one who is forgotten ends first
    'people/user.c nkt_outbox_adopt', // what was stored for one who was not known finds its way
  ],
  // files that call each other, over one another
  circles: [
    ['delivery/outbox.c', 'people/admit.c', 'people/forget.c'], // who acknowledges is proven; for him one of his like may have to go
  ],
};

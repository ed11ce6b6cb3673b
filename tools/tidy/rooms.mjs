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

/**
 * Parts of the structures of state/swarm.h and the room that alone changes each: whoever else assigns to something in it, or hands
 * out its address, is told. core.c makes and ends all of them.
 * @type {Record<string, string>}
 */
export const owners = {
  // of a user
  delivery: 'delivery',
  group: 'delivery', // and the swarm's
  letters: 'delivery', // and the swarm's
  clock: 'state', // and the swarm's
  talk: 'delivery',
  cast: 'routing',
  // of a link
  tree: 'routing',
  // of the swarm
  outbox: 'delivery',
  journal: 'delivery',
  lately: 'delivery',
  walks: 'links',
  door: 'people',
  connects: 'links',
  recent: 'routing',
  missing: 'routing',
  mailbox: 'routing',
  kept: 'routing',
  pins: 'people',
  ignored: 'people',
  effects: 'state',
};

/** Those who do so and are known: 'file part'. As above, this list may only become shorter. */
export const knownWriters = [
  'delivery/journal.c effects', // no memory for what is to be stored: fatal
  'inbound/mailbox.c mailbox', // handed over: out of it
  'inbound/receive.c ignored', // asks
  'inbound/receive.c pins', // asks
  'inbound/spread.c clock', // when one was told our time
  'inbound/spread.c recent', // lets go what is old
  'inbound/waking.c clock', // time passed
  'routing/greet.c clock', // our record was signed anew
  'routing/keeper.c effects', // no memory for what is to be stored: fatal
  'routing/keeper.c letters', // what the user, as one who reads, was handed
  'state/clock.c group', // its clock was set back
  'state/clock.c letters', // likewise
  'state/extent.c connects', // finds one
  'state/links.c tree', // ends with the link
  'state/users.c group', // ends with the user
  'state/users.c letters', // ends with the user, or is renewed
  'store/persist.c effects', // no memory for what is to be stored: fatal
  'store/persist.c ignored', // restored
  'store/persist.c letters', // restored
  'store/persist.c pins', // restored
];

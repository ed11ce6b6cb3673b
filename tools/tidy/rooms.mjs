// SPDX-License-Identifier: GPL-3.0-or-later
// The rooms of core/src, from the ground up, and who owns which part of the structures.

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
  ['delivery', 'links', 'content'],
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
 * Parts of the structures of state/ and the room that alone changes each: whoever else assigns to something in it, or hands out its
 * address for writing, is told (owners.mjs). 'core' is core.c and what lies beside it. What is of state/ everybody changes, by
 * functions of state/ only.
 * @type {Record<string, Record<string, string>>}
 */
export const owners = {
  nkt_user: {
    address: 'people',
    place: 'people',
    record: 'people',
    standing: 'people',
    presence: 'people',
    away: 'state',
    clock: 'state',
    mesh: 'links',
    wish: 'state',
    gossip: 'inbound',
    greeting: 'routing',
    cast: 'routing',
    mail: 'routing',
    kept: 'routing',
    session: 'delivery',
    talk: 'delivery',
    delivery: 'delivery',
    group: 'delivery',
    letters: 'delivery',
    ephemeral: 'delivery',
    windows: 'delivery',
    stored: 'state',
    news: 'state',
  },
  nkt_link: {
    id: 'state',
    kind: 'state',
    state: 'state',
    endpoint: 'state',
    timer: 'state',
    pulse: 'inbound',
    door: 'people',
    cast: 'routing',
    tree: 'routing',
    content: 'content',
    rtc: 'links',
  },
  nkt_endpoint: {
    kind: 'inbound',
    index: 'inbound',
    url: 'inbound',
    link: 'state',
    socket: 'inbound',
    announce: 'links',
    wish: 'state',
  },
  nkt_swarm: {
    callbacks: 'core',
    host: 'core',
    fatal: 'core',
    is_started: 'core',
    is_stopped: 'core',
    now_ms: 'core',
    wall_ms: 'core',
    time_ms: 'state',
    step_number: 'core',
    incarnation: 'core',
    woke_ms: 'core',
    settings: 'state',
    prng: 'state',
    timers: 'state',
    effects: 'state',
    counters: 'state',
    clock: 'state',
    identity: 'state',
    own: 'state',
    room: 'state',
    adopted: 'state',
    sessions: 'delivery',
    blame: 'state',
    away: 'state',
    wish: 'state',
    put_ticket: 'state',
    status_changed: 'state',
    news: 'state',
    changes: 'state',
    links: 'state',
    link_count: 'state',
    next_link_id: 'state',
    loans: 'state',
    users: 'people',
    user_list: 'people',
    user_capacity: 'people',
    door: 'people',
    pins: 'people',
    ignored: 'people',
    seen: 'routing',
    recent: 'routing',
    missing: 'routing',
    paths: 'routing',
    tree: 'routing',
    bridging: 'routing',
    mailbox: 'routing',
    mail_timer: 'routing',
    kept: 'routing',
    keeper_timer: 'routing',
    outbox: 'delivery',
    group: 'delivery',
    letters: 'delivery',
    ephemerals: 'delivery',
    keyring: 'delivery',
    journal: 'delivery',
    lately: 'delivery',
    contents: 'content',
    walks: 'links',
    connects: 'links',
    endpoints: 'inbound',
    endpoint_count: 'inbound',
    gossip: 'inbound',
    store: 'store',
  },
};

/** Files that make and end whole structures, all parts at once. */
export const makers = ['life.c', 'state/make.c'];

/** Those who do so and are known: 'file part'. Nobody does; this list stays empty. @type {string[]} */
export const knownWriters = [];

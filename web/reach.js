// SPDX-License-Identifier: GPL-3.0-or-later
// Who is reached how, from nkt.health() and nkt.userList: what the picture of the swarm shows. Pure functions.

import { readWarning } from './health.js';

export const DRAWN_COUNT_MAX = 200; // people; of more only the number is told

const RANK = { link: 0, peer: 1, relay: 2, flood: 3, none: 4 }; // who is drawn when not all can be
const BY_PATH = { direct: 'link', relay: 'relay', forwarded: 'flood' }; // of userList; anything else: none
const TREE = new Set(['eager', 'lazy']);

/** 0 to 1, by the address alone (FNV-1a). */
export function fraction(address) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d); // addresses that differ at the end only are far apart
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/**
 * What the picture shows. People: {address, by, via, tree, isWaiting, forwards}; `by` is link, peer (through the linked
 * `via`), relay, flood (through others, not known which) or none; `forwards` counts those reached through them.
 * @param {any} health nkt.health(); `overlay`, `paths` and `tree` may be missing
 * @param {Record<string, {path?: string}>} users nkt.userList
 */
export function readSwarm(health, users) {
  const links = new Map((health.links ?? []).filter(({ address }) => address).map((link) => [link.address, link]));
  const paths = new Map((health.paths ?? []).map((path) => [path.address, path]));
  const isUp = (address) => links.get(address)?.state === 'open';
  const addresses = new Set([...Object.keys(users), ...paths.keys(), ...[...links.keys()].filter(isUp)]);
  addresses.delete(health.address);
  addresses.delete(undefined);
  const people = [...addresses].map((address) => person(address, { link: links.get(address), path: paths.get(address), users, isUp }))
    .sort((a, b) => RANK[a.by] - RANK[b.by] || fraction(a.address) - fraction(b.address) || (a.address < b.address ? -1 : 1));
  const byAddress = new Map(people.map((one) => [one.address, one]));
  for (const { via } of people) if (via) byAddress.get(via).forwards++;
  return {
    self: health.address ?? '',
    people: people.slice(0, DRAWN_COUNT_MAX),
    more: Math.max(0, people.length - DRAWN_COUNT_MAX),
    counts: countBy(people),
    relay: readRelay(health.relays ?? []),
    hasTree: people.some(({ tree }) => tree),
    warning: readWarning(health.overlay, people.length),
  };
}

function person(address, { link, path, users, isUp }) {
  const one = { address, by: 'none', via: '', tree: '', isWaiting: false, forwards: 0 };
  if (isUp(address) || (link?.state === 'suspect' && !path)) {
    return { ...one, by: 'link', tree: TREE.has(link.tree) ? link.tree : '', isWaiting: link.state !== 'open' };
  }
  const told = path?.by ?? BY_PATH[Object.hasOwn(users, address) ? users[address].path : ''];
  if (told === 'link') return { ...one, by: 'link', isWaiting: true }; // the two lists were not made in the same instant
  if (told === 'peer') return isUp(path.via) && path.via !== address ? { ...one, by: 'peer', via: path.via } : { ...one, by: 'flood' };
  return Object.hasOwn(RANK, told ?? '') ? { ...one, by: told } : one;
}

function countBy(people) {
  const counts = { link: 0, peer: 0, relay: 0, flood: 0, none: 0 };
  for (const { by } of people) counts[by]++;
  return counts;
}

/** All relays as one: {count, state}, null without any. */
function readRelay(relays) {
  if (!relays.length) return null;
  const has = (...states) => relays.some(({ state }) => states.includes(state));
  return { count: relays.length, state: has('open') ? 'ok' : has('waiting', 'suspect') ? 'down' : 'wait' };
}

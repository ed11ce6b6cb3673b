// SPDX-License-Identifier: GPL-3.0-or-later
// In which file of the bundle each module lives, so that there is one of each, however it is asked for: the files that are loaded with the
// page come one after the other, each with what those before it have not; what is imported when it is called for is a file of its own,
// with what nobody else needs; what several of those need is one more.

/**
 * What one module imports, by address.
 * @typedef {{imports: string[], later: string[]}} Node imports: at once; later: when it is called for
 * @typedef {Map<string, Node>} Graph
 */

/** A module and all that it imports at once, at any distance. @param {Graph} graph @param {string} from @returns {Set<string>} */
export function reach(graph, from) {
  const found = new Set([from]);
  for (const address of found) for (const next of graph.get(address)?.imports ?? []) found.add(next); // grows meanwhile
  return found;
}

/**
 * @param {Graph} graph
 * @param {string[]} loaded with the page, in this order
 * @param {string[]} [more] that may be imported by a name which nobody can read here: plugins
 * @returns {Map<string, string>} module to the one whose file it is in
 */
export function homesOf(graph, loaded, more = []) {
  const homes = new Map(loaded.map((address) => [address, address]));
  const settle = (address, home) => homes.has(address) || homes.set(address, home);
  for (const home of loaded) for (const address of reach(graph, home)) settle(address, home);

  const wanted = new Set([...more, ...[...graph.values()].flatMap(({ later }) => later)]);
  const leaves = [...wanted].filter((address) => !homes.has(address));
  for (const leaf of leaves) homes.set(leaf, leaf);
  const users = new Map(); // module -> leaves that need it
  for (const leaf of leaves) {
    for (const address of reach(graph, leaf)) if (!homes.has(address)) users.set(address, [...users.get(address) ?? [], leaf]);
  }
  // two copies would not know of each other: what several need is a file of its own
  for (const [address, [leaf, ...others]] of users) settle(address, others.length === 0 ? leaf : address);
  return homes;
}

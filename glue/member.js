// SPDX-License-Identifier: GPL-3.0-or-later
/** How the others of a family (family.js) see a peer. */

/**
 * @param {object} parts
 * @param {any} parts.nkt @param {() => import('./life.js').Life} parts.life
 * @param {import('./current.js').Current} parts.current @param {import('./keeping.js').Keeping} parts.keeping
 * @returns {import('./family.js').Member}
 */
export function memberOf({ nkt, life, current, keeping }) {
  return {
    nkt,
    place: '',
    isIn: (room, secret) => {
      const { isStaying, config } = life();
      return isStaying && config.room === room && config.secret === secret;
    },
    tellSisters: (fields) => void current.run?.driver.step('SISTERS', fields),
    seal: (key) => keeping.seal(current.running().driver, key),
    mark: (kind, fields) => {
      current.run?.driver.step(kind, fields);
      return current.run !== null;
    },
  };
}

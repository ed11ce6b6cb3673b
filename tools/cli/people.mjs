// SPDX-License-Identifier: GPL-3.0-or-later
// Who is there, and who is meant.

/** Text of others in a terminal: no control characters, which could move the cursor or worse. @param {unknown} text */
export const plain = (text) => String(text).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu,
  (sign) => ({ '\n': '\n  ', '\t': ' ' })[sign] ?? '');

/** @param {string} addr */
export const short = (addr) => `${addr.slice(0, 5)}…${addr.slice(-4)}`;

/** @param {any} nkt @param {string} addr */
export function nameOf(nkt, addr) {
  const nick = plain(nkt.userList[addr]?.nick ?? '').replace(/\s+/g, ' ').trim();
  return nick ? `${nick} (${short(addr)})` : short(addr);
}

/**
 * @param {any} nkt @param {string} who address, nick, or the beginning of an address
 * @returns {string} the address; throws words that help
 */
export function findUser(nkt, who) {
  const all = Object.keys(nkt.userList);
  if (all.includes(who)) return who;
  const named = all.filter((addr) => nkt.userList[addr].nick.toLowerCase() === who.toLowerCase());
  const found = named.length > 0 || who.length < 4 ? named : all.filter((addr) => addr.startsWith(who));
  if (found.length === 1) return found[0];
  if (found.length === 0) throw new Error(`nobody here is called ${who}`);
  throw new Error(`several are called ${who}, use an address: ${found.join(' ')}`);
}

/** Whether anybody is meant. @param {any} nkt @param {string} who */
export function isNamed(nkt, who) {
  const all = Object.keys(nkt.userList);
  return all.some((addr) => addr === who || nkt.userList[addr].nick.toLowerCase() === who.toLowerCase()
    || (who.length >= 4 && addr.startsWith(who)));
}

/**
 * Waits until somebody (or that one) can be spoken to.
 * @param {any} nkt @param {string} who '' for anybody @param {number} ms
 * @returns {Promise<boolean>} false: nobody came
 */
export function someone(nkt, who, ms) {
  const isThere = () => {
    if (who === '') return Object.values(nkt.userList).some((user) => user.session === 'established' && !user.isUnreachable);
    try {
      return nkt.userList[findUser(nkt, who)].session === 'established';
    } catch {
      return false;
    }
  };
  return new Promise((resolve) => {
    const done = (/** @type {boolean} */ came) => {
      clearTimeout(timer);
      for (const type of ['nktsession', 'nktnewpeer']) nkt.removeEventListener(type, look);
      resolve(came);
    };
    const look = () => { if (isThere()) done(true); };
    const timer = setTimeout(done, ms, false);
    for (const type of ['nktsession', 'nktnewpeer']) nkt.addEventListener(type, look);
    look();
  });
}

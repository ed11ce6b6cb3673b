// SPDX-License-Identifier: GPL-3.0-or-later
// Says "yo NICK" to newcomers, privately, once to each.

const GREETED_COUNT_MAX = 4096; // whoever was greeted before them is a newcomer again
const PATIENCE_MS = 3000; // whoever is known so soon after this plugin was loaded was here before

let nkt;
let since = 0;
let greeted = new Set();

export default {
  name: 'yo',
  listeners: {
    nktnewpeer({ detail: { data: { addr } } }) {
      const isNew = !greeted.has(addr) && performance.now() - since > PATIENCE_MS;
      greeted.add(addr);
      if (greeted.size > GREETED_COUNT_MAX) greeted.delete(greeted.values().next().value);
      const nick = nkt.userList[addr]?.nick;
      return isNew && nick ? nkt.sendEncryptedMessage({ text: `yo ${nick}`, private: true }, addr) : undefined;
    },
  },
  init(given) {
    nkt = given;
    since = performance.now();
    greeted = new Set(Object.keys(nkt.userList));
  },
};

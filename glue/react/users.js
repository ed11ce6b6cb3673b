// SPDX-License-Identifier: GPL-3.0-or-later
/** Who is there. */
import { PeerView } from './view.js';

/** @typedef {import('../types.d.ts').User} User */

/** @type {readonly any[]} */
export const NO_USERS = Object.freeze([]);

/** After which a user may be another. */
const TYPES = [
  'nktnewpeer', 'nktpeerleft', 'nktsession', 'nktwebrtcseen', 'nktwebrtcleft', 'nktkeychanged', 'nktstatus', 'nktrestarted',
];

/** @extends {PeerView<readonly any[]>} */
export class UsersView extends PeerView {
  /** @param {import('../types.d.ts').Nkt<any>|null} nkt */
  constructor(nkt) {
    super(nkt, TYPES, NO_USERS);
  }

  /** @override */
  look() {
    const before = new Map(this.get().map((user) => [user.addr, user]));
    const users = Object.values(this.nkt?.userList ?? {}).map((user) => same(before.get(user.addr), /** @type {any} */ (user).toJSON()));
    users.sort((a, b) => (a.nick < b.nick ? -1 : Number(a.nick > b.nick)) || (a.addr < b.addr ? -1 : 1));
    const isSame = users.length === before.size && users.every((user, i) => user === this.get()[i]);
    if (!isSame) this.change(Object.freeze(users));
  }
}

/** So that what is rendered of one who is as before is not rendered anew. When he was heard last is no such change. */
function same(before, now) {
  const isSame = before && Object.keys(now).every((key) => key === 'lastSeen' || before[key] === now[key]);
  return isSame ? before : Object.freeze(now);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Whom messages name, of those who are here (mentions.js).

import { findMentions } from './mentions.js';
import { cleanNick, nameOf, ownAddress } from './names.js';
import { MENTION_COUNT_MAX } from './said.js';

/** All who are here, but oneself. */
export const everybody = () => Object.values(window.nkt.userList ?? {}).filter(({ ignored }) => !ignored)
  .map(({ addr, nick }) => ({ addr, nick: cleanNick(nick) }));

/** Addresses of those whom a text that is to be said names. @param {string} text */
export function mentionedIn(text) {
  if (!text.includes('@')) return [];
  return [...new Set(findMentions(text, everybody()).flatMap(({ addrs }) => addrs))].slice(0, MENTION_COUNT_MAX);
}

/**
 * Whether a message means oneself, and whom its text may name. A text of those who know no mentions means one if one's nick is in it.
 * @param {string | null} text @param {string[] | null} [mentions]
 */
export function mentionsOf(text, mentions = null) {
  const own = ownAddress();
  const people = (mentions ?? [own]).map((addr) => ({ addr, nick: nameOf(addr) }));
  const isMe = mentions ? mentions.includes(own) : Boolean(text) && findMentions(text, people).length > 0;
  return { isMe, people };
}

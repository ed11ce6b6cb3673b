// SPDX-License-Identifier: GPL-3.0-or-later
// What was said and heard before this page was loaded, or while another room was shown: shown when the room opens, some at a time (2,000
// messages took half a second), above what comes meanwhile.

import { takeChange } from './changed.js';
import { bitByBit } from './dom.js';
import { endPast, hasMessage, readValue, showMessage, showOwn, showOwnContent, visitNow } from './messages.js';
import { nameOf } from './news.js';
import { Place } from './place.js';
import { readSaid } from './said.js';
import { ROOM, talkOfKept } from './talk_rules.js';

/** @param {import('./news.js').News} news heard again behind it @returns {Promise<void>} */
export async function showPast(news) {
  const visit = visitNow();
  const entries = await window.nkt.history().catch(() => []);
  const newer = news.names; // by now: what comes meanwhile waits there
  let i = 0;
  await bitByBit(() => {
    if (visit !== visitNow() || i === entries.length) return false;
    const entry = entries[i++];
    if (!newer.has(nameOf(entry.id, entry.from))) show(entry);
    return true;
  });
  if (visit === visitNow()) endPast();
}

function show(entry) {
  const { id, from, date, content } = entry;
  const talk = talkOfKept(entry, readSaid(entry.value).isPrivate, window.nkt.roomId);
  if (talk === null || (!entry.own && window.nkt.userList[from]?.ignored)) return; // of another room; ignored meanwhile
  if (!content && takeChange(entry.value, { ...entry, partner: talk })) return;
  if (hasMessage(id, from)) return; // shown as it came
  const message = content ? { card: new Place(content) } : readValue(entry.value, entry.bytes);
  if (!message) return; // talk among plugins
  if (entry.own) {
    const own = { ...message, id, to: entry.to, date, delivering: Promise.resolve(deliveryOf(entry)), counts: countsOf(entry) };
    if (content) showOwnContent(own);
    else showOwn(own);
  } else {
    showMessage({ from, id, date, encrypted: true, isPast: true, ...message, isPrivate: talk !== ROOM });
  }
}

/** The living one; or one of which only numbers are known. */
function deliveryOf({ id, delivery }) {
  return delivery ?? { id, recipients: new Map(), settled: Promise.resolve() };
}

/** What became of it for those whom its delivery does not name any more. */
function countsOf({ recipients = 0, delivered = 0, failed = 0, delivery }) {
  const named = delivery?.recipients.size ?? 0;
  return named === recipients ? { all: 0, done: 0, failed: 0 } : { all: recipients - named, done: delivered, failed };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What was said and heard before this page was loaded, shown once when the room opens.

import { takeChange } from './changed.js';
import { hasMessage, readValue, showMessage, showOwn, showOwnContent } from './messages.js';
import { Place } from './place.js';
import { readSaid } from './said.js';
import { ROOM, talkOfKept } from './talk_rules.js';

export async function showPast() {
  const entries = await window.nkt.history().catch(() => []);
  for (const entry of entries) {
    const { id, date, content } = entry;
    const talk = talkOfKept(entry, readSaid(entry.value).isPrivate, window.nkt.roomId);
    if (talk === null) continue; // of another room
    if (!content && takeChange(entry.value, { ...entry, partner: talk })) continue;
    const message = content ? { card: new Place(content) } : readValue(entry.value, entry.bytes);
    if (!message || hasMessage(id, entry.from)) continue; // talk among plugins; or shown as it came
    if (entry.own) {
      const own = { ...message, id, to: entry.to, date, delivering: Promise.resolve(deliveryOf(entry)), counts: countsOf(entry) };
      if (content) showOwnContent(own);
      else showOwn(own);
    } else {
      showMessage({ from: entry.from, id, date, encrypted: true, isPast: true, ...message, isPrivate: talk !== ROOM });
    }
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

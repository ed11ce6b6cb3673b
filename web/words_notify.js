// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of notifications, fetched with them.

import { addTexts } from './texts.js';

addTexts({
  notifyRing: (name, room) => `${name} is calling · ${room}`,
  notifyTitle: (name, room, isPrivate) => (isPrivate ? `${name}, privately` : `${name} · ${room}`),
  notifyMention: (name, room) => `${name} names you · ${room}`,
  notifyReply: 'Reply',
  notifyReplyTo: (name, room, isPrivate) => (isPrivate ? `To ${name}, privately` : `To everybody in ${room}`),
  notifyLost: 'Not sent: its page is closed, or in another room',
  notifyMissing: 'This browser has no notifications.',
});

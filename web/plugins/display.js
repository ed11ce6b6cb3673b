// SPDX-License-Identifier: GPL-3.0-or-later
// Shows messages of others, and what becomes of them. Fires nktdisplaymessage before it shows one, and shows nothing when a plugin
// cancels it.

import { takeChange } from '../changed.js';
import { readValue, showMessage } from '../messages.js';
import { known } from '../names.js';
import { Place } from '../place.js';
import { readSaid } from '../said.js';
import { ROOM, talkOf } from '../talk_rules.js';

/** In which conversation it is shown, if no plugin is against it; null: nowhere. */
function placeOf({ detail, bytes, from, to, room, id, date, encrypted }) {
  const talk = talkOf({ from, to, room }, readSaid(detail).isPrivate, { roomId: window.nkt.roomId, isKnown: known });
  if (talk === null) return null;
  const event = new CustomEvent('nktdisplaymessage', { detail, cancelable: true });
  Object.assign(event, { bytes, from, to, room, id, date, encrypted, talk });
  return window.dispatchEvent(event) ? { isPrivate: talk !== ROOM, isElsewhere: talk !== ROOM && to === null } : null;
}

function display(message) {
  if (message.encrypted && takeChange(message.detail, message)) return;
  const { detail, bytes, from, id, date, encrypted } = message;
  const place = placeOf(message);
  const value = place && readValue(detail, bytes);
  if (value) showMessage({ from, id, date, encrypted, ...value, ...place });
}

function displayContent(message) {
  const { detail, from, id, date, encrypted } = message;
  const place = placeOf(message);
  if (place) showMessage({ from, id, date, encrypted, card: new Place(detail, { isNew: true }), ...place });
}

export default {
  name: 'display',
  listeners: { nktencryptedmessagereceived: display, nktclearmessagereceived: display, nktcontent: displayContent },
};

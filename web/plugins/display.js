// SPDX-License-Identifier: GPL-3.0-or-later
// Shows messages of others, and what becomes of them. Fires nktdisplaymessage before it shows one, and shows nothing when a plugin
// cancels it.

import { takeChange } from '../changed.js';
import { readValue, showMessage } from '../messages.js';
import { known } from '../names.js';
import { Place } from '../place.js';
import { readSaid } from '../said.js';
import { ROOM, talkOf } from '../talk_rules.js';

/** In which conversation it belongs; null: in none. */
const talkNow = ({ detail, from, to, room }) => talkOf({ from, to, room }, readSaid(detail).isPrivate,
  { roomId: window.nkt.roomId, isKnown: known });

/** How it is shown there, if no plugin is against it; null: not at all. */
function placeOf({ detail, bytes, from, to, room, id, date, encrypted }, talk) {
  const event = new CustomEvent('nktdisplaymessage', { detail, cancelable: true });
  Object.assign(event, { bytes, from, to, room, id, date, encrypted, talk });
  return window.dispatchEvent(event) ? { isPrivate: talk !== ROOM, isElsewhere: talk !== ROOM && to === null } : null;
}

function display(message) {
  const { detail, bytes, from, id, date, encrypted } = message;
  const talk = talkNow(message);
  if (talk === null || (encrypted && takeChange(detail, { id, from, partner: talk, date }))) return;
  const place = placeOf(message, talk);
  const value = place && readValue(detail, bytes);
  if (value) showMessage({ from, id, date, encrypted, ...value, ...place });
}

function displayContent(message) {
  const { detail, from, id, date, encrypted } = message;
  const talk = talkNow(message);
  const place = talk === null ? null : placeOf(message, talk);
  if (place) showMessage({ from, id, date, encrypted, card: new Place(detail, { isNew: true }), ...place });
}

export default {
  name: 'display',
  listeners: { nktencryptedmessagereceived: display, nktclearmessagereceived: display, nktcontent: displayContent },
};

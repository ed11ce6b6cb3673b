// SPDX-License-Identifier: GPL-3.0-or-later
// Shows messages of others, and what becomes of them. Fires nktdisplaymessage before it shows one, and shows nothing when a plugin
// cancels it.

import { takeChange } from '../changed.js';
import { readValue, showMessage } from '../messages.js';
import { Place } from '../place.js';

/** Whether no plugin is against it. */
function isWanted({ detail, bytes, from, id, date, encrypted }) {
  const event = new CustomEvent('nktdisplaymessage', { detail, cancelable: true });
  Object.assign(event, { bytes, from, id, date, encrypted });
  return window.dispatchEvent(event);
}

function display(message) {
  if (message.encrypted && takeChange(message.detail, message)) return;
  if (!isWanted(message)) return;
  const { detail, bytes, from, id, date, encrypted } = message;
  const value = readValue(detail, bytes);
  if (value) showMessage({ from, id, date, encrypted, ...value });
}

function displayContent(message) {
  if (!isWanted(message)) return;
  const { detail, from, id, date, encrypted } = message;
  showMessage({ from, id, date, encrypted, card: new Place(detail, { isNew: true }) });
}

export default {
  name: 'display',
  listeners: { nktencryptedmessagereceived: display, nktclearmessagereceived: display, nktcontent: displayContent },
};

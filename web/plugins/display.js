// SPDX-License-Identifier: GPL-3.0-or-later
// Shows messages of others. Fires nktdisplaymessage before, and shows nothing when a plugin cancels it.

import { readValue, showMessage } from '../messages.js';

function display({ detail, from, id, date, encrypted }) {
  const event = new CustomEvent('nktdisplaymessage', { detail, cancelable: true });
  Object.assign(event, { from, id, date, encrypted });
  if (!window.dispatchEvent(event)) return;
  const message = readValue(detail);
  if (message) showMessage({ from, id, date, encrypted, ...message });
}

export default {
  name: 'display',
  listeners: { nktencryptedmessagereceived: display, nktclearmessagereceived: display },
};

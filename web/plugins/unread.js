// SPDX-License-Identifier: GPL-3.0-or-later
// Counts in the title, and on the icon, what came while nobody was looking.

import { setUnread } from '../frame.js';
import { isWatched } from '../messages.js';

let unread = 0;

function set(count) {
  if (count === unread) return;
  unread = count;
  setUnread(unread);
  import('../badge.js').then(({ showBadge }) => showBadge(unread)).catch(() => {}); // not here, and the server is gone
}

const seen = () => { if (isWatched()) set(0); };

export default {
  name: 'unread',
  listeners: {
    async nktdisplaymessage(event) {
      await null; // a plugin that was loaded later may still cancel it
      if (!event.defaultPrevented && !isWatched()) set(unread + 1);
    },
  },
  init(nkt, { signal }) {
    document.addEventListener('visibilitychange', seen, { signal });
    window.addEventListener('focus', seen, { signal });
  },
  stop: () => set(0),
};

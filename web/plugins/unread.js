// SPDX-License-Identifier: GPL-3.0-or-later
// Counts in the title, and on the icon, what came while nobody was looking.

import { setUnread } from '../frame.js';
import { fetched } from '../glue/fetched.js';
import { onUnread } from '../talks.js';

let unread = 0;

function set(count) {
  if (count === unread) return;
  unread = count;
  setUnread(unread);
  fetched(() => import('../badge.js')).then(({ showBadge }) => showBadge(unread)).catch(() => {}); // not here, and the server is gone
}

export default {
  name: 'unread',
  init: () => onUnread(set),
  stop() {
    onUnread(() => {});
    set(0);
  },
};

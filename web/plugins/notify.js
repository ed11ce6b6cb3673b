// SPDX-License-Identifier: GPL-3.0-or-later
// Tells of messages and rings by the system's own notifications while nobody looks at the page.

import { nameOf, roomName } from '../names.js';
import { isWatched, readValue } from '../messages.js';
import { texts } from '../texts.js';

const ICON = new URL('../favicon.svg', import.meta.url).href;
const TEXT_LENGTH_MAX = 200;

/** A telephone lets only the service worker notify. */
async function notify(title, options) {
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => { window.focus(); notification.close(); };
  } catch {
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.showNotification(title, options);
  }
}

export default {
  name: 'notify',
  listeners: {
    async nktdisplaymessage(event) {
      await null; // a plugin that was loaded later may still cancel it
      if (event.defaultPrevented || isWatched() || Notification.permission !== 'granted') return undefined;
      const message = readValue(event.detail, event.bytes);
      if (!message) return undefined;
      return notify(texts.notifyTitle(nameOf(event.from), roomName(), message.isPrivate), {
        body: message.text.slice(0, TEXT_LENGTH_MAX), icon: ICON, tag: event.from, renotify: true, // one of each person
      });
    },
    nktring({ detail: { from } }) {
      if (isWatched() || Notification.permission !== 'granted') return undefined;
      return notify(texts.notifyRing(nameOf(from), roomName()), { icon: ICON, tag: 'ring', renotify: true });
    },
  },
  async init() {
    if (!('Notification' in window)) throw new Error(texts.notifyMissing);
    if (await Notification.requestPermission() !== 'granted') throw new Error(texts.notifyDenied);
  },
};

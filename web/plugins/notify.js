// SPDX-License-Identifier: GPL-3.0-or-later
// Tells of messages and rings by the system's own notifications while nobody looks at the page. Where the system has buttons on them one
// can answer messages there: the service worker hears that (sw.js), and asks this page to send it.

import { setTarget } from '../input.js';
import { known, nameOf, ownAddress, roomName } from '../names.js';
import { isWatched, readValue } from '../messages.js';
import { say } from '../say.js';
import { texts } from '../texts.js';

const ICON = new URL('../favicon.svg', import.meta.url).href;
const TEXT_LENGTH_MAX = 200;
const OWN = String(Math.random()).slice(2); // which page a notification is of

/** The worker, where notifications may have buttons. */
const worker = async () => (Notification.maxActions > 0 ? (await navigator.serviceWorker?.getRegistration())?.active : null);

/** isRing: nothing to be answered by text. */
async function notify(title, { isPrivate, isRing, ...options }, data) {
  try {
    if (!isRing && await worker()) return await notifyWithReply(title, { isPrivate, ...options }, data);
    const notification = new Notification(title, options);
    notification.onclick = () => { window.focus(); notification.close(); };
  } catch { // a telephone lets only the worker notify
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.showNotification(title, { ...options, data });
  }
  return undefined;
}

async function notifyWithReply(title, { isPrivate, ...options }, data) {
  const registration = await navigator.serviceWorker.getRegistration();
  const placeholder = texts.notifyReplyTo(nameOf(data.from), roomName(), isPrivate);
  const actions = [{ action: 'reply', type: 'text', title: texts.notifyReply, placeholder }];
  await registration.showNotification(title, { ...options, data, actions });
}

/**
 * Somebody pressed a notification. It is answered in the room where it came from, by those who are asked within `until` (ms since 1970): a
 * page that was frozen is too late, and its person has been told so.
 */
function pressed({ data, ports: [port] }) {
  if (data?.kind !== 'nkt-notification' || data.page !== OWN || !ownAddress()) return;
  const { from, room, to, text } = data;
  const isHere = room === roomName() && (!to || known(to));
  if (text && (!isHere || Date.now() > data.until)) return;
  port.postMessage('heard');
  if (text) say(text, to || undefined);
  else if (isHere && data.isReply) setTarget(to && from);
}

export default {
  name: 'notify',
  listeners: {
    async nktdisplaymessage(event) {
      await null; // a plugin that was loaded later may still cancel it
      if (event.defaultPrevented || isWatched() || Notification.permission !== 'granted') return undefined;
      const message = readValue(event.detail, event.bytes);
      if (!message) return undefined;
      const { from } = event;
      const { isPrivate } = message;
      return notify(texts.notifyTitle(nameOf(from), roomName(), isPrivate), {
        body: message.text.slice(0, TEXT_LENGTH_MAX), icon: ICON, tag: from, renotify: true, isPrivate, // one of each person
      }, { page: OWN, room: roomName(), from, to: isPrivate ? from : '', lost: texts.notifyLost });
    },
    nktring({ detail: { from } }) {
      if (isWatched() || Notification.permission !== 'granted') return undefined;
      const data = { page: OWN, room: roomName(), from, to: '' };
      return notify(texts.notifyRing(nameOf(from), roomName()), { icon: ICON, tag: 'ring', renotify: true, isRing: true }, data);
    },
  },
  async init(nkt, { signal }) {
    if (!('Notification' in window)) throw new Error(texts.notifyMissing);
    if (await Notification.requestPermission() !== 'granted') throw new Error(texts.notifyDenied);
    navigator.serviceWorker?.addEventListener('message', pressed, { signal });
  },
};

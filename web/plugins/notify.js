// SPDX-License-Identifier: GPL-3.0-or-later
// Tells of messages and rings by the system's own notifications while nobody looks at the page. Where the system has buttons on them one
// can answer messages there: the service worker hears that (sw.js), and asks this page to send it.

import '../words_notify.js';
import { roomLink } from '../address.js';
import { Content } from '../glue/content.js';
import { setTarget } from '../input.js';
import { calledFile, calledRoom, cleanNick, isolated, known, nameInLine, ownAddress, roomName, roomNow, short } from '../names.js';
import { isWatched, readValue } from '../messages.js';
import { mentionsOf } from '../mentioned.js';
import { say } from '../say.js';
import { texts } from '../texts.js';

const ICON = new URL('../favicon.svg', import.meta.url).href;
const TEXT_LENGTH_MAX = 200;
const OWN = String(Math.random()).slice(2); // which page a notification is of

const places = []; // {who, id, link}: whom one was in which room, and with its secret how to get there

/**
 * A number for whom one is in which room, in another one by its link: the system keeps what a notification holds, which is no place for
 * a secret.
 */
function placeOf(elsewhere) {
  const now = { who: ownAddress(), id: elsewhere ? '' : window.nkt.roomId, link: elsewhere ?? roomLink(roomNow()) };
  const i = places.findIndex(({ who, id, link }) => who === now.who && id === now.id && link === now.link);
  return i < 0 ? places.push(now) - 1 : i;
}

/** Shows the room of a notification that somebody pressed, as the one whom it was for. */
function visit(number) {
  const { who, link } = places[number] ?? {};
  if (link && who === ownAddress()) window.location.href = link; // by its fragment
}

/** What of it is for people: {text, mentions}; null for talk among plugins. */
function saidBy({ detail, bytes }) {
  if (!(detail instanceof Content)) return readValue(detail, bytes);
  return { text: `${isolated(calledFile(detail.name))} · ${texts.bytes(detail.size)}`, mentions: [] };
}

const registered = () => navigator.serviceWorker?.getRegistration();

/** data: what pressed() is told; isRing: there is nothing to reply to; elsewhere: a link to another room, which is shown then. */
async function notify(title, options, { isRing = false, elsewhere, ...data }) {
  const isPrivate = Boolean(data.to);
  const at = placeOf(elsewhere);
  const placeholder = texts.notifyReplyTo(nameInLine(data.from), isolated(data.room), isPrivate);
  const actions = isRing ? [] : [{ action: 'reply', type: 'text', title: texts.notifyReply, placeholder }];
  const shown = { ...options, renotify: true, icon: ICON };
  const own = { ...shown, actions, data: { ...data, page: OWN, place: at, isElsewhere: Boolean(elsewhere), lost: texts.notifyLost } };
  const worker = await registered();
  if (Notification.maxActions > 0 && worker?.active) return worker.showNotification(title, own);
  try {
    const notification = new Notification(title, shown);
    notification.onclick = () => {
      window.focus();
      notification.close();
      if (elsewhere) visit(at);
    };
  } catch { // a telephone lets only the worker notify
    await worker?.showNotification(title, own);
  }
  return undefined;
}

/**
 * Somebody pressed a notification. It is answered in the room where it came from, by those who are asked within `until` (ms since 1970): a
 * page that was frozen is too late, and its person has been told so.
 */
function pressed({ data, ports: [port] }) {
  if (data?.kind !== 'nkt-notification' || data.page !== OWN || !ownAddress()) return;
  const { from, to, text, isElsewhere } = data;
  const isHere = data.place === placeOf() && (!to || known(to));
  if (text && (!isHere || Date.now() > data.until)) return;
  port.postMessage('heard');
  if (text) say(text, to || undefined);
  else if (isElsewhere) visit(data.place);
  else if (isHere && data.isReply) setTarget(to && from);
}

export default {
  name: 'notify',
  listeners: {
    async nktdisplaymessage(event) {
      await null; // a plugin that was loaded later may still cancel it
      if (event.defaultPrevented || isWatched() || Notification.permission !== 'granted') return undefined;
      const message = saidBy(event);
      if (!message) return undefined;
      const { from } = event;
      const isPrivate = event.talk !== '';
      const { isMe } = mentionsOf(message.text, message.mentions);
      const title = isMe && !isPrivate ? texts.notifyMention(nameInLine(from), isolated(roomName()))
        : texts.notifyTitle(nameInLine(from), isolated(roomName()), isPrivate);
      return notify(title, { body: message.text.slice(0, TEXT_LENGTH_MAX), tag: from }, // one of each person
        { room: roomName(), from, to: isPrivate ? from : '' });
    },
    nktelsewhere({ detail: { room, name, nick, text, isMention, isPrivate, from } }) {
      if (isWatched() || Notification.permission !== 'granted') return undefined;
      const [who, where] = [cleanNick(nick) || short(from), name].map(isolated);
      const title = isMention && !isPrivate ? texts.notifyMention(who, where) : texts.notifyTitle(who, where, isPrivate);
      const body = text.slice(0, TEXT_LENGTH_MAX);
      return notify(title, { body, tag: `${name} ${from}` }, { isRing: true, room: name, from, to: '', elsewhere: roomLink(room) });
    },
    nktring({ detail: { from, room } }) {
      if (isWatched() || Notification.permission !== 'granted') return undefined;
      const name = calledRoom(room); // in which one is rung, not the one that is shown
      return notify(texts.notifyRing(nameInLine(from), isolated(name)), { tag: 'ring' }, { isRing: true, room: name, from, to: '' });
    },
  },
  async init(nkt, { signal }) {
    if (!('Notification' in window)) throw new Error(texts.notifyMissing);
    if (await Notification.requestPermission() !== 'granted') throw new Error(texts.notifyDenied);
    navigator.serviceWorker?.addEventListener('message', pressed, { signal });
  },
};

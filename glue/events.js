// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The events of the API, and the queue that calls listeners when the core is at rest.
 */
import { FRAME_OUT, FRAME_WEBRTC, SAY_CLEAR, SAY_UNTOLD } from './constants.js';
import { fromJson } from './reading.js';

/**
 * To whom something was said, and in which room: own address, null: everybody; undefined: a version said it that does not tell. What names
 * the room, null: none; undefined: not known.
 * @typedef {{to: string|null|undefined, room: string|null|undefined}} Where
 */

/** Of MESSAGE and PAST. @param {any} fx @returns {Where} */
export function whereOf({ flags, peer, text }) {
  return { to: flags & SAY_UNTOLD ? undefined : peer, room: text === '' ? undefined : text === '-' ? null : text };
}

/** A message that came in. What a plugin must be able to trust is on the event, not in the payload. */
export class NktMessageEvent extends CustomEvent {
  #message;

  /** @param {string} type @param {{detail: any, bytes?: any, from: string, id: string, date: number, encrypted: boolean} & Where} said */
  constructor(type, said) {
    super(type, said);
    this.#message = said;
  }

  /** The proven sender's address. */
  get from() {
    return this.#message.from;
  }

  /** Own address; null: everybody; undefined: a version said it that does not tell. */
  get to() {
    return this.#message.to;
  }

  /** What names the room in which it was said; null: none. */
  get room() {
    return this.#message.room;
  }

  /** 32 hexadecimal digits. */
  get id() {
    return this.#message.id;
  }

  /** Unix ms, by the sender's clock. */
  get date() {
    return this.#message.date;
  }

  get encrypted() {
    return this.#message.encrypted;
  }

  /** What was said beside the value; null: nothing. */
  get bytes() {
    return this.#message.bytes ?? null;
  }
}

/** What somebody said that may be lost. */
export class NktEphemeralEvent extends CustomEvent {
  /** @type {string} the proven sender's address */
  from;
  /** @type {string|null} own address; null: everybody */
  to;
  /** @type {number} Unix ms */
  date;

  /** @param {{detail: unknown, from: string, to: string|null, date: number}} said */
  constructor({ detail, from, to, date }) {
    super('nktephemeral', { detail });
    this.from = from;
    this.to = to;
    this.date = date;
  }
}

/**
 * A message about to be sent. A listener may cancel it with preventDefault(), change `detail` in place when it is an object
 * (it is a copy), or replace it: `event.detail = other` or `event.replace(other)`. The same with the `bytes` beside it.
 */
export class NktSendingEvent extends CustomEvent {
  #draft;
  /** @type {string|null} recipient; null: everybody */
  to;
  /** @type {boolean} */
  encrypted;

  /** @param {import('./written.js').Draft} draft shared by the copies of one event @param {string|null} to @param {boolean} encrypted */
  constructor(draft, to, encrypted) {
    super('nktsendingmessage', { cancelable: true });
    this.#draft = draft;
    this.to = to;
    this.encrypted = encrypted;
  }

  get detail() {
    return this.#draft.value;
  }

  set detail(value) {
    this.#draft.value = value;
  }

  get bytes() {
    return this.#draft.bytes;
  }

  set bytes(bytes) {
    this.#draft.bytes = bytes;
  }

  /** @param {unknown} value */
  replace(value) {
    this.#draft.value = value;
  }
}

/** The detail of nktincomingdata and nktoutgoingdata. @param {any} fx FRAME */
function frameDetail(fx) {
  const data = Object.freeze({
    msgType: fx.text,
    msgFrom: fx.address,
    msgTo: fx.peer,
    uid: fx.id,
    msgDate: fx.time,
    size: fx.value,
    fromChannel: fx.flags & FRAME_WEBRTC ? 'webrtc' : 'relay',
  });
  return Object.freeze({ data });
}

/**
 * Dispatches events on one target and on its mirror; builds no event that nobody can hear. Listeners run between steps of the
 * core, never within one, and in the order in which things happened.
 */
export class Dispatcher {
  #target;
  /** Where everything is dispatched as well. @type {EventTarget|null} */
  mirror;
  /** Types that were ever listened to on the target. @type {Set<string>} */
  #heard = new Set();
  /** @type {Array<() => void>} */
  #queue = [];
  #isFlushing = false;

  /** @param {EventTarget} target @param {EventTarget|null} mirror */
  constructor(target, mirror) {
    this.#target = target;
    this.mirror = mirror;
  }

  /** @param {string} type */
  heard(type) {
    this.#heard.add(type);
  }

  /** Whether anybody may be listening. @param {string} type @returns {boolean} */
  isHeard(type) {
    return this.mirror !== null || this.#heard.has(type);
  }

  /**
   * Dispatches now.
   * @param {string} type @param {() => Event} build called once per target: an event object serves one dispatch
   * @returns {boolean} false if a listener cancelled it
   */
  dispatch(type, build) {
    let isWanted = true;
    if (this.#heard.has(type)) isWanted = this.#target.dispatchEvent(build());
    if (this.mirror !== null) isWanted = this.mirror.dispatchEvent(build()) && isWanted;
    return isWanted;
  }

  /** Dispatches at the next flush(). @param {string} type @param {() => Event} build */
  queue(type, build) {
    if (this.isHeard(type)) this.#queue.push(() => this.dispatch(type, build));
  }

  /** Calls at the next flush(), in turn with the listeners. @param {() => void} call */
  queueCall(call) {
    this.#queue.push(call);
  }

  /** @param {string} type @param {object} detail frozen */
  queueDetail(type, detail) {
    this.queue(type, () => new CustomEvent(type, { detail }));
  }

  /** An event outside of any step. @param {string} type @param {object} detail */
  tell(type, detail) {
    this.queueDetail(type, Object.freeze(detail));
    this.flush();
  }

  /** A content that somebody told of. @param {{detail: object, from: string, id: string, date: number, encrypted: boolean} & Where} said */
  tellContent(said) {
    this.queue('nktcontent', () => new NktMessageEvent('nktcontent', said));
    this.flush();
  }

  /**
   * A value that was said.
   * @param {{from: string, id: string, date: number, encrypted: boolean} & Where} said @param {{value: unknown, bytes: any}} read
   */
  queueMessage(said, { value: detail, bytes }) {
    const type = said.encrypted ? 'nktencryptedmessagereceived' : 'nktclearmessagereceived';
    const init = { ...said, detail, bytes };
    this.queue(type, () => new NktMessageEvent(type, init));
  }

  /** EPHEMERAL. @param {any} fx */
  queueEphemeral(fx) {
    if (!this.isHeard('nktephemeral')) return;
    const text = fx.bytesText;
    const said = { from: fx.address, to: fx.peer, date: fx.time };
    this.queue('nktephemeral', () => new NktEphemeralEvent({ ...said, detail: fromJson(text) }));
  }

  /** FRAME. @param {any} fx */
  queueFrame(fx) {
    const type = fx.flags & FRAME_OUT ? 'nktoutgoingdata' : 'nktincomingdata';
    if (this.isHeard(type)) this.queueDetail(type, frameDetail(fx));
  }

  /** Calls the listeners. What they cause is queued behind, and dispatched by the outermost flush(). */
  flush() {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      for (let i = 0; i < this.#queue.length; i++) this.#queue[i]();
    } finally {
      this.#queue = [];
      this.#isFlushing = false;
    }
  }
}

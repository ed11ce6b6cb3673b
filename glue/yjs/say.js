// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What is written here, on its way to those who share the document: over a link as what may be lost, in one packet (a frame; to older
 * versions JSON); else, and when it is too much for that, by a call each, one at a time, so that what is written meanwhile goes with the
 * next one.
 */
import * as Y from 'yjs';
import { keyOf, writeFrame } from './frame.js';
import { CALL } from './hub.js';
import { PART_SIZE_MAX } from './serve.js';

/** Between two frames, in ms: what is written meanwhile goes together. Somebody else may be told 100 a second; each costs a crowd more. */
const FRAME_MS = 20;
const FRAME_PEER_MS = 2;
/** Between two calls to the same, in ms: he takes 50 a second. */
const PUSH_MS = 25;
/** Of one's own state for others (cursor, name), between two calls to the same, in ms. */
const AWARE_CALL_MS = 1000;

/** JSON text of what may be lost, in bytes; and what stands around bytes in it. */
const EPHEMERAL_SIZE_MAX = 1000;
const CARRIER_SIZE = 28;

const encoder = new TextEncoder();

/** In Chromium a tenth of what queueMicrotask() costs. */
const soon = Promise.resolve();

/**
 * @typedef {object} Line to one of them
 * @property {Uint8Array[]} updates waiting @property {boolean} isBusy a call has no answer
 * @property {boolean} isTelling the same, of what there is @property {any} timer of its state
 *
 * @typedef {object} Ports
 * @property {import('./hub.js').Hub} hub
 * @property {string} name
 * @property {() => Iterable<string>} peers
 * @property {() => object|null} entry one's own state
 * @property {(addr: string, code: string) => void} failed that one may not have got it
 * @property {(addr: string) => void} announce tell that one what there is: he fetches it
 */

export class Saying {
  #ports;
  /** @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {Uint8Array[]} */
  #updates = [];
  #isAware = false;
  /** Of the name, in a frame. */
  #key;
  /** JSON text of a frame without what is in it, in bytes. */
  #frameSize;
  #last = -Infinity;
  /** How many were told then. */
  #count = 0;
  /** @type {any} */
  #timer = null;

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
    this.#key = keyOf(ports.name);
    this.#frameSize = encoder.encode(JSON.stringify(this.#frame({ u: 0 }))).length;
  }

  /** At once, if nothing was told just now; what is changed in the same task after it goes together. @param {Uint8Array} update */
  update(update) {
    this.#updates.push(update);
    if (this.#timer !== null) return;
    const now = performance.now();
    if (this.#wait(now) > 0) return this.#soon();
    this.#flush(now);
    this.#awaitEnd();
  }

  /** One's own state is other now. */
  aware() {
    this.#isAware = true;
    this.#soon();
  }

  /** To one who is new here. @param {string} addr */
  awareTo(addr) {
    const entry = this.#ports.entry();
    if (entry !== null) this.#tellState(addr, entry);
  }

  /**
   * As what may be lost where there is a short way, otherwise by a call, one at a time; it is said again in any case.
   * @param {string} addr @param {string} kind of the call @param {object} fields
   */
  async tellNow(addr, kind, fields) {
    const line = this.#line(addr);
    if (await this.#ephemeral(addr, fields) || line.isTelling) return;
    const { hub, name } = this.#ports;
    line.isTelling = true;
    await hub.call(addr, { k: kind, n: name, ...fields }).catch(() => {});
    line.isTelling = false;
  }

  /** @param {string} addr */
  forget(addr) {
    const line = this.#lines.get(addr);
    if (!line) return;
    clearTimeout(line.timer);
    line.updates.length = 0;
    this.#lines.delete(addr);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#updates = [];
    for (const addr of this.#lines.keys()) this.forget(addr);
  }

  /** Until the next frame may leave, in ms. */
  #wait(now = performance.now()) {
    return this.#last + FRAME_MS + FRAME_PEER_MS * this.#count - now;
  }

  #soon() {
    if (this.#timer !== null) return;
    const wait = this.#wait();
    if (wait > 0) this.#timer = setTimeout(() => this.#flush(), wait);
    else this.#awaitEnd();
  }

  /** Of this task. */
  #awaitEnd() {
    this.#timer = 0;
    soon.then(() => {
      if (this.#timer !== 0) return;
      this.#timer = null;
      if (this.#updates.length > 0 || (this.#isAware && this.#wait() <= 0)) this.#flush();
      else if (this.#isAware) this.#soon();
    });
  }

  #flush(now = performance.now()) {
    this.#timer = null;
    this.#last = now;
    const updates = this.#updates;
    this.#updates = [];
    const update = updates.length > 1 ? Y.mergeUpdates(updates) : updates[0];
    const entry = this.#isAware ? this.#ports.entry() : null;
    this.#isAware = false;
    const peers = [...this.#ports.peers()];
    this.#count = peers.length;
    const frame = update === undefined ? null : writeFrame(this.#key, update, entry);
    for (const addr of peers) {
      if (frame !== null && this.#sendFrame(addr, frame)) continue;
      if (update !== undefined) this.#tellUpdate(addr, update, entry);
      else if (entry !== null) this.#tellState(addr, entry);
    }
  }

  /** @param {string} addr @param {Uint8Array} frame @returns {boolean} whether it left, over a link */
  #sendFrame(addr, frame) {
    const { hub } = this.#ports;
    return hub.nkt.userList[addr]?.links > 0 && hub.sendFrame(addr, frame);
  }

  /** @param {string} addr @param {Uint8Array} update @param {object|null} entry */
  async #tellUpdate(addr, update, entry) {
    const isLinked = this.#ports.hub.nkt.userList[addr]?.links > 0;
    if (isLinked && this.#size(update, entry) <= EPHEMERAL_SIZE_MAX) {
      if (!await this.#ephemeral(addr, { u: update, ...(entry && { a: entry }) })) this.#push(addr, update);
      return;
    }
    if (!isLinked || this.#size(update, null) > EPHEMERAL_SIZE_MAX) this.#push(addr, update);
    else if (!await this.#ephemeral(addr, { u: update })) this.#push(addr, update);
    if (entry !== null) this.#tellState(addr, entry);
  }

  /** @param {Uint8Array} update @param {object|null} entry @returns {number} of JSON text, in bytes, or a little less */
  #size(update, entry) {
    const state = entry && JSON.stringify({ a: entry });
    return this.#frameSize + CARRIER_SIZE + Math.ceil(update.length * 4 / 3) + (state ? encoder.encode(state).length : 0);
  }

  #frame(fields) {
    return { [CALL]: 1, n: this.#ports.name, ...fields };
  }

  /** @param {string} addr @param {object} fields @returns {Promise<boolean>} whether it left */
  async #ephemeral(addr, fields) {
    const { nkt } = this.#ports.hub;
    const path = nkt.userList[addr]?.path;
    if (path !== 'direct' && path !== 'relay') return false;
    try {
      return await nkt.sendEphemeral(this.#frame(fields), addr) > 0;
    } catch {
      return false; // too large, gone, or not running any more
    }
  }

  /** @param {string} addr @param {object} entry */
  async #tellState(addr, entry) {
    const line = this.#line(addr);
    if (line.timer !== undefined || await this.#ephemeral(addr, { a: entry })) return;
    const { hub, name, entry: newest } = this.#ports;
    const call = () => hub.call(addr, { k: 'aware', n: name, a: newest() }).catch(() => {}); // said again every 15 s
    if (line.timer !== undefined) return;
    line.timer = setTimeout(() => {
      line.timer = undefined;
      call();
    }, AWARE_CALL_MS);
  }

  /** @param {string} addr @returns {Line} */
  #line(addr) {
    let line = this.#lines.get(addr);
    if (!line) this.#lines.set(addr, line = { updates: [], isBusy: false, isTelling: false, timer: undefined });
    return line;
  }

  /** @param {string} addr @param {Uint8Array} update */
  async #push(addr, update) {
    const line = this.#line(addr);
    line.updates.push(update);
    if (line.isBusy) return;
    line.isBusy = true;
    const { hub, name, failed, announce } = this.#ports;
    try {
      while (line.updates.length > 0) {
        const updates = line.updates.splice(0);
        const u = updates.length > 1 ? Y.mergeUpdates(updates) : updates[0];
        if (u.length > PART_SIZE_MAX) announce(addr);
        else await hub.call(addr, { k: 'push', n: name, u });
        if (line.updates.length === 0) await new Promise((done) => setTimeout(done, PUSH_MS));
      }
    } catch (error) {
      line.updates.length = 0;
      failed(addr, /** @type {any} */ (error).code);
    }
    line.isBusy = false;
  }
}

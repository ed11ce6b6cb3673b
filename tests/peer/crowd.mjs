// SPDX-License-Identifier: GPL-3.0-or-later
// Messages to everybody under a sender key (docs/protocol.md, section 10).
import { demand, equal } from './bytes.mjs';
import { groupAd, groupKeyOf } from './derive.mjs';
import { KIND } from './envelope.mjs';
import { pad, unpad } from './pad.mjs';
import { openOnce, sealOnce } from './primitives.mjs';
import { decode, encode } from './schema.mjs';
import { HeardKey, SenderKey } from './senderkey.mjs';

const TYPE_GROUP = 4;
const GIVE_MS = 5000; // a key whose arrival nobody confirmed is given again
const ASK_MS = 2000;
const EPOCHS_MAX = 2; // of one author
const SAYS_MAX = 64;
export const ALONE_MAX = 16; // up to so many recipients each is told in its session

/** @typedef {import('./people.mjs').Person} Person */

export class Crowd {
  #peer;
  /** @type {SenderKey | undefined} */
  #own;
  /** Who said that it holds our key. */
  #holders = new Set();
  /** When we gave it. @type {Map<string, number>} */
  #given = new Map();
  /** Keys of others, by author. @type {Map<string, Map<bigint, HeardKey>>} */
  #heard = new Map();
  /** @type {Map<string, number>} */
  #asked = new Map();
  /** How often we spoke to everybody at once. */
  count = 0;

  /** @param {import('./peer.mjs').Peer} peer */
  constructor(peer) {
    this.#peer = peer;
  }

  // ---- saying

  /**
   * @param {any} say to everybody @param {Person[]} recipients
   * @returns {Person[]} those who are known to hold the key
   */
  broadcast(say, recipients) {
    this.#own ??= new SenderKey(BigInt(this.#peer.time.nextMs()), this.#peer.entropy);
    const holders = recipients.filter(({ name }) => this.#holders.has(name));
    if (holders.length > 0) {
      this.count++;
      this.#peer.post({ kind: KIND.GROUP, payload: encode('Ciphertext', this.encrypt([say])) });
    }
    return holders;
  }

  /** @param {any[]} say @returns {any} a Ciphertext */
  encrypt(say) {
    const own = /** @type {SenderKey} */ (this.#own);
    const { epoch } = own;
    const inner = encode('Inner', { say, group: { network: this.#peer.room.network, from: this.#peer.address, epoch } });
    const half = this.#peer.entropy.bytes(32);
    const message = own.encrypt(half);
    return { type: TYPE_GROUP, epoch, message, content: sealOnce(groupKeyOf(half), pad(inner), groupAd(message)) };
  }

  /** What there is to say to somebody in the session about keys. @param {Person} person @returns {any} of an Inner */
  news({ name }) {
    const nowMs = this.#peer.time.wallMs;
    if (!this.#own || this.#holders.has(name) || nowMs - (this.#given.get(name) ?? -Infinity) < GIVE_MS) return undefined;
    this.#given.set(name, nowMs);
    return { group_key: { epoch: this.#own.epoch, key: this.#own.distribution() } };
  }

  // ---- hearing

  /** What was said in the session about keys. @param {Person} person @param {any} inner */
  hearKeys(person, { group_key: given, group_held: held, group_asked: asked }) {
    if (this.#own && held === this.#own.epoch) this.#holders.add(person.name);
    if (this.#own && asked !== undefined) {
      this.#holders.delete(person.name);
      this.#given.delete(person.name);
    }
    if (given) this.#take(person, given);
  }

  #take(person, { epoch, key }) {
    const keys = this.#heard.get(person.name) ?? new Map();
    demand([...keys.keys()].every((held) => held <= epoch), 'replay', 'of a sender key');
    const heard = new HeardKey(key);
    const before = keys.get(epoch);
    if (!before || heard.at > before.at) keys.set(epoch, heard);
    this.#heard.set(person.name, new Map([...keys].slice(-EPOCHS_MAX)));
    this.#peer.talk.send(person, { group_held: epoch });
  }

  /** What is encrypted for everybody. @param {Person} person @param {any} body @returns {any[]} the messages */
  hear(person, body) {
    const { type, epoch, message, content } = decode('Ciphertext', body.payload);
    demand(type === TYPE_GROUP && epoch !== undefined && content, 'payload');
    const key = this.#heard.get(person.name)?.get(epoch);
    if (!key) this.#ask(person, epoch);
    demand(key, 'no sender key');
    const { half, next } = /** @type {HeardKey} */ (key).decrypt(message);
    const inner = decode('Inner', unpad(openOnce(groupKeyOf(half), content, groupAd(message))));
    this.#heard.get(person.name)?.set(epoch, next);
    const { group, say } = inner;
    demand(group && group.epoch === epoch && equal(group.network, body.network) && equal(group.from, body.from), 'payload', 'binding');
    demand(say.length > 0 && say.length <= SAYS_MAX && say.every(({ call }) => !call), 'payload', 'words');
    return say;
  }

  #ask(person, epoch) {
    const nowMs = this.#peer.time.wallMs;
    if (!person.isEstablished || nowMs - (this.#asked.get(person.name) ?? -Infinity) < ASK_MS) return;
    this.#asked.set(person.name, nowMs);
    this.#peer.talk.send(person, { group_asked: epoch });
  }
}

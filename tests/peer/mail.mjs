// SPDX-License-Identifier: GPL-3.0-or-later
// Mail of minutes: what is kept for who is away, and handed over when it is back (docs/protocol.md, section 16).
import { demand, equal } from './bytes.mjs';
import { endsOf } from './derive.mjs';
import { KIND, makeEnvelope, readEnvelope } from './envelope.mjs';
import { unpad } from './pad.mjs';
import { openOnce } from './primitives.mjs';
import { decode, encode } from './schema.mjs';

const HAND_OVER_MS = 300;
const FRAMES_MAX = 16; // in one mail ...
const SIZE_MAX = 15_000; // ... of so many bytes
const READ_MAX = 64;
const KEPT_MAX = 512;
const KEEPERS = 4;
const KINDS = [KIND.SESSION, KIND.SHARED, KIND.LETTER];
const TTL_S = 600;
const SAYS_MAX = 64;
const SIZE_SAID_MAX = 15_000;

/** @typedef {import('./people.mjs').Person} Person */

export class Mail {
  #peer;
  /** For others, the oldest first. @type {{to: string[], frame: Uint8Array}[]} */
  #kept = [];
  /** When to hand over to whom. @type {Map<Person, number>} */
  #due = new Map();

  /** @param {import('./peer.mjs').Peer} peer */
  constructor(peer) {
    this.#peer = peer;
  }

  get count() {
    return this.#kept.length;
  }

  // ---- writing

  /**
   * What was said to one who is away, encrypted once more, to those who are nearest to it.
   * @param {Person} person
   * @returns {number} by how many it is kept
   */
  write(person) {
    const say = [];
    let size = 0;
    for (const one of this.#peer.outbox.waiting(person)) {
      size += one.json.length;
      if (say.length === SAYS_MAX || size > SIZE_SAID_MAX) break;
      say.push(one);
    }
    const frame = makeEnvelope(this.#peer.identity, {
      ...this.#peer.bodyOf({ to: person.address, kind: KIND.SESSION, ttlS: TTL_S, payload: this.#peer.talk.encrypt(person, { say }) }),
      keep: true,
      record: this.#peer.signed,
    });
    const { id } = readEnvelope(frame);
    const keepers = this.#peer.people.established.filter((other) => other !== person)
      .sort((a, b) => distance(a.address, id) - distance(b.address, id)).slice(0, KEEPERS);
    for (const keeper of keepers) this.#post(keeper, [frame]);
    return keepers.length;
  }

  #post(person, frame) {
    this.#peer.post({ kind: KIND.MAIL, to: person.address, payload: encode('Mail', { frame }), record: this.#peer.signed });
  }

  // ---- hearing

  /** @param {Person} author @param {Uint8Array} payload */
  hear(author, payload) {
    const { frame: frames } = decode('Mail', payload);
    demand(frames.length <= READ_MAX, 'payload', 'too much mail');
    for (const frame of frames) {
      const envelope = readEnvelope(frame);
      const { body } = envelope;
      demand(body.keep && KINDS.includes(body.kind), 'payload', 'no mail');
      const to = body.kind === KIND.SHARED ? decode('Shared', body.payload).part.map((part) => part.to) : [body.to ?? this.#peer.address];
      if (to.some((address) => equal(address, this.#peer.address))) this.#peer.receive(frame, { isMail: true });
      else this.#keep(author, envelope, to);
    }
    this.#peer.letters.receipt(author, frames);
  }

  /** For somebody else: of the mail's own author only. */
  #keep(author, { body, frame }, to) {
    demand(equal(body.from, author.address), 'payload', "another's mail");
    this.#kept.push({ to: to.map(String), frame });
    if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    this.#peer.emit('kept', author, body);
    for (const address of to) {
      const person = this.#peer.people.find(address);
      if (person && !person.isAway) this.heardOf(person);
    }
  }

  /** Something new of somebody was heard. @param {Person} person */
  heardOf(person) {
    const name = String(person.address);
    if (this.#due.has(person) || !this.#kept.some(({ to }) => to.includes(name))) return;
    this.#due.set(person, this.#peer.time.wallMs + HAND_OVER_MS);
  }

  tick() {
    for (const [person, atMs] of this.#due) {
      if (this.#peer.time.wallMs < atMs) continue;
      this.#due.delete(person);
      this.#handOver(person);
    }
  }

  #handOver(person) {
    const name = String(person.address);
    const batch = [];
    let size = 0;
    for (const one of this.#kept.filter(({ to }) => to.includes(name))) {
      size += one.frame.length;
      if (batch.length === FRAMES_MAX || (batch.length > 0 && size > SIZE_MAX)) break;
      batch.push(one.frame);
      one.to.splice(one.to.indexOf(name), 1);
    }
    this.#kept = this.#kept.filter(({ to }) => to.length > 0);
    if (batch.length === 0) return;
    this.#post(person, batch);
    this.heardOf(person); // what did not go in
  }

  /** The same words for several who are away: which of them are for us, and at which places. @param {Person} author @param {any} body */
  hearShared(author, body) {
    const { part: parts, content } = decode('Shared', body.payload);
    const part = parts.find(({ to }) => equal(to, this.#peer.address));
    demand(part && parts.length <= 8, 'payload', 'shared');
    const inner = this.#peer.talk.open(author, { ...part, content: part.body }, body);
    demand(inner.ends && equal(inner.ends, endsOf(body.network, body.from, this.#peer.address)), 'ends');
    demand(inner.content_key?.length === 32, 'payload', 'shared');
    const { say } = decode('Inner', unpad(openOnce(inner.content_key, content)));
    for (const { index, stream_id: streamId, sequence } of inner.place) {
      demand(say[index] && !say[index].call, 'payload', 'shared');
      this.#peer.attempt(() => this.#peer.outbox.hear(author, { ...say[index], stream_id: streamId, sequence }));
    }
  }
}

/** @param {Uint8Array} address @param {Uint8Array} id */
function distance(address, id) {
  return [0, 1, 2, 3].reduce((value, i) => value * 256 + (address[i] ^ id[i]), 0);
}

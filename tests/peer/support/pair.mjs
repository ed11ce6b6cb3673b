// SPDX-License-Identifier: GPL-3.0-or-later
// Two who can have sessions with each other, with nothing between them.
import { makeRoom } from '../address.mjs';
import { Entropy } from '../entropy.mjs';
import { Person } from '../people.mjs';
import { makeIdentity, makeRecord, readRecord } from '../record.mjs';

/** @param {string} seed */
export function makePair(seed) {
  const room = makeRoom({ name: 'pair' });
  const [ann, bob] = ['ann', 'bob'].map((nick) => {
    const entropy = new Entropy(`${seed} ${nick}`);
    const identity = makeIdentity(entropy);
    const signed = makeRecord(identity, room, { nick, sequence: 1n, issuedMs: 1_700_000_000_000 });
    return { identity, entropy, record: readRecord(signed, room) };
  });
  const ends = [new End(ann, bob), new End(bob, ann)];
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return { ann: ends[0], bob: ends[1] };
}

class End {
  /** @type {any} */
  other;

  constructor(me, them) {
    this.person = new Person(me, them.record, 1n);
  }

  get session() {
    return this.person.session;
  }

  /** With what the other one gives. @param {{isLasting?: boolean}} [options] with the keys that are for anybody */
  begin({ isLasting = false } = {}) {
    const { oneTime } = this.other.person;
    const { identity } = this.other;
    if (isLasting) this.session.begin(undefined, { id: 0, key: identity.kem.publicKey });
    else this.session.begin({ id: oneTime.id, key: oneTime.key }, { id: oneTime.id, key: oneTime.kem.publicKey });
  }

  say(inner) {
    return this.session.encrypt(inner);
  }

  hear(message) {
    const { inner, used } = this.session.decrypt(message, this.person.given);
    this.person.spend(used);
    return inner;
  }
}

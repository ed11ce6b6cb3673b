// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of the second implementation with itself: out of order, lost, twice, both at once, both ratchets turning.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { zeros } from './bytes.mjs';
import { Entropy } from './entropy.mjs';
import { makePair } from './support/pair.mjs';

const say = (n) => ({ say: [{ stream_id: 1n, sequence: BigInt(n), id: zeros(16), date_ms: 0n, json: zeros(n % 300) }], ends: zeros(16) });
const numberOf = (inner) => Number(inner.say[0].sequence);

describe('a session', () => {
  test('is begun by either, and goes on with both ratchets', () => {
    const { ann, bob } = makePair('begun');
    ann.begin();
    let n = 0;
    for (let turn = 0; turn < 24; turn++) {
      const [from, to] = turn % 2 ? [bob, ann] : [ann, bob];
      const said = Array.from({ length: 1 + turn % 3 }, () => from.say(say(++n)));
      said.forEach((message, i) => assert.equal(numberOf(to.hear(message)), n - said.length + 1 + i));
    }
    assert.ok(ann.session.epoch >= 5, `epoch ${ann.session.epoch} after 24 turns`);
    assert.ok(Math.abs(ann.session.epoch - bob.session.epoch) <= 1);
  });

  test('hears what is lost, out of order and said at once from both ends', () => {
    for (let seed = 0; seed < 12; seed++) {
      const chance = new Entropy(`order ${seed}`);
      const { ann, bob } = makePair(`order ${seed}`);
      ann.begin();
      if (seed % 3 === 0) bob.begin();
      const flying = [];
      const heard = new Set();
      let n = 0;
      for (let step = 0; step < 120; step++) {
        const [from, to] = chance.below(2) ? [ann, bob] : [bob, ann];
        if (from.session.isBegun && chance.below(3) > 0) flying.push({ to, message: from.say(say(++n)) });
        else if (flying.length > 0) {
          const [{ to: hearer, message }] = flying.splice(chance.below(Math.min(flying.length, 6)), 1);
          if (chance.happens(0.2)) continue;
          const number = numberOf(hearer.hear(message));
          assert.ok(!heard.has(number));
          heard.add(number);
          assert.throws(() => hearer.hear(message), { name: 'Refused' }, 'twice');
        }
      }
      assert.ok(heard.size > 20, `seed ${seed}: ${heard.size}`);
    }
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// What useMessages() renders, without React: to whom and where each was said, in the order in which it was heard, whatever the clock did.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyOf } from '../../glue/react/key.js';
import { MessagesView } from '../../glue/react/messages.js';
import { metPeers } from './support/met.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const YEAR_MS = 31_557_600_000;

describe('messages for React', { skip, timeout: 180_000 }, () => {
  const { meet, newFolder } = metPeers();
  const noRtc = { RTCPeerConnection: null };

  test('what was said to oneself alone says so, and in which room each was said: live, and from the history', async () => {
    await assert.rejects(new MessagesView(null, 200).send('too early'), { code: 'NKT_E_STATE' });
    const [ann, bob] = await meet(['ann', 'bob'], { ann: noRtc, bob: { ...noRtc, storage: { folder: newFolder() } } });
    const view = new MessagesView(bob.nkt, 200);
    view.subscribe(() => {});
    await ann.nkt.sendEncryptedMessage('to all');
    await ann.nkt.sendEncryptedMessage('to bob', bob.address);
    await bob.nkt.sendEncryptedMessage('to ann', ann.address);
    await view.send('by the view', { to: ann.address });
    const wanted = [['by the view', ann.address], ['to all', null], ['to ann', ann.address], ['to bob', bob.address]];
    const seen = (one) => one.get().map(({ value, to, room }) => [value, to, room]).sort();
    await until(() => view.get().length === 4, 'all of them');
    assert.deepEqual(seen(view), wanted.map((one) => [...one, bob.nkt.roomId]));
    const later = new MessagesView(bob.nkt, 200);
    later.subscribe(() => {});
    await until(() => later.get().length === 4, 'from the history');
    assert.deepEqual(seen(later), seen(view));
  });

  test('a clock that was a year ahead, and was set right: what is said then is the newest, and stays', async () => {
    let wall = Date.now() + YEAR_MS;
    const nkt = Object.assign(new EventTarget(), {
      mySwarm: { address: () => 'me' }, roomId: null, health: () => ({ running: true }),
      history: async () => Array.from({ length: 5 }, (_, i) => ({ id: `h${i}`, from: 'ann', date: wall + i, value: i, own: false })),
    });
    const { now } = Date;
    try {
      Date.now = () => wall;
      const view = new MessagesView(/** @type {any} */ (nkt), 5);
      view.subscribe(() => {});
      const say = (id, from, value) => nkt.dispatchEvent(Object.assign(new CustomEvent('nktencryptedmessagereceived', { detail: value }),
        { id, from, to: null, room: null, date: wall, encrypted: true }));
      const values = () => view.get().map(({ value }) => value).join();
      await until(() => values() === '0,1,2,3,4', 'the history');
      wall -= YEAR_MS;
      say('a', 'ann', 'a');
      say('b', 'ann', 'b');
      assert.equal(values(), '2,3,4,a,b');
      say('b', 'eve', 'hers'); // another may choose the same id
      assert.equal(values(), '3,4,a,b,hers');
      say('b', 'ann', 'b');
      assert.equal(values(), '3,4,a,b,hers', 'once');
    } finally {
      Date.now = now;
    }
  });
});

describe('messages for React, of a peer that says what it is asked', () => {
  /** A peer whose history() waits until it is told to answer. */
  const fake = () => {
    const answers = [];
    const nkt = Object.assign(new EventTarget(), {
      address: 'me', running: true, counts: [], answers, roomId: null,
      mySwarm: { address: () => nkt.address },
      health: () => ({ running: nkt.running }),
      history: ({ count }) => {
        nkt.counts.push(count);
        return new Promise((resolve) => { answers.push(resolve); });
      },
      say: (id) => nkt.dispatchEvent(
        Object.assign(new CustomEvent('nktencryptedmessagereceived', { detail: id }), { id, from: 'ann', date: 1 })),
    });
    return nkt;
  };
  const settle = () => new Promise((resolve) => { setTimeout(resolve); });
  const values = (view) => view.get().map(({ value }) => value);
  const viewOf = (nkt, count = 200) => new MessagesView(/** @type {any} */ (nkt), count);

  test('what comes while the history is being read stays, where nothing is kept too', async () => {
    const nkt = fake();
    const view = viewOf(nkt);
    view.subscribe(() => {});
    nkt.say('early');
    nkt.answers[0]([]);
    await settle();
    assert.deepEqual(values(view), ['early']);
  });

  test('somebody else at the same peer: nothing of the one before is shown, nor what was read for him', async () => {
    const nkt = fake();
    const view = viewOf(nkt);
    view.subscribe(() => {});
    nkt.answers[0]([{ id: 'a', from: 'ann', date: 1, value: 'for me', own: false }]);
    await settle();
    nkt.dispatchEvent(new Event('nktrestarted'));
    nkt.address = 'you';
    nkt.dispatchEvent(new Event('nktstatus'));
    nkt.address = 'him';
    nkt.answers[1]([{ id: 'b', from: 'ann', date: 1, value: 'for you', own: false }]);
    await settle();
    nkt.answers[2]([{ id: 'c', from: 'ann', date: 1, value: 'for him', own: false }]);
    await settle();
    assert.deepEqual(values(view), ['for him']);
  });

  test('hidden and shown again: what was said meanwhile is there', async () => {
    const nkt = fake();
    const view = viewOf(nkt);
    view.subscribe(() => {})();
    nkt.answers[0]([]);
    await settle();
    nkt.say('missed');
    view.subscribe(() => {});
    nkt.answers[1]([{ id: 'missed', from: 'ann', date: 1, value: 'missed', own: false }]);
    await settle();
    assert.deepEqual(values(view), ['missed']);
  });

  test('a count that is no whole number, as of a height, is one', () => {
    for (const [count, asked] of [[2.5, 2], [NaN, 200], [-3, 1], [Infinity, 5000]]) {
      const nkt = fake();
      viewOf(nkt, count).subscribe(() => {});
      assert.deepEqual(nkt.counts, [asked], String(count));
    }
  });

  test('a configuration that cannot be written is compared all the same, and refused by init()', () => {
    const circle = {};
    circle.storage = circle;
    for (const config of [circle, { nick: 10n }, { get nick() { throw new Error('mine'); } }]) {
      assert.equal(typeof keyOf(config), 'string');
      assert.equal(keyOf(config), keyOf(config));
    }
    assert.notEqual(keyOf({ nick: 'a' }), keyOf({ nick: 'b' }));
  });
});

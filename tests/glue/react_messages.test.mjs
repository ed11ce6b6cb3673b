// SPDX-License-Identifier: GPL-3.0-or-later
// What useMessages() renders, without React: to whom and where each was said, in the order in which it was heard, whatever the clock did.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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

// SPDX-License-Identifier: GPL-3.0-or-later
// In which room something was said, and to whom: told of what is heard and of what is kept, and kept apart when one changes rooms.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { useRelay } from './support/relay.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const NAMED = /^[0-9a-f]{32}$/;
const HEARD = 'nktencryptedmessagereceived';

describe('rooms', { skip, timeout: 180_000 }, () => {
  const relays = useRelay();
  let root;
  before(() => { root = mkdtempSync(path.join(tmpdir(), 'nkt-rooms-')); });
  after(() => rmSync(root, { recursive: true, force: true }));
  afterEach(closePeers);

  const servers = { relays, trackers: [], WebSocket, RTCPeerConnection: null };
  const config = (name, more) => ({ ...servers, storage: { folder: path.join(root, name) }, ...more });
  const start = (nick, name, more) => startPeer(nick, config(name, more));
  /** The same person on the same page, in another room. */
  const move = (nick, peer, name, more) => peer.nkt.init({ nick, ...config(name, more) });
  /** Both are here: their session may be of the room before. */
  const meet = async (a, b) => {
    await Promise.all([a.session(b.address), b.session(a.address)]);
    const isHere = ({ nkt }, { address }) => nkt.userList[address]?.path !== 'none';
    await until(() => isHere(a, b) && isHere(b, a), 'both are here');
  };

  test('an id for each name and secret, null for none', async () => {
    const room = newRoom();
    const { nkt } = await start('ann', 'ids', { room });
    const ids = [nkt.roomId];
    for (const more of [{ room, secret: 'one' }, { room, secret: 'two' }, { room: `${room}2` }]) {
      await nkt.init(config('ids', more));
      ids.push(nkt.roomId);
    }
    for (const id of ids) assert.match(id, NAMED);
    assert.equal(new Set(ids).size, ids.length);
    await nkt.init(config('ids', { room }));
    assert.equal(nkt.roomId, ids[0]);
    await nkt.init(config('ids', { room: null }));
    assert.equal(nkt.roomId, null);
    await nkt.close();
    assert.equal(nkt.roomId, null);
  });

  test('what is heard and kept says in which room it was said, and to whom', async () => {
    const [one, other] = [newRoom(), newRoom()];
    const ann = await start('ann', 'kept-ann', { room: one });
    const bob = await start('bob', 'kept-bob', { room: one });
    await meet(ann, bob);
    const { roomId } = ann.nkt;
    await ann.nkt.sendEncryptedMessage('to all');
    await ann.nkt.sendEncryptedMessage({ text: 'to bob' }, bob.address);
    await bob.nkt.sendEncryptedMessage({ text: 'psst', private: true }); // says so, and is not
    const clear = bob.seen('nktclearmessagereceived');
    await ann.nkt.sendClearMessage('in clear');
    const heard = async (peer, text) => {
      const event = await peer.seen(HEARD, ({ detail }) => (detail.text ?? detail) === text);
      return [event.to, event.room];
    };
    assert.deepEqual(await heard(bob, 'to all'), [null, roomId]);
    assert.deepEqual(await heard(bob, 'to bob'), [bob.address, roomId]);
    assert.deepEqual(await heard(ann, 'psst'), [null, roomId]);
    const { to, room } = await clear;
    assert.deepEqual([to, room], [null, roomId]);

    await move('bob', bob, 'kept-bob', { room: other });
    await move('ann', ann, 'kept-ann', { room: other });
    await meet(ann, bob);
    assert.notEqual(ann.nkt.roomId, roomId);
    await ann.nkt.sendEncryptedMessage('elsewhere');
    await heard(bob, 'elsewhere');
    const kept = (await bob.nkt.history()).map((entry) => [entry.value.text ?? entry.value, entry.to, entry.room]);
    assert.deepEqual(kept.sort(), [
      ['elsewhere', null, bob.nkt.roomId], ['psst', null, roomId], ['to all', null, roomId], ['to bob', bob.address, roomId],
    ]);
    const own = (await ann.nkt.history()).filter((entry) => entry.own);
    assert.deepEqual(own.map((entry) => [entry.value.text ?? entry.value, entry.to, entry.room]).sort(), [
      ['elsewhere', null, ann.nkt.roomId], ['to all', null, roomId], ['to bob', bob.address, roomId],
    ]);
  });

  test('what waits for the people of one room is told to nobody of the next, and where it was said', async () => {
    const [one, other] = [newRoom(), newRoom()];
    const ann = await start('ann', 'waits-ann', { room: one });
    const bob = await start('bob', 'waits-bob', { room: one });
    await meet(ann, bob);
    const { roomId } = ann.nkt;
    await bob.nkt.close();
    await until(() => !Object.keys(ann.nkt.userList).includes(bob.address), 'he left');
    await ann.nkt.sendEncryptedMessage('said in the first room'); // and he, who was there last, is to get it when he is back
    await move('ann', ann, 'waits-ann', { room: other });
    const cyd = await start('cyd', 'waits-cyd', { room: other });
    await meet(ann, cyd);
    await move('bob', bob, 'waits-bob', { room: other });
    const event = await bob.seen(HEARD);
    assert.deepEqual([event.detail, event.to, event.room], ['said in the first room', null, roomId]);
    assert.notEqual(bob.nkt.roomId, roomId);
    const [{ room, to }] = await bob.nkt.history();
    assert.deepEqual([room, to], [roomId, null]);
    await ann.nkt.sendEncryptedMessage('said in the second');
    await until(() => cyd.values().includes('said in the second'), 'cyd hears');
    assert.deepEqual(cyd.values(), ['said in the second']);
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Rooms entered, closed and taken up again in all orders and at once: one person, each room once, nothing of it lost.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocket } from 'ws';
import { Nkt } from '../../glue/nkt.js';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { useRelay } from './support/relay.mjs';
import { breakable } from './support/trap.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const code = (...names) => (error) => names.includes(error.code);
const HEARD = 'nktencryptedmessagereceived';

describe('rooms in all orders', { skip, timeout: 500_000 }, () => { // it writes much, and a disk may be busy
  const relays = useRelay();
  let root;
  const entered = new Set();
  before(() => { root = mkdtempSync(path.join(tmpdir(), 'nkt-order-')); });
  after(() => rmSync(root, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all([...entered].map((nkt) => nkt.close()));
    entered.clear();
    await closePeers();
  });

  const config = (name, more) => ({
    relays, trackers: [], WebSocket, RTCPeerConnection: null, storage: { folder: path.join(root, name) }, room: newRoom(), ...more,
  });
  async function enter(nkt, place, prepare) {
    const beside = await nkt.enter(place, prepare);
    entered.add(beside);
    return beside;
  }
  const said = async (nkt) => (await nkt.history()).map(({ value }) => value);
  const addressesOf = (...nkts) => [...new Set(nkts.map((nkt) => nkt.mySwarm.address()))];

  for (const storage of [undefined, 'none']) {
    const label = storage ?? 'a folder';
    test(`closed and entered again at once, without waiting (${label})`, async () => {
      const { nkt, address } = await startPeer('ann', config(`again-${storage}`, storage && { storage }));
      const room = newRoom();
      let last = await enter(nkt, { room });
      for (let i = 0; i < 8; i++) {
        const closing = last.close();
        const next = await enter(nkt, { room });
        assert.notEqual(next, last);
        await closing;
        assert.deepEqual(addressesOf(next), [address]);
        assert.deepEqual(nkt.rooms, [nkt, next]);
        last = next;
      }
    });

    test(`the first is closed while the second is entered: the same person, or nobody (${label})`, async () => {
      for (let ticks = 0; ticks < 10; ticks++) {
        const { nkt, address } = await startPeer('ann', config(`first-${storage}-${ticks}`, storage && { storage }));
        const entering = enter(nkt, { room: newRoom() }).catch((error) => error);
        for (let i = 0; i < ticks; i++) await new Promise(setImmediate);
        await nkt.close();
        const beside = await entering;
        if (beside instanceof Error) {
          assert.ok(code('NKT_E_STATE')(beside), `${beside.stack}`);
          assert.deepEqual(nkt.rooms, []);
          continue;
        }
        assert.deepEqual(addressesOf(beside), [address]);
        assert.deepEqual(beside.rooms, [beside]);
        await beside.close();
      }
    });

    test(`all closed, and all taken up again at once: one person (${label})`, async () => {
      const { nkt } = await startPeer('ann', config(`all-${storage}`, storage && { storage }));
      const all = [nkt, await enter(nkt, { room: newRoom() }), await enter(nkt, { room: newRoom() })];
      await Promise.all(all.map((one) => one.close()));
      assert.deepEqual(nkt.rooms, []);
      if (storage === undefined) rmSync(path.join(root, `all-${storage}`), { recursive: true }); // somebody new, and the same in all
      await Promise.all(all.reverse().map((one) => one.resume()));
      assert.equal(addressesOf(...all).length, 1);
      assert.equal(nkt.rooms.length, 3);
    });
  }

  test('resumed in a room that is open: refused; then in a third one and back, with what was said there', async () => {
    const [x, y, z] = [newRoom(), newRoom(), newRoom()];
    const { nkt, address } = await startPeer('ann', config('moves', { room: x }));
    const beside = await enter(nkt, { room: y });
    await nkt.sendEncryptedMessage('in x');
    await beside.sendEncryptedMessage('in y');
    await assert.rejects(beside.resume({ room: x }), code('NKT_E_IN_USE'));
    assert.deepEqual(nkt.rooms, [nkt, beside]); // it goes on as it was
    await beside.resume({ room: z });
    assert.deepEqual([await said(beside), addressesOf(beside, nkt)], [[], [address]]);
    await assert.rejects(nkt.resume({ room: z }), code('NKT_E_IN_USE'));
    await nkt.resume({ room: y });
    assert.deepEqual(await said(nkt), ['in y']);
    await beside.resume({ room: x });
    assert.deepEqual(await said(beside), ['in x']);
    assert.deepEqual(addressesOf(beside, nkt), [address]);
  });

  test('entered from while it is being started or moved: when that is through; not where it failed', async () => {
    const [x, y, z] = [newRoom(), newRoom(), newRoom()];
    const given = config('under way', { room: x });
    const nkt = new Nkt();
    entered.add(nkt);
    const begun = nkt.init({ nick: 'ann', ...given });
    const beside = await enter(nkt, { room: y });
    await begun;
    for (let ticks = 0; ticks < 40; ticks += 4) {
      const moved = nkt.resume({ room: ticks % 8 ? x : z });
      for (let i = 0; i < ticks; i++) await new Promise(setImmediate);
      const third = await enter(nkt, { room: newRoom() });
      await moved;
      assert.deepEqual(nkt.rooms.length, 3);
      assert.equal(addressesOf(nkt, beside, third).length, 1);
      await third.close();
    }
    await nkt.close();
    const failed = assert.rejects(nkt.resume({ room: y }), code('NKT_E_IN_USE'));
    await assert.rejects(nkt.enter({ room: z }), code('NKT_E_STATE'));
    await failed;
  });

  test('another identity is not put in one room of a person; elsewhere one becomes another', async () => {
    const given = config('identity');
    const { nkt, address } = await startPeer('ann', given);
    const beside = await enter(nkt, { room: newRoom() });
    const file = await beside.exportIdentity('a passphrase');
    const stranger = await startPeer('eve', config('stranger', { storage: 'none' }));
    const foreign = { file: await stranger.nkt.exportIdentity('another'), passphrase: 'another' };
    await assert.rejects(beside.resume({ identity: foreign }));
    assert.deepEqual([addressesOf(nkt), nkt.rooms], [[address], [nkt]]);
    await beside.resume({ identity: undefined });
    assert.deepEqual(addressesOf(beside), [address]);
    const { room } = beside;
    await beside.init(config('elsewhere', { room }));
    assert.notEqual(beside.mySwarm.address(), address);
    assert.deepEqual([nkt.rooms, beside.rooms], [[nkt], [beside]]);
    await beside.init({ ...config('moved', { room }), identity: { file, passphrase: 'a passphrase' } });
    assert.deepEqual(addressesOf(beside), [address]);
    await assert.rejects(stranger.nkt.init(given), code('NKT_E_IN_USE')); // who is no relative cannot have the folder
    await nkt.close();
  });

  test('no room is one as well, with its own people, and is known as such after a restart', async () => {
    const [x, y] = [newRoom(), newRoom()];
    const ann = await startPeer('ann', config('none', { room: x }));
    await ann.nkt.sendEncryptedMessage('in x');
    const alone = await enter(ann.nkt, { room: null });
    const besideY = await enter(alone, { room: y });
    assert.deepEqual([alone.room, alone.roomId, addressesOf(alone, besideY)], [null, null, [ann.address]]);
    await alone.sendEncryptedMessage('in none');
    const bob = await startPeer('bob', config('none-bob', { room: y }));
    await until(() => besideY.userList[bob.address]?.session === 'established', 'met in y');
    await bob.nkt.sendEncryptedMessage('in y', ann.address);
    await until(async () => (await said(besideY)).includes('in y'), 'heard in y');
    assert.deepEqual([Object.keys(alone.userList), Object.keys(ann.nkt.userList)], [[], []]);
    await Promise.all([ann.nkt, alone, besideY].map((nkt) => nkt.close()));
    await alone.init(config('none', { room: null }));
    assert.deepEqual([await said(alone), addressesOf(alone)], [['in none'], [ann.address]]);
    assert.deepEqual(await said(await enter(alone, { room: x })), ['in x']);
  });

  test('what is marked while a room is closed is so when it is entered, whichever was first', async () => {
    const [x, y] = [newRoom(), newRoom()];
    const eve = (await startPeer('eve', config('eve', { storage: 'none' }))).address;
    const ann = await startPeer('ann', config('marks', { room: x }));
    const beside = await enter(ann.nkt, { room: y });
    await Promise.all([beside.close(), ann.nkt.close()]);
    await beside.resume(); // the home is opened, and no core has its records
    beside.ignore(eve);
    const again = await enter(beside, { room: x });
    assert.deepEqual(again.ignored.map(({ addr }) => addr), [eve]);
    again.unignore(eve);
    await again.close();
    assert.deepEqual((await enter(beside, { room: x })).ignored, []);
  });

  test('256 are ignored in two rooms at once, by turns; one more in neither; room made in one is room in both', async () => {
    const { nkt } = await startPeer('ann', config('full', { relays: [] }));
    const beside = await enter(nkt, { room: newRoom() });
    const addresses = [];
    const { Nkt } = await import('../../glue/nkt.js');
    for (let i = 0; i < 257; i++) {
      const one = new Nkt();
      await one.init(config('', { storage: 'none', relays: [] }));
      addresses.push(one.mySwarm.address());
      await one.close();
    }
    for (let i = 0; i < 256; i++) [nkt, beside][i % 2].ignore(addresses[i]);
    const list = (one) => one.ignored.map(({ addr }) => addr).sort();
    assert.deepEqual([list(nkt), list(beside)], [addresses.slice(0, 256).sort(), addresses.slice(0, 256).sort()]);
    for (const one of [nkt, beside]) assert.throws(() => one.ignore(addresses[256]), code('NKT_E_IGNORED_FULL'));
    beside.unignore(addresses[7]);
    nkt.ignore(addresses[256]);
    assert.deepEqual(list(nkt), list(beside));
    assert.ok(!list(nkt).includes(addresses[7]) && list(beside).includes(addresses[256]));
  });

  test('closed, or entered from, while it starts again after a fault: it is closed, or there', async () => {
    const { crypto, spoil } = breakable();
    const [eve] = (await startPeer('eve', config('eve', { storage: 'none' }))).nkt.rooms.map((nkt) => nkt.mySwarm.address());
    for (let ticks = 0; ticks < 8; ticks++) {
      const given = config(`trap-${ticks}`, { relays: [] });
      const { nkt, address } = await startPeer('ann', given, { crypto, log: { error() {}, debug() {} } });
      const beside = await enter(nkt, { room: newRoom() });
      const isClosed = ticks % 2 === 0;
      await beside.sendEncryptedMessage('draws entropy');
      spoil();
      beside.wake();
      assert.equal(beside.health().traps.length, 1);
      nkt.ignore(eve);
      const third = isClosed ? null : enter(beside, { room: newRoom() });
      for (let i = 0; i < ticks; i++) await new Promise(setImmediate);
      if (isClosed) await beside.close();
      else await until(() => beside.health().running, 'it runs again');
      await third;
      assert.equal(beside.health().running ?? false, !isClosed);
      assert.equal(nkt.rooms.length, isClosed ? 1 : 3);
      for (const one of nkt.rooms) assert.deepEqual(one.ignored.map(({ addr }) => addr), [eve]);
      assert.deepEqual(addressesOf(...nkt.rooms), [address]);
      await Promise.all(nkt.rooms.map((one) => one.close()));
      await nkt.init(given); // nobody has the folder any more
      if (isClosed) await beside.resume();
      assert.deepEqual(nkt.ignored.length, 1);
    }
  });

  test('listeners close and enter rooms in the middle of an event', async () => {
    const [x, y, z] = [newRoom(), newRoom(), newRoom()];
    const ann = await startPeer('ann', config('listens', { room: x }));
    const bob = await startPeer('bob', config('talks', { room: y }));
    let third = null;
    const heard = [];
    const beside = await enter(ann.nkt, { room: y }, (nkt) => nkt.addEventListener(HEARD, ({ detail }) => {
      heard.push(detail);
      if (detail !== 'go') return;
      const closing = nkt.close();
      third = ann.nkt.enter({ room: z }, () => ann.nkt.close()).then(async (next) => {
        entered.add(next);
        await closing;
        return enter(next, { room: y });
      });
    }));
    await until(() => beside.userList[bob.address]?.session === 'established', 'met');
    await bob.nkt.sendEncryptedMessage('go', ann.address);
    await until(() => third !== null, 'heard');
    const back = await third;
    assert.deepEqual(addressesOf(back), [ann.address]);
    assert.deepEqual(back.rooms.map(({ room }) => room), [z, y]);
    assert.deepEqual(await said(back), ['go']);
    const delivery = await bob.nkt.sendEncryptedMessage('and again', ann.address);
    await until(() => delivery.recipients.get(ann.address) === 'delivered', 'delivered');
    assert.deepEqual(await said(back), ['go', 'and again']);
    assert.deepEqual(heard, ['go']);
  });

  test('what was entered and closed is gone from memory', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    const { nkt } = await startPeer('ann', config('memory', { relays: [], storage: 'none' }));
    const gone = [];
    for (let i = 0; i < 60; i++) {
      const beside = await nkt.enter({ room: i % 2 ? 'same' : `other ${i}` });
      gone.push(new WeakRef(beside));
      await beside.close();
    }
    await assert.rejects(nkt.enter({ room: 'x', relays: [`${'ws://x'.padEnd(300, 'y')}`] }), code('NKT_E_OPTIONS'));
    await until(() => {
      gc();
      return gone.filter((one) => one.deref() !== undefined).length <= 2;
    }, 'collected');
  });
});

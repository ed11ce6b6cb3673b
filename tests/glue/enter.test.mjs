// SPDX-License-Identifier: GPL-3.0-or-later
// Several rooms at once, one identity: real peers over a real relay. What is of a room stays there, over restarts too.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { useRelay } from './support/relay.mjs';
import { breakable } from './support/trap.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const HEARD = 'nktencryptedmessagereceived';
const code = (name) => (error) => error.code === name;

describe('several rooms at once', { skip, timeout: 360_000 }, () => {
  const relays = useRelay();
  let root;
  const open = [];
  before(() => { root = mkdtempSync(path.join(tmpdir(), 'nkt-enter-')); });
  after(() => rmSync(root, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all(open.splice(0).map((nkt) => nkt.close()));
    await closePeers();
  });

  const servers = { relays, trackers: [], WebSocket, RTCPeerConnection: null };
  const config = (name, more) => ({ ...servers, storage: { folder: path.join(root, name) }, ...more });
  const start = (nick, name, more) => startPeer(nick, config(name, more));
  /** What one hears there, as startPeer() has it. */
  async function enter(nkt, place) {
    const heard = [];
    const beside = await nkt.enter(place, (one) => one.addEventListener(HEARD, (event) => heard.push(event)));
    open.push(beside);
    return {
      nkt: beside,
      address: beside.mySwarm.address(),
      values: () => heard.map(({ detail }) => detail),
      session: (addr) => until(() => beside.userList[addr]?.session === 'established', `${beside.room}: a session`),
    };
  }
  const meet = (a, b) => Promise.all([a.session(b.address), b.session(a.address)]);
  const hears = (peer, text, times = 1) => until(() => peer.values().filter((one) => one === text).length === times, `hears ${text}`);
  const said = async (nkt, own) => (await nkt.history()).filter((entry) => entry.own === own).map(({ value }) => value);

  async function talk(a, b, label) {
    const one = await a.nkt.sendEncryptedMessage(`${label}: there`, b.address);
    await hears(b, `${label}: there`);
    const two = await b.nkt.sendEncryptedMessage(`${label}: back`, a.address);
    await hears(a, `${label}: back`);
    for (const delivery of [one, two]) await until(() => [...delivery.recipients.values()][0] === 'delivered', `${label}: delivered`);
  }

  test('the same person in two rooms: each with its own people, messages and history, over a restart as well', async () => {
    const [x, y] = [newRoom(), newRoom()];
    const ann = await start('ann', 'two-ann', { room: x });
    const annY = await enter(ann.nkt, { room: y, secret: 'a secret' });
    assert.equal(annY.address, ann.address);
    assert.notEqual(annY.nkt.roomId, ann.nkt.roomId);
    assert.deepEqual(ann.nkt.rooms, [ann.nkt, annY.nkt]);
    assert.deepEqual(annY.nkt.rooms, ann.nkt.rooms);
    assert.equal(annY.nkt.nick, 'ann');

    const bob = await start('bob', 'two-bob', { room: x });
    const cyd = await start('cyd', 'two-cyd', { room: y, secret: 'a secret' });
    const dan = await start('dan', 'two-dan', { room: y, secret: 'a secret' });
    const danX = await enter(dan.nkt, { room: x, secret: undefined });
    await Promise.all([meet(ann, bob), meet(annY, cyd), meet(annY, dan), meet(ann, danX), meet(bob, danX), meet(cyd, dan)]);
    assert.deepEqual(Object.keys(ann.nkt.userList).sort(), [bob.address, dan.address].sort());
    assert.deepEqual(Object.keys(annY.nkt.userList).sort(), [cyd.address, dan.address].sort());

    await ann.nkt.sendEncryptedMessage('to all in the first');
    await annY.nkt.sendEncryptedMessage('to all in the second');
    await hears(bob, 'to all in the first');
    await hears(danX, 'to all in the first');
    await hears(cyd, 'to all in the second');
    await hears(dan, 'to all in the second');
    await Promise.all([talk(ann, danX, 'alone in the first'), talk(annY, dan, 'alone in the second')]);
    await Promise.all([talk(danX, ann, 'once more in the first'), talk(dan, annY, 'once more in the second')]);
    for (const peer of [bob, danX, ann]) assert.ok(peer.values().every((text) => text.includes('first')), peer.values().join());
    for (const peer of [cyd, dan, annY]) assert.ok(peer.values().every((text) => text.includes('second')), peer.values().join());
    assert.equal(ann.nkt.health().counters.rekeys, 0);
    assert.equal(annY.nkt.health().counters.rekeys, 0);

    await Promise.all([ann.nkt.close(), annY.nkt.close()]);
    const againY = await start('ann', 'two-ann', { room: y, secret: 'a secret' }); // the second first
    assert.equal(againY.address, ann.address);
    assert.deepEqual(await said(againY.nkt, true), ['to all in the second', 'alone in the second: there', 'once more in the second: back']);
    const again = await enter(againY.nkt, { room: x, secret: undefined });
    assert.equal(again.address, ann.address);
    assert.deepEqual(await said(again.nkt, true), ['to all in the first', 'alone in the first: there', 'once more in the first: back']);
    await Promise.all([meet(again, bob), meet(again, danX), meet(againY, dan), meet(againY, cyd)]);
    await Promise.all([talk(again, danX, 'after a restart, in the first'), talk(againY, dan, 'after a restart, in the second')]);
    await talk(againY, cyd, 'after a restart, in the second');
  });

  test('what waits for somebody in one room is delivered there, whatever happens in the other', async () => {
    const [x, y] = [newRoom(), newRoom()];
    const ann = await start('ann', 'waits-ann', { room: x });
    const annY = await enter(ann.nkt, { room: y });
    const bob = await start('bob', 'waits-bob', { room: x });
    const bobY = await enter(bob.nkt, { room: y });
    await Promise.all([meet(ann, bob), meet(annY, bobY)]);
    await bob.nkt.close(); // and stays in the second
    await until(() => ann.nkt.userList[bob.address]?.isUnreachable ?? true, 'he left');
    const waiting = await ann.nkt.sendEncryptedMessage('for you in the first', bob.address);
    await talk(annY, bobY, 'meanwhile');
    assert.deepEqual([...waiting.recipients.values()], ['queued']);
    assert.deepEqual(bobY.nkt.rooms, [bobY.nkt]);
    const back = await enter(bobY.nkt, { room: x });
    assert.equal(back.address, bob.address);
    await hears(back, 'for you in the first');
    assert.ok(!bobY.values().includes('for you in the first'));
    await until(() => [...waiting.recipients.values()][0] === 'delivered', 'delivered');
  });

  test('who moves from room to room with one core talks with one who is in both at once', async () => {
    const [x, y] = [newRoom(), newRoom()];
    const ann = await start('ann', 'moves-ann', { room: x });
    const annY = await enter(ann.nkt, { room: y });
    const pat = await start('pat', 'moves-pat', { room: x });
    for (const [i, at] of [ann, annY, ann, annY].entries()) {
      if (i > 0) await pat.nkt.resume({ room: at.nkt.room });
      await meet(at, pat);
      await talk(at, pat, `visit ${i}`);
      await talk(pat, at, `visit ${i}, again`);
    }
  });

  test('whom one ignores or has verified is so in all rooms, now and later; what plugins keep as well', async () => {
    const [x, y, z] = [newRoom(), newRoom(), newRoom()];
    const ann = await start('ann', 'marks-ann', { room: x });
    const annY = await enter(ann.nkt, { room: y });
    const bob = await start('bob', 'marks-bob', { room: x });
    const bobY = await enter(bob.nkt, { room: y });
    await Promise.all([meet(ann, bob), meet(annY, bobY)]);
    assert.ok(ann.nkt.verify(bob.address, bob.nkt.safetyNumber(ann.address)));
    await until(() => annY.nkt.userList[bob.address].verified, 'verified there, too');
    annY.nkt.ignore(bob.address);
    await until(() => ann.nkt.ignored.some(({ addr }) => addr === bob.address), 'ignored here, too');
    await bob.nkt.sendEncryptedMessage('unheard');
    let storage;
    const plugin = { name: 'keeps', init: (nkt, offer) => { ({ storage } = offer); } };
    annY.nkt.plugin(plugin);
    await storage.set('colour', 'red');
    const annZ = await enter(annY.nkt, { room: z });
    assert.deepEqual(annZ.nkt.ignored.map(({ addr }) => addr), [bob.address]);
    annZ.nkt.unignore(bob.address);
    await until(() => ann.nkt.ignored.length + annY.nkt.ignored.length === 0, 'heard again');
    annZ.nkt.ignore(bob.address);
    await until(() => ann.nkt.ignored.length + annY.nkt.ignored.length === 2, 'ignored again');
    await Promise.all([ann, annY, annZ].map(({ nkt }) => nkt.close()));
    const later = await start('ann', 'marks-ann', { room: z });
    assert.deepEqual(later.nkt.ignored.map(({ addr }) => addr), [bob.address]);
    later.nkt.plugin(plugin);
    assert.equal(await storage.get('colour'), 'red');
    const laterX = await enter(later.nkt, { room: x });
    await meet(laterX, bob);
    assert.ok(laterX.nkt.userList[bob.address].verified);
    assert.ok(laterX.nkt.userList[bob.address].ignored);
  });

  test('without storage as well: the same person while one room is open', async () => {
    const [x, y] = [newRoom(), newRoom()];
    const ann = await startPeer('ann', { ...servers, storage: 'none', room: x });
    const annY = await enter(ann.nkt, { room: y });
    assert.equal(annY.address, ann.address);
    const bob = await startPeer('bob', { ...servers, storage: 'none', room: y });
    await meet(annY, bob);
    await talk(annY, bob, 'kept nowhere');
    await ann.nkt.close();
    const back = await enter(annY.nkt, { room: x });
    assert.equal(back.address, ann.address);
  });

  test('somebody else from a file, where nothing is stored, takes none of the rooms along', async () => {
    const [x, y, z] = [newRoom(), newRoom(), newRoom()];
    const zoe = await startPeer('zoe', { ...servers, storage: 'none', room: z });
    const identity = { file: await zoe.nkt.exportIdentity('a passphrase'), passphrase: 'a passphrase' };
    const ann = await startPeer('ann', { ...servers, storage: 'none', room: x });
    const annY = await enter(ann.nkt, { room: y });
    await ann.nkt.init({ nick: 'zoe', ...servers, storage: 'none', room: x, identity });
    assert.deepEqual(ann.nkt.rooms, [ann.nkt]);
    assert.deepEqual(annY.nkt.rooms, [annY.nkt]);
    const zoeY = await enter(ann.nkt, { room: y }); // and not Ann's
    assert.equal(zoeY.address, zoe.address);
    const annZ = await enter(annY.nkt, { room: z });
    assert.equal(annZ.address, annY.address);
  });

  test('one that traps is started again; the other does not notice', async () => {
    const [x, y] = [newRoom(), newRoom()];
    const { crypto, spoil } = breakable();
    const ann = await startPeer('ann', config('traps-ann', { room: x }), { crypto, log: { error() {}, debug() {} } });
    const annY = await enter(ann.nkt, { room: y });
    const bob = await start('bob', 'traps-bob', { room: x });
    const cyd = await start('cyd', 'traps-cyd', { room: y });
    await Promise.all([meet(ann, bob), meet(annY, cyd)]);
    await talk(ann, bob, 'before');
    await talk(annY, cyd, 'before');
    for (const [one, other, label] of [[annY, ann, 'the second'], [ann, annY, 'the first']]) {
      await one.nkt.sendEncryptedMessage('draws entropy');
      spoil();
      one.nkt.wake();
      await until(() => one.nkt.health().traps.length === 1 && one.nkt.health().running, `${label} runs again`);
      assert.equal(other.nkt.health().traps.length, other === ann ? 0 : 1);
      assert.equal(one.nkt.mySwarm.address(), ann.address);
      await talk(ann, bob, `after ${label}`);
      await talk(annY, cyd, `after ${label}`);
      assert.equal(ann.nkt.rooms.length, 2);
    }
  });

  test('what is not given is as here: without a room it is this one, with another secret one beside it', async () => {
    const room = newRoom();
    const ann = await start('ann', 'as-here', { room, secret: 'a secret' });
    for (const place of [undefined, {}, { room: undefined, secret: undefined }, { room, secret: 'a secret' }, { nick: 'Bob' }]) {
      assert.equal(await ann.nkt.enter(place), ann.nkt, JSON.stringify(place));
    }
    const beside = await enter(ann.nkt, { secret: 'another' });
    assert.equal(beside.nkt.room, room);
    assert.notEqual(beside.nkt.roomId, ann.nkt.roomId);
    assert.equal(await ann.nkt.enter({ secret: 'another' }), beside.nkt, 'the one that is there');
    const open = await enter(ann.nkt, { room, nick: undefined }); // a secret is of its room
    assert.equal(open.nkt.nick, 'ann');
    assert.deepEqual(open.nkt.relays, ann.nkt.relays);
    const own = await enter(ann.nkt, { room: `${room}b`, relays: undefined, trackers: undefined }); // not those of here
    assert.deepEqual([own.nkt.relays, own.nkt.trackers], [[], []]);
    const bob = await start('bob', 'as-here-bob', { room });
    await meet(open, bob);
    assert.equal(ann.nkt.rooms.length, 4);
  });

  test('each room once, at most 8; what belongs to the identity is not chosen anew', async () => {
    const room = newRoom();
    const ann = await startPeer('ann', { ...servers, storage: 'none', room });
    const [one, two] = await Promise.all([ann.nkt.enter({ room: `${room}b` }), ann.nkt.enter({ room: `${room}b` })]);
    open.push(one);
    assert.equal(one, two);
    assert.equal(await ann.nkt.enter({ room }), ann.nkt);
    assert.equal(await one.enter({ room }), ann.nkt);
    assert.equal(await one.enter({ room, secret: '' }), ann.nkt);
    await assert.rejects(ann.nkt.enter({ room: `${room}c`, storage: 'none' }), code('NKT_E_OPTIONS'));
    await assert.rejects(ann.nkt.enter({ rom: 'x' }), code('NKT_E_OPTIONS'));
    await assert.rejects(one.init({ ...servers, storage: 'none', room }), code('NKT_E_IN_USE'));
    const all = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => ann.nkt.enter({ room: `${room}-${i}` })));
    open.push(...all.filter(({ status }) => status === 'fulfilled').map(({ value }) => value));
    assert.equal(ann.nkt.rooms.length, 8);
    const { reason } = all.find(({ status }) => status === 'rejected');
    assert.equal(reason.code, 'NKT_E_QUOTA');
    await ann.nkt.close();
    await assert.rejects(ann.nkt.enter({ room: 'x' }), code('NKT_E_STATE'));
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Several rooms at once over all there is: a tracker and real WebRTC, contents, plugins, eight rooms at one relay that ends and is back.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

/** Back-off of who was told that a relay is being restarted, and some tries. */
const BACK_MS = 40_000;

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('several rooms over all there is', { skip, timeout: 360_000 }, () => {
  let root;
  let tracker;
  const open = [];
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'nkt-wide-'));
    tracker = await startServer('tracker.js');
  });
  after(async () => {
    await tracker.stop();
    rmSync(root, { recursive: true, force: true });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((nkt) => nkt.close()));
    await closePeers();
  });

  async function enter(nkt, place) {
    const [heard, contents] = [[], []];
    const beside = await nkt.enter(place, (one) => {
      one.addEventListener('nktencryptedmessagereceived', ({ detail }) => heard.push(detail));
      one.addEventListener('nktcontent', ({ detail }) => contents.push(detail));
    });
    open.push(beside);
    return { nkt: beside, address: beside.mySwarm.address(), heard, contents };
  }
  const folder = (name) => ({ folder: path.join(root, name) });
  const hasSession = (a, b) => until(() => a.nkt.userList[b.address]?.session === 'established', `${a.nkt.room}: a session`);
  const isLinked = (a, b) => until(() => a.nkt.mySwarm.peers[b.address] !== undefined, `${a.nkt.room}: a link`);
  async function says(a, b, text, waitMs = undefined) {
    const delivery = await a.nkt.sendEncryptedMessage(text, b.address);
    await until(() => delivery.recipients.get(b.address) === 'delivered', String(text).slice(0, 40), waitMs);
  }

  test('by a tracker alone, over WebRTC: two people in two rooms, contents and history in each, plugins in both', async () => {
    const config = { trackers: [tracker.wsUrl], RTCPeerConnection: wrtc.RTCPeerConnection };
    const [x, y] = [newRoom(), newRoom()];
    const people = [];
    for (const nick of ['ann', 'bob']) {
      const home = await startPeer(nick, { ...config, room: x, storage: folder(nick) });
      const contents = [];
      home.nkt.addEventListener('nktcontent', ({ detail }) => contents.push(detail));
      people.push([{ ...home, contents }, await enter(home.nkt, { room: y })]);
    }
    const [[annX, annY], [bobX, bobY]] = people;
    await Promise.all([hasSession(annX, bobX), hasSession(annY, bobY), isLinked(annX, bobX), isLinked(annY, bobY)]);
    await Promise.all([says(annX, bobX, 'in x'), says(annY, bobY, 'in y'), says(bobX, annX, 'in x, back'), says(bobY, annY, 'in y, back')]);

    const bytes = randomBytes(300_000);
    const shared = await Promise.all([annX, annY].map(({ nkt }, i) => nkt.share(bytes.subarray(i), { name: 'one' })));
    for (const [i, { nkt, contents }] of [bobX, bobY].entries()) {
      await until(() => contents.length === 1, 'told of it');
      const fetched = await nkt.fetch(contents[0]);
      assert.equal(hash(new Uint8Array(await fetched.arrayBuffer())), hash(bytes.subarray(i)));
      assert.deepEqual(nkt.contents.map(({ id }) => id), [shared[i].content.id]);
    }
    const large = [new Uint8Array(200_000).fill(1), new Uint8Array(200_000).fill(2)];
    await Promise.all([says(annX, bobX, large[0]), says(annY, bobY, large[1])]);
    const isLarge = (first) => (one) => one.length === 200_000 && one[0] === first;
    const heardLarge = (values, first) => until(() => values().some(isLarge(first)), `${first} is heard`);
    await Promise.all([heardLarge(bobX.values, 1), heardLarge(() => bobY.heard, 2)]); // its parts come after it

    const storages = [];
    const plugin = { name: 'counts', init: (nkt, offer) => void storages.push(offer.storage) };
    for (const { nkt } of [annX, annY]) nkt.plugin(plugin);
    await Promise.all(Array.from({ length: 20 }, (_, i) => storages[i % 2].set(`key ${i}`, i)));
    for (const one of storages) assert.equal((await one.keys()).length, 20);

    await annX.nkt.clearHistory();
    const said = async (nkt) => (await nkt.history()).length;
    assert.equal(await said(annX.nkt), 0);
    assert.ok(await said(annY.nkt) >= 3);
    await Promise.all([annX, annY].map(({ nkt }) => nkt.close()));
    const again = await startPeer('ann', { ...config, room: y, storage: folder('ann') });
    assert.ok(await said(again.nkt) >= 3);
    await until(() => again.nkt.contents.some(({ id }) => id === shared[1].content.id), 'its contents are there');
    assert.ok(again.nkt.contents.every(({ id }) => id !== shared[0].content.id));
    const againX = await enter(again.nkt, { room: x });
    assert.equal(await said(againX.nkt), 0);
    await until(() => againX.nkt.contents.some(({ id }) => id === shared[0].content.id), 'and those of the other room');
    await Promise.all([hasSession(again, bobY), hasSession(againX, bobX)]);
    await Promise.all([says(bobX, againX, 'after it, in x'), says(bobY, again, 'after it, in y')]);
    assert.deepEqual(againX.heard.filter((one) => typeof one === 'string'), ['after it, in x']);
  });

  test('eight rooms at one relay: all are in, and again when it ended, with people in each; none is refused', async () => {
    let relay = await startServer('app.js');
    const config = { relays: [`${relay.wsUrl}/relay`], trackers: [], WebSocket, RTCPeerConnection: null, storage: 'none' };
    try {
      const rooms = Array.from({ length: 8 }, newRoom);
      const ann = await startPeer('ann', { ...config, room: rooms[0] });
      const bob = await startPeer('bob', { ...config, room: rooms[0] });
      const both = [[ann, bob]];
      for (const room of rooms.slice(1)) both.push(await Promise.all([enter(ann.nkt, { room }), enter(bob.nkt, { room })]));
      await Promise.all(both.map(([a, b]) => Promise.all([hasSession(a, b), hasSession(b, a)])));
      await Promise.all(both.map(([a, b], i) => says(a, b, `first ${i}`)));
      const { port } = relay;
      await relay.stop();
      await until(() => both.flat().every(({ nkt }) => nkt.health().relays.every(({ state }) => state !== 'open')), 'it is gone');
      relay = await startServer('app.js', { PORT: String(port) });
      await Promise.all(both.map(([a, b], i) => says(b, a, `second ${i}`, BACK_MS)));
      const last = both.pop(); // and one place more at once, when a room is left for another
      const [leaving, next] = [last[0].nkt.close(), enter(ann.nkt, { room: newRoom() })];
      await Promise.all([leaving, until(async () => (await next).nkt.health().relays.every(({ state }) => state === 'open'), 'in')]);
      for (const { nkt } of both.flat()) assert.equal(nkt.health().counters.rekeys, 0);
    } finally {
      await relay.stop();
    }
  });
});

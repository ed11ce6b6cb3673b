// SPDX-License-Identifier: GPL-3.0-or-later
// nkt/yjs: edits as bytes that may be lost. They are the quick copy: whatever becomes of them, documents come to be the same.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import * as Y from 'yjs';
import { RAW } from '../../glue/raw.js';
import { isOf, keyOf, MARK, readFrame, writeFrame } from '../../glue/yjs/frame.js';
import { allSame, CALL, linked, same, Sharers, textOf } from './support/sharers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const FRAME_MS = 20; // glue/yjs/say.js

test('frames: what was written is read; broken ones are none, and nothing throws', () => {
  for (const name of ['doc', 'ä', 'x'.repeat(128)]) {
    const key = keyOf(name);
    for (const size of [1, 255, 256, 700]) {
      const update = new Uint8Array(size).map((_, i) => i);
      for (const entry of [null, { c: 1, k: 2, s: { name: 'ä' } }]) {
        const frame = writeFrame(key, update, entry);
        assert.ok(frame.length <= 1000 && frame[0] === MARK && isOf(frame, key) && !isOf(frame, `${key}x`) && !isOf(frame, keyOf('dob')));
        assert.deepEqual(readFrame(frame), { u: update, a: entry ?? undefined });
        for (let end = 0; end < frame.length; end++) {
          const part = frame.subarray(0, end);
          const read = isOf(part, key) ? readFrame(part) : null;
          assert.ok(read === null || end === 4 + key.length + size, `${end} of ${frame.length}`);
        }
      }
    }
  }
  const key = keyOf('doc');
  assert.equal(writeFrame(key, new Uint8Array(994), null), null, 'too much for a packet');
  assert.equal(writeFrame(key, new Uint8Array(993), null).length, 1000);
  for (const state of ['{', '5', 'null', '"x"']) {
    const frame = writeFrame(key, Uint8Array.of(1), {});
    assert.equal(readFrame(Uint8Array.of(...frame.slice(0, -2), ...Buffer.from(state))), null, state);
  }
});

/** Of what may be lost it loses some, sends some twice and some later. What else there is stays as it is. */
class Rough extends wrtc.RTCPeerConnection {
  static count = 0;

  createDataChannel(label, options) {
    const channel = super.createDataChannel(label, options);
    const send = channel.send.bind(channel);
    const late = [];
    channel.send = (bytes) => {
      if (options.id !== 2 || bytes.length <= 2) return send(bytes);
      const turn = Rough.count++ % 5;
      if (turn === 0) return undefined; // lost
      if (turn === 1) return void late.push(bytes.slice()); // overtaken by the next
      send(bytes);
      if (turn === 2) for (const one of late.splice(0)) send(one);
      if (turn === 3) send(bytes); // twice
      return undefined;
    };
    return channel;
  }
}

describe('edits in frames', { skip, timeout: 360_000 }, () => {
  /** @type {Sharers} */
  let sharers;
  before(async () => {
    sharers = await Sharers.open();
  });
  after(() => sharers.stop());
  afterEach(() => sharers.clear());

  /** Two who share a document over a link. @param {object} [more] @param {(peers: any[]) => void} [prepare] */
  async function two(more, prepare = () => {}) {
    const { peers } = await sharers.meet(['ann', 'bob'], more);
    await linked(...peers);
    prepare(peers);
    const shared = peers.map((peer) => sharers.share(peer));
    await until(() => shared.every((one) => one.synced), 'both synced');
    return { peers, shared };
  }

  /** @param {any} peer @returns {any[]} what it was told that may be lost, and is an edit */
  const editsToldTo = (peer) => peer.of('nktephemeral').filter(({ detail }) => detail?.u !== undefined);
  /** Told to each of them, one at a time, until they have it. */
  async function editAll(all) {
    for (const [i, one] of all.entries()) {
      one.doc.getText('t').insert(0, `${i} `);
      await until(() => same(...all), 'the edit');
    }
  }

  test('no event tells of them; cursors go along; who is of an older version is told as before', async () => {
    const { peers: [ann, bob], shared: [a, b] } = await two();
    await editAll([a, b]);
    a.awareness.setLocalStateField('user', { name: 'Ann' });
    a.doc.getText('t').insert(0, 'with it ');
    await until(() => same(a, b) && b.awareness.getStates().get(a.doc.clientID)?.user.name === 'Ann', 'both');
    assert.deepEqual([ann, bob].flatMap(editsToldTo), []);
    b.destroy();
    const old = await two({}, (peers) => Object.defineProperty(peers[1].nkt, RAW, { value: undefined }));
    await editAll(old.shared);
    assert.deepEqual(old.peers.map((peer) => editsToldTo(peer).length), [1, 1]);
  });

  test('one leaves at once, those of the same task behind it together, and then they wait for each other', async () => {
    const { peers: [ann], shared: [a, b] } = await two();
    await editAll([a, b]);
    const raw = ann.nkt[RAW];
    const sent = [];
    Object.defineProperty(ann.nkt, RAW, { value: { send: (...args) => sent.push(performance.now()) && raw.send(...args), listen() {} } });
    const text = a.doc.getText('t');
    const edit = async () => {
      await new Promise((done) => setTimeout(done, 100)); // nothing was told just now
      sent.length = 0;
      const counts = [];
      const began = performance.now();
      text.insert(0, 'a');
      counts.push(sent.length);
      for (let i = 0; i < 50; i++) text.insert(0, 'b');
      counts.push(sent.length);
      await Promise.resolve();
      counts.push(sent.length);
      for (let i = 0; i < 10; i++) {
        text.insert(0, 'c');
        await Promise.resolve();
      }
      counts.push(sent.length);
      return performance.now() - began < FRAME_MS / 2 ? counts : null; // else this process had to wait, and it was no frame any more
    };
    let counts;
    for (let tries = 0; !counts; tries++) {
      assert.ok(tries < 20, 'it never came to it within a frame');
      counts = await edit();
    }
    assert.deepEqual(counts, [1, 1, 2, 2]);
    await until(() => same(a, b), 'all of it');
    assert.equal(sent.length, 3);
    assert.ok(sent[2] - sent[1] > 15, 'a frame later');
  });

  test('lost, twice, overtaken: nothing stays lost, and it is soon here', async () => {
    const { shared: [a, b] } = await two({ RTCPeerConnection: Rough });
    Rough.count = 0;
    await until(() => a.doc.getText('t').insert(0, '.') ?? Rough.count > 5, 'the channel is used', 10_000);
    for (let i = 0; i < 100; i++) {
      const { doc } = i % 3 ? a : b;
      doc.getText('t').insert(0, `${i} `);
      if (i % 10 === 9) doc.getText('t').delete(0, 4); // a deletion alone is in no state vector
      await new Promise((done) => setTimeout(done, 15));
    }
    await until(() => same(a, b), 'the same', 3000);
    assert.ok(Rough.count > 40, `${Rough.count} frames went this way`);
  });

  test('of a member who means harm: counted, and the document is as it was', async () => {
    const { peers: [ann, bob, mal] } = await sharers.meet(['ann', 'bob', 'mal']);
    const [a, b] = [sharers.share(ann), sharers.share(bob)];
    a.doc.getText('t').insert(0, 'good');
    await allSame([a, b], 'good');
    const raw = mal.nkt[RAW];
    const send = async (bytes) => {
      await until(() => raw.send(ann.address, bytes), 'it left');
    };
    const key = keyOf('doc');
    const frame = (update, entry = null) => writeFrame(key, update, entry);
    const deep = new Y.Doc();
    let map = deep.getMap('m');
    const steps = [];
    deep.on('update', (update) => steps.push(update));
    for (let i = 0; i < 260; i++) map = map.set('k', new Y.Map());
    const broken = [new Uint8Array(50).fill(255), Uint8Array.of(9, 9, 9), new Uint8Array(0)];
    for (const update of broken) await send(frame(update));
    await until(() => a.dropped.updates === broken.length, 'refused');
    await send(frame(steps[0], { c: a.doc.clientID, k: 1e15, s: { user: { name: 'Mal' } } }));
    await until(() => a.doc.getMap('m').has('k'), 'what is sound is taken');
    assert.equal(a.awareness.getLocalState()?.user, undefined, 'a state is his who says it');
    await until(() => [...a.awareness.getStates().values()].some(({ user }) => user?.name === 'Mal'), 'under a number of its own');
    assert.notEqual(a.addressOf(a.doc.clientID), mal.address);
    await send(frame(steps[1], { c: -1, k: 0, s: {} }));
    await until(() => a.dropped.awareness === 1, 'no client id');
    for (const bytes of [[MARK], [MARK, 255], [MARK, 3, 0x64, 0x6f, 0x63], [MARK, 3, 0x64, 0x6f, 0x63, 255, 255, 1], [1, 2, 3]]) {
      await send(Uint8Array.from(bytes));
    }
    await mal.nkt.rpc(ann.address, CALL, { k: 'push', n: 'doc', u: Y.mergeUpdates(steps.slice(2, 200)) });
    for (const update of steps.slice(200)) await send(frame(update)); // deeper and deeper, each as small as an edit
    await until(() => a.dropped.updates > broken.length, 'too deep');
    assert.equal(textOf(a), 'good');
    a.doc.getText('t').insert(4, ' still');
    await until(() => textOf(b) === 'good still', 'it goes on');
    ann.nkt.ignore(mal.address);
    const { updates } = a.dropped;
    raw.send(ann.address, frame(broken[0]));
    await mal.nkt.rpc(ann.address, CALL, { k: 'hello', docs: [] }, { timeout: 500 }).catch(() => {});
    assert.equal(a.dropped.updates, updates, 'who is ignored is not heard');
  });
});

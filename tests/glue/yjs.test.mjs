// SPDX-License-Identifier: GPL-3.0-or-later
// nkt/yjs: documents of several peers over a real relay and real links come to be the same, whatever is lost, whoever comes late, and
// whatever somebody sends who wants it otherwise.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, before, describe, test } from 'node:test';
import * as Y from 'yjs';
import { NktProvider } from '../../glue/yjs/provider.js';
import { startPeer } from './support/peers.mjs';
import { allSame, CALL, linked, same, Sharers, textOf } from './support/sharers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

describe('yjs', { skip, timeout: 360_000 }, () => {
  /** @type {Sharers} */
  let sharers;
  before(async () => {
    sharers = await Sharers.open();
  });
  after(() => sharers.stop());
  afterEach(() => sharers.clear());
  const share = (peer, options) => sharers.share(peer, options);
  const meet = (nicks, more) => sharers.meet(nicks, more);

  for (const [way, more] of [['over a relay alone', { RTCPeerConnection: null }], ['over links', {}]]) {
    test(`${way}: edits of both ways, deletions, who comes late, cursors; nothing of it is a message`, async () => {
      const { peers: [ann, bob], config } = await meet(['ann', 'bob'], more);
      if (way === 'over links') await linked(ann, bob);
      const a = share(ann);
      a.doc.getText('t').insert(0, 'written before');
      const told = [];
      for (const type of ['synced', 'status', 'peers']) a.on(type, (detail) => told.push([type, detail]));
      const b = share(bob);
      await allSame([a, b], 'written before');
      await until(() => a.synced && b.synced, 'both synced');
      assert.deepEqual([a.status, a.peers, b.peers], ['connected', [bob.address], [ann.address]]);
      b.doc.getText('t').insert(0, 'BOB ');
      a.doc.getText('t').insert(14, ' ANN');
      await until(() => same(a, b), 'both edits');
      for (let i = 0; i < 200; i++) a.doc.getText('t').insert(0, 'x');
      a.doc.getText('t').delete(0, 200);
      await allSame([a, b], 'BOB written before ANN');
      a.awareness.setLocalStateField('user', { name: 'Ann' });
      await until(() => b.awareness.getStates().get(a.doc.clientID)?.user.name === 'Ann', 'her cursor');
      assert.equal(b.addressOf(a.doc.clientID), ann.address);
      const cid = await startPeer('cid', config);
      const c = share(cid);
      await allSame([a, b, c], 'BOB written before ANN');
      await until(() => c.awareness.getStates().get(a.doc.clientID)?.user.name === 'Ann', 'her cursor, for who comes late');
      assert.ok(told.some(([type, detail]) => type === 'synced' && detail === true));
      b.destroy();
      await until(() => a.peers.length === 1 && !a.awareness.getStates().has(b.doc.clientID), 'bob is gone');
      for (const peer of [ann, bob, cid]) {
        assert.deepEqual(await peer.nkt.history(), []);
        assert.deepEqual(peer.of('nktencryptedmessagereceived'), []);
      }
    });
  }

  test('large documents: in parts, from one of those who have it; a large paste', async () => {
    const { peers: [ann, bob, cid] } = await meet(['ann', 'bob', 'cid']);
    const [a, b] = [share(ann), share(bob)];
    const text = 'a line of some words, and another one\n'.repeat(30_000);
    a.doc.getText('t').insert(0, text);
    await allSame([a, b], text);
    const c = share(cid);
    await allSame([a, b, c], text);
    c.doc.getText('t').delete(0, text.length - 3);
    await until(() => same(a, b, c), 'the deletion');
  });

  test('documents of other names are others; a name is shared once by a peer; what is taken away is away', async () => {
    const { peers: [ann, bob] } = await meet(['ann', 'bob']);
    const [a1, a2] = ['one', 'two'].map((name) => share(ann, { name }));
    const [b1, b2] = ['one', 'Two'].map((name) => share(bob, { name }));
    a1.doc.getText('t').insert(0, 'one');
    a2.doc.getText('t').insert(0, 'two');
    await allSame([a1, b1], 'one');
    assert.equal(textOf(b2), '');
    for (const name of ['one', '', 'ä'.repeat(65), 5, null]) assert.throws(() => share(ann, { name }), { code: 'NKT_E_ARGUMENT' });
    const count = 62;
    for (let i = 0; i < count; i++) share(ann, { name: `${i}` });
    assert.throws(() => share(ann, { name: 'one more' }), { code: 'NKT_E_ARGUMENT' });
    b1.disconnect();
    await until(() => a1.peers.length === 0, 'bob shares it no more');
    a1.doc.getText('t').insert(3, ' more');
    b1.connect();
    await allSame([a1, b1], 'one more');
    for (const provider of [b1, b2]) provider.doc.destroy();
    await assert.rejects(ann.nkt.rpc(bob.address, CALL, { k: 'hello', docs: [] }), { code: 'NKT_E_UNREGISTERED' });
  });

  test('a document of another copy of Yjs is refused: what others wrote in it could not be read', async (t) => {
    t.mock.method(console, 'error', () => {}); // Yjs says so too, and goes on
    const { Doc } = createRequire(import.meta.url)('yjs');
    const { nkt } = await startPeer('ann');
    for (const doc of [new Doc(), nkt, undefined]) {
      assert.throws(() => new NktProvider(nkt, doc), { code: 'NKT_E_ARGUMENT', message: /second argument is a Doc of the Yjs/ });
    }
    for (const none of [undefined, {}, new Y.Doc()]) { // before anything of it runs: its awareness has a timer
      assert.throws(() => new NktProvider(none, new Y.Doc()), { code: 'NKT_E_ARGUMENT', message: /first argument is an Nkt/ });
    }
  });

  test('who was away and comes back, as himself or as somebody else: what both wrote meanwhile is in both', async () => {
    const { peers: [ann, bob] } = await meet(['ann', 'bob']);
    const [a, b] = [share(ann), share(bob)];
    a.doc.getText('t').insert(0, 'both ');
    await allSame([a, b], 'both ');
    await bob.nkt.close();
    await until(() => b.status === 'disconnected', 'he is not there');
    await until(() => a.peers.length === 0, 'he is gone');
    a.doc.getText('t').delete(0, 5);
    a.doc.getText('t').insert(0, 'ann ');
    b.doc.getText('t').insert(5, 'bob');
    await bob.nkt.resume();
    await until(() => same(a, b) && b.status === 'connected', 'the same');
    assert.ok(['ann bob', 'bobann '].includes(textOf(a)), textOf(a));
  });

  test('what a member sends who means harm: counted, and the document is as it was', async () => {
    const { peers: [ann, bob, mal] } = await meet(['ann', 'bob', 'mal']);
    const [a, b] = [share(ann), share(bob)];
    a.doc.getText('t').insert(0, 'good');
    await allSame([a, b], 'good');
    const call = (value) => mal.nkt.rpc(ann.address, CALL, value);
    for (const u of [new Uint8Array(50).fill(255), 'text', null, [1], Uint8Array.of(1)]) await call({ k: 'push', n: 'doc', u });
    assert.equal(a.dropped.updates, 5);
    await mal.nkt.sendEphemeral({ [CALL]: 1, n: 'doc', u: Uint8Array.of(9, 9, 9) });
    await until(() => a.dropped.updates === 6 && b.dropped.updates === 1, 'what may be lost as well');
    await assert.rejects(call({ k: 'pull', n: 'doc', v: new Uint8Array(10 << 20), at: 0 }), { code: 'NKT_E_SIZE' });
    for (const v of [new Uint8Array(40_001), new Uint8Array(100).fill(255), 'v', undefined]) {
      await assert.rejects(call({ k: 'pull', n: 'doc', v, at: 0 }), { code: 'NKT_E_REMOTE' });
    }
    for (const at of [-1, 0.5, 1e300, '0', undefined]) {
      await assert.rejects(call({ k: 'pull', n: 'doc', v: Uint8Array.of(0), at }), { code: 'NKT_E_REMOTE' });
    }
    await call({ k: 'state', n: 'doc', d: 'x', v: new Uint8Array(100).fill(255) });
    assert.ok(a.dropped.vectors > 0);
    const ask = (_, i) => call({ k: 'pull', n: 'doc', v: Uint8Array.of(1, 1, i), at: 0 }).catch((error) => error);
    const answers = await Promise.all(Array.from({ length: 15 }, ask));
    assert.ok(answers.filter(({ message }) => message === 'too often').length >= 5);
    for (const value of [null, 1, {}, { k: 'push' }, { k: 'more', n: 'doc', id: 'x', at: 0 }, { k: 'push', n: '__proto__' }]) {
      await assert.rejects(call(value), { code: 'NKT_E_REMOTE' });
    }
    assert.deepEqual([textOf(a), textOf(b)], ['good', 'good']);
    assert.ok(same(a, b));
  });

  test('a state is his who says it, whatever client id he names; none that is too large', async () => {
    const { peers: [ann, bob, mal] } = await meet(['ann', 'bob', 'mal']);
    const [a, b] = [share(ann), share(bob)];
    a.awareness.setLocalStateField('user', { name: 'Ann' });
    await until(() => b.awareness.getStates().has(a.doc.clientID), 'her state');
    const forge = (c, s, k = 1e15) => mal.nkt.rpc(bob.address, CALL, { k: 'aware', n: 'doc', a: { c, k, s } });
    const of = (peer) => [...b.awareness.getStates()].filter(([client]) => b.addressOf(client) === peer.address);
    for (const provider of [a, b]) {
      await forge(provider.doc.clientID, { user: { name: 'Mal' } });
      assert.deepEqual(of(mal).map(([, state]) => state.user.name), ['Mal'], 'under a number of its own');
      assert.deepEqual(of(ann), [[a.doc.clientID, { user: { name: 'Ann' } }]]);
      assert.ok(b.awareness.getLocalState());
      await forge(provider.doc.clientID, null);
      assert.deepEqual(of(mal), []);
    }
    for (const [c, s] of [[7, { x: 'x'.repeat(9000) }], [-1, {}], [7, [1]]]) await forge(c, s);
    assert.equal(b.dropped.awareness, 3);
    await forge(7, { user: { name: 'Mal' } }, 5);
    assert.equal(b.addressOf(7), mal.address);
    await forge(8, {}, 6);
    assert.deepEqual([b.awareness.getStates().has(7), b.addressOf(7), b.addressOf(8)], [false, null, mal.address], 'one at a time');
    a.awareness.setLocalStateField('long', 'x'.repeat(5000));
    await until(() => b.awareness.getStates().get(a.doc.clientID)?.long?.length === 5000, 'what is too much for a packet');
    bob.nkt.ignore(mal.address);
    await until(() => b.addressOf(8) === null && !b.peers.includes(mal.address), 'who is ignored is not there');
  });

  test('a source that says nothing, or breaks off, or gives something else: it is had from another one', async () => {
    const { peers: [ann, bob, mal, eve], config } = await meet(['ann', 'bob', 'mal', 'eve']);
    const text = 'some text '.repeat(20_000);
    const a = share(ann);
    a.doc.getText('t').insert(0, text);
    const lie = (peer, pull) => peer.nkt.register(CALL, (value) => {
      if (value.k === 'hello') return { docs: [['doc', 'lie', null]] };
      return value.k === 'pull' ? pull() : new Promise(() => {});
    });
    lie(mal, () => new Promise(() => {}));
    lie(bob, () => ({ d: 'lie', s: 1e6, id: 'x', p: new Uint8Array(44_000) }));
    lie(eve, () => ({ d: 'lie', s: 5, id: 'x', p: Uint8Array.of(1, 2, 3, 4, 5) }));
    const c = share(await startPeer('cid', config));
    await until(() => textOf(c) === text, 'the text', 8000);
  });

  test('what waits for something that never comes is bounded; updates that were changed at random hurt nobody', async () => {
    const { peers: [ann, bob, mal] } = await meet(['ann', 'bob', 'mal']);
    const [a, b] = [share(ann), share(bob)];
    const far = new Y.Doc();
    far.getText('t').insert(0, 'first');
    const before = Y.encodeStateVector(far);
    for (let i = 0; i < 115; i++) {
      const from = Y.encodeStateVector(far);
      far.getText('t').insert(0, `${i}${'x'.repeat(40_000)}`);
      await mal.nkt.rpc(ann.address, CALL, { k: 'push', n: 'doc', u: Y.encodeStateAsUpdate(far, from) });
    }
    assert.ok(before.length > 0 && a.dropped.pending > 0);
    assert.ok((a.doc.store.pendingStructs?.update.length ?? 0) <= 4 << 20);
    let seed = 1;
    const random = (below) => (seed = (seed * 48271) % 0x7fffffff) % below;
    for (let round = 0; round < 160; round++) {
      const doc = new Y.Doc({ guid: 'x' });
      doc.clientID = 1 + random(3);
      doc.getText('t').insert(0, `r${round}`);
      doc.getMap('m').set('k', new Y.Array());
      doc.getText('t').delete(0, 1);
      const u = Y.encodeStateAsUpdate(doc);
      for (let i = 0; i <= random(3); i++) u[random(u.length)] = random(256);
      await mal.nkt.rpc(random(2) ? ann.address : bob.address, CALL, { k: 'push', n: 'doc', u }).catch(({ code }) => {
        assert.equal(code, 'NKT_E_RATE');
        return new Promise((done) => setTimeout(done, 100));
      });
    }
    assert.ok(a.dropped.updates > 10 && b.dropped.updates > 10);
    a.doc.getText('other').insert(0, 'ann');
    b.doc.getText('other').insert(0, 'bob');
    const both = () => [a, b].every(({ doc }) => doc.getText('other').length === 6);
    await until(both, 'both go on'); // who forges what others wrote can part them for good, as Yjs is; not the rest
    const heard = bob.of('nktincomingdata').length;
    await new Promise((done) => setTimeout(done, 1500));
    assert.ok(bob.of('nktincomingdata').length - heard < 40, 'and do not ask each other again and again');
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// nkt/yjs among members who mean harm: what they send breaks no document, no process and nobody who comes later, hides nobody's cursor,
// and holds up nobody.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import * as Y from 'yjs';
import { RAW } from '../../glue/raw.js';
import { keyOf, writeFrame } from '../../glue/yjs/frame.js';
import { Pulling } from '../../glue/yjs/pull.js';
import { applyUpdate, missingOf } from '../../glue/yjs/update.js';
import { startPeer } from './support/peers.mjs';
import { allSame, CALL, Sharers, textOf } from './support/sharers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const ALL = Uint8Array.of(0); // of a state vector: nothing is there

/** The same each time. */
function dice(seed) {
  let state = seed;
  return (below) => (state = (state * 48271) % 0x7fffffff) % below;
}

/** What four clients may have written. */
function someDoc(random) {
  const doc = new Y.Doc();
  doc.clientID = 1 + random(4);
  const text = doc.getText('t');
  for (let i = 0; i <= random(6); i++) {
    const kind = random(7);
    if (kind < 3) text.insert(random(text.length + 1), 'x'.repeat(1 + random(5)));
    else if (kind === 3 && text.length > 1) text.delete(random(text.length - 1), 1);
    else if (kind === 4) doc.getMap('m').set(`k${random(2)}`, random(2) ? new Y.Array() : new Y.Map());
    else if (kind === 5) text.format(0, Math.min(text.length, 2), { bold: true });
    else doc.getXmlFragment('x').insert(0, [new Y.XmlElement('p')]);
  }
  return doc;
}

/** Maps within maps. @returns {{doc: Y.Doc, update: Uint8Array, deletion: Uint8Array}} deletion: of the first of them */
function nested(depth) {
  const doc = new Y.Doc();
  doc.clientID = 5;
  let map = doc.getMap('m');
  doc.transact(() => {
    for (let i = 0; i < depth; i++) map = map.set('k', new Y.Map());
  });
  return { doc, update: Y.encodeStateAsUpdate(doc), deletion: Uint8Array.of(0, 1, 5, 1, 0, 1) };
}

describe('updates of others', () => {
  test('changed at random: the document stays one that can be read, written and given to others', () => {
    const random = dice(7);
    for (let round = 0; round < 80; round++) {
      const doc = new Y.Doc();
      doc.clientID = 99;
      doc.getText('t').insert(0, 'good');
      for (let n = 0; n < 30; n++) {
        const other = someDoc(random);
        const update = random(4) ? Y.encodeStateAsUpdate(other) : Y.encodeStateAsUpdate(other, Uint8Array.of(1, 1 + random(4), random(4)));
        for (let i = 0; i <= random(4); i++) update[random(update.length)] = random(3) ? random(16) : random(256);
        applyUpdate(doc, update, null);
      }
      const ann = new Y.Doc();
      ann.getText('u').insert(0, 'honest');
      assert.equal(applyUpdate(doc, Y.encodeStateAsUpdate(ann), null), 'taken');
      doc.getText('v').insert(0, 'mine');
      const late = new Y.Doc();
      assert.equal(applyUpdate(late, missingOf(doc, ALL), null), 'taken');
      assert.deepEqual(['u', 'v'].map((name) => late.getText(name).toString()), ['honest', 'mine'], `round ${round}`);
    }
  });

  test('of no length, or beyond all numbers: not used', () => {
    const far = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
    const updates = {
      'a gap of nothing': [1, 1, 5, 0, 0, 0, 0],
      'a text of nothing': [1, 1, 5, 0, 4, 1, 1, 116, 0, 0],
      'a deletion of nothing': [0, 1, 5, 1, 0, 0],
      'a gap that ends beyond': [1, 1, 5, ...far, 0, ...far, 0],
      'a deletion that ends beyond': [0, 1, 5, 1, ...far, ...far],
    };
    const apply = (bytes) => applyUpdate(new Y.Doc(), Uint8Array.from(bytes), null);
    for (const [what, bytes] of Object.entries(updates)) assert.equal(apply(bytes), 'broken', what);
  });

  test('types within types: as many as documents have, not so many that forgetting them takes the whole stack', () => {
    for (const [depth, result] of [[200, 'taken'], [300, 'broken'], [3000, 'broken']]) {
      const { update, deletion } = nested(Number(depth));
      const doc = new Y.Doc();
      assert.equal(applyUpdate(doc, update, null), result);
      assert.equal(applyUpdate(doc, deletion, null), 'taken');
      assert.equal(applyUpdate(new Y.Doc(), missingOf(doc, ALL), null), 'taken');
    }
  });

  const vectorOf = (depth) => Y.encodeStateVector(nested(depth).doc);
  test('types that come in pieces, the innermost first: they wait for what holds them, and are no deeper in the end', () => {
    const { doc: far } = nested(1000);
    const pieces = [];
    for (let clock = 0; clock < 1000; clock += 100) {
      pieces.push(Y.diffUpdate(Y.encodeStateAsUpdate(far), vectorOf(clock)));
    }
    const doc = new Y.Doc();
    assert.deepEqual(pieces.slice(1).map((piece) => applyUpdate(doc, piece, null)), Array(9).fill('lacking'));
    assert.equal(applyUpdate(doc, Y.encodeStateAsUpdate(nested(100).doc), null), 'taken');
    const step = (from, to) => applyUpdate(doc, Y.diffUpdate(Y.encodeStateAsUpdate(nested(to).doc), vectorOf(from)), null);
    assert.deepEqual([step(100, 200), step(200, 300)], ['taken', 'broken'], 'by what is here already');
  });
  test('what observes a document may throw: it is told, and the update is taken', (t) => {
    const told = t.mock.method(console, 'error', () => {});
    const doc = new Y.Doc();
    doc.getText('t').observe(() => { throw new Error('of the application'); });
    const other = new Y.Doc();
    other.getText('t').insert(0, 'hello');
    assert.equal(applyUpdate(doc, Y.encodeStateAsUpdate(other), null), 'taken');
    assert.match(String(told.mock.calls[0].arguments), /of the application/);
  });
});

describe('yjs, among members who mean harm', { skip, timeout: 360_000 }, () => {
  /** @type {Sharers} */
  let sharers;
  before(async () => {
    sharers = await Sharers.open();
  });
  after(() => sharers.stop());
  afterEach(() => sharers.clear());

  test('a member nests thousands of maps and deletes the first: nobody falls, and who comes later has the document', async () => {
    const { peers: [ann, bob, mal], config } = await sharers.meet(['ann', 'bob', 'mal']);
    const [a, b] = [sharers.share(ann), sharers.share(bob)];
    a.doc.getText('t').insert(0, 'good');
    await allSame([a, b], 'good');
    const { update, deletion } = nested(3000);
    for (const { address } of [ann, bob]) await mal.nkt.rpc(address, CALL, { k: 'push', n: 'doc', u: update });
    await mal.nkt.sendEphemeral({ [CALL]: 1, n: 'doc', u: deletion });
    await mal.nkt.sendEphemeral({ [CALL]: 1, n: 'doc', u: Uint8Array.of(0) });
    await until(() => a.dropped.updates === 2 && b.dropped.updates === 2, 'the last of it');
    const c = sharers.share(await startPeer('cid', config));
    await allSame([a, b, c], 'good');
    c.doc.getText('t').insert(4, ' still');
    await allSame([a, b, c], 'good still');
  });

  test('a client id that was taken with the highest clock: whose it is, is seen all the same; nothing of it is remembered', async () => {
    const { peers: [ann, bob, mal] } = await sharers.meet(['ann', 'bob', 'mal']);
    const b = sharers.share(bob);
    const say = (c) => mal.nkt.rpc(bob.address, CALL, { k: 'aware', n: 'doc', a: { c, k: Number.MAX_SAFE_INTEGER, s: {} } });
    const a = sharers.share(ann, { connect: false });
    await say(a.doc.clientID);
    assert.equal(b.addressOf(a.doc.clientID), mal.address);
    a.connect();
    a.awareness.setLocalStateField('user', { name: 'Ann' });
    const ofAnn = () => [...b.awareness.getStates()].find(([client]) => b.addressOf(client) === ann.address)?.[1];
    await until(() => ofAnn()?.user?.name === 'Ann', 'her state');
    a.disconnect();
    await until(() => ofAnn() === undefined, 'she is gone');
    const before = b.awareness.meta.size;
    for (let c = 1; c <= 50; c++) await say(c);
    assert.equal(b.awareness.meta.size, before, 'of 51 client ids of one member, one is remembered');
    a.connect();
    a.awareness.setLocalStateField('user', { name: 'Ann again' });
    await until(() => b.awareness.getStates().get(a.doc.clientID)?.user?.name === 'Ann again', 'her state under her own number');
  });

  /** Says that there is a document of some megabytes. */
  const claim = (peer, more) => peer.nkt.register(CALL, (value) => {
    if (value.k === 'hello') return { docs: [['doc', `of ${peer.address}`, null]] };
    return value.k === 'pull' ? { d: 'lie', s: 60 << 20, id: 'x', p: new Uint8Array(44_000) } : more();
  });

  test('who knows an address and not the secret of the room gets no document, and gives none', async () => {
    const { peers: [ann, bob], config } = await sharers.meet(['ann', 'bob'], { secret: 'deep' });
    const [a, b] = [sharers.share(ann), sharers.share(bob)];
    a.doc.getText('t').insert(0, 'secret');
    await allSame([a, b], 'secret');
    const eve = await startPeer('eve', { relays: config.relays, room: `${config.room}-other` });
    await eve.nkt.startWebRTCClient(ann.address);
    await Promise.all([eve.session(ann.address), ann.session(eve.address)]);
    assert.deepEqual([ann.nkt.userList[bob.address], ann.nkt.userList[eve.address]].map(({ inRoom }) => inRoom), [true, false]);
    const e = sharers.share(eve);
    e.doc.getText('t').insert(0, 'hers');
    const update = Y.encodeStateAsUpdate(e.doc);
    for (const value of [{ k: 'hello', docs: [] }, { k: 'pull', n: 'doc', v: ALL }, { k: 'push', n: 'doc', u: update }]) {
      await assert.rejects(eve.nkt.rpc(ann.address, CALL, value), { code: 'NKT_E_REMOTE' }, value.k);
    }
    await eve.nkt.sendEphemeral({ [CALL]: 1, n: 'doc', u: update }, ann.address);
    assert.ok(eve.nkt[RAW].send(ann.address, writeFrame(keyOf('doc'), update, { c: 5, k: 1, s: {} })));
    await eve.nkt.rpc(ann.address, CALL, {}).catch(() => {}); // it came in order, after these
    a.doc.getText('t').insert(6, ' still');
    await allSame([a, b], 'secret still');
    assert.equal(textOf(e), 'hers');
    assert.deepEqual([a.addressOf(5), a.peers], [null, [bob.address]]);
  });

  test('sources that give by a trickle hold nobody up', async () => {
    const { peers: [ann, ...mean], config } = await sharers.meet(['ann', 'mal', 'eve', 'joe']);
    const a = sharers.share(ann, { connect: false });
    a.doc.getText('t').insert(0, 'some text');
    for (const one of mean) {
      let last = Promise.resolve();
      const later = () => new Promise((done) => { setTimeout(done, 1000).unref(); });
      claim(one, () => (last = last.then(later)).then(() => ({ p: new Uint8Array(44_000) })));
    }
    const c = sharers.share(await startPeer('cid', config));
    await until(() => c.peers.length === 3, 'those who lie');
    a.connect();
    await until(() => textOf(c) === 'some text', 'the text', 15_000);
  });
});

test('who shares it no more while it is being fetched takes nothing any more', async () => {
  /** @type {Array<(answer: object) => void>} */
  const answers = [];
  const taken = [];
  const pulling = new Pulling({
    call: () => new Promise((done) => { answers.push(done); }),
    vector: () => ALL, isWanted: () => true, likely: () => 0, failed() {},
    take: (update) => taken.push(update) > 0,
  });
  const asked = (count) => until(() => answers.length === count, `${count} calls`);
  pulling.want('at once');
  pulling.stop();
  pulling.want('in parts');
  const p = Uint8Array.of(0, 0);
  answers[0]({ d: 'x', s: 2, id: 'x', p });
  answers[1]({ d: 'x', s: 50_000, id: 'x', p: new Uint8Array(44_000) });
  await asked(3);
  pulling.stop();
  pulling.want('now');
  answers[2]({ p: new Uint8Array(6000) });
  answers[3]({ d: 'x', s: 2, id: 'x', p });
  await until(() => taken.length > 0, 'an update');
  assert.deepEqual(taken, [p], 'the last one alone');
  pulling.stop();
});

test('parts that are likely there are asked for in one go; of one that is of another state once more', async () => {
  const update = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const asked = [];
  const taken = [];
  const pulling = new Pulling({
    call: async (_, { k, at, id }) => {
      asked.push(`${k} ${at}`);
      if (k === 'more') assert.equal(id, 'new');
      return { d: 'x', s: update.length, id: k === 'pull' && at === 44_000 ? 'old' : 'new', p: update.slice(at, at + 44_000) };
    },
    vector: () => ALL, isWanted: () => true, likely: () => 1e9, failed() {},
    take: (bytes) => taken.push(bytes) > 0,
  });
  pulling.want('ann');
  assert.deepEqual(asked, [0, 1, 2, 3, 4].map((i) => `pull ${i * 44_000}`), 'so many at most');
  await until(() => taken.length > 0, 'the update');
  assert.deepEqual([asked.slice(5), taken], [['more 44000'], [update]]);
  pulling.stop();
});

// SPDX-License-Identifier: GPL-3.0-or-later
// nkt/yjs: what a transaction did, written before its observers are called. Yjs writes it after them: both have to come to the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Y from 'yjs';
import { RAW } from '../../glue/raw.js';
import { deletesOwn, hasChanges, updateOf } from '../../glue/yjs/transaction.js';
import { linked, same, Sharers } from './support/sharers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

/** @param {number} seed @returns {(count: number) => number} below count */
function chance(seed) {
  let state = seed * 7919;
  return (count) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 8) % count;
  };
}

/**
 * One of all that people do to documents.
 * @param {(count: number) => number} below @param {Y.Doc} doc @param {Y.Doc} other @param {Y.UndoManager} undo
 */
function act(below, doc, other, undo) {
  const text = doc.getText('t');
  const at = below(text.length + 1);
  const some = below(9);
  if (some < 3) text.insert(at, 'abc'.slice(below(3)));
  else if (some === 3 && text.length > 3) text.delete(below(text.length - 2), 2);
  else if (some === 4 && text.length > 3) text.format(below(text.length - 2), 2, { bold: below(2) ? true : null });
  else if (some === 5) {
    doc.transact(() => {
      text.insert(0, 'xyz');
      text.delete(1, 1);
      doc.getArray('a').push([1, { a: 2 }, new Uint8Array(3)]);
    });
  } else if (some === 6) doc.getMap('m').set('k', below(4) ? new Y.Map([['x', below(5)]]) : 'x'.repeat(below(9000)));
  else if (some === 7) below(2) ? undo.undo() : undo.redo();
  else Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)), 'another provider');
}

const stateOf = (doc) => Y.encodeSnapshot(Y.snapshot(doc));

test('transactions: the bytes are those of Yjs; written before observers are called they bring about the same', () => {
  let earlyCount = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const below = chance(seed);
    const docs = [new Y.Doc(), new Y.Doc()];
    const [told, early] = [new Y.Doc(), new Y.Doc()];
    for (const doc of docs) {
      /** @type {any} */
      let passedOn = null;
      let written = null;
      doc.on('beforeObserverCalls', (transaction) => {
        if (!hasChanges(transaction) || deletesOwn(transaction)) return;
        passedOn = transaction;
        earlyCount++;
        Y.applyUpdate(early, updateOf(transaction));
      });
      doc.on('afterTransactionCleanup', (transaction) => {
        written = hasChanges(transaction) ? updateOf(transaction) : null;
        if (written && passedOn !== transaction) Y.applyUpdate(early, written);
      });
      doc.on('update', (update) => {
        assert.deepEqual(written, update, `seed ${seed}`);
        written = null;
        Y.applyUpdate(told, update);
      });
      doc.on('afterAllTransactions', () => assert.equal(written, null, 'Yjs tells of what has changes, and of nothing else'));
      doc.getText('t').observe(({ transaction }) => {
        if (transaction.local && below(9) === 0) doc.getMap('o').set(`k${below(3)}`, below(100));
      });
    }
    const undo = new Y.UndoManager(docs[0].getText('t'));
    for (let i = 0; i < 120; i++) {
      const from = below(2);
      act(below, docs[from], docs[1 - from], undo);
    }
    for (let i = 0; i < 10; i++) Y.applyUpdate(docs[i % 2], Y.encodeStateAsUpdate(told)); // each tidies up formats, and tells of it
    for (const doc of [docs[1], told, early]) {
      assert.deepEqual(stateOf(doc), stateOf(docs[0]), `seed ${seed}`);
      assert.deepEqual(doc.getText('t').toDelta(), docs[0].getText('t').toDelta(), `seed ${seed}`);
      assert.deepEqual(doc.getMap('m').toJSON(), docs[0].getMap('m').toJSON(), `seed ${seed}`);
    }
  }
  assert.ok(earlyCount > 2000, String(earlyCount));
});

test('transactions: what came and went in one is not told', () => {
  const doc = new Y.Doc();
  const text = doc.getText('t');
  text.insert(0, 'kept');
  const seen = [];
  doc.on('beforeObserverCalls', (transaction) => seen.push(deletesOwn(transaction)));
  text.delete(0, 1);
  text.insert(0, 'k');
  doc.transact(() => {
    text.insert(0, 'secret');
    text.delete(0, 6);
  });
  assert.deepEqual(seen, [false, false, true]);
});

test('edits leave before observers of the page are called; what came and went in one is not told', { skip, timeout: 60_000 }, async () => {
  const sharers = await Sharers.open();
  try {
    const { peers: [ann, bob] } = await sharers.meet(['ann', 'bob']);
    await linked(ann, bob);
    const frames = [];
    const shared = [ann, bob].map((peer) => sharers.share(peer));
    await until(() => shared.every((one) => one.synced), 'both synced');
    const raw = ann.nkt[RAW];
    const send = (addr, bytes) => frames.push(Buffer.from(bytes).toString('latin1')) && raw.send(addr, bytes);
    Object.defineProperty(ann.nkt, RAW, { value: { send, listen() {} } });
    const text = shared[0].doc.getText('t');
    let countThen = -1;
    text.observe(() => {
      countThen = frames.length;
    });
    text.insert(0, 'hello ');
    assert.equal(countThen, 1, 'it had left');
    assert.match(frames[0], /hello/);
    await until(() => same(...shared), 'both have it');
    shared[0].doc.transact(() => {
      text.insert(6, 'secret');
      text.delete(6, 6);
      text.insert(6, 'there');
    });
    await until(() => shared[1].doc.getText('t').toString() === 'hello there', 'the rest of it');
    assert.ok(frames.every((frame) => !frame.includes('secret')));
  } finally {
    await sharers.clear();
    await sharers.stop();
  }
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Edits, reactions and deletions (docs/messages.md): whatever the order, however often, whoever says so, and however much of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Changes } from '../../web/changes.js';
import { N_MAX, readChange, readSign, signShown, writeGone, writeReaction, writeValue } from '../../web/said.js';

const idOf = (n) => n.toString(16).padStart(32, '0');
const [ME, ANN, BOB, EVE] = ['NkTme', 'NkTann', 'NkTbob', 'NkTeve'];
const SAID = { id: idOf(1), from: ANN, text: 'first', date: 1 };

const edit = (n, text, { id = 100 + n, from = ANN } = {}) => ({ kind: 'edit', id: idOf(id), from, n, text, date: id });
const gone = (from = ANN) => ({ kind: 'gone', id: idOf(999), from });
const react = (from, n, signs, id = 500 + n) => ({ kind: 'react', id: idOf(id), from, n, signs });

/** What comes of a message and changes of it in this order; the message is what is no change. */
function outcome(things, message = SAID) {
  const changes = new Changes(() => ME);
  for (const thing of things) {
    if (thing.kind) changes.take(message.id, thing);
    else changes.meet(thing);
  }
  return changes.of(message.id, message.from);
}

/** Numbers that look like chance, the same each time. */
function* chance(seed) {
  for (let x = seed; ;) {
    x = (x * 1103515245 + 12345) % 2147483648;
    yield x / 2147483648;
  }
}

function shuffled(list, random) {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random.next().value * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

describe('what becomes of a message', () => {
  test('edited, with what it was before; reacted to, taken back; deleted, and then nothing of it is there', () => {
    const things = [SAID, edit(1, 'second'), edit(2, 'third'), react(BOB, 1, ['👍']), react(EVE, 1, ['🎉', '👍']), react(BOB, 2, [])];
    const now = outcome(things);
    assert.deepEqual([now.text, now.earlier.map(({ text }) => text), now.isGone], ['third', ['first', 'second'], false]);
    assert.deepEqual(now.signs, [{ sign: '🎉', by: [EVE] }, { sign: '👍', by: [EVE] }]);
    assert.equal(now.size, 'firstsecondthird'.length);
    const after = outcome([...things, gone(), edit(3, 'again'), react(BOB, 3, ['👍'])]);
    assert.deepEqual([after.text, after.earlier, after.signs, after.isGone, after.size], ['', [], [], true, 0]);
    assert.doesNotMatch(JSON.stringify(after), /first|second|third|again/);
  });

  test('in every order, and twice, it comes out the same: live and from history', () => {
    const random = chance(17);
    const all = [SAID, edit(1, 'second'), edit(2, 'one', { id: 201 }), edit(2, 'other', { id: 202 }),
      edit(2, 'forged', { id: 203, from: EVE }), react(BOB, 1, ['👍'], 11), react(BOB, 2, ['🎉'], 12), react(BOB, 2, ['👀'], 10),
      react(EVE, 1, ['👍'], 13), react(ANN, 1, ['🎉'], 14)];
    const plain = outcome(all);
    assert.equal(plain.text, 'other', 'of two that count the same the one with the later id');
    assert.deepEqual(plain.signs, [{ sign: '🎉', by: [ANN, BOB] }, { sign: '👍', by: [EVE] }]);
    for (let round = 0; round < 300; round++) assert.deepEqual(outcome(shuffled([...all, ...all], random)), plain);
    const last = outcome([...all, gone()]);
    for (let round = 0; round < 300; round++) assert.deepEqual(outcome(shuffled([...all, gone(), ...all], random)), last);
    assert.equal(last.isGone, true);
  });

  test('nobody speaks for another: edits and deletions of others are dropped, before the message as after it', () => {
    for (const order of [[SAID, edit(9, 'forged', { from: EVE }), gone(EVE)], [edit(9, 'forged', { from: EVE }), gone(EVE), SAID]]) {
      const now = outcome(order);
      assert.deepEqual([now.text, now.earlier, now.isGone], ['first', [], false]);
    }
    const changes = new Changes(() => ME);
    changes.meet(SAID);
    assert.equal(changes.take(SAID.id, edit(1, 'x', { from: EVE })), false);
    assert.equal(changes.take(SAID.id, edit(1, 'x')), true);
    assert.equal(changes.take(SAID.id, edit(1, 'x')), false, 'twice');
  });

  test('of a private message nobody else may know: only its two count', () => {
    const secret = { ...SAID, partner: ANN };
    const now = outcome([react(EVE, 1, ['👀']), secret, react(BOB, 1, ['👀']), react(ANN, 1, ['👍']), react(ME, 1, ['👍'])]);
    assert.deepEqual(now.signs, [{ sign: '👍', by: [ANN, ME] }]);
    const mine = { ...SAID, from: ME, partner: BOB };
    const own = outcome([mine, react(BOB, 1, ['👍']), react(ANN, 1, ['👀'])], mine);
    assert.deepEqual(own.signs, [{ sign: '👍', by: [BOB] }]);
  });

  test('an edit counts where its message was said: none of a room’s to one alone, none of a private one to all', () => {
    const alone = { ...edit(1, 'for your eyes'), partner: ANN };
    for (const order of [[SAID, alone], [alone, SAID]]) assert.equal(outcome(order).text, 'first');
    const secret = { ...SAID, partner: ANN };
    for (const order of [[secret, edit(1, 'to all')], [edit(1, 'to all'), secret]]) assert.equal(outcome(order).text, 'first');
    assert.equal(outcome([secret, alone]).text, 'for your eyes');
    assert.equal(outcome([secret, gone()]).isGone, true, 'what is to be gone is gone, whoever was told so');
  });

  test('another who takes the same id changes nothing: neither what its author says of it, nor who reacted', () => {
    const hers = { ...SAID, from: EVE, text: 'hers' };
    const things = [SAID, hers, edit(1, 'second'), edit(1, 'hers, edited', { id: 300, from: EVE }), react(BOB, 1, ['👍'])];
    const random = chance(11);
    for (let round = 0; round < 100; round++) {
      const changes = new Changes(() => ME);
      for (const thing of shuffled(things, random)) {
        if (thing.kind) changes.take(SAID.id, thing);
        else changes.meet(thing);
      }
      const both = [ANN, EVE].map((from) => changes.of(SAID.id, from));
      assert.deepEqual(both.map(({ text, signs }) => [text, signs]),
        [['second', [{ sign: '👍', by: [BOB] }]], ['hers, edited', [{ sign: '👍', by: [BOB] }]]]);
      changes.take(SAID.id, gone(EVE));
      changes.forget(SAID.id, EVE);
      const { isGone, signs } = changes.of(SAID.id, ANN);
      assert.deepEqual([changes.of(SAID.id, EVE), isGone, signs.length], [null, false, 1]);
      changes.take(SAID.id, gone());
      assert.equal(changes.of(SAID.id, ANN).isGone, true);
    }
  });

  test('who is ignored has no reaction that is seen, and has it again', () => {
    const hidden = new Set([EVE]);
    const changes = new Changes(() => ME, (addr) => hidden.has(addr));
    changes.meet(SAID);
    changes.take(SAID.id, react(EVE, 1, ['👎', '👍']));
    changes.take(SAID.id, react(BOB, 1, ['👍']));
    assert.deepEqual(changes.of(SAID.id, ANN).signs, [{ sign: '👍', by: [BOB] }]);
    assert.deepEqual([changes.reactedBy(EVE), changes.reactedBy('NkTnobody')], [[SAID.id], []]);
    hidden.clear();
    assert.equal(changes.of(SAID.id, ANN).signs.length, 2);
  });

  test('a file has no text to edit; it can be deleted, and reacted to', () => {
    const file = { ...SAID, text: null };
    assert.equal(outcome([file, edit(1, 'x')]).text, null);
    assert.equal(outcome([file, gone()]).isGone, true);
    assert.equal(outcome([file, react(BOB, 1, ['👍'])]).signs.length, 1);
  });

  test('what one does next counts one more', () => {
    const changes = new Changes(() => ME);
    changes.meet({ ...SAID, from: ME });
    assert.deepEqual([changes.nextEdit(SAID.id, ME), changes.reactionOf(SAID.id, ME, ME)], [1, { n: 1, signs: [] }]);
    changes.take(SAID.id, edit(4, 'x', { from: ME }));
    changes.take(SAID.id, react(ME, 7, ['👍']));
    assert.deepEqual([changes.nextEdit(SAID.id, ME), changes.reactionOf(SAID.id, ME, ME)], [5, { n: 8, signs: ['👍'] }]);
  });
});

describe('much of it', () => {
  test('10,000 reactions of one stranger to one message are one; to 10,000 messages the newest thousand', () => {
    const changes = new Changes(() => ME);
    changes.meet(SAID);
    for (let n = 1; n <= 10_000; n++) changes.take(SAID.id, react(EVE, n, ['👍'], n));
    assert.deepEqual(changes.of(SAID.id, ANN).signs, [{ sign: '👍', by: [EVE] }]);
    changes.take(SAID.id, react(BOB, 1, ['🎉']));
    for (let n = 2; n <= 10_000; n++) {
      changes.meet({ ...SAID, id: idOf(n) });
      changes.take(idOf(n), react(EVE, 1, ['👀'], 20_000 + n));
    }
    const isHers = (_, i) => changes.of(idOf(i + 1), ANN).signs.some(({ by }) => by.includes(EVE));
    assert.equal(Array.from({ length: 10_000 }, isHers).filter(Boolean).length, 1000);
    assert.deepEqual(changes.of(SAID.id, ANN).signs, [{ sign: '🎉', by: [BOB] }], 'and nobody else lost one');
  });

  test('thousands of strangers: 200 of them at one message, oneself always, in every order the same', () => {
    const crowd = Array.from({ length: 1000 }, (_, i) => react(`NkT${i}`, 1, ['👍'], i));
    const random = chance(3);
    const plain = outcome([SAID, ...crowd, react('NkTzz', 1, ['🎉']), react(ME, 1, ['🎉'])]);
    assert.equal(plain.signs.reduce((sum, { by }) => sum + by.length, 0), 200);
    assert.ok(plain.signs.some(({ by }) => by.includes(ME)));
    for (let round = 0; round < 5; round++) {
      assert.deepEqual(outcome(shuffled([SAID, ...crowd, react('NkTzz', 1, ['🎉']), react(ME, 1, ['🎉'])], random)), plain);
    }
  });

  test('all of them at all messages: 20,000 in all, and who has fewest keeps what he has', () => {
    const changes = new Changes(() => ME);
    for (let m = 0; m < 800; m++) changes.meet({ ...SAID, id: idOf(m) });
    changes.take(idOf(7), react(BOB, 1, ['🎉']));
    for (let m = 0; m < 800; m++) for (let who = 0; who < 30; who++) changes.take(idOf(m), react(`NkT${who}`, 1, ['👍'], m * 100 + who));
    let all = 0;
    for (let m = 0; m < 800; m++) for (const { by } of changes.of(idOf(m), ANN).signs) all += by.length;
    assert.equal(all, 20_000);
    assert.ok(changes.of(idOf(7), ANN).signs.some(({ by }) => by.includes(BOB)));
  });

  test('what waits for messages that never come makes room by author', () => {
    const changes = new Changes(() => ME);
    changes.take(SAID.id, react(BOB, 1, ['👍']));
    changes.take(SAID.id, edit(1, 'edited'));
    for (let n = 0; n < 20_000; n++) changes.take(idOf(10_000 + n), { ...edit(1, 'x'.repeat(2000), { from: EVE }), id: idOf(90_000 + n) });
    changes.meet(SAID);
    assert.deepEqual([changes.of(SAID.id, ANN).text, changes.of(SAID.id, ANN).signs.length], ['edited', 1]);
    changes.meet({ ...SAID, id: idOf(10_000), from: EVE });
    changes.meet({ ...SAID, id: idOf(29_999), from: EVE });
    assert.deepEqual([idOf(10_000), idOf(29_999)].map((id) => changes.of(id, EVE).earlier.length), [0, 1], 'the oldest went');
  });

  test('whom an edit names counts as well: in what waits, and in what its message takes', () => {
    const mentions = Array.from({ length: 20 }, () => 'x'.repeat(64));
    const changes = new Changes(() => ME);
    for (let n = 0; n < 5000; n++) changes.take(idOf(10_000 + n), { ...edit(1, '', { id: 90_000 + n, from: EVE }), mentions });
    let kept = 0;
    for (let n = 0; n < 5000; n++) {
      changes.meet({ ...SAID, id: idOf(10_000 + n), from: EVE });
      kept += changes.of(idOf(10_000 + n), EVE).earlier.length;
    }
    assert.ok(kept > 0 && kept * mentions.join('').length <= 1 << 20, `${kept} of them`);
    assert.equal(outcome([SAID, { ...edit(1, 'second'), mentions }]).size, 'firstsecond'.length + 20 * 64);
  });

  test('edits of one message: the last twenty, and the first wording', () => {
    const edits = Array.from({ length: 100 }, (_, i) => edit(i + 1, `wording ${i + 1}`));
    const plain = outcome([SAID, ...edits]);
    assert.deepEqual([plain.text, plain.earlier.length, plain.earlier[0].text, plain.earlier[1].text],
      ['wording 100', 20, 'first', 'wording 81']);
    const random = chance(5);
    for (let round = 0; round < 20; round++) assert.deepEqual(outcome(shuffled([SAID, ...edits], random)), plain);
  });

  test('a message that is shown no more leaves nothing', () => {
    const changes = new Changes(() => ME);
    changes.meet(SAID);
    changes.take(SAID.id, react(BOB, 1, ['👍']));
    changes.forget(SAID.id, ANN);
    assert.equal(changes.of(SAID.id, ANN), null);
    changes.meet(SAID);
    assert.deepEqual(changes.of(SAID.id, ANN).signs, []);
  });
});

describe('changes as values', () => {
  const ID = SAID.id;

  test('what the page writes is read again as it was', () => {
    assert.deepEqual(readChange(writeReaction(ID, 3, ['👍'], 'NkT1')), { kind: 'react', id: ID, n: 3, signs: ['👍'] });
    assert.deepEqual(readChange(writeGone(ID)), { kind: 'gone', id: ID });
    assert.deepEqual(writeValue('new', 'NkT1', { id: ID, quote: 'x', n: 2 }),
      { text: 'new', private: true, re: { id: ID }, edit: { id: ID, n: 2 } });
    assert.deepEqual(readChange(writeValue('new', '', { id: ID, n: 2 })), { kind: 'edit', id: ID, n: 2, text: 'new', mentions: null });
  });

  test('anything at all is none', () => {
    const bad = [null, undefined, 7, 'x', [], {}, { id: ID.slice(1) }, { id: [ID] }, { id: ID, n: 0 }, { id: ID, n: 1.5 },
      { id: ID, n: '1' },
      { id: ID, n: N_MAX + 1 }, { id: ID, n: NaN }];
    for (const one of bad) {
      assert.equal(readChange({ text: 'a', edit: one }), null, JSON.stringify(one));
      assert.equal(readChange({ react: { signs: ['👍'], ...one } }), null, JSON.stringify(one));
    }
    for (const text of [undefined, null, 7, ['a']]) assert.equal(readChange({ text, edit: { id: ID, n: 1 } }), null);
    for (const signs of [undefined, '👍', { 0: '👍' }]) assert.equal(readChange({ react: { id: ID, n: 1, signs } }), null);
    for (const value of [null, undefined, 'a', 7, [], { gone: null }, { gone: ID }]) assert.equal(readChange(value), null);
  });

  test('a sign is one emoji, short, and the same with and without its selector; three of one person', () => {
    const good = ['👍', '❤', '❤️', '👍🏽', '🇩🇪', '👨‍👩‍👧‍👦', '👨🏻‍👩🏻‍👧🏻‍👦🏻', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🧑🏿‍❤️‍💋‍🧑🏾'];
    for (const sign of good) assert.equal(readSign(sign), sign.replaceAll('️', ''), sign);
    for (const sign of ['', 'a', '+1', '👍👍', '👍a', ' 👍', '👍\n', '\u200d', '️', '1', 'é', '👍‍', `👍${'‍👍'.repeat(30)}`,
      '👍'.repeat(5000), `🏴${'\u{e0067}'.repeat(40)}`, 7, null, ['👍']]) {
      assert.equal(readSign(sign), '', JSON.stringify(sign)?.slice(0, 20));
    }
    assert.equal(signShown('❤'), '❤️');
    assert.equal(signShown('👍'), '👍');
    assert.equal(signShown('👍🏽'), '👍🏽');
    assert.deepEqual(readChange({ react: { id: ID, n: 1, signs: ['❤', '❤️', 'x', '👍', '🎉'] } }).signs, ['❤']);
    assert.deepEqual(readChange({ react: { id: ID, n: 1, signs: ['👍', '🎉', '👀', '❤'] } }).signs, ['👍', '🎉', '👀']);
  });
});

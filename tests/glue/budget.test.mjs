// SPDX-License-Identifier: GPL-3.0-or-later
// What the page shows is bounded, in items and letters; what makes room is of whoever has most. Long text is folded.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Budget } from '../../web/budget.js';
import { foldAt } from '../../web/folding.js';

const COUNT_MAX = 5200;
const SIZE_MAX = 4 << 20;

function stage() {
  const shown = new Map(); // node -> [author, size]
  const budget = new Budget(() => 'me');
  let number = 0;
  const say = (author, size = 100) => {
    const node = { number: ++number };
    shown.set(node, [author, size]);
    for (const gone of budget.add(author, node, size)) assert.ok(shown.delete(gone), 'what goes was there');
    return node;
  };
  const of = (author) => [...shown.values()].filter(([one]) => one === author).length;
  const size = () => [...shown.values()].reduce((sum, [, letters]) => sum + letters, 0);
  return { say, of, size, shown, budget };
}

describe('the budget of what is shown', () => {
  test('one who floods pushes out himself, by short or by long messages, and never the newest', () => {
    const { say, of, size, shown } = stage();
    for (let i = 0; i < 300; i++) for (const author of ['me', 'ann', 'bob', '']) say(author);
    for (let i = 0; i < 10_000; i++) say('mal', 59_000);
    assert.deepEqual([of('me'), of('ann'), of('bob'), of('')], [300, 300, 300, 300]);
    assert.ok(size() <= SIZE_MAX && of('mal') > 60, `${of('mal')} of mal`);
    let newest;
    for (let i = 0; i < 20_000; i++) newest = say('eve', 1);
    assert.ok(shown.size <= COUNT_MAX && shown.has(newest));
    assert.deepEqual([of('me'), of('ann'), of('bob')], [300, 300, 300]);
  });

  test('a crowd of strangers, one message each, pushes out the one who has most, then each other, the oldest first', () => {
    const { say, of, shown } = stage();
    for (let i = 0; i < 100; i++) say('ann');
    const first = say('stranger -1');
    for (let i = 0; i < COUNT_MAX - 50; i++) say(`stranger ${i}`);
    assert.ok(of('ann') === 49 && shown.has(first));
    for (let i = 0; i < 3000; i++) say(`other ${i}`);
    assert.ok(shown.size <= COUNT_MAX && !shown.has(first));
  });

  test('oneself makes room last, above half of all', () => {
    const { say, of, size } = stage();
    for (let i = 0; i < 3000; i++) say('me');
    for (let i = 0; i < 10_000; i++) say('ann');
    assert.equal(of('me'), COUNT_MAX / 2);
    for (let i = 0; i < 2000; i++) say('me', 59_000);
    assert.ok(size() <= SIZE_MAX && of('ann') > 1000, `${of('ann')} of ann`);
  });

  test('up to half of all it is not oneself who makes room, though one has more than anybody else', () => {
    const { say, of } = stage();
    for (let i = 0; i < 2000; i++) say('me');
    for (let i = 0; i < 10_000; i++) for (const author of ['ann', 'bob', 'eve']) say(author);
    assert.equal(of('me'), 2000);
    assert.ok(of('ann') < 1100 && of('bob') < 1100);
  });

  test('what is taken away leaves room, and is not given to be taken away again', () => {
    const { say, shown, budget } = stage();
    const nodes = Array.from({ length: 100 }, (_, i) => say(i % 2 ? 'ann' : 'bob', 40_000));
    for (const node of nodes) if (shown.delete(node)) budget.remove(node);
    budget.remove(nodes[0]);
    const again = Array.from({ length: 100 }, () => say('cyd', 40_000));
    assert.equal(shown.size, 100);
    assert.deepEqual(budget.resize(again[7], 1), []);
  });

  test('one thing larger than all there is stays alone', () => {
    const { say, shown, budget } = stage();
    say('ann');
    const huge = say('bob', SIZE_MAX + 1);
    assert.deepEqual([...shown.keys()], [huge]);
    budget.clear();
  });
});

describe('folding', () => {
  for (const [what, text, cut] of [
    ['nothing', '', 0],
    ['short', 'hello', 5],
    ['as much as is shown', 'x'.repeat(1000), 1000],
    ['a little more', 'x'.repeat(1399), 1399],
    ['more', 'x'.repeat(59_000), 1000],
    ['between words', `${'word '.repeat(500)}`, 999],
    ['twenty lines', 'a\n'.repeat(20), 39],
    ['nineteen lines', 'a\n'.repeat(19), 38],
    ['lines and letters', `${'x'.repeat(900)}${'\n'.repeat(50)}`, 919],
    ['signs of two halves', '😀'.repeat(2000), 1000],
    ['half a sign at the edge', `x${'😀'.repeat(2000)}`, 999],
  ]) test(what, () => assert.equal(foldAt(text), cut));
});

// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hold, textOf } from '../../web/held.js';

describe('long texts, beside the heap', () => {
  const long = (sign, count = 3000) => sign.repeat(count);

  test('a text is what it was, whatever it is made of', () => {
    for (const text of ['', 'short', long('x'), long('é'), long('漢'), long('👩🏽‍🚀'), `\ufeff${long('x')}\0`, long('x\r\n')]) {
      const held = hold(text);
      assert.equal(textOf(held), text);
      assert.equal(textOf(held), text, 'as often as one likes');
      assert.equal(held.length, text.length);
    }
    assert.equal(textOf(hold(null)), null);
  });

  test('what is short stays a text, and what no UTF-8 can hold', () => {
    for (const text of ['short', `${long('x')}\ud800`, `\udc00${long('x')}`]) assert.equal(hold(text), text);
    assert.equal(typeof hold(long('x')), 'object');
  });

  test('memory is used again, and tells nothing of who had it', () => {
    const first = hold(long('secret '));
    const other = hold(long('other. '));
    first.forget();
    first.forget();
    assert.equal(textOf(first), '');
    const [second, third] = [hold(long('shorter')), hold(long('longer!'))];
    assert.deepEqual([second, third, other].map(textOf), [long('shorter'), long('longer!'), long('other. ')]);
    for (const held of [second, third, other]) held.forget();
  });

  test('a text takes as many bytes as it has', () => {
    const [count, size] = [70, 61_000]; // a size that no other test has left a buffer of
    const texts = Array.from({ length: count }, () => long('x', size));
    const before = process.memoryUsage().arrayBuffers;
    const held = texts.map(hold);
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 * count * size);
    assert.equal(textOf(held[9]), texts[9]);
    for (const one of held) one.forget();
  });

  test('so much is kept to be used again, whatever comes', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let size = 2000; size < 60_000; size += 500) {
      const held = Array.from({ length: 70 }, () => hold(long('x', size)));
      for (const one of held) one.forget();
    }
    globalThis.gc?.();
    assert.ok(process.memoryUsage().arrayBuffers - before < 400 << 20); // of 1.3 GB; with --expose-gc 16 MB
  });
});

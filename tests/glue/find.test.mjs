// SPDX-License-Identifier: GPL-3.0-or-later
// Searching in texts: which match, where, and what is shown of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matches, placesOf, readQuery, snippet } from '../../web/find.js';

const marked = (text, query) => placesOf(text, readQuery(query)).map(([start, end]) => text.slice(start, end));

describe('searching', () => {
  test('all words, in any order, without case and accents; what is in quotes as a whole', () => {
    const is = (text, query) => matches(text, readQuery(query));
    assert.ok(is('Kaffee um vier, im Café', 'cafe KAFFEE'));
    assert.ok(is('ÉTÉ', 'été') && is('ete', 'ÉTÉ'));
    assert.ok(is('see you at four', '"at four"') && !is('at about four', '"at four"'));
    assert.ok(!is('tea', 'tea milk') && !is('', 'a') && !is('a', '') && !is('a', '"'));
    for (const query of ['“at four”', '„at four“', '« at four »']) {
      assert.ok(is('see you at four', query) && !is('at about four', query), query);
    }
    assert.ok(is('l’été, don’t', "l'ete don't") && is("l'été", 'L’ÉTÉ'), 'apostrophes of telephones');
    assert.ok(is('one – two‑three', 'two-three –') && is('at\nfour', '"at four"') && is('at\u00a0four', '"at four"'));
    assert.deepEqual(marked('Don’t', "don't"), ['Don’t']);
    assert.equal(readQuery('a '.repeat(500)).length, 1);
    assert.equal(readQuery(Array.from({ length: 99 }, (_, i) => `w${i}`).join(' ')).length, 10);
  });

  test('the places are those of the text as it is', () => {
    assert.deepEqual(marked('Im Café, im CAFÉ', 'cafe'), ['Café', 'CAFÉ']);
    assert.deepEqual(marked('e\u0301te\u0301!', 'ete'), ['e\u0301te\u0301']);
    assert.deepEqual(marked('🙂 a ﬁle', 'fi'), ['ﬁ']);
    assert.deepEqual(marked('banana', 'ana an'), ['ana']);
    assert.deepEqual(marked('nothing', 'x'), []);
    assert.deepEqual(marked('Die Straße, STRASSE', 'strasse'), ['Straße', 'STRASSE']);
    assert.deepEqual(marked('Strasse', 'straße'), ['Strasse']);
    assert.deepEqual(marked('Istanbul, ISTANBUL, ıstanbul', 'ıSTANBUL'), ['Istanbul', 'ISTANBUL', 'ıstanbul']);
    assert.deepEqual(marked('ὁδός, ΟΔΟΣ, οδοσ', 'ΟΔΟΣ'), ['ὁδός', 'ΟΔΟΣ', 'οδοσ']);
  });

  test('a part of the text around the first place, in one line, with no half of a sign', () => {
    const parts = snippet(`${'word '.repeat(100)}here\nit is ${'🙂'.repeat(200)}`, readQuery('here'));
    assert.deepEqual(parts.filter(({ isFound }) => isFound).map(({ text }) => text), ['here']);
    const whole = parts.map(({ text }) => text).join('');
    assert.match(whole, /^…word [^\n]*here it is [^\n]*…$/);
    assert.ok(whole.length < 200);
    assert.ok(whole.isWellFormed?.() ?? true);
    assert.deepEqual(snippet('tea', readQuery('tea')), [{ text: 'tea', isFound: true }]);
    assert.equal(snippet('Straight from my tab to yours, here', readQuery('here'))[0].text, 'Straight from my tab to yours, ');
    assert.deepEqual(snippet('tea', readQuery('ada')), [{ text: 'tea', isFound: false }]);
  });

  test('where a long text begins to match is not looked for letter by letter', () => {
    const { normalize } = String.prototype;
    let count = 0;
    String.prototype.normalize = function counted(form) { // eslint-disable-line no-extend-native
      count++;
      return normalize.call(this, form);
    };
    try {
      const parts = snippet(`${'a long way '.repeat(5000)}Café ${'and on '.repeat(500)}`, ['cafe']);
      assert.deepEqual(parts.filter(({ isFound }) => isFound).map(({ text }) => text), ['Café']);
    } finally {
      String.prototype.normalize = normalize;
    }
    assert.ok(count < 2000, `${count} times`);
    const across = snippet(`${'x'.repeat(995)} a needle here`, ['needle here']);
    assert.deepEqual(across.filter(({ isFound }) => isFound).map(({ text }) => text), ['needle here']);
  });

  test('a long text of one letter takes no time', () => {
    const start = process.cpuUsage().user;
    placesOf('a'.repeat(60_000), readQuery('a aa aaa aaaa'));
    snippet('a'.repeat(60_000), readQuery('a aa aaa'));
    assert.ok(process.cpuUsage().user - start < 2e6, `${process.cpuUsage().user - start} µs`);
  });
});

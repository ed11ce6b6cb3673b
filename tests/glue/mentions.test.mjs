// SPDX-License-Identifier: GPL-3.0-or-later
// Whom @NICK means, and what is being typed behind an @ or a colon.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EMOJI, findEmoji } from '../../web/emoji.js';
import { findMentions, fitting, wordAt } from '../../web/mentions.js';
import { readSign } from '../../web/said.js';

const people = Object.entries({ a: 'Ada', b: 'Ada Lovelace', c: 'bob', d: 'Zoë', e: 'bob', f: 'Ünal', g: '', h: '李' })
  .map(([addr, nick]) => ({ addr, nick }));
const named = (text) => findMentions(text, people).map(({ start, end, addrs }) => [text.slice(start, end), addrs.join('')]);

describe('mentions', () => {
  test('whole names, the longest that fits, in any case, all of one name; no part of a word, no address of mail', () => {
    assert.deepEqual(named('@Ada and @ada lovelace, @BOB!'), [['@Ada', 'a'], ['@ada lovelace', 'b'], ['@BOB', 'ce']]);
    assert.deepEqual(named('(@Zoë) @ünal: @李,'), [['@Zoë', 'd'], ['@ünal', 'f'], ['@李', 'h']]);
    for (const text of ['', '@', '@@', 'Ada', '@Adam', '@ada_', '@Ada2', 'mail@ada', 'ü@ada', '@ Ada', '@Ad', '@李明', '@Eve']) {
      assert.deepEqual(named(text), [], text);
    }
    for (const text of ['https://example.org/@Ada', 'see HTTP://example.org/@Ada/1?by=@Bob']) assert.deepEqual(named(text), [], text);
    assert.deepEqual(named('https://example.org/x @Ada/@Bob'), [['@Ada', 'a'], ['@Bob', 'ce']]);
    assert.deepEqual(named('İstanbul: @ADA'), [['@ADA', 'a']], 'a letter that is two when it is small');
    const odd = [{ addr: 'i', nick: 'İrem' }, { addr: 'e', nick: 'Eve\u0301' }];
    assert.deepEqual(findMentions('@İREM, @İrem! @eve\u0301 @Ev\u00e9', odd).map(({ addrs }) => addrs.join()), ['i', 'i', 'e', 'e']);
    assert.deepEqual(fitting('İr', odd).map(({ addr }) => addr), ['i']);
    assert.deepEqual(named('@@Ada @Ada@bob').map(([text]) => text), ['@Ada', '@Ada']);
  });

  test('of a text full of them twenty are looked at, and it takes no time', () => {
    const crowd = Array.from({ length: 5000 }, (_, i) => ({ addr: String(i), nick: `nick ${i}` }));
    assert.equal(findMentions('@nick 7 '.repeat(7000), crowd).length, 20);
    assert.equal(findMentions('@'.repeat(60_000), crowd).length, 0);
  });

  test('the word at the caret', () => {
    const typed = (text, caret = text.length) => {
      const word = wordAt(text, caret);
      return word && `${word.start}${word.kind}${word.typed}`;
    };
    assert.deepEqual([typed('@'), typed('@ad'), typed('hi @ad'), typed('(@ad'), typed('a\n@ad'), typed('ok :smi')],
      ['0@', '0@ad', '3@ad', '1@ad', '2@ad', '3:smi']);
    assert.deepEqual([typed('@ada lo', 3), typed('**@a')], ['0@ad', '2@a']);
    for (const text of ['', 'ad', 'a@ad', 'http://x', '10:30', '@ad ', ': ', '@@', `@${'x'.repeat(100)}`]) {
      assert.equal(typed(text), null, text);
    }
  });

  test('who fits what is typed: the beginning of the name, or of a word in it', () => {
    const who = (text) => fitting(text, people).map(({ addr }) => addr).join('');
    assert.deepEqual(['ad', 'LOVE', 'ada l', 'bo', 'zo', 'x', 'ün'].map(who), ['ab', 'b', 'b', 'ce', 'd', '', 'f']);
  });
});

describe('emoji by name', () => {
  test('each has a name of its own, and is one that others take as a reaction', () => {
    assert.equal(new Set(EMOJI.map(([name]) => name)).size, EMOJI.length);
    for (const [name, emoji] of EMOJI) {
      assert.match(name, /^[\w+-]+$/);
      assert.notEqual(readSign(emoji), '', name);
    }
  });

  test('what begins so comes first, the shortest first', () => {
    assert.deepEqual(findEmoji('smile')[0], ['smile', '😄']);
    assert.deepEqual(findEmoji('HEART')[0], ['heart', '❤️']);
    assert.ok(findEmoji('heart').some(([name]) => name === 'broken_heart'));
    assert.deepEqual(findEmoji('nonsense'), []);
  });
});

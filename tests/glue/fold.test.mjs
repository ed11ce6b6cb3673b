// SPDX-License-Identifier: GPL-3.0-or-later
// One fold of nicks: what cannot be seen counts for nothing, what looks alike is alike.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { isolated, loadLookalikes, looksOf, meant, shareLooks, shownNick } from '../../glue/fold.js';
import { checkConfig } from '../../glue/config.js';
import { CONFUSABLES, VERSION } from '../../glue/confusables.js';
import { moduleOf, readConfusables, reduce } from '../../tools/confusables.mjs';

const areAlike = (a, b) => shareLooks(looksOf(a), looksOf(b));
const signs = function* all(property) {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const sign = String.fromCodePoint(code);
    if (property.test(sign)) yield sign;
  }
};

/** Where confusables.txt may lie: Debian's package of newer releases, or what NKT_CONFUSABLES names. */
const FILE = [process.env.NKT_CONFUSABLES, '/usr/share/unicode/security/confusables.txt'].find((path) => path && existsSync(path));

describe('nicks', () => {
  before(loadLookalikes);

  for (const [a, b] of [
    ['Ada', 'ada'], ['ada', ' ada '], ['ada', 'a\u200bda'], ['ada', '\u202eada'], ['ada', 'a\u00adda'], ['ﬁn', 'fin'], ['A  da', 'a da'],
    ['Ｂob', 'bob'], ['é', 'e\u0301'], ['straße', 'STRASSE'], ['οδος', 'ΟΔΟΣ'], ['IDA', 'Ida'],
    ['Alice', 'AIice'], ['Alice', 'A1ice'], ['Bob', 'B0b'], ['Mario', 'rnario'], ['paypal', 'раураl'], ['Ada', 'Αda'], ['Ada', 'Ꭺda'],
    ['Ada', '𝒜𝒹𝒶'], ['scope', 'ѕсоре'], ['user1', 'user|'], ['Ada Lovelace', 'Ada\u2800Lovelace'], ['Ada Lovelace', 'Ada\u200aLovelace'],
    ['한글', '한\u3164글'],
  ]) test(`${a} and ${JSON.stringify(b)} look alike`, () => assert.ok(areAlike(a, b), `${looksOf(a)} and ${looksOf(b)}`));

  for (const [a, b] of [['ada', 'adb'], ['Ada', 'Adá'], ['Mila', 'Miia'], ['Eli', 'Ell'], ['user 1', 'user 2'], ['Ян', 'Ян2'], ['', ''],
    ['\u3164', '\u2800'], ['❤️', '💔']]) {
    test(`${a} and ${JSON.stringify(b)} do not`, () => assert.ok(!areAlike(a, b), `${looksOf(a)} and ${looksOf(b)}`));
  }

  test('nothing that is ignorable or blank makes another nick, and nothing is left of it alone', () => {
    let count = 0;
    const wanted = looksOf('Ada').join();
    for (const sign of signs(/[\p{Default_Ignorable_Code_Point}\p{White_Space}\u2800]/u)) {
      assert.equal(looksOf(`A${sign}da${sign}`).join(), wanted, sign.codePointAt(0).toString(16));
      assert.equal(shownNick(sign.repeat(3)), '', sign.codePointAt(0).toString(16));
      count++;
    }
    assert.ok(count > 4000, `${count} signs`);
  });

  test('every sign of the table looks like its prototype, in one letter case or the other', () => {
    let count = 0;
    for (const group of CONFUSABLES.split(';')) {
      const [target, gaps] = group.split('=').map((numbers) => numbers.split(' ').map((number) => parseInt(number, 36)));
      let code = 0;
      for (const gap of gaps) {
        code += gap;
        const sign = String.fromCodePoint(code);
        if (looksOf(sign).length > 0) assert.ok(areAlike(sign, String.fromCodePoint(...target)), `${code.toString(16)}`);
        count++;
      }
    }
    assert.ok(count > 2400, `${count} signs`);
  });

  test('the table is what confusables.txt says', { skip: FILE === undefined && 'no confusables.txt here' }, () => {
    const text = readFileSync(FILE, 'utf8');
    const { version, map } = readConfusables(text);
    if (version !== VERSION) { // of another Unicode: what both know is the same
      assert.ok(reduce(map).size > 2000);
      return;
    }
    assert.equal(moduleOf(text), readFileSync(new URL('../../glue/confusables.js', import.meta.url), 'utf8'));
  });

  test('as shown: one line, without what moves others', () => {
    for (const [nick, shown] of [['Ada', 'Ada'], ['A\u202eda', 'Ada'], [' A\n\tda ', 'A da'], ['A\u2800\u2800da', 'A da'],
      ['\u3164A\u3164', 'A'], ['\u3164\u2800 \u034f', ''], ['❤️', '❤️'], ['👩‍👩‍👧', '👩‍👩‍👧'], ['می‌روم', 'می‌روم'],
      [null, ''], [undefined, ''], ['\x1b[31mred', '[31mred']]) {
      assert.equal(shownNick(nick), shown, JSON.stringify(nick));
    }
    assert.equal(isolated('Ada'), 'Ada');
    assert.equal(isolated('שלום'), '\u2068שלום\u2069');
  });

  test('who is meant', () => {
    const users = ['Ada', 'Аda', 'Bob', 'Bobby', 'Ada Lovelace', '\u3164'].map((nick) => ({ nick }));
    const found = (who) => meant(who, users).map(({ nick }) => nick);
    assert.deepEqual(found('ada'), ['Ada', 'Аda'], 'both: a private message must not go to the wrong one');
    assert.deepEqual(found('Bob by'), [], 'as many words');
    assert.deepEqual(found('ada LOVELACE'), ['Ada Lovelace']);
    assert.deepEqual(found(''), []);
    assert.deepEqual(found('\u2800'), []);
  });

  test('oneself is not invisible', () => {
    for (const nick of ['\u3164', '\u2800', ' ', '\u034f\ufe0f', '\u202e']) {
      assert.throws(() => checkConfig({ nick }), { code: 'NKT_E_OPTIONS', message: /of which something can be seen/ });
    }
    for (const nick of ['a\ud800', '\udc00']) assert.throws(() => checkConfig({ nick }), { code: 'NKT_E_OPTIONS' });
    for (const nick of ['', 'Ada', '❤️', '한글']) assert.equal(checkConfig({ nick }).nick, nick);
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// What the page says of a new passphrase: nothing good of what is tried first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strengthOf } from '../../web/passphrase.js';

const TABLE = [
  ['', 'abc', 'password', 'Password1!', 'passw0rd', 'passw0rdpassw0rd', '12345678', '98765432', '19841984', 'qwertyuiop', 'aaaaaaaaaaaa',
    'correct correct correct correct', 'abcdefgh', 'two words', '🔑🔑🔑🔑🔑🔑🔑🔑'],
  ['k3v9x2qp', 'x8!kQ2zz', 'qhdkwnvbzxplrtmc', 'three different words'],
  ['correct horse battery staple', 'zwei blaue Esel tanzen', 'лошадь батарея скрепка верно', 'h7!pQ2zmw9?xKd4'],
];

test('how hard a passphrase is to guess', () => {
  for (const [strength, texts] of TABLE.entries()) for (const text of texts) assert.equal(strengthOf(text), strength, text);
});

test('one that is long takes no time', () => {
  const began = process.cpuUsage();
  for (const text of ['a'.repeat(2000), 'ab1'.repeat(700), 'lorem ipsum '.repeat(170)]) strengthOf(text);
  assert.ok(process.cpuUsage(began).user < 1e6);
});

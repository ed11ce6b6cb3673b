// SPDX-License-Identifier: GPL-3.0-or-later
// What people say, as values (docs/messages.md): written, read, and read when it is anything at all. The schema and the page agree.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../../tools/setup/paths.mjs';
import { QUOTE_LENGTH_MAX, quoteOf, readChange, readSaid, writeGone, writeReaction, writeValue } from '../../web/said.js';

const ID = '00112233445566778899aabbccddeeff';
const docs = (name) => readFileSync(join(root, 'docs', name), 'utf8');
const schema = JSON.parse(docs('messages.schema.json'));

/** Whether a value is as a schema says, of which it may use what ours uses; another word in it is an error. */
function fits(value, { $schema, title, anyOf, type, required = [], properties = {}, const: only, pattern, maxLength,
  items, maxItems, minimum, maximum, ...rest }) {
  assert.deepEqual(Object.keys(rest), [], 'words that this test does not know');
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (anyOf && !anyOf.some((one) => fits(value, one))) return false;
  const isOf = { object: isObject, array: Array.isArray(value), integer: Number.isInteger(value) };
  if (type && ![type].flat().some((name) => isOf[name] ?? typeof value === name)) return false;
  if (Array.isArray(value)) return value.length <= (maxItems ?? Infinity) && value.every((one) => !items || fits(one, items));
  if (typeof value === 'number') return value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity);
  if (only !== undefined && value !== only) return false;
  if (typeof value === 'string') return (!pattern || new RegExp(pattern).test(value)) && value.length <= (maxLength ?? Infinity);
  if (!isObject) return true;
  return required.every((key) => Object.hasOwn(value, key))
    && Object.entries(properties).every(([key, inner]) => !Object.hasOwn(value, key) || fits(value[key], inner));
}

describe('what people say', () => {
  test('what the page writes fits the schema, and is read again as it was', () => {
    const re = { id: ID, quote: 'When?', from: 'somebody', to: '' };
    for (const [to, of] of [[undefined, null], ['NkT1', null], [undefined, re], ['NkT1', re]]) {
      const value = writeValue('text', to, of);
      assert.ok(fits(value, schema), JSON.stringify(value));
      assert.deepEqual(readSaid(value), { text: 'text', isPrivate: Boolean(to), re: of && { id: ID, quote: 'When?' }, mentions: null });
    }
    assert.equal(writeValue('text'), 'text', 'as in the original');
    assert.deepEqual(Object.keys(writeValue('text', '', re).re), ['id', 'quote'], 'and no author');
  });

  test('what becomes of a message as the page writes it fits the schema', () => {
    for (const to of ['', 'NkT1']) {
      for (const value of [writeValue('new', to, { id: ID, quote: '', n: 3 }), writeReaction(ID, 1, ['👍'], to),
        writeReaction(ID, 2, [], to), writeGone(ID, to)]) {
        assert.ok(fits(value, schema), JSON.stringify(value));
        assert.ok(readChange(value), JSON.stringify(value));
      }
    }
    for (const value of [writeValue('x', '', { id: ID, n: 0.5 }), writeReaction('x', 1, []), writeReaction(ID, 0, []),
      writeReaction(ID, 1, ['👍', '👍', '👍', '👍']), writeGone('x')]) assert.equal(fits(value, schema), false, JSON.stringify(value));
  });

  test('whom a message names: written where there are some, read whatever it is', () => {
    const value = writeValue('@Ada', '', null, ['NkT1']);
    assert.deepEqual(value, { text: '@Ada', mentions: ['NkT1'] });
    assert.ok(fits(value, schema));
    assert.deepEqual(readSaid(value).mentions, ['NkT1']);
    assert.equal(writeValue('nobody', '', null, []), 'nobody');
    for (const mentions of [null, 'NkT1', {}, 7]) assert.equal(readSaid({ text: 'a', mentions }).mentions, null);
    assert.deepEqual(readSaid({ text: 'a', mentions: [1, null, 'x'.repeat(100), 'NkT1', {}] }).mentions, ['NkT1']);
    assert.equal(readSaid({ text: 'a', mentions: Array(5000).fill('NkT1') }).mentions.length, 20);
    assert.deepEqual(readChange(writeValue('@Ada', '', { id: ID, n: 1 }, ['NkT1'])).mentions, ['NkT1']);
  });

  test('each example in docs/messages.md fits the schema, and is read', () => {
    const [, block] = /```json\n([^]*?)```/.exec(docs('messages.md')) ?? assert.fail('no examples');
    const examples = block.trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(examples.length, 7);
    for (const value of examples) {
      assert.ok(fits(value, schema), JSON.stringify(value));
      assert.ok(typeof readSaid(value).text === 'string' || readChange(value), JSON.stringify(value));
    }
    assert.equal(readSaid(examples[2]).re.id, ID);
    assert.equal(readSaid(examples[3]).mentions.length, 1);
  });

  test('anything at all: what is not known is passed over, the text stays', () => {
    const ids = [1, '', ID.slice(1), `${ID}0`, ID.toUpperCase(), [ID], `${ID}"] *`, `${ID}\n`];
    for (const re of [null, 1, 'x', [], {}, ...ids.map((id) => ({ id }))]) {
      const value = { text: 'a', re, edit: {}, __proto__: null };
      assert.deepEqual(readSaid(value), { text: 'a', isPrivate: false, re: null, mentions: null }, JSON.stringify(re));
      assert.equal(fits({ ...value }, schema), false, JSON.stringify(re));
    }
    for (const quote of [undefined, null, 1, {}, ['a']]) {
      assert.deepEqual(readSaid({ text: 'a', re: { id: ID, quote } }).re, { id: ID, quote: '' });
    }
    for (const value of [null, undefined, {}, [], { text: 1 }, { text: ['a'] }, { re: { id: ID } }]) {
      assert.equal(readSaid(value).text, null);
    }
    assert.equal(readSaid(7).text, '7');
    assert.equal(readSaid({ text: 'a', private: 'yes' }).isPrivate, false);
  });

  test('a quote is one line and short, whatever is quoted, and no half of a sign', () => {
    assert.equal(quoteOf(' a\n\n b\t\u2028c '), 'a b c');
    const long = quoteOf(`${'x'.repeat(QUOTE_LENGTH_MAX - 2)}🙂${'y'.repeat(60_000)}`);
    assert.equal(long, `${'x'.repeat(QUOTE_LENGTH_MAX - 2)}…`);
    assert.equal(quoteOf('x'.repeat(QUOTE_LENGTH_MAX)), 'x'.repeat(QUOTE_LENGTH_MAX));
    assert.ok(quoteOf('\n'.repeat(60_000)).length === 0);
    assert.equal(readSaid({ text: 'a', re: { id: ID, quote: 'z'.repeat(50_000) } }).re.quote.length, QUOTE_LENGTH_MAX);
  });
});

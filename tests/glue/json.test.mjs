// SPDX-License-Identifier: GPL-3.0-or-later
// What can be sent arrives as it is; what cannot is named by its place. And C reads JSON as JavaScript does.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Core } from '../../glue/core.js';
import { loadModule } from '../../glue/core_module.js';
import { NktError } from '../../glue/errors.js';
import { checkSize, write } from '../../glue/json.js';
import { platformHere } from '../../glue/platform.js';
import { fromJson } from '../../glue/reading.js';
import { sizeOf } from '../../glue/written.js';

const toJson = (value) => write(value).json();

class Thing { a = 1; }
class Named { toJSON(key) { return { key, ok: true }; } }
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const circle = { a: [{}] };
circle.a[0].back = circle;
const deep = (levels) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('values', () => {
  for (const [what, value, arrives = value] of [
    ['null', null],
    ['text', 'a\u0000\u2028\ufffd\u{1f600}'],
    ['a lone surrogate', ['\ud800', 'a\udfff']],
    ['numbers', [0, -1.5, 1e308, 5e-324]],
    ['minus zero', [-0]],
    ['nested', { items: [{ when: null }, [], {}] }],
    ['no prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a key called __proto__', JSON.parse('{"__proto__":{"a":1}}')],
    ['a property that is undefined', { a: undefined, b: 1 }, { b: 1 }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['toJSON', { it: new Named() }, { it: { key: 'it', ok: true } }],
    ['toJSON that leaves itself out', { it: { toJSON: () => undefined } }, {}],
    ['a URL', new URL('ws://a/'), 'ws://a/'],
    ['boxed', [new Number(1), new String('a'), new Boolean(false)], [1, 'a', false]], // eslint-disable-line no-new-wrappers
    ['of another realm', runInNewContext('({ a: [1, { b: new Date(0) }], c: Object.create(null) })'),
      { a: [1, { b: '1970-01-01T00:00:00.000Z' }], c: {} }],
    ['the same thing twice is no circle', (() => { const a = {}; return [a, a]; })(), [{}, {}]],
    ['hidden properties', Object.defineProperty({ a: 1 }, 'b', { value: () => 1 }), { a: 1 }],
    ['32 levels', deep(32)],
    ['4096 values', new Array(4095).fill(1)],
  ]) {
    test(`${what}: arrives`, () => {
      const arrived = fromJson(toJson(value));
      assert.deepEqual(arrived, arrives);
      if (what === 'minus zero') assert.ok(Object.is(arrived[0], -0));
    });
  }

  for (const [what, value, path, words] of [
    ['undefined', undefined, 'value', /undefined/],
    ['a function', { f() {} }, 'value.f', /a function/],
    ['a symbol', [Symbol('x')], 'value[0]', /a symbol/],
    ['a BigInt', { n: 1n }, 'value.n', /a bigint/],
    ['NaN', { items: [0, 1, 2, { when: NaN }] }, 'value.items[3].when', /NaN/],
    ['Infinity', [-Infinity], 'value[0]', /-Infinity/],
    ['a boxed NaN', [new Number(NaN)], 'value[0]', /NaN/], // eslint-disable-line no-new-wrappers
    ['undefined in a list', [1, undefined], 'value[1]', /undefined/],
    ['a hole', Object.assign(new Array(2), { 0: 1 }), 'value[1]', /a hole/],
    ['more than a list', Object.assign([1], { index: 0 }), 'value.index', /list/],
    ['a symbol as a key', { a: { [Symbol('x')]: 1 } }, 'value.a[Symbol(x)]', /symbol/],
    ['a Map', { m: new Map([[1, 2]]) }, 'value.m', /this Map .*Object\.fromEntries/],
    ['a Set', [new Set([1])], 'value[0]', /this Set .*\[\.\.\.set\]/],
    ['a WeakMap', new WeakMap(), 'value', /WeakMap/],
    ['an Error', new TypeError('x'), 'value', /this Error .*message/],
    ['a Promise', { later: Promise.resolve(1) }, 'value.later', /Promise.*await/],
    ['a RegExp', /x/, 'value', /RegExp/],
    ['an instance', { thing: new Thing() }, 'value.thing', /Thing without toJSON/],
    ['an object that inherits', Object.create({ a: 1 }), 'value', /without toJSON/],
    ['arguments', (function given() { return arguments; })(1), 'value', /Arguments/], // eslint-disable-line prefer-rest-params
    ['Math', Math, 'value', /Math/],
    ['an event target', new EventTarget(), 'value', /EventTarget/],
    ['no date', { at: new Date(NaN) }, 'value.at', /invalid Date/],
    ['a Map of another realm', runInNewContext('({ m: new Map() })'), 'value.m', /Map/],
    ['an instance of another realm', runInNewContext('new (class Far {})'), 'value', /Far/],
    ['an Error of another realm', runInNewContext('new Error("x")'), 'value', /Error/],
    ['a circle', circle, 'value.a[0].back', /a circle: it is value again/],
    ['33 levels', deep(33), `value${'[0]'.repeat(32)}`, /32 levels/],
    ['too many values', { list: new Array(4096).fill(1) }, 'value.list[4094]', /4,096 values/],
    ['a getter that throws', { a: { get b() { throw new Error('no such luck'); } } }, 'value.a.b', /no such luck/],
    ['toJSON that throws', [{ toJSON() { throw new Error('not now'); } }], 'value[0]', /not now/],
    ['toJSON that gives what cannot be sent', { a: { toJSON: () => new Map() } }, 'value.a', /Map/],
    ['a revoked proxy', { p: revoked.proxy }, 'value.p', /revoked/],
    ['a key that is no name', { 'a b': { é: NaN } }, 'value["a b"].é', /NaN/],
  ]) {
    test(`${what}: refused, by its place`, () => {
      assert.throws(() => toJson(value), (error) => {
        assert.ok(error instanceof NktError);
        assert.equal(error.code, 'NKT_E_VALUE');
        assert.equal(error.path, path);
        assert.ok(error.message.startsWith(`${path}: `), error.message);
        assert.match(error.message, words);
        return true;
      });
    });
  }

  test('a path of long keys is short', () => {
    let value = NaN;
    for (let i = 0; i < 31; i++) value = { ['k'.repeat(5000)]: value };
    assert.throws(() => toJson(value), (error) => error.path.length < 250 && error.message.length < 300);
  });

  test('each getter is read once', () => {
    let count = 0;
    assert.equal(toJson({ get a() { return ++count; } }), '{"a":1}');
    assert.equal(count, 1);
  });

  test('a huge list is given up at once', () => {
    let reads = 0;
    const huge = new Proxy([], {
      get: (list, key) => (key === 'length' ? 50_000_000 : (reads++, list[key])),
      has: () => true,
      getOwnPropertyDescriptor: (list, key) => Object.getOwnPropertyDescriptor(list, key),
    });
    for (const list of [huge, new Array(50_000_000)]) {
      assert.throws(() => toJson(list), { code: 'NKT_E_VALUE' });
    }
    assert.ok(reads < 10_000, `${reads} items were looked at`);
  });

  test('an error of size says both sizes', () => {
    checkSize(sizeOf(`"${'x'.repeat(59_998)}"`), 'the message');
    for (const [text, size] of [['x'.repeat(60_001), '60,001'], ['é'.repeat(30_001), '60,002'], ['€'.repeat(20_001), '60,003'],
      ['😀'.repeat(15_001), '60,004'], ['x'.repeat(12_345_678), '12,345,678']]) {
      const message = `the message: ${size} of at most 60,000 bytes as JSON`;
      assert.throws(() => checkSize(sizeOf(text), 'the message'), { code: 'NKT_E_SIZE', message });
    }
  });
});

describe('C and JavaScript read the same', () => {
  /** @type {Core} */
  let core;
  const encoder = new TextEncoder();
  before(async () => {
    const { wasm } = platformHere();
    const options = { nick: 'ann', relays: [], trackers: [], room: 'nkt', persist: false };
    const entropy = (bytes) => crypto.getRandomValues(bytes);
    core = await Core.create({ module: await loadModule(wasm), options, storeKey: null, entropy });
    core.step('START', 1, 1, {});
    while (core.next()) { /* nobody listens */ }
  });

  const inC = (bytes) => {
    const code = core.step('SAY', 2, 2, { bytes, ticket: 1 });
    while (core.next()) { /* nobody listens */ }
    return code >= 0 ? 'taken' : core.errorName(code);
  };
  const isFinite = (value) => (typeof value === 'number' ? Number.isFinite(value)
    : value === null || typeof value !== 'object' || Object.values(value).every(isFinite));
  const inJs = (bytes) => {
    try {
      return isFinite(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))) ? 'taken' : 'NKT_E_VALUE';
    } catch {
      return 'NKT_E_VALUE';
    }
  };
  const samples = ['{"a":[1,-0.5e+3,"\\u00e9\\ud800\\"x",null],"ß€😀":{"b":true,"c":false}}',
    '[[],{},"",0,1.7976931348623157e308]', ' "x" ', '-1e-7', '[1e308,12e307,0.1e309]'];

  test('whole', () => {
    for (const text of [...samples, '', '1e309', '"\\x"', '{"a":1,"a":2}', '[1,]', '\ufeff1', 'nul', '1 1', '"\t"']) {
      const bytes = encoder.encode(text);
      if (bytes.length > 0) assert.equal(inC(bytes), inJs(bytes), text);
    }
  });

  test('with each byte altered, left out or doubled', () => {
    let taken = 0;
    let refused = 0;
    for (const text of samples) {
      const bytes = encoder.encode(text);
      const compare = (altered) => {
        if (altered.length === 0) return;
        const expected = inJs(altered);
        assert.equal(inC(altered), expected, JSON.stringify(new TextDecoder().decode(altered)));
        if (expected === 'taken') taken++;
        else refused++;
      };
      for (let i = 0; i < bytes.length; i++) {
        compare(Uint8Array.from([...bytes.slice(0, i), ...bytes.slice(i + 1)]));
        compare(Uint8Array.from([...bytes.slice(0, i), bytes[i], ...bytes.slice(i)]));
        compare(bytes.slice(0, i));
        for (const byte of [...'"\\{}[],:.-+e019tn \u0001'].map((sign) => sign.charCodeAt(0)).concat(0x7f, 0x80, 0xc3, 0xff)) {
          const altered = bytes.slice();
          altered[i] = byte;
          compare(altered);
        }
      }
    }
    assert.ok(taken > 200 && refused > 1000, `${taken} taken, ${refused} refused`);
  });
});

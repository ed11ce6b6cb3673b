// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes within values: every kind as it was, escapes, what is refused, and a reader that nothing can make throw.
import assert from 'node:assert/strict';
import { openAsBlob, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { fromBase64url, toBase64url } from '../../glue/base64url.js';
import { inOrder } from '../../glue/carriers.js';
import { write } from '../../glue/json.js';
import { fromJson, readMessage } from '../../glue/reading.js';
import { sizeOf } from '../../glue/written.js';

const timers = { setTimeout, clearTimeout };
/** As it is said, and as it arrives. */
async function sent(value, bytes) {
  const written = write(value, 'value', bytes);
  await written.read(timers);
  const text = written.json();
  assert.equal(written.size, sizeOf(text), 'its size was known before');
  return text;
}
const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });
const shared = new SharedArrayBuffer(8);

/** Blobs are not compared by deepEqual. */
const plain = async (it) => (it instanceof Blob
  ? { type: it.type, name: it.name, modified: it.lastModified, bytes: [...new Uint8Array(await it.arrayBuffer())] } : it);

describe('bytes in values', () => {
  const source = Uint8Array.from({ length: 48 }, (_, i) => i * 37);
  const kinds = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float16Array',
    'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'].filter((kind) => kind in globalThis);
  for (const [what, value, arrives = value] of [
    ...kinds.map((kind) => [kind, new globalThis[kind](source.buffer, 8, 4)]),
    ...kinds.map((kind) => [`an empty ${kind}`, new globalThis[kind](0)]),
    ['a DataView', new DataView(source.buffer, 3, 5)],
    ['an ArrayBuffer', source.buffer],
    ['an empty one', new ArrayBuffer(0)],
    ['a Buffer', Buffer.from('abc'), new Uint8Array([97, 98, 99])],
    ['of another realm', runInNewContext('new Uint16Array([1, 2])'), new Uint16Array([1, 2])],
    ['a buffer of another realm', runInNewContext('new Uint8Array([1, 2]).buffer'), new Uint8Array([1, 2]).buffer],
    ['a Blob', new Blob(['abc'], { type: 'text/plain;charset=utf-8' })],
    ['a Blob of no type, empty', new Blob([])],
    ['a File', new File(['ä'], 'ä "x" 🦊.txt', { type: 'text/plain', lastModified: 1234567890123 })],
    ['a File of long ago', new File([], '', { lastModified: -5 })],
    ['a File whose name is a path', new File(['a'], '../a\u202e'), new File(['a'], '.._a_', { lastModified: 0 })],
    ['what toJSON() gives', { toJSON: () => new Uint8Array([1]) }, new Uint8Array([1])],
  ]) {
    test(`${what}: arrives`, async () => {
      const arrived = fromJson(await sent(value));
      const [is, was] = [await plain(arrived), await plain(arrives)];
      if (was.modified === 0) is.modified = 0; // now
      assert.deepEqual(is, was);
      assert.equal(Object.prototype.toString.call(arrived), Object.prototype.toString.call(arrives));
      const deep = fromJson(await sent({ a: [1, { b: value, $: value }] }));
      assert.deepEqual(await plain(deep.a[1].b), await plain(arrived), 'within others');
      assert.deepEqual(await plain(deep.a[1].$), await plain(arrived), 'under a dollar sign');
    });
  }

  test('each view arrives alone, in a buffer of its own size', async () => {
    const view = fromJson(await sent(source.subarray(5, 7)));
    assert.deepEqual([view.byteOffset, view.buffer.byteLength], [0, 2]);
  });

  test('elements travel with their lowest byte first, whatever the machine', async () => {
    assert.equal(await sent(new Uint32Array([0x04030201])), '{"$":"Uint32Array","b":"AQIDBA"}');
    assert.deepEqual([...inOrder('Uint16Array', Uint8Array.of(1, 2, 3, 4), true)], [2, 1, 4, 3]);
    assert.deepEqual([...inOrder('Float64Array', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), true)], [8, 7, 6, 5, 4, 3, 2, 1]);
    assert.deepEqual([...inOrder('DataView', Uint8Array.of(1, 2), true)], [1, 2]);
  });

  test('in words: what docs/protocol.md shows', async () => {
    const file = new File([Uint8Array.of(255, 254)], 'a.bin', { type: 'x/y', lastModified: 7 });
    assert.equal(await sent({ a: file, $: [], $$: 1 }), '{"a":{"$":"File","t":"x/y","n":"a.bin","m":7,"b":"__4"},"$$":[],"$$$":1}');
    assert.equal(await sent(1, Uint8Array.of(1)), '{"$":"beside","v":1,"b":{"$":"Uint8Array","b":"AQ"}}');
  });

  for (const value of [
    { $: 1 }, { $: 'Uint8Array', b: 'AQ' }, { $: { $: { $$: null } } }, { $$: { $: 0 }, $: 1, a$: 2, $a: 3 },
    [{ $: 0 }, '{"$":0}', '"$"', '$'],
    { '{"$': ':0}', 'a"$"': 1 }, JSON.parse('{"__proto__":{"$":1},"$":{"__proto__":2}}'), { $: 'beside', v: 1, b: 2 }, { '"$"': '{"$":0}' },
    { $$$$: '$$' },
  ]) {
    test(`${JSON.stringify(value)}: arrives as it is, as before`, async () => {
      const text = await sent(value);
      assert.deepEqual(fromJson(text), value);
      assert.deepEqual(readMessage(text).value, value);
      assert.deepEqual(JSON.stringify(fromJson(await sent([new Uint8Array(1), value]))[1]), JSON.stringify(value));
      assert.deepEqual(write(value).copy().value, value, 'and as a copy');
    });
  }

  for (const [what, text] of [
    ['an unknown kind', '{"$":"Map","b":""}'], ['a kind that every object has', '{"$":"constructor","b":""}'],
    ['a number', '{"$":0}'], ['no bytes', '{"$":"Uint8Array"}'], ['bytes that are none', '{"$":"Uint8Array","b":[1]}'],
    ['a padded Base64', '{"$":"Uint8Array","b":"AQ=="}'], ['plain Base64', '{"$":"Uint8Array","b":"//4"}'],
    ['bits too many', '{"$":"Uint8Array","b":"AR"}'], ['a letter too many', '{"$":"Uint8Array","b":"AAAAA"}'],
    ['a space', '{"$":"Uint8Array","b":"AA AA"}'], ['part of an element', '{"$":"Float64Array","b":"AQ"}'],
    ['a key too many', '{"$":"Uint8Array","b":"AQ","x":1}'], ['a type of what has none', '{"$":"Uint8Array","t":"","b":"AQ"}'],
    ['a Blob of no type', '{"$":"Blob","b":"AQ"}'], ['a type that is no text', '{"$":"Blob","t":1,"b":"AQ"}'],
    ['a File of no name', '{"$":"File","t":"","b":"AQ"}'],
    ['a time that is no whole number', '{"$":"File","t":"","n":"a","m":0.5,"b":"AQ"}'],
    ['a time too large', '{"$":"File","t":"","n":"a","m":1e300,"b":"AQ"}'],
    ['a path', '{"$":"File","t":"","n":"../a","m":0,"b":"AQ"}'],
    ['a name that turns', '{"$":"File","t":"","n":"a\\u202eb","m":0,"b":"AQ"}'],
    ['bytes twice', '{"$":"Uint8Array","b":"AQ","c":"AQ"}'],
    ['a dollar sign within it', '{"$":"x","v":{"$$":{"$":"Uint8Array","b":"AQ"}}}'],
    ['what is beside, within', '[{"$":"beside","v":1,"b":{"$":"Uint8Array","b":"AQ"}}]'],
    ['beside: no carrier', '{"$":"beside","v":1,"b":{"$$":1}}'], ['beside: nothing', '{"$":"beside","v":1,"b":null}'],
    ['beside: too much', '{"$":"beside","v":1,"b":{"$":"Uint8Array","b":"AQ"},"w":1}'],
    ['beside: a list', '{"$":"beside","v":1,"b":[]}'], ['beside: no value', '{"$":"beside","b":{"$":"Uint8Array","b":"AQ"}}'],
  ]) {
    test(`${what}: stays wholly as it came`, () => {
      assert.deepEqual(fromJson(text), JSON.parse(text));
      const { value, bytes, coming } = readMessage(text);
      assert.deepEqual([value, bytes, coming.length], [JSON.parse(text), null, 0]);
    });
  }

  test('beside a value: any kind, and only once', async () => {
    const { value, bytes } = readMessage(await sent({ $: new Uint8Array([1]) }, new File(['a'], 'a')));
    assert.deepEqual([value, bytes.name, await bytes.text()], [{ $: new Uint8Array([1]) }, 'a', 'a']);
    assert.deepEqual(fromJson(await sent(1, new ArrayBuffer(1))).$, 'beside', 'in no other kind of message');
    for (const wrong of [1, 'a', {}, [], new Map(), Uint8Array]) {
      assert.throws(() => write(1, 'value', wrong), { code: 'NKT_E_VALUE', path: 'bytes' });
    }
  });

  for (const [what, value, path, words] of [
    ['shared memory', [new Uint8Array(shared)], 'value[0]', /shared memory/], ['the same, bare', { a: shared }, 'value.a', /shared memory/],
    ['a detached buffer', { a: detached }, 'value.a', /detached/],
    ['what pretends', { get [Symbol.toStringTag]() { return 'Blob'; } }, 'value', /this Blob/],
    ['an object that inherits', Object.create(new Uint8Array(1)), 'value', /cannot be sent|without toJSON/],
    ['too deep', JSON.parse(`${'['.repeat(32)}0${']'.repeat(32)}`, (_, it) => it || new Uint8Array(1)), `value${'[0]'.repeat(32)}`,
      /32 levels/],
    ['too many', new Array(2000).fill(new Uint8Array(1)), 'value[1365]', /4,096 values/],
  ]) {
    test(`${what}: refused, by its place`, () => {
      assert.throws(() => write(value), (error) => {
        assert.deepEqual([error.code, error.path], ['NKT_E_VALUE', path]);
        assert.match(error.message, words);
        return true;
      });
    });
  }

  test('a Blob that cannot be read is an error with its place', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'nkt-blob-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'a'), 'abc');
    const blob = await openAsBlob(join(folder, 'a'));
    writeFileSync(join(folder, 'a'), 'changed');
    await assert.rejects(sent({ a: [blob] }), { code: 'NKT_E_VALUE', path: 'value.a[0]' });
  });

  test('whatever a Blob throws', async () => {
    class Bad extends Blob {
      async arrayBuffer() {
        throw null; // eslint-disable-line no-throw-literal
      }
    }
    await assert.rejects(write([new Bad(['a'])]).read(globalThis), { code: 'NKT_E_VALUE', path: 'value[0]' });
  });

  test('4,096 values, those of carriers among them, are the most: refused by its place, not by the core without one', () => {
    const empty = new Uint8Array(0);
    const items = (count, ...first) => [...first, ...new Array(count).fill(empty)];
    assert.equal(write(items(1365)).parts.length, 1365);
    assert.equal(write(items(1363, 1), 'value', empty).parts.length, 1364);
    assert.throws(() => write(items(1365, 1)), { code: 'NKT_E_VALUE', path: 'value[1365]' });
    assert.throws(() => write(items(1363, 1, 1), 'value', empty), { code: 'NKT_E_VALUE', path: 'bytes' });
  });

  test('what is changed after the call is not sent', async () => {
    const bytes = new Uint8Array([1]);
    const written = write([bytes, new Blob(['a'])]);
    written.hold();
    bytes[0] = 2;
    await written.read(timers);
    assert.deepEqual(fromJson(written.json())[0], new Uint8Array([1]));
  });

  test('Base64 of the three platforms is one', () => {
    const bytes = Uint8Array.from({ length: 20_003 }, (_, i) => i * i);
    const { Buffer: NodeBuffer } = globalThis;
    const native = [Uint8Array.prototype.toBase64, Uint8Array.fromBase64];
    const texts = [];
    try {
      for (const withNative of [true, false]) {
        if (!withNative) [Uint8Array.prototype.toBase64, Uint8Array.fromBase64] = [];
        for (const there of [NodeBuffer, undefined]) {
          globalThis.Buffer = there;
          for (const size of [0, 1, 2, 3, 20_003]) {
            const text = toBase64url(bytes.subarray(1, size));
            texts[size] ??= text;
            assert.equal(text, texts[size]);
            assert.deepEqual(fromBase64url(text), bytes.slice(1, size));
          }
          for (const wrong of ['A', 'AB', 'AAB', 'AA==', 'A+/A', ' AAA', 'AAA\n', 'ä', 'AAAAA']) assert.equal(fromBase64url(wrong), null);
        }
      }
    } finally {
      globalThis.Buffer = NodeBuffer;
      [Uint8Array.prototype.toBase64, Uint8Array.fromBase64] = native;
      if (!native[0]) delete Uint8Array.prototype.toBase64;
      if (!native[1]) delete Uint8Array.fromBase64;
    }
  });

  test('100,000 hostile texts: nothing throws, and what is left is JSON as it came', () => {
    let seed = 1;
    const random = (max) => (seed = (seed * 48271) % 0x7fffffff) % max;
    const pick = (list) => list[random(list.length)];
    const atoms = ['"$"', '"$$"', '"b"', '"v"', '"t"', '"n"', '"m"', '"c"', '"__proto__"', '"length"', '"toJSON"', '"constructor"', '""'];
    const values = [...kinds, 'ArrayBuffer', 'DataView', 'Blob', 'File', 'beside', 'Map', 'AQ', 'AAAAAAAAAAA', 'AAAA', 'A=', '../a', '_4']
      .map((it) => JSON.stringify(it)).concat(['0', '-0', '1e308', 'null', 'true', '[]', '{}', '9007199254740993', '"\\ud800"']);
    const carrier = () => {
      const kind = pick(values.slice(0, kinds.length + 5));
      const extra = random(2) ? `,"t":${pick(values)}${random(2) ? `,"n":${pick(values)},"m":${pick(values)}` : ''}` : '';
      return `{"$":${kind}${extra},"${pick(['b', 'b', 'c'])}":${pick(values)}}`;
    };
    const any = (depth) => {
      const kind = random(depth > 5 ? 2 : 6);
      if (kind < 2) return pick(values);
      if (kind === 2) return carrier();
      if (kind === 3) return `{"$":"beside","v":${any(depth + 1)},"b":${random(2) ? carrier() : any(depth + 1)}}`;
      const items = Array.from({ length: random(4) }, () => (kind === 4 ? '' : `${pick(atoms)}:`) + any(depth + 1));
      return kind === 4 ? `[${items}]` : `{${items}}`;
    };
    let made = 0;
    for (let i = 0; i < 100_000; i++) {
      const text = any(0);
      const read = readMessage(text);
      for (const { put } of read.coming) put('here');
      const value = fromJson(text);
      if (text.includes('"$')) made += Number(ArrayBuffer.isView(value) || value instanceof Blob);
      else assert.deepEqual(value, JSON.parse(text));
    }
    assert.ok(made > 100, `${made} were carriers`);
    assert.doesNotThrow(() => readMessage(`${'{"$$":'.repeat(5000)}1${'}'.repeat(5000)}`));
  });
});

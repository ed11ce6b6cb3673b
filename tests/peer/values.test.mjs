// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes in values, between the core's glue and the second implementation, and what a peer may say that lies.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { zeros } from './bytes.mjs';
import { Beside, Large, packed, unpacked } from './carriers.mjs';
import { encode } from './schema.mjs';
import { newRoom, skip, until, useStage } from './support/stage.mjs';

const MIB = 2 ** 20;
let number = 0;
/** Of another content each time, which nobody has. */
const manifest = (size, more = {}) => {
  const fields = { root: zeros(32).fill(++number), size: BigInt(size), key: zeros(32).fill(9), type: 'image/png', name: 'a.png', ...more };
  return Buffer.from(encode('Manifest', fields)).toString('base64url');
};
const plain = async (it) => (it instanceof Blob
  ? [it.constructor.name, it.type, it.name, it.lastModified, await it.text()] : [it.constructor.name, it]);

describe('bytes in values', { skip, timeout: 360_000 }, () => {
  const stage = useStage();

  async function meet() {
    const room = newRoom();
    const core = await stage.core('core', room);
    const second = await stage.second(room);
    const person = await second.person(core.address);
    await core.session(second.address);
    /** @param {any} value */
    const say = async (value) => assert.equal(await second.peer.say(await packed(value), person), 1); // acknowledged
    return { core, second, say, events: () => core.of('nktencryptedmessagereceived') };
  }

  test('both ways, every kind, dollar signs, beside', async () => {
    const { core, second, say, events } = await meet();
    const kinds = [
      Uint8Array.of(255, 254), new ArrayBuffer(3), new DataView(new ArrayBuffer(2)), Float64Array.of(-0, NaN), BigInt64Array.of(-1n),
      Uint16Array.of(1, 2), new Blob(['ä'], { type: 'a/b' }), new File(['x'], 'ä 🦊', { type: '', lastModified: -7 }),
    ];
    const value = { kinds, $: { $$: [1], a$: 2 }, text: '{"$":0}' };
    const check = async (is) => {
      for (const [i, it] of kinds.entries()) assert.deepEqual(await plain(is.kinds[i]), await plain(it));
      assert.deepEqual([is.$, is.text], [value.$, value.text]);
    };
    await say(value);
    await until(() => events().length === 1, 'a message');
    await check(events()[0].detail);
    await say(new Beside(value, kinds[6]));
    await until(() => events().length === 2, 'a message');
    await check(events()[1].detail);
    assert.deepEqual(await plain(events()[1].bytes), await plain(kinds[6]));
    await core.say(value, second.address);
    await core.nkt.send(value, { to: second.address, bytes: kinds[7] });
    await core.nkt.sendClearMessage(value);
    await core.nkt.send([new Uint16Array(50_000), new Blob([zeros(70_000)], { type: 'c/d' })], { to: second.address });
    await until(() => second.heard.length === 4, 'four messages');
    const [first, beside, clear, large] = second.values().map(unpacked);
    for (const is of [first, beside.value, clear]) await check(is);
    assert.deepEqual(await plain(beside.bytes), await plain(kinds[7]));
    assert.deepEqual(large.map(({ kind, more }) => [kind, more]), [['Uint16Array', {}], ['Blob', { t: 'c/d' }]]);
  });

  test('large values that lie are dropped and counted, and what is above a cap is told with Contents', async () => {
    const { core, second, say, events } = await meet();
    const png = { t: 'image/png' };
    const slip = { key: undefined, type: undefined, name: undefined, access: zeros(32) };
    const lies = [
      ['nine parts', Array.from({ length: 9 }, () => new Large('Blob', manifest(1), png))],
      ['more than 16 MiB', new Large('ArrayBuffer', manifest(16 * MIB + 1))],
      ['the same of two', [new Large('ArrayBuffer', manifest(8 * MIB)), new Large('Blob', manifest(8 * MIB + 1), png)]],
      ['the same with what is here', [new Large('ArrayBuffer', manifest(16 * MIB)), Uint8Array.of(1)]],
      ['half an element', new Large('Float64Array', manifest(12))], ['no manifest', new Large('Uint8Array', 'AAAA')],
      ['no Base64url', new Large('Uint8Array', '====')], ['a slip', new Large('Uint8Array', manifest(1, slip))],
      ['2^64 - 1', new Large('Uint8Array', manifest(2n ** 64n - 1n))], ['beside', new Beside(1, new Large('Int32Array', manifest(5)))],
    ];
    for (const [what, value] of lies) {
      await say(value);
      await until(() => core.dropped().NKT_E_PAYLOAD > lies.findIndex(([name]) => name === what), what);
    }
    assert.deepEqual([events(), core.nkt.contents, core.dropped()], [[], [], { NKT_E_PAYLOAD: lies.length }]);
    await say({ $: 'as it was', c: 'no carrier' });
    await second.peer.sayClear(await packed(new Large('Uint8Array', manifest(1))));
    await until(() => events().length === 1 && core.of('nktclearmessagereceived').length === 1, 'what is none is told as it came');

    for (let i = 0; i < 18; i++) await say([i, new Large('File', manifest(1000), { t: 'x/y', n: 'b', m: 0 })]);
    await until(() => events().length === 3, 'two are above the cap');
    const [, [i, content], [j]] = events().map(({ detail }) => detail);
    assert.deepEqual([i, j, content.constructor.name, content.size, content.name], [16, 17, 'Content', 1000, 'a.png']);
    assert.equal(core.nkt.contents.length, 16);
    await until(() => core.nkt.contents.filter(({ state }) => state !== 'paused').length === 4, 'four are fetched');
    const [waiting] = core.nkt.contents.filter(({ state }) => state !== 'paused');
    await core.nkt.drop(waiting);
    await until(() => events().length === 4, 'who lets go of one is told');
    assert.equal(events()[3].detail[1].id, waiting.id);
    await say('we talk on');
    await until(() => core.values().includes('we talk on'), 'a message');
    core.nkt.ignore(second.address);
    for (const one of core.nkt.contents) await core.nkt.drop(one);
    assert.equal(events().length, 5, 'nothing more of whom one ignores');
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Values that hold bytes, headless: real core, real relay, real WebRTC, real files.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { Keep } from '../../glue/content_keep.js';
import { deferred } from '../../glue/deferred.js';
import { Large } from '../../glue/large.js';
import { metPeers } from './support/met.mjs';
import { closePeers } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

/** A Blob whose bytes come when the test says so. */
class SlowBlob extends Blob {
  read = deferred();
  async arrayBuffer() {
    await this.read.promise;
    return super.arrayBuffer();
  }
}

const bytesOf = async (it) => new Uint8Array(it instanceof Blob ? await it.arrayBuffer() : it.buffer ?? it);
const same = async (is, was) => {
  assert.equal(Object.prototype.toString.call(is), Object.prototype.toString.call(was));
  if (was instanceof Blob) assert.deepEqual([is.type, is.name, is.lastModified], [was.type, was.name, was.lastModified]);
  assert.ok(Buffer.from(await bytesOf(is)).equals(Buffer.from(await bytesOf(was))), 'byte for byte');
};
const kindsOf = (value) => [value].flat().map((it) => it?.constructor.name);

describe('values that hold bytes', { skip, timeout: 360_000 }, () => {
  const { newFolder, meet } = metPeers();
  const stored = () => ({ ann: { storage: { folder: newFolder() } }, bob: { storage: { folder: newFolder() } } });

  const heard = (peer, matches) => peer.seen('nktencryptedmessagereceived', matches);

  test('every way: messages, in clear, what may be lost, calls, their answers, history, the event before', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], stored());
    const value = () => ({ $: [new File(['ä'], 'a.txt', { type: 'text/plain', lastModified: 5 }), { $$: new Float64Array([1, NaN]) }] });
    const check = async ({ $: [file, { $$: view }] }) => {
      await same(file, value().$[0]);
      await same(view, value().$[1].$$);
      return true;
    };
    await ann.nkt.sendEncryptedMessage(value(), bob.address);
    await check((await heard(bob)).detail);
    const beside = new Blob(['beside'], { type: 'x/y' });
    await ann.nkt.send(value(), { bytes: beside });
    const event = await heard(bob, ({ bytes }) => bytes !== null);
    await check(event.detail);
    await same(event.bytes, beside);
    await ann.nkt.sendClearMessage(value());
    await check((await bob.seen('nktclearmessagereceived')).detail);
    await until(async () => await ann.nkt.sendEphemeral(value(), bob.address) === 1, 'there is a link');
    await check((await bob.seen('nktephemeral')).detail);
    bob.nkt.register('turn', async (given) => (await check(given)) && value());
    await check(await ann.nkt.rpc(bob.address, 'turn', value()));
    bob.nkt.register('large', () => new Blob([new Uint8Array(50_000)]));
    await assert.rejects(ann.nkt.rpc(bob.address, 'large'), { code: 'NKT_E_SIZE' });

    for (const peer of [ann, bob]) {
      const past = await peer.nkt.history();
      for (const entry of past.slice(0, 2)) await check(entry.value);
      await same(past[1].bytes, beside);
      assert.equal('bytes' in past[0], false);
    }

    const original = new Uint8Array([1, 2]);
    const seen = [];
    ann.nkt.addEventListener('nktsendingmessage', (sending) => {
      seen.push(sending.bytes);
      sending.detail.a[0] = 9;
      sending.detail.b = new Uint8Array([7]);
      sending.bytes = null;
    }, { once: true });
    await ann.nkt.send({ a: original }, { bytes: new Uint8Array([3]) });
    assert.deepEqual((await heard(bob, ({ detail }) => detail.a)).detail, { a: new Uint8Array([9, 2]), b: new Uint8Array([7]) });
    assert.deepEqual([seen, original], [[new Uint8Array([3])], new Uint8Array([1, 2])], 'a listener has copies');
  });

  test('in the order of the calls, also while a Blob is read; one that fails holds up nobody', async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    const slow = new SlowBlob(['a']);
    const bad = new SlowBlob(['b']);
    const given = new SlowBlob(['c']);
    const changed = new Uint8Array([1]);
    const abort = new AbortController();
    const said = [
      ann.nkt.sendEncryptedMessage([1, slow]), ann.nkt.sendEncryptedMessage([2, changed]), ann.nkt.sendEncryptedMessage([3, bad]),
      ann.nkt.send([4, given], { signal: abort.signal }), ann.nkt.sendEncryptedMessage([5], bob.address),
    ];
    changed[0] = 2;
    const failures = [
      assert.rejects(said[2], { code: 'NKT_E_VALUE', path: 'value[1]' }), assert.rejects(said[3], { code: 'NKT_E_CANCELLED' }),
    ];
    abort.abort();
    await failures[1];
    bad.read.reject(new Error('gone'));
    slow.read.resolve();
    given.read.resolve();
    await failures[0];
    await Promise.all([said[0], said[1], said[4]]);
    await until(() => bob.values().length === 3, 'three messages');
    assert.deepEqual(bob.values().map(([n]) => n), [1, 2, 5]);
    assert.deepEqual(bob.values()[1][1], new Uint8Array([1]), 'as it was when it was called');
    await assert.rejects(ann.nkt.send(1, { signal: abort.signal }), { code: 'NKT_E_CANCELLED' });

    const order = [];
    bob.nkt.register('note', (it) => { order.push(Array.isArray(it) ? it[0] : it); });
    const late = new SlowBlob(['a']);
    const calls = [ann.nkt.rpc(bob.address, 'note', ['first', late]), ann.nkt.rpc(bob.address, 'note', 'second')];
    late.read.resolve();
    await Promise.all(calls);
    assert.deepEqual(order, ['first', 'second']);

    const never = new SlowBlob(['a']);
    const behind = [ann.nkt.sendEncryptedMessage(never), ann.nkt.sendClearMessage('behind')];
    const stopped = behind.map((message) => assert.rejects(message, { code: 'NKT_E_STOPPED' }));
    await ann.nkt.close();
    never.read.resolve();
    await Promise.all(stopped);
  });

  test('above the limit: as they were; history has Contents; nothing stays of what was not said', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], stored());
    const big = randomBytes(1_200_000);
    const value = {
      small: new Uint8Array([1]), picture: new File([big], 'ä.png', { type: 'image/png', lastModified: 3 }),
      list: [new Float32Array(big.buffer.slice(0, 400_000)), new Blob([big.subarray(0, 70_000)], { type: 'odd; "type"' })],
    };
    const steps = [];
    const onProgress = (step) => steps.push(step);
    const delivery = await ann.nkt.send(value, { to: bob.address, bytes: big.subarray(0, 100_000), onProgress });
    assert.deepEqual([steps.at(-1).loaded, steps.at(-1).total, steps.at(-1).state], [1_770_000, 1_770_000, 'sharing']);
    const event = await heard(bob);
    assert.deepEqual([event.id, event.from, event.encrypted, bob.of('nktcontent').length], [delivery.id, ann.address, true, 0]);
    assert.deepEqual(event.detail.small, value.small);
    await same(event.detail.picture, value.picture);
    await same(event.detail.list[0], value.list[0]);
    await same(event.detail.list[1], value.list[1]);
    await same(event.bytes, new Uint8Array(big.subarray(0, 100_000)));
    for (const peer of [ann, bob]) {
      const [{ value: { picture, list, small }, bytes }] = await peer.nkt.history();
      assert.deepEqual(kindsOf([picture, ...list, bytes, small]), ['Content', 'Content', 'Content', 'Content', 'Uint8Array']);
      assert.deepEqual([picture.name, picture.type, picture.size, picture.own, picture.state],
        ['ä.png', 'image/png', big.length, peer === ann, 'complete']);
      await same(await (await peer.nkt.fetch(list[0])).arrayBuffer(), value.list[0].buffer);
    }

    const kept = ann.nkt.contents.length;
    const abort = new AbortController();
    const refused = [
      ['NKT_E_SIZE', () => ann.nkt.sendEncryptedMessage(new Uint8Array((16 << 20) + 1))],
      ['NKT_E_SIZE', () => ann.nkt.sendEncryptedMessage(Array.from({ length: 9 }, () => new Uint8Array(60_000)))],
      ['NKT_E_SIZE', () => ann.nkt.sendEncryptedMessage(['x'.repeat(60_000), new Uint8Array(100_000)])],
      ['NKT_E_SIZE', () => ann.nkt.sendEncryptedMessage('x'.repeat(60_000))],
      ['NKT_E_SIZE', () => ann.nkt.sendEncryptedMessage(Array.from({ length: 200 }, () => new Uint8Array(300)))],
      ['NKT_E_SIZE', () => ann.nkt.sendClearMessage(big)], ['NKT_E_SIZE', () => ann.nkt.sendEphemeral(new Uint8Array(800))],
      ['NKT_E_SIZE', () => ann.nkt.rpc(bob.address, 'f', big)],
      ['NKT_E_ADDRESS', () => ann.nkt.send(big, { to: 'nobody' })], ['NKT_E_SELF', () => ann.nkt.send(big, { to: ann.address })],
      ['NKT_E_CANCELLED', () => ann.nkt.send(big, { signal: abort.signal, onProgress: () => abort.abort() })],
    ];
    for (const [code, call] of refused) await assert.rejects(call, { code }, String(call));
    await assert.rejects(refused[0][1], /16 MiB.*share\(\) is for more/);
    await assert.rejects(refused[1][1], /9 of at most 8 parts.*share\(\) is for more/);
    await until(() => ann.nkt.contents.length === kept, 'nothing stays');
    await ann.nkt.sendEncryptedMessage(Array.from({ length: 8 }, () => new Uint8Array(60_000)));
    const { detail } = await heard(bob, ({ detail: it }) => it.length === 8);
    assert.deepEqual(detail.map((it) => it.length), new Array(8).fill(60_000));
  });

  test('larger in all than there is room for: refused, and nothing stays', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], { ann: { contentQuota: 3_000_000 } });
    await assert.rejects(ann.nkt.send([randomBytes(2_000_000), randomBytes(2_000_000)], { to: bob.address }), { code: 'NKT_E_QUOTA' });
    assert.deepEqual(ann.nkt.contents, []);
  });

  test('an author that starts anew while he prepares it keeps nothing of it', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], stored());
    const early = assert.rejects(ann.nkt.send(randomBytes(100_000), { to: bob.address }), { code: 'NKT_E_STOPPED' });
    await ann.nkt.close();
    await early;
    await ann.nkt.resume();
    await ann.session(bob.address);
    await ann.nkt.share(randomBytes(1000), { to: bob.address });
    let closed = null;
    const onProgress = ({ loaded }) => { if (loaded > 4_000_000) closed ??= ann.nkt.close(); };
    const parts = [randomBytes(4_000_000), randomBytes(3_000_000)];
    await assert.rejects(ann.nkt.send(parts, { to: bob.address, onProgress }), { name: 'NktError' });
    await closed;
    await ann.nkt.resume();
    await until(() => ann.nkt.contents.length > 0, 'what is kept is open again');
    assert.deepEqual(ann.nkt.contents.map(({ size }) => size), [1000]);
    await ann.nkt.send(parts, { to: bob.address });
    await ann.nkt.close();
    await ann.nkt.resume();
    await same((await heard(bob)).detail[1], new Uint8Array(parts[1]));
  });

  test('a receiver that starts anew midway is told once the bytes are here, once', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder: newFolder() } } });
    const big = randomBytes(8_000_000);
    const { id } = await ann.nkt.send({ big }, { to: bob.address });
    await until(() => bob.nkt.contents[0]?.loaded > 200_000, 'some of it');
    assert.deepEqual(bob.values(), [], 'not told yet');
    await bob.nkt.close();
    await bob.nkt.resume();
    const event = await heard(bob);
    assert.deepEqual([event.id, event.from], [id, ann.address]);
    await same(event.detail.big, new Uint8Array(big));
    await bob.nkt.close();
    await bob.nkt.resume();
    await until(() => bob.nkt.contents.length === 1, 'what is kept is open again');
    await bob.session(ann.address);
    await ann.nkt.sendEncryptedMessage('later', bob.address);
    await heard(bob, ({ detail }) => detail === 'later');
    assert.equal(bob.values().length, 2);
  });

  test('a receiver that closes in the moment when it hears is told when it is there again, once', async () => {
    const { hear } = Large.prototype;
    const soon = [queueMicrotask, setImmediate, (f) => setTimeout(f, 2), (f) => setTimeout(f, 10)];
    try {
      for (const [i, when] of soon.entries()) {
        const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder: newFolder() }, history: i % 2 === 0 } });
        const closed = deferred();
        Large.prototype.hear = function heardAndClosed(...said) {
          when(() => bob.nkt.close().then(closed.resolve, closed.reject));
          return hear.apply(this, said);
        };
        const big = randomBytes(300_000);
        await ann.nkt.send([i, big], { to: bob.address });
        await closed.promise;
        Large.prototype.hear = hear;
        await bob.nkt.resume();
        await same((await heard(bob)).detail[1], new Uint8Array(big));
        await ann.nkt.sendEncryptedMessage('later', bob.address);
        await heard(bob, ({ detail }) => detail === 'later');
        assert.equal(bob.values().length, 2, 'once');
        await closePeers();
      }
    } finally {
      Large.prototype.hear = hear;
    }
  });

  test('a page that goes away in the moment when it hears is told at once, with the Content', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], stored());
    const { hear } = Large.prototype;
    const closed = deferred();
    Large.prototype.hear = function heardAndGone(...said) {
      setImmediate(() => bob.nkt.close({ immediate: true }).then(closed.resolve, closed.reject));
      return hear.apply(this, said);
    };
    try {
      await ann.nkt.send([randomBytes(300_000)], { to: bob.address });
      await closed.promise;
    } finally {
      Large.prototype.hear = hear;
    }
    assert.equal(bob.values()[0]?.[0].constructor.name, 'Content');
    await bob.nkt.resume();
    await bob.session(ann.address);
    await ann.nkt.sendEncryptedMessage('later', bob.address);
    await heard(bob, ({ detail }) => detail === 'later');
    assert.equal(bob.values().length, 2, 'once');
  });

  test('an author that vanishes and comes back; what is said meanwhile by others is told', async () => {
    const [ann, bob, eve] = await meet(['ann', 'bob', 'eve'], { ann: { storage: { folder: newFolder() } } });
    const big = randomBytes(16_000_000); // which takes longer than an idle machine needs to see some of it
    await ann.nkt.send([big], { to: bob.address });
    await until(() => bob.nkt.contents[0]?.loaded > 100_000, 'some of it');
    await ann.nkt.close();
    await eve.nkt.sendEncryptedMessage([new Uint8Array(100_000)], bob.address);
    await heard(bob, ({ from }) => from === eve.address);
    assert.equal(bob.values().length, 1);
    await ann.nkt.resume();
    await same((await heard(bob, ({ from }) => from === ann.address)).detail[0], new Uint8Array(big));
  });

  test('an author that never comes back: told with the Content, once, also when most of the wait was before a restart', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], stored());
    const big = randomBytes(16_000_000);
    await ann.nkt.send([big], { to: bob.address });
    await until(() => bob.nkt.contents[0]?.loaded > 100_000, 'some of it');
    await ann.nkt.close();
    await bob.nkt.close();
    const { about } = Keep.prototype;
    Keep.prototype.about = function aged(name, kept) { // as if five minutes had passed when it is noted next
      return about.call(this, name, { ...kept, said: kept.said?.map((one) => ({ ...one, waited: { ...one.waited, idleMs: 299_000 } })) });
    };
    await bob.nkt.resume();
    await until(() => bob.nkt.contents[0], 'what is kept is open again');
    await bob.nkt.close();
    Keep.prototype.about = about;
    assert.deepEqual(bob.values(), [], 'not told yet');
    await bob.nkt.resume();
    const { detail: [content] } = await until(() => bob.of('nktencryptedmessagereceived')[0], 'told', 20_000);
    assert.deepEqual([content.constructor.name, content.size, content.from], ['Content', big.length, ann.address]);
    await bob.nkt.close();
    await bob.nkt.resume();
    await ann.nkt.resume();
    await same(await (await bob.nkt.fetch(content)).arrayBuffer(), new Uint8Array(big).buffer);
    assert.equal(bob.values().length, 1, 'once');
  });

  test('no room, and dropped while it waits: told with the Content, which can be fetched', async () => {
    const [ann, bob, eve] = await meet(['ann', 'bob', 'eve'], { bob: { contentQuota: 3_000_000 } });
    const big = randomBytes(900_000); // above a quarter of it
    await ann.nkt.send([big], { to: bob.address });
    const { detail: [content] } = await heard(bob);
    assert.deepEqual([content.constructor.name, content.size, content.from, content.state], ['Content', big.length, ann.address, 'known']);
    await same(await (await bob.nkt.fetch(content)).arrayBuffer(), new Uint8Array(big).buffer);
    const other = randomBytes(8_000_000);
    await ann.nkt.send({ other }, { to: eve.address });
    await until(() => eve.nkt.contents[0]?.loaded > 100_000, 'some of it');
    await eve.nkt.drop(eve.nkt.contents[0]);
    assert.equal((await heard(eve)).detail.other.constructor.name, 'Content');
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Contents, headless: real core, real relay, real WebRTC, real files.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { openAsBlob, openSync, readdirSync, writeSync, closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { metPeers } from './support/met.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const PIECE = 65520;
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('contents', { skip }, () => {
  const { newFolder, meet } = metPeers();

  const told = async (peer) => (await peer.seen('nktcontent')).detail;

  test('5 MB from one to another, byte for byte, with name, type and thumbnail', async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    const bytes = randomBytes(5_000_000);
    const thumbnail = new Uint8Array(randomBytes(16 << 10));
    const shares = [];
    const { content, delivery } = await ann.nkt.share(new Blob([bytes], { type: 'video/mp4' }), {
      to: bob.address, name: 'ä 🦊.mp4', thumbnail, onProgress: (progress) => shares.push(progress.loaded),
    });
    assert.deepEqual([content.name, content.type, content.size, content.own, content.state],
      ['ä 🦊.mp4', 'video/mp4', bytes.length, true, 'complete']);
    assert.equal(shares.at(-1), bytes.length);
    const event = await bob.seen('nktcontent');
    const { detail: heard } = event;
    assert.deepEqual([event.from, event.id, event.encrypted], [ann.address, delivery.id, true]);
    assert.deepEqual([heard.id, heard.name, heard.type, heard.size, heard.own, heard.state, heard.from],
      [content.id, 'ä 🦊.mp4', 'video/mp4', bytes.length, false, 'known', ann.address]);
    assert.deepEqual(heard.thumbnail, thumbnail);
    assert.deepEqual(bob.nkt.contents, [], 'nothing is fetched unasked');
    const steps = [];
    const fetched = await bob.nkt.fetch(heard, { onProgress: (progress) => steps.push(progress) });
    const blob = await fetched.blob();
    assert.deepEqual(heard.holders, [{ addr: ann.address, loaded: bytes.length }]);
    await until(() => content.holders[0]?.loaded === bytes.length, 'ann: bob has it');
    assert.deepEqual([content.holders, content.sources], [[{ addr: bob.address, loaded: bytes.length }], 1]);
    assert.equal(blob.type, 'video/mp4');
    assert.equal(hash(new Uint8Array(await blob.arrayBuffer())), hash(bytes));
    assert.deepEqual([heard.state, heard.loaded], ['complete', bytes.length]);
    assert.ok(steps.length > 0 && steps.every(({ total }) => total === bytes.length));
    assert.deepEqual(bob.nkt.contents.map(({ id }) => id), [heard.id]);
    assert.deepEqual(bob.values(), [], 'it is no message among others');
    assert.deepEqual([...(await delivery.settled)], [[bob.address, 'delivered']]);
  });

  test('sizes at the edges of pieces, bytes and streams; to everybody', async () => {
    const [ann, bob, eve] = await meet(['ann', 'bob', 'eve']);
    for (const size of [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE]) {
      const bytes = new Uint8Array(randomBytes(size));
      const chunks = async function* () { for (let at = 0; at < size; at += 10_007) yield bytes.subarray(at, at + 10_007); };
      const what = size % 2 === 0 ? bytes : chunks();
      const { content } = await ann.nkt.share(what);
      assert.deepEqual([content.size, content.name, content.type, content.thumbnail], [size, '', '', null]);
      for (const peer of [bob, eve]) {
        const { detail: heard } = await peer.seen('nktcontent', ({ detail }) => detail.id === content.id);
        const fetched = await peer.nkt.fetch(heard);
        if (peer === bob) {
          assert.equal(hash(new Uint8Array(await fetched.arrayBuffer())), hash(bytes), `${size} bytes`);
          continue;
        }
        const parts = [];
        for await (const part of fetched.stream()) parts.push(part);
        assert.equal(hash(Buffer.concat(parts)), hash(bytes), `a stream of ${size} bytes`);
      }
    }
  });

  test('a stream of a part: from any byte to any other, fetched before what lies in front of it', async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    const bytes = new Uint8Array(randomBytes(60 * PIECE + 5));
    await ann.nkt.share(bytes);
    const fetched = await bob.nkt.fetch(await told(bob));
    const read = async (part) => {
      const parts = [];
      for await (const some of fetched.stream(part)) parts.push(some);
      return Buffer.concat(parts);
    };
    const size = bytes.length;
    for (const [start, end] of [[50 * PIECE + 7, 50 * PIECE + 8], [PIECE - 1, PIECE + 1], [0, 0], [3 * PIECE, 5 * PIECE], [size - 6, size],
      [size, size], [0, size]]) {
      assert.ok(read({ start, end }) !== null);
      assert.deepEqual(await read({ start, end }), Buffer.from(bytes.subarray(start, end)), `${start} to ${end}`);
    }
    assert.deepEqual(await read({ start: size - 3 }), Buffer.from(bytes.subarray(size - 3)));
    const wrong = [{ start: -1 }, { start: 2, end: 1 }, { end: size + 1 }, { start: 0.5 }, { start: '0' }, { end: NaN }, { end: null },
      { start: Object.create(null) }];
    for (const part of wrong) {
      assert.throws(() => fetched.stream(part), { code: 'NKT_E_ARGUMENT' }, inspect(part));
    }
  });

  test('a receiver that starts anew midway goes on where it was, by itself', async () => {
    const folder = newFolder();
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder } } });
    const bytes = randomBytes(800 * PIECE);
    await ann.nkt.share(bytes, { to: bob.address });
    const heard = await told(bob);
    const fetching = await bob.nkt.fetch(heard);
    await until(() => heard.loaded >= 20 * PIECE, 'some of it');
    const halfway = fetching.complete.catch((error) => error.code);
    await bob.nkt.close();
    assert.equal(await halfway, 'NKT_E_STOPPED');
    await bob.nkt.resume();
    const kept = await until(() => bob.nkt.contents[0], 'it is kept');
    await until(() => kept.state === 'complete', 'it goes on', 120_000); // 50 MB
    const { piecesGot } = bob.nkt.health().counters;
    assert.ok(piecesGot <= 780, `${piecesGot} pieces came in this life, of 800`);
    const again = await bob.nkt.fetch(kept.id);
    assert.equal(hash(new Uint8Array(await again.arrayBuffer())), hash(bytes));
    const [entry] = await bob.nkt.history();
    assert.deepEqual([entry.value, entry.content.id, entry.content.state, entry.own], [null, kept.id, 'complete', false]);
    const [said] = await ann.nkt.history().then((all) => (all.length > 0 ? all : [null]));
    assert.equal(said, null, 'who stores nothing has no history');
  });

  test('what is damaged on the disk is fetched again, and nothing else', async () => {
    const folder = newFolder();
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder } } });
    const bytes = randomBytes(30 * PIECE);
    const { content } = await ann.nkt.share(bytes);
    await (await bob.nkt.fetch(await told(bob))).complete;
    await bob.nkt.close();
    const [file] = readdirSync(join(folder, 'content')).filter((name) => name.endsWith('.pieces'));
    const handle = openSync(join(folder, 'content', file), 'r+');
    for (const [index, at] of [[0, 4], [7, 40_000], [29, 65_600]]) writeSync(handle, randomBytes(8), 0, 8, index * 66_560 + at);
    writeSync(handle, new Uint8Array(4), 0, 4, 12 * 66_560); // a hole
    closeSync(handle);
    await bob.nkt.resume();
    await until(() => bob.nkt.contents[0], 'it is kept');
    const fetched = await bob.nkt.fetch(content.id);
    const parts = [];
    for await (const part of fetched.stream()) parts.push(part);
    assert.equal(hash(Buffer.concat(parts)), hash(bytes));
  });

  test('who shared it serves it in the next life as well; what a dead author gave others give on', async () => {
    const folder = newFolder();
    const [ann, bob, eve] = await meet(['ann', 'bob', 'eve'], { ann: { storage: { folder } } });
    const bytes = randomBytes(20 * PIECE + 5);
    const { content } = await ann.nkt.share(bytes, { name: 'x.bin' });
    const heard = await told(bob);
    await ann.nkt.close();
    await ann.nkt.resume();
    assert.equal((await until(() => ann.nkt.contents[0], 'it is kept')).own, true);
    assert.equal(hash(new Uint8Array(await (await bob.nkt.fetch(heard)).arrayBuffer())), hash(bytes));
    await ann.nkt.close();
    const [other] = [await told(eve)];
    assert.equal(other.id, content.id);
    assert.equal(hash(new Uint8Array(await (await eve.nkt.fetch(other)).arrayBuffer())), hash(bytes), 'from bob');
  });

  test('given up, gone on with, dropped', async () => {
    const folder = newFolder();
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder } } });
    const bytes = randomBytes(400 * PIECE);
    const aborted = new AbortController();
    await assert.rejects(ann.nkt.share(bytes, { signal: AbortSignal.abort() }), { code: 'NKT_E_CANCELLED' });
    assert.deepEqual(ann.nkt.contents, []);
    await ann.nkt.share(bytes);
    const heard = await told(bob);
    const first = await bob.nkt.fetch(heard, { signal: aborted.signal });
    await until(() => heard.loaded > 0, 'some of it');
    aborted.abort();
    await assert.rejects(first.complete, { code: 'NKT_E_CANCELLED' });
    await until(() => heard.state === 'paused', 'paused');
    const loaded = heard.loaded;
    assert.ok(loaded < bytes.length);
    const second = await bob.nkt.fetch(heard);
    await second.complete;
    assert.equal(hash(new Uint8Array(await second.arrayBuffer())), hash(bytes));
    assert.equal(await bob.nkt.drop(heard), true);
    assert.deepEqual([heard.state, heard.loaded, bob.nkt.contents], ['known', 0, []]);
    assert.deepEqual(readdirSync(join(folder, 'content')), []);
    await assert.rejects(bob.nkt.fetch(heard.id), { code: 'NKT_E_CONTENT_UNKNOWN' });
    assert.equal(await bob.nkt.drop(heard.id), false, 'nothing of it is here');
    for (const none of [undefined, null, 5, { id: heard.id }, [heard.id]]) {
      await assert.rejects(bob.nkt.drop(/** @type {any} */ (none)), { code: 'NKT_E_CONTENT_UNKNOWN' });
    }
  });

  test('given up or dropped while it is being opened: nothing goes on behind one\'s back', async () => {
    const folder = newFolder();
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { storage: { folder } } });
    await ann.nkt.share(randomBytes(60 * PIECE));
    const heard = await told(bob);
    const aborted = new AbortController();
    const given = bob.nkt.fetch(heard, { signal: aborted.signal });
    while (heard.state === 'known') await new Promise(setImmediate); // until it begins to be opened
    aborted.abort();
    await assert.rejects(given, { code: 'NKT_E_CANCELLED' });
    await until(() => heard.state === 'paused', 'paused');
    await bob.nkt.drop(heard);
    const fetched = bob.nkt.fetch(heard).then(({ complete }) => complete);
    await Promise.all([bob.nkt.drop(heard), assert.rejects(fetched, { code: 'NKT_E_CANCELLED' })]);
    assert.deepEqual([bob.nkt.contents, bob.nkt.health().contents.bytes, heard.state], [[], 0, 'known']);
    assert.deepEqual(readdirSync(join(folder, 'content')), []);
    const again = await bob.nkt.fetch(heard);
    await again.complete;
  });

  test('what cannot be said is not kept; what onProgress throws is not the content\'s fault', async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    const thrown = () => { throw new Error('of the application'); };
    const { content } = await ann.nkt.share(randomBytes(3 * PIECE), { to: bob.address, onProgress: thrown });
    await (await bob.nkt.fetch(await told(bob), { onProgress: thrown })).complete;
    await assert.rejects(ann.nkt.share(randomBytes(PIECE), { to: ann.address }));
    assert.deepEqual(ann.nkt.contents.map(({ id }) => id), [content.id]);
  });

  test('one holds for others what he cannot read: it comes from him when its author is gone', async () => {
    const folder = newFolder();
    const [ann, bob, kim] = await meet(['ann', 'bob', 'kim'], { kim: { storage: { folder } } });
    const bytes = randomBytes(20 * PIECE + 5);
    const { content } = await ann.nkt.share(bytes, { to: bob.address, name: 'secret.txt', type: 'text/plain' });
    const heard = await told(bob);
    await ann.nkt.share(content, { to: kim.address, thumbnail: new Uint8Array(5), sealed: true });
    const held = await told(kim);
    assert.deepEqual([held.id, held.sealed, held.size, held.name, held.type, held.thumbnail],
      [content.id, true, bytes.length, '', '', null]);
    assert.deepEqual([content.sealed, heard.sealed], [false, false]);
    const holding = await kim.nkt.fetch(held);
    await holding.complete;
    await assert.rejects(holding.blob(), { code: 'NKT_E_CONTENT_UNKNOWN' });
    await kim.nkt.close();
    await kim.nkt.resume();
    await until(() => kim.nkt.contents[0]?.state === 'complete' && kim.nkt.contents[0].sealed, 'it is held in the next life as well');
    await ann.nkt.close();
    const got = await (await bob.nkt.fetch(heard)).arrayBuffer();
    assert.equal(hash(new Uint8Array(got)), hash(bytes));
    assert.equal(kim.nkt.health().counters.piecesGiven, 21);

    await bob.nkt.share(heard, { to: kim.address }); // now she may read it
    const { detail: open } = await kim.seen('nktcontent', ({ detail }) => !detail.sealed);
    const both = await Promise.all([kim.nkt.fetch(open), kim.nkt.fetch(open)]);
    for (const fetched of both) assert.equal(hash(new Uint8Array(await fetched.arrayBuffer())), hash(bytes));
    assert.deepEqual(kim.nkt.contents.map(({ name, sealed, from }) => [name, sealed, from]), [['secret.txt', false, bob.address]]);
    assert.equal(kim.nkt.health().counters.piecesGot ?? 0, 0, 'nothing came again');
  });

  test('a quota: what was used longest ago goes, what one shared oneself last', async () => {
    const [ann, bob] = await meet(['ann', 'bob'], { bob: { contentQuota: 1_000_000 } });
    await assert.rejects(bob.nkt.share(randomBytes(1_100_000)), { code: 'NKT_E_QUOTA' });
    await assert.rejects(bob.nkt.share((async function* () { for (let i = 0; i < 11; i++) yield randomBytes(100_000); })()),
      { code: 'NKT_E_QUOTA' }, 'of a stream nobody knows the size');
    const own = (await bob.nkt.share(randomBytes(300_000))).content;
    const ids = [];
    for (let i = 0; i < 4; i++) {
      const { content } = await ann.nkt.share(randomBytes(300_000));
      const { detail } = await bob.seen('nktcontent', (event) => event.detail.id === content.id);
      await (await bob.nkt.fetch(detail)).complete;
      ids.push(content.id);
      if (i === 1) await (await bob.nkt.fetch(ids[0])).complete; // used again: ids[1] is older now
    }
    const kept = bob.nkt.contents.map(({ id }) => ['own', 0, 1, 2, 3][[own.id, ...ids].indexOf(id)]);
    assert.deepEqual(kept.sort(), [2, 3, 'own']);
    assert.ok(bob.nkt.health().contents.bytes <= 1_000_000);
  });

  test('a file larger than there is room for is read where it lies, as it was or not at all', async () => {
    const [ann, bob, kim] = await meet(['ann', 'bob', 'kim'], { ann: { contentQuota: 1_000_000, storage: { folder: newFolder() } } });
    const bytes = randomBytes(3_000_000);
    const path = join(newFolder(), 'film');
    writeFileSync(path, bytes);
    const { content } = await ann.nkt.share(await openAsBlob(path), { name: 'film' });
    assert.ok(ann.nkt.health().contents.bytes < 100_000, 'nothing of it is kept');
    assert.deepEqual(ann.nkt.contents.map(({ id, state }) => [id, state]), [[content.id, 'complete']]);
    const own = await (await ann.nkt.fetch(content)).arrayBuffer();
    assert.equal(hash(new Uint8Array(own)), hash(bytes));
    const got = await (await bob.nkt.fetch(await told(bob))).arrayBuffer();
    assert.equal(hash(new Uint8Array(got)), hash(bytes));
    await bob.nkt.close();
    writeFileSync(path, randomBytes(3_000_000));
    const never = await kim.nkt.fetch(await told(kim));
    await until(() => ann.nkt.contents[0]?.loaded === 0 || ann.nkt.contents[0]?.state !== 'complete', 'ann: it is not what it was');
    assert.equal(never.content.loaded, 0);
    await ann.nkt.drop(content);
    assert.deepEqual(ann.nkt.contents, []);
  });

  test('hundreds of small ones: the oldest goes, and the newest is had', { timeout: 120_000 }, async () => {
    const [ann, bob] = await meet(['ann', 'bob']);
    const stream = async function* () { yield randomBytes(100); };
    for (let i = 0; i < 270; i++) {
      const { content } = await ann.nkt.share(i % 2 ? randomBytes(100) : stream(), { to: bob.address });
      const { detail } = await bob.seen('nktcontent', (event) => event.detail.id === content.id);
      await (await bob.nkt.fetch(detail)).complete;
    }
    for (const { nkt } of [ann, bob]) assert.equal(nkt.contents.length, 256);
  });

  test('what lies about a content is nobody\'s message, and fetches nothing', async () => {
    const around = newFolder();
    const [ann, bob] = await meet(['ann', 'bob'], { ann: { storage: { folder: join(around, 'of ann') } } });
    for (const bad of [{ a: 1 }, 'x'.repeat(5), false, 5, null, undefined]) {
      await assert.rejects(ann.nkt.share(bad), { code: 'NKT_E_ARGUMENT' }, String(bad));
    }
    for (const name of ['../x', 'a/b', 'a\\b', '..', 'a\nb', 'x'.repeat(256)]) {
      await assert.rejects(ann.nkt.share(new Uint8Array(1), { name }), { code: 'NKT_E_MANIFEST' }, JSON.stringify(name));
    }
    await assert.rejects(ann.nkt.share(new Uint8Array(1), { type: 'text' }), { code: 'NKT_E_MANIFEST' });
    await assert.rejects(ann.nkt.share(new Uint8Array(1), { thumbnail: new Uint8Array(16385) }), { code: 'NKT_E_ARGUMENT' });
    await assert.rejects(ann.nkt.share(new Uint8Array(1), { to: 'x' }), { code: 'NKT_E_ADDRESS' });
    await assert.rejects(bob.nkt.fetch('nothing'), { code: 'NKT_E_CONTENT_UNKNOWN' });
    assert.deepEqual(readdirSync(around), ['of ann']);
  });
});

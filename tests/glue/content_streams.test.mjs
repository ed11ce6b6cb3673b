// SPDX-License-Identifier: GPL-3.0-or-later
// Streams that are shared and do not come to an end: given up, closed, started anew, and what each of them is told.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { afterEach, describe, test } from 'node:test';
import { closePeers, startPeer } from './support/peers.mjs';
import { skip } from './support/wasm.mjs';

const never = () => new Promise(() => {});
const cancelled = { code: 'NKT_E_CANCELLED' };
const stopped = { code: 'NKT_E_STOPPED' };

describe('streams without an end', { skip, timeout: 180_000 }, () => {
  afterEach(closePeers);

  /** Sources that say when they are read and when they are ended. */
  const sources = {
    'a stream that gives nothing': (told) => new ReadableStream({
      pull() { told.read(); return never(); },
      cancel() { told.ended(); return never(); },
    }, { highWaterMark: 0 }), // not before it is read
    'a stream that gives more and more': (told) => new ReadableStream({
      async pull(controller) {
        await new Promise(setImmediate);
        controller.enqueue(new Uint8Array(10_000));
        told.read();
      },
      cancel() { told.ended(); },
    }, { highWaterMark: 0 }),
    'an iterable that gives nothing more': (told) => {
      let count = 0;
      return {
        [Symbol.asyncIterator]: () => ({
          next() {
            if (count++ === 0) return { done: false, value: new Uint8Array(100_000) };
            told.read();
            return never();
          },
          return() { told.ended(); return never(); },
        }),
      };
    },
  };

  /** @param {(told: any) => any} make */
  function watched(make) {
    const told = {};
    const isRead = new Promise((resolve) => { told.read = resolve; });
    const isEnded = new Promise((resolve) => { told.ended = resolve; });
    return { source: make(told), isRead, isEnded };
  }

  for (const [name, make] of Object.entries(sources)) {
    test(`${name}: given up, closed, started anew`, async () => {
      const { nkt } = await startPeer('ann', { room: null });
      const controller = new AbortController();
      const ways = [
        [cancelled, () => controller.abort()],
        [stopped, () => nkt.resume()],
        [stopped, () => nkt.close()],
      ];
      for (const [error, end] of ways) {
        const { source, isRead, isEnded } = watched(make);
        const sharing = assert.rejects(nkt.share(source, error === cancelled ? { signal: controller.signal } : {}), error);
        await isRead;
        await Promise.all([sharing, isEnded, end()]);
        if (error === cancelled) assert.deepEqual(nkt.contents, []);
      }
      await nkt.resume();
      const { content } = await nkt.share(new Blob([new Uint8Array(200_000)]).stream());
      assert.deepEqual([content.size, nkt.contents.length], [200_000, 1]);
    });
  }

  test('one that fails is ended, and told as it failed', async () => {
    const { nkt } = await startPeer('ann', { room: null });
    const failing = async function* () { yield new Uint8Array(3); throw new RangeError('mine'); };
    await assert.rejects(nkt.share(failing()), ({ code, cause }) => code === 'NKT_E_VALUE' && cause instanceof RangeError);
    const wrong = watched((told) => new ReadableStream({ pull: (to) => to.enqueue('text'), cancel: () => told.ended() }));
    await assert.rejects(nkt.share(wrong.source), { code: 'NKT_E_ARGUMENT' });
    await wrong.isEnded;
    assert.deepEqual(nkt.contents, []);
  });

  test('one that was read already is told, as it would be an empty one; one that is empty is shared', async () => {
    const { nkt } = await startPeer('ann', { room: null });
    const bytes = () => new Blob(['abc']).stream();
    const generated = async function* () { yield new Uint8Array(3); };
    const read = async (stream) => {
      const reader = stream.getReader();
      while (!(await reader.read()).done);
      reader.releaseLock();
      return stream;
    };
    const iterated = generated();
    await nkt.share(iterated);
    const byNode = Readable.from([Buffer.from('abc')]);
    await byNode.toArray();
    const inUse = bytes();
    inUse.getReader();
    for (const spent of [iterated, await read(bytes()), byNode, inUse]) await assert.rejects(nkt.share(spent), { code: 'NKT_E_VALUE' });
    assert.equal(nkt.contents.length, 1);
    const begun = new ReadableStream({ start(to) { for (const one of ['a', 'bc']) to.enqueue(Buffer.from(one)); to.close(); } });
    const reader = begun.getReader();
    await reader.read(); // what it is, and then the rest
    reader.releaseLock();
    const again = { [Symbol.asyncIterator]: () => (async function* () {})() };
    const sizes = [];
    for (const what of [begun, (async function* () {})(), new Blob([]).stream(), Readable.from([]), again, again]) {
      sizes.push((await nkt.share(what)).content.size);
    }
    assert.deepEqual(sizes, [2, 0, 0, 0, 0, 0]);
  });

  test('one\'s own that is not here any more is not told of; what another one gave is', async () => {
    const { nkt } = await startPeer('ann', { room: null });
    const { content } = await nkt.share(new Uint8Array(3));
    await nkt.share(content);
    await nkt.drop(content);
    await assert.rejects(nkt.share(content), { code: 'NKT_E_CONTENT_UNKNOWN' });
    await nkt.close();
    await nkt.resume();
    await assert.rejects(nkt.share(content), { code: 'NKT_E_CONTENT_UNKNOWN' });
  });

  test('closed before what shares is loaded: stopped, also where the next life has begun', async () => {
    const { nkt } = await startPeer('ann', { room: null });
    const shared = assert.rejects(nkt.share(new Uint8Array(3)), stopped);
    await Promise.all([shared, nkt.close(), nkt.resume()]);
    assert.deepEqual(nkt.contents, []);
    const other = await startPeer('bob', { room: null });
    const ways = [assert.rejects(other.nkt.share(new Uint8Array(3)), stopped), assert.rejects(other.nkt.drop('a'.repeat(32)), stopped)];
    await Promise.all([...ways, other.nkt.close()]);
    await assert.rejects(other.nkt.share(new Uint8Array(3)), { code: 'NKT_E_STATE' });
  });

  test('a fetched one that nobody has is cancelled while it is read, at once', async () => {
    const { nkt } = await startPeer('ann', { room: null });
    const { content } = await nkt.share(new Uint8Array(300_000));
    await nkt.drop(content);
    const fetched = await nkt.fetch(content);
    const reader = fetched.stream().getReader();
    const reading = reader.read();
    await reader.cancel();
    assert.deepEqual(await reading, { done: true, value: undefined });
    const controller = new AbortController();
    const piping = assert.rejects(fetched.stream().pipeTo(new WritableStream(), { signal: controller.signal }), { name: 'AbortError' });
    controller.abort();
    await piping;
  });
});

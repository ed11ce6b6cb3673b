// SPDX-License-Identifier: GPL-3.0-or-later
// Streams that are shared and do not come to an end: given up, closed, started anew, and what each of them is told.
import assert from 'node:assert/strict';
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

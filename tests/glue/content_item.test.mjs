// SPDX-License-Identifier: GPL-3.0-or-later
// Who waits for all of a content, and gives up again and again while nobody has it, leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BLOB_GET_COUNT_MAX, CONTENT_ENOUGH, CONTENT_STATES, PIECE_PLAIN_SIZE } from '../../glue/constants.js';
import { Item } from '../../glue/content_item.js';
import { FetchedContent } from '../../glue/content_response.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

test('a wait that was given up is forgotten; another one goes on', async () => {
  const item = new Item(1, 'a', 1, /** @type {any} */ ({ changed() {} }));
  const going = item.whole(new AbortController().signal);
  const givenUp = (() => {
    const abort = new AbortController();
    const wait = item.whole(abort.signal);
    abort.abort();
    return new WeakRef(wait);
  })();
  await new Promise(setImmediate);
  collect();
  assert.equal(givenUp.deref(), undefined);
  item.told(1, CONTENT_STATES.indexOf('complete'), []);
  await going;
});

test('pieces for which nobody waits any more are in nobody\'s way', async () => {
  const steps = [];
  const item = new Item(1, 'a', 100 * PIECE_PLAIN_SIZE, /** @type {any} */ ({
    changed() {}, step: (kind, { value, flags = 0 }) => { steps.push([kind, value, flags]); return 0; },
  }));
  const fetched = new FetchedContent(item, /** @type {any} */ ({ size: 100 * PIECE_PLAIN_SIZE }));
  const asked = () => steps.reduce((all, [, index, flags]) => (
    flags & CONTENT_ENOUGH ? all.filter((one) => one !== index) : [...all, index]), []);
  const streams = [];
  for (const at of [10, 20, 30, 40, 50]) {
    const reader = fetched.stream({ start: at * PIECE_PLAIN_SIZE }).getReader();
    streams.push({ reader, reading: reader.read() });
  }
  await new Promise(setImmediate);
  assert.equal(asked().length, BLOB_GET_COUNT_MAX);
  for (const { reader } of streams) await reader.cancel();
  for (const { reading } of streams) assert.equal((await reading).done, true);
  assert.deepEqual(asked(), []);
  const [one, other] = [item.piece(99), item.piece(99)];
  item.leave(99, one);
  assert.deepEqual(asked(), [99], 'another one waits for it');
  item.text(99, new Uint8Array(3));
  assert.deepEqual(await other, new Uint8Array(3));
  const reading = fetched.stream().getReader().read();
  reading.catch(() => {});
  await new Promise(setImmediate);
  assert.deepEqual(asked().slice(1), [0, 1, 2, 3, 4, 5, 6, 7]);
  item.told(0, CONTENT_STATES.indexOf('full'), []);
  await assert.rejects(reading, { code: 'NKT_E_QUOTA' });
  assert.deepEqual(asked().slice(1), [], 'nor is the core asked for more than it has places for, when it is tried again');
});

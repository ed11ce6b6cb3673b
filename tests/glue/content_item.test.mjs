// SPDX-License-Identifier: GPL-3.0-or-later
// Who waits for all of a content, and gives up again and again while nobody has it, leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CONTENT_STATES } from '../../glue/constants.js';
import { Item } from '../../glue/content_item.js';

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

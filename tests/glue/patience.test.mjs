// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for what may never answer, on a machine that has others' work to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LateError, Patience } from '../../glue/patience.js';
import { IdbPlace } from '../../glue/store_idb.js';

const patience = new Patience({ setTimeout, clearTimeout });

test('what was answered while the process stood still is no silence', async () => {
  await new Promise(setImmediate); // of a turn of the loop only its end is left: the next begins with timers
  const waiting = patience.wait(new Promise((resolve) => setImmediate(resolve, 'answered')), 60);
  const until = performance.now() + 200;
  while (performance.now() < until); // longer than the wait: its timer is due before anything else
  assert.equal(await waiting, 'answered');
});

test('a lock that was free while the process stood still is had; one that is not is given up', async () => {
  const locks = {
    request: (name, { signal }, held) => new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      if (name === 'free soon') setImmediate(() => { if (!signal.aborted) resolve(held()); });
    }),
  };
  const place = new IdbPlace({ indexedDB: null, locks, crypto: null, timers: { setTimeout, clearTimeout }, clock: null }, null);
  await new Promise(setImmediate);
  const waiting = place.lock('free soon', 60);
  const until = performance.now() + 200;
  while (performance.now() < until);
  assert.equal(await waiting, true);
  assert.equal(await place.lock('held', 60), false);
});

test('silence is told in time', async () => {
  const begun = performance.now();
  await assert.rejects(patience.wait(new Promise(() => {}), 60), LateError);
  assert.ok(performance.now() - begun >= 55);
});

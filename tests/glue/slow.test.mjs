// SPDX-License-Identifier: GPL-3.0-or-later
// How long tests wait on a machine on which many compute (tests/support/slow.mjs).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patiently } from '../support/slow.mjs';

test('one waits longer where each has less than half of a processor, and not for ever', () => {
  const waits = [0, 2, 4, 8, 15, 16, 400].map((load) => patiently(1000, load, 2));
  assert.deepEqual(waits, [1000, 1000, 1000, 2000, 3750, 4000, 4000]);
  assert.ok(patiently(1000) >= 1000);
});

// SPDX-License-Identifier: GPL-3.0-or-later
// A module that can be broken: its entropy comes through a view of its memory.
import assert from 'node:assert/strict';

/** crypto: for the platform of a peer; spoil(): whoever drew entropy last traps at the next step. */
export function breakable() {
  let memory = null;
  const { crypto } = globalThis;
  return {
    crypto: {
      subtle: crypto.subtle,
      getRandomValues(view) {
        if (view.buffer.byteLength > 1 << 20) memory = view.buffer;
        return crypto.getRandomValues(view);
      },
    },
    spoil() {
      assert.ok(memory?.byteLength > 0, 'the memory of the module');
      new Uint8Array(memory).fill(0xff);
    },
  };
}

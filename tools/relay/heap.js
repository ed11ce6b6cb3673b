// SPDX-License-Identifier: GPL-3.0-or-later
// Imported first: keeps V8's nursery at its first size. A relay's objects live as long as a socket or
// hardly at all; a nursery that grows to 3 x 16 MB costs a third of the memory of 10,000 sockets, and
// a collection every few milliseconds instead costs nothing that could be measured.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--semi-space-growth-factor=1');

/**
 * To be called when all is set up. V8 collects its old space when that has grown by so much of what the last collection left; before
 * the first one it lets 10,000 sockets come without any, and keeps for good what their opening left behind.
 */
export function settle() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  setFlagsFromString('--no-expose-gc');
}

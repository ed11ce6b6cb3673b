// SPDX-License-Identifier: GPL-3.0-or-later
// Imported first: keeps V8's nursery at its first size. A relay's objects live as long as a socket or
// hardly at all; a nursery that grows to 3 x 16 MB costs a third of the memory of 10,000 sockets, and
// a collection every few milliseconds instead costs nothing that could be measured.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--semi-space-growth-factor=1');

// SPDX-License-Identifier: GPL-3.0-or-later
// Writes to a folder, and is killed at the n-th thing it does to it: node store_writer.mjs FOLDER N [first]. Prints "whole" when N was too
// large. first: while it is made; else in a later write.
import { webcrypto } from 'node:crypto';
import { dieAt } from './deadly.mjs';

const [folder, at, which] = process.argv.slice(2);

const { FileStore } = await import('../../../glue/store_files.js');
const bytes = (generation) => new Uint8Array([generation]);
const clock = { now: () => performance.now(), wall: () => Date.now() };
const store = new FileStore({
  folder, derive: async () => new Uint8Array(32), onDurable: () => {},
  platform: { crypto: webcrypto, timers: { setTimeout, clearTimeout }, clock },
});
if (which === 'first') dieAt(Number(at));
await store.open();
store.put(1, 'a', bytes(1));
store.put(2, 'b', bytes(1));
store.put(3, 'gone', bytes(1));
await store.flush();
if (which === 'first') {
  console.log('whole');
  process.exit();
}
dieAt(Number(at));
store.put(4, 'c', bytes(2)); // leaves at once; the others wait for its end, and are coalesced
store.commit();
await new Promise((resolve) => { setImmediate(resolve); });
store.put(5, 'a', bytes(2));
store.put(6, 'b', bytes(2));
store.put(7, 'gone', null);
store.put(8, 'd', bytes(2));
store.put(9, 'a', bytes(3));
store.put(10, 'e', bytes(3));
await store.flush();
dieAt(Infinity);
await store.close();
console.log('whole');

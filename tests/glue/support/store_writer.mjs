// SPDX-License-Identifier: GPL-3.0-or-later
// Writes to a folder, and is killed at the n-th thing it does to it: node store_writer.mjs FOLDER N. Prints "whole" when N was too large.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { webcrypto } from 'node:crypto';

const [folder, at] = process.argv.slice(2);
let left = Infinity;

/** Kills this process before, or after, what is to be done. */
function deadly(f) {
  return async (...args) => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    const result = await f(...args);
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

// before anything imports them
const { open } = fs;
fs.rename = deadly(fs.rename);
fs.rm = deadly(fs.rm);
fs.open = async (...args) => {
  const handle = await open(...args);
  handle.sync = deadly(handle.sync.bind(handle));
  handle.writeFile = deadly(handle.writeFile.bind(handle));
  return handle;
};
syncBuiltinESMExports();

const { FileStore } = await import('../../../glue/store_files.js');
const bytes = (generation) => new Uint8Array([generation]);
const clock = { now: () => performance.now(), wall: () => Date.now() };
const store = new FileStore({
  folder, derive: async () => new Uint8Array(32), onDurable: () => {},
  platform: { crypto: webcrypto, timers: { setTimeout, clearTimeout }, clock },
});
await store.open();
store.put(1, 'a', bytes(1));
store.put(2, 'b', bytes(1));
store.put(3, 'gone', bytes(1));
await store.flush();
left = Number(at);
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
left = Infinity;
await store.close();
console.log('whole');

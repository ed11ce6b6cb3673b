// SPDX-License-Identifier: GPL-3.0-or-later
// This process is killed at the n-th thing that it does to files, as a crash would end it. To be imported before anything that writes.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

let left = Infinity;

/** From now on, at the n-th; Infinity: no more. @param {number} n each thing counts twice, before it is done and after */
export function dieAt(n) {
  left = n;
}

function deadly(f) {
  return async (...args) => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    const result = await f(...args);
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

const { open } = fs;
fs.rename = deadly(fs.rename);
fs.rm = deadly(fs.rm);
fs.open = async (...args) => {
  const handle = await open(...args);
  for (const name of ['sync', 'write', 'writeFile']) handle[name] = deadly(handle[name].bind(handle));
  return handle;
};
syncBuiltinESMExports();

// SPDX-License-Identifier: GPL-3.0-or-later
// Ports for servers that may be killed and started again where they were.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems give to whoever connects (from 32768 on in Linux): else anybody's connection may stand on it meanwhile. */
const FIRST = 10_000;
const END = 32_768;
const TRY_COUNT = 50;

/** A port of this machine that nobody has now, and that nobody gets who does not ask for it by its number. @returns {Promise<number>} */
export async function freePort() {
  for (let tries = 0; tries < TRY_COUNT; tries++) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${TRY_COUNT} ports from ${FIRST} to ${END - 1} was free`);
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Ports for servers that may be killed and started again where they were.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems give to whoever connects (from 32768 on in Linux): else anybody's connection may stand on it meanwhile. */
const FIRST = 10_000;
const END = 32_768;
const TRY_COUNT = 50;

/**
 * A port of this machine that nobody has now, that nobody gets who does not ask for it by its number, and that no other test is given
 * while this process lives: a server that takes a second to start would find it taken.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let tries = 0; tries < TRY_COUNT; tries++) {
    const port = randomInt(FIRST, END);
    if (await listens(`\0nkt-port-${port}`, true) && await listens({ port, host: '127.0.0.1' }, false)) return port;
  }
  throw new Error(`none of ${TRY_COUNT} ports from ${FIRST} to ${END - 1} was free`);
}

/**
 * Whether it could be listened at.
 * @param {any} where @param {boolean} isKept to the end of this process: a name of Linux that leaves nothing behind (unix(7), abstract);
 *   elsewhere there is none, and nobody else to ask
 * @returns {Promise<boolean>}
 */
function listens(where, isKept) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }) => resolve(isKept && code !== 'EADDRINUSE'));
    server.listen(where, () => {
      if (isKept) resolve(Boolean(server.unref()));
      else server.close(() => resolve(true));
    });
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A relay of their own for the tests of a suite.
import { after, afterEach, before } from 'node:test';
import { startServer } from '../../support/servers.mjs';
import { closePeers } from './peers.mjs';

/** To be called within describe(): it runs as long as its tests, peers go after each. @returns {string[]} its address, once it runs */
export function useRelay() {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  const relays = [];
  before(async () => {
    server = await startServer('app.js');
    relays.push(`${server.wsUrl}/relay`);
  });
  after(() => server.stop());
  afterEach(() => closePeers());
  return relays;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The real core, as users have it, and peers of the second implementation, at one real relay.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { closePeers, newRoom, startPeer } from '../../glue/support/peers.mjs';
import { until as untilWithin } from '../../glue/support/until.mjs';
import { startServer } from '../../support/servers.mjs';
import { addressBytes } from '../address.mjs';
import { hex } from '../bytes.mjs';
import { Peer } from '../peer.mjs';

export { skip } from '../../glue/support/wasm.mjs';
export { newRoom };

const PATIENCE_MS = 30_000; // of a machine that has other work
/** @param {() => any} condition @param {string} what @param {number} [ms] */
export const until = (condition, what, ms = PATIENCE_MS) => untilWithin(condition, what, ms);

/** @type {Peer[]} */
const seconds = [];
/** @type {string[]} */
const folders = [];

/** A relay for the tests of a `describe`. */
export function useStage() {
  let server;
  before(async () => {
    server = await startServer('app.js');
  });
  after(() => server.stop());
  afterEach(async () => {
    for (const peer of seconds.splice(0)) peer.close();
    await closePeers();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const url = () => `${server.wsUrl}/relay`;
  return {
    url,
    /** For the storage of a core, over restarts; it is gone after the test. */
    folder() {
      folders.push(mkdtempSync(join(tmpdir(), 'nkt-peer-')));
      return /** @type {string} */ (folders.at(-1));
    },
    /** The core. @param {string} nick @param {string} room @param {object} [config] */
    async core(nick, room, config = {}) {
      const peer = await startPeer(nick, { relays: [url()], room, RTCPeerConnection: null, storage: 'none', ...config });
      const { nkt } = peer;
      return {
        ...peer,
        /** @param {string} addr */
        session: (addr) => until(() => nkt.userList[addr]?.session === 'established', `${nick}: a session with ${addr}`),
        isListed: (addr) => Object.keys(nkt.userList).includes(addr),
        dropped: () => nkt.health().dropped ?? {},
        /** Says it, and resolves when all have it. @param {unknown} value @param {string} [to] */
        async say(value, to) {
          const delivery = await nkt.sendEncryptedMessage(value, to);
          const states = [...(await delivery.settled).values()];
          assert.ok(states.length > 0 && states.every((state) => state === 'delivered'), `${nick}: ${states}`);
        },
      };
    },
    /**
     * The second implementation; what it hears is in `heard`.
     * @param {string} room @param {Partial<import('../peer.mjs').Options> & {isApart?: boolean}} [options] isApart: not connected
     */
    async second(room, { isApart = false, ...options } = {}) {
      const peer = new Peer({ room: { name: room }, ...options });
      seconds.push(peer);
      /** @type {any[]} */
      const heard = [];
      peer.on('message', (message) => heard.push(message));
      if (!isApart) await peer.connect(url());
      return { peer, heard, values: () => heard.map(({ value }) => value), ...asks(peer) };
    },
  };
}

/** @param {Peer} peer */
function asks(peer) {
  const name = peer.addressText;
  return {
    address: name,
    /** Whoever it knows under that address, once there is a session. @param {string} addr */
    person: (addr) => until(() => peer.people.established.find(isNamed(addr)), `${name}: a session with ${addr}`),
    /** Once there is a link. @param {string} addr */
    linked: (addr) => until(() => peer.people.list.filter(({ link }) => link).find(isNamed(addr)), `${name}: a link to ${addr}`),
  };
}

/** @param {string} addr */
function isNamed(addr) {
  const name = hex(addressBytes(addr));
  return (person) => person.name === name;
}

/**
 * A seed whose address is lower, or higher, than that one: who begins is for the test to say.
 * @param {'lower' | 'higher'} which @param {string} addr @param {string} prefix of the seed
 */
export function seedOf(which, addr, prefix = 'seed') {
  for (let i = 0; ; i++) {
    const seed = `${prefix} ${i}`;
    const peer = new Peer({ room: { name: 'nowhere' }, seed });
    peer.vanish();
    const isLower = Buffer.compare(peer.address, addressBytes(addr)) < 0;
    if (isLower === (which === 'lower')) return seed;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// For suites of peers who have met over a relay of their own, and what they keep in folders.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { newRoom, startPeer } from './peers.mjs';
import { useRelay } from './relay.mjs';

/** To be called within describe(): the relay runs as long as its tests, peers and folders go after each. */
export function metPeers() {
  const relays = useRelay();
  const folders = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'nkt-met-test-'));
    folders.push(folder);
    return folder;
  }

  /** Peers that know each other and have sessions. @param {string[]} nicks @param {Record<string, object>} [each] config by nick */
  async function meet(nicks, each = {}) {
    const room = newRoom();
    const peers = await Promise.all(nicks.map((nick) => startPeer(nick, { relays, room, ...each[nick] })));
    for (const one of peers) for (const other of peers) if (one !== other) await one.session(other.address);
    return Object.assign(peers, { room });
  }

  return { newFolder, meet };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Clocks that are wrong: people talk all the same, who is off is told, and no identity is lost for it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Terminal } from '../../tools/cli/terminal.mjs';
import { texts } from '../../web/texts.js';
import { startServer } from '../support/servers.mjs';
import { closePeers, newRoom, startPeer } from './support/peers.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const HOUR_MS = 3_600_000;

/** A platform whose wall clock is ahead by so much, and can be set. */
function aheadBy(ms) {
  const clock = { ms, now: () => performance.now(), wall: () => Date.now() + clock.ms };
  return { clock };
}

test('how far a clock is off, in words', () => {
  for (const [ms, words] of [
    [2 * HOUR_MS, 'Your clock is 2 hours ahead of the others’.'], [-15 * 60_000, 'Your clock is 15 minutes behind the others’.'],
    [3 * 24 * HOUR_MS, 'Your clock is 3 days ahead of the others’.'],
    [-56 * 365.25 * 24 * HOUR_MS, 'Your clock is 56 years behind the others’.'],
    [0, ''],
  ]) assert.equal(texts.clockOff(ms), words);
});

describe('a clock that is off', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  let relays;
  before(async () => {
    server = await startServer('app.js');
    relays = [`${server.wsUrl}/relay`];
  });
  after(() => server.stop());
  afterEach(closePeers);

  test('by 2 hours: talks, is told by health() and terminal, and nobody else is; goes away when it is set right', async () => {
    const room = newRoom();
    const config = { relays, room, RTCPeerConnection: null };
    const odd = aheadBy(2 * HOUR_MS);
    const peers = [];
    for (const nick of ['bob', 'cyd', 'dee']) peers.push(await startPeer(nick, config));
    const ann = await startPeer('ann', config, odd);
    const lines = [];
    new Terminal(ann.nkt, (line) => lines.push(line), { to: '', sent: () => {}, quit: () => {} });
    await Promise.all(peers.map((peer) => Promise.all([peer.session(ann.address), ann.session(peer.address)])));
    await (await ann.nkt.sendEncryptedMessage('ahead')).settled;
    for (const peer of peers) {
      assert.deepEqual(peer.values(), ['ahead']);
      const { date } = peer.of('nktencryptedmessagereceived')[0];
      assert.ok(Math.abs(date - Date.now()) < 60_000, 'dated as it was said, not two hours from now');
    }
    await until(() => ann.nkt.health().clock.off, 'Ann is told');
    const { offsetMs, people } = ann.nkt.health().clock;
    assert.ok(Math.abs(offsetMs - 2 * HOUR_MS) < 10_000 && people >= 2, `${offsetMs} of ${people}`);
    for (const peer of peers) assert.equal(peer.nkt.health().clock.off, false);
    await until(() => lines.includes("! Your clock is 2 hours ahead of the others'"), 'the terminal says so');

    odd.clock.ms = 0;
    await (await ann.nkt.sendEncryptedMessage('right')).settled;
    await until(() => !ann.nkt.health().clock.off && ann.nkt.health().clock.people >= 2, 'right again');
    for (const peer of peers) assert.deepEqual(peer.values(), ['ahead', 'right']);
    assert.equal(lines.filter((line) => line.includes('Your clock')).length, 1, 'once');
  });

  test('by 25 hours, then right: the identity in a file starts, and is heard at once', async () => {
    const room = newRoom();
    const config = { relays, room, RTCPeerConnection: null };
    const bob = await startPeer('bob', config);
    const fast = await startPeer('ann', config, aheadBy(25 * HOUR_MS));
    await fast.session(bob.address);
    const file = await fast.nkt.exportIdentity('a passphrase');
    await fast.nkt.close();
    const ann = await startPeer('ann', { ...config, identity: { file, passphrase: 'a passphrase' } });
    assert.equal(ann.address, fast.address);
    await Promise.all([ann.session(bob.address), bob.session(ann.address)]);
    await (await ann.nkt.sendEncryptedMessage('here')).settled;
    assert.deepEqual(bob.values(), ['here']);
  });
});

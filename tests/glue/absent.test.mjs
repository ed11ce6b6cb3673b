// SPDX-License-Identifier: GPL-3.0-or-later
// Peers in processes that are killed, among others that stay: what that costs, and what is shown of them.
// Long: a silent death is waited for, and calm after it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newRoom, startPeer } from './support/peers.mjs';
import { useRelay } from './support/relay.mjs';
import { until } from './support/until.mjs';
import { skip } from './support/wasm.mjs';

const CROWD = fileURLToPath(new URL('support/crowd.mjs', import.meta.url));
const MEET_MS_MAX = 240_000;
const HEARD_MS_MAX = 120_000; // by people that are eight in one process: 1 s, 40 s at a load of 14
const CALM_MS_MAX = 120_000;
const COST_MS_MAX = 120_000; // of eight messages, or 64 where the machine is busy
const LOST_MS_MAX = 60_000; // WebRTC notices a silent death after 15 s, and it is asked for once
const QUIET_MS = 700; // after all have acknowledged a message: what goes out for those who are away
const TRIES = 8; // of a message, until nothing of it is said again because the machine was busy
const MAIL_FRAMES_MAX = 6; // three mailboxes keep it for those who left last, and give it on; less than one frame for each who was killed
const UNASKED = new Set(['greeting', 'digest', 'want', 'records', 'signal', 'walk']);
const CALM_S = 8; // longer than anybody waits for an answer

describe('those who are killed', { skip }, () => {
  const relays = useRelay();
  const children = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Peers in a process of their own, who have met all. */
  async function crowd(given) {
    const child = spawn(process.execPath, [CROWD, JSON.stringify({ relays, ...given })], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = await once(createInterface({ input: child.stdout }), 'line', { signal: AbortSignal.timeout(MEET_MS_MAX) })
      .catch((error) => assert.fail(`those of the other process have not met all within ${MEET_MS_MAX} ms: ${error.message}`));
    return {
      addresses: JSON.parse(line),
      kill: async () => {
        child.kill('SIGKILL');
        await once(child, 'close');
      },
    };
  }

  const frames = (peers) => peers.reduce((sum, { nkt }) => sum + nkt.health().counters.framesOut, 0);

  /** Waits until nothing but pings and a digest is sent for some seconds. */
  async function calm(peers) {
    const end = performance.now() + CALM_MS_MAX;
    for (let quiet = 0, before = frames(peers); quiet < CALM_S;) {
      assert.ok(performance.now() < end, `calm within ${CALM_MS_MAX} ms`);
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
      const now = frames(peers);
      quiet = now - before <= peers.length ? quiet + 1 : 0;
      before = now;
    }
  }

  /** Frames that say, acknowledge or keep something, those that were passed on, and all for one of the killed; what is told and looked
   *  for whether anybody speaks or not, however late on a busy machine, is none of them. */
  const spent = (peers, killed) => peers.reduce((sum, peer) => sum + peer.nkt.health().counters.forwarded
    + peer.of('nktoutgoingdata').filter(({ detail: { data } }) => !UNASKED.has(data.msgType) || killed.includes(data.msgTo)).length, 0);
  const retries = (peers) => peers.reduce((sum, { nkt }) => sum + nkt.health().counters.retries, 0);

  /** What a message to everybody costs all of them, the median of one of each. */
  async function cost(peers, name, killed) {
    const costs = [];
    const end = performance.now() + COST_MS_MAX;
    for (const [i, peer] of peers.entries()) {
      for (let tries = 0, again = 1; tries === 0 || (tries < TRIES && again > 0 && performance.now() < end); tries++) {
        const [before, retried] = [spent(peers, killed), retries(peers)];
        const text = `${name} ${i} ${tries}`;
        const delivery = await peer.nkt.sendEncryptedMessage(text);
        await until(() => peers.every((other) => other === peer || other.values().includes(text)), 'that all who are there hear it');
        await until(() => peers.every(({ address }) => address === peer.address || delivery.recipients.get(address) === 'delivered'),
          'that all who are there acknowledge it');
        await new Promise((resolve) => { setTimeout(resolve, QUIET_MS); });
        again = retries(peers) - retried;
        costs[i] = spent(peers, killed) - before;
      }
    }
    console.log(`  ${name}: ${costs.join(' ')} frames`);
    return costs.sort((a, b) => a - b)[costs.length >> 1];
  }

  /** As long as all that is waited for may take, so that what does not come is told by its name. */
  const timeout = 2 * (MEET_MS_MAX + CALM_MS_MAX + COST_MS_MAX) + HEARD_MS_MAX + LOST_MS_MAX;
  test('cost a message to all nothing: 8 present, 8 killed', { timeout }, async () => {
    const PRESENT = 8;
    const KILLED = 8;
    const room = newRoom();
    const peers = await Promise.all(Array.from({ length: PRESENT }, (_, i) => startPeer(`peer-${i}`, { room, relays })));
    await until(() => peers.every(({ nkt }) => Object.values(nkt.userList).filter(({ session, path }) => session === 'established'
      && path === 'direct').length === PRESENT - 1), 'a mesh', MEET_MS_MAX);
    await calm(peers); // greetings and digests of those who met
    const alone = await cost(peers, 'nobody killed', []);
    const guests = await crowd({ room, count: KILLED, people: PRESENT + KILLED });
    const { recipients } = await peers[0].nkt.sendEncryptedMessage('welcome');
    await until(() => [...recipients.values()].every((state) => state === 'delivered'), 'that all hear the welcome', HEARD_MS_MAX);
    await guests.kill();
    const isGone = ({ nkt }, addr) => nkt.userList[addr] === undefined || nkt.userList[addr].path === 'none';
    await until(() => peers.every((peer) => guests.addresses.every((addr) => isGone(peer, addr))), 'that all know of it', LOST_MS_MAX);
    await calm(peers); // each is asked for once, and given up
    const after = await cost(peers, `${KILLED} killed`, guests.addresses);
    assert.ok(after <= alone + MAIL_FRAMES_MAX, `${after} frames, ${alone} with nobody killed`);
  });

  for (const hasRtc of [false, true]) {
    test(`are not reached "via others" where nobody else is: ${hasRtc ? 'WebRTC' : 'relay alone'}`, { timeout: 120_000 }, async (t) => {
      const room = newRoom();
      const config = { room, relays, ...(hasRtc ? {} : { RTCPeerConnection: null }) };
      const ann = await startPeer('ann', config);
      const bob = await crowd({ room, count: 1, people: 2, hasRtc });
      const [addr] = bob.addresses;
      await until(() => ann.nkt.userList[addr]?.session === 'established' && (!hasRtc || ann.nkt.userList[addr].path === 'direct'),
        'a session', MEET_MS_MAX);
      const seen = new Set();
      const look = () => { seen.add(ann.nkt.userList[addr]?.path ?? 'gone'); };
      ann.nkt.addEventListener('nktstatus', look);
      const looking = setInterval(look, 2);
      t.after(() => clearInterval(looking)); // a test that failed must not hold its process
      await bob.kill();
      await until(() => { look(); return seen.has('none'); }, 'that there is no path', LOST_MS_MAX);
      await new Promise((resolve) => { setTimeout(resolve, 5000); }); // past the time in which a reload would be back
      clearInterval(looking);
      look();
      assert.equal(ann.nkt.userList[addr]?.path ?? 'none', 'none');
      assert.ok(!seen.has('forwarded'), [...seen].join());
    });
  }
});

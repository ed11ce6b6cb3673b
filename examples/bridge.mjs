// SPDX-License-Identifier: GPL-3.0-or-later
// An always-on peer that keeps a room alive: it passes on what is for others, between those who have only the relay and
// those who have only WebRTC, and between relays that know nothing of each other; and is there for newcomers when everybody
// else has left or the relay is gone.
//
//     node examples/bridge.mjs ROOM RELAY_URL...
//
//   NKT_SECRET    of the room
//   NKT_TRACKERS  tracker URLs, comma separated
//   NKT_KEEP      a folder: it is the same peer after each start, and keeps for 7 days what members of the room say to members who
//                 are away: sealed, 64 MiB at most
//
// Between relays 128 KiB a second cross at most: for large rooms run relays as one. It reads what is said to everybody,
// as any member of the room could; give it a room you trust it with.
import { Nkt } from 'nkt';
import { nodeConfig } from 'nkt/node';

const STATUS_MS = 60_000;
const RESTART_MS = 2000;

const [room, ...relays] = process.argv.slice(2);
if (!room || relays.length === 0) {
  console.error('usage: node examples/bridge.mjs ROOM RELAY_URL...');
  process.exit(2);
}
const trackers = (process.env.NKT_TRACKERS ?? '').split(',').filter(Boolean);
const config = { nick: 'bridge', room, secret: process.env.NKT_SECRET ?? null, relays, trackers, ...(await nodeConfig()) };
if (config.secret === '') console.log('NKT_SECRET is empty: the room is open to whoever knows its name');
if (process.env.NKT_KEEP) Object.assign(config, { storage: { folder: process.env.NKT_KEEP }, keeper: true });
if (config.RTCPeerConnection === null) console.log('no WebRTC here (npm install @roamhq/wrtc): it bridges nothing but relays');

process.stdout.on('error', () => {}); // a disk that is full, or a log that nobody reads, ends no bridge
const log = (what) => console.log(new Date().toISOString(), what);
const nkt = new Nkt();

function status() {
  const { running, relays: all = [], degree, users, sessions, keeper, counters } = nkt.health();
  const up = all.filter(({ state }) => state === 'open').length;
  log(`${running ? 'running' : 'stopped'}, ${up} of ${all.length} relays, ${users} users, ${degree} direct links, ${sessions} sessions`
    + (all.length > 1 ? `, put ${/** @type {any} */ (counters)?.bridged ?? 0} frames on another relay` : '')
    + (keeper?.on ? `, keeps ${keeper.count} letters (${Math.ceil(keeper.bytes / 1024)} KiB)` : ''));
}

nkt.plugin({
  name: 'bridge',
  listeners: {
    nktwebrtcseen: ({ detail }) => log(`linked with ${detail}`),
    nktwebrtcleft: ({ detail }) => log(`no link with ${detail} any more`),
    nktstatus: () => { if (!nkt.health().running) setTimeout(start, RESTART_MS); }, // a fault of the core: begin anew
  },
});

async function start() {
  if (nkt.health().running || isLeaving) return;
  try {
    await nkt.init(config);
    log(`bridge ${nkt.mySwarm.address()} in ${room}`);
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    log(`not started: ${message}`);
    if (code === 'NKT_E_OPTIONS') process.exit(2); // it would be no other the next time
    setTimeout(start, RESTART_MS);
  }
}

let isLeaving = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    isLeaving = true;
    await nkt.close();
    process.exit(0);
  });
}

await start();
setInterval(status, STATUS_MS);

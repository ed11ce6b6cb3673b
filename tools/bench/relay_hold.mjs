// SPDX-License-Identifier: GPL-3.0-or-later
// What sockets cost that say nothing, and one that reads nothing.
import { holdLoad, load, machineLoad, memoryOf, startNkt, startRival } from './relay_support.mjs';
import { bar, progress, round, sleep } from './support.mjs';

const IDLE_COUNT = 10_000;
const OFFERED = 300e6;
const SETTLE_MS = 2_000;
/** V8 collects what connecting left behind when it has been idle for 8 s and more. */
const IDLE_MS = 22_000;

async function idle(path, start, dialect) {
  const relay = await start();
  await sleep(SETTLE_MS);
  const before = memoryOf(relay.pid);
  const run = holdLoad(path, { dialect, ports: relay.port, clients: IDLE_COUNT, mode: 'idle' });
  const { connected, connect_seconds: seconds } = await run.first;
  await sleep(IDLE_MS);
  const after = memoryOf(relay.pid);
  await run.end();
  await relay.stop();
  const kb = ((after.resident_mb - before.resident_mb) * 1024) / connected;
  return { connected, seconds, before, after, kb_per_connection: round(kb, 2) };
}

/** 10,000 sockets that say nothing. @param {string} path of the generator */
export async function measureIdle(path) {
  progress('idle: socket.io');
  const rival = await idle(path, startRival, 'socket.io');
  progress('idle: nkt');
  const nkt = await idle(path, startNkt, 'nkt');
  return {
    idle_memory: bar(nkt.kb_per_connection / rival.kb_per_connection, '<=', 0.6),
    idle_memory_in_all_mb: bar(nkt.after.resident_mb, '<=', 85),
    /** Without the pages of the node binary, which all its processes share. */
    idle_memory_own_mb: nkt.after.own_mb,
    idle_accepted_seconds: bar(nkt.seconds, '<=', 10),
    idle: { nkt, socket_io: rival, machine_load: machineLoad() },
  };
}

async function stall(path, start, dialect, offered) {
  const relay = await start();
  await load(path, { dialect, ports: relay.port, clients: 4, window: 8, size: 8000, seconds: 1 }); // warm
  await sleep(SETTLE_MS);
  const before = memoryOf(relay.pid).resident_mb;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, memoryOf(relay.pid).resident_mb)), 20);
  const args = { mode: 'stall', clients: 4, window: 8, size: 8000, bytes: offered };
  const run = await load(path, { dialect, ports: relay.port, pid: relay.pid, ...args }, 120_000);
  clearInterval(watch);
  await relay.stop();
  return { grown_mb: round(peak - before, 1), ...run };
}

/** One of four in a room reads nothing while 300 MB are said in it. @param {string} path of the generator */
export async function measureStall(path) {
  progress('stall');
  const nkt = await stall(path, startNkt, 'nkt', OFFERED);
  const rival = await stall(path, startRival, 'socket.io', OFFERED);
  return {
    stalled_grown_mb: bar(nkt.grown_mb, '<=', 16),
    stalled_is_cut: nkt.cut,
    stalled_others_lost: bar(nkt.unfinished + nkt.lost, '<=', 0),
    stall: { nkt, socket_io: rival },
  };
}

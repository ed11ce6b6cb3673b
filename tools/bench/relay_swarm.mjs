// SPDX-License-Identifier: GPL-3.0-or-later
// A thousand real clients (headless cores over real sockets, in rooms of five) and a relay that is
// restarted under them: nobody is to storm back, everybody is to be back soon.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { Nkt } from '../../glue/nkt.js';
import { machineLoad, options, startNkt } from './relay_support.mjs';
import { freePort } from '../../tests/support/ports.mjs';
import { bar, progress, round, sleep } from './support.mjs';

const CLIENTS = Number(options.clients ?? 1000);
const ROOM_SIZE = 5;
const RESTARTS = 5;
const BACK_MS = 30_000;
/** All clients share this process: when it stood still for longer than this, they came in a clump for
 *  want of CPU. Such a restart is marked noisy and one more is made, a few times at most. */
const STALL_MS = 250;
const EXTRA_MAX = 3;

/** When sockets came up, over all clients. */
const opened = [];
let openCount = 0;

class CountedSocket extends WebSocket {
  constructor(...args) {
    super(...args);
    this.once('open', () => {
      opened.push(performance.now());
      openCount += 1;
      this.once('close', () => (openCount -= 1));
    });
  }
}

/** The most in any window of a second. */
function busiestSecond(times) {
  let most = 0;
  let from = 0;
  for (let to = 0; to < times.length; to++) {
    while (times[to] - times[from] >= 1000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

async function restart(relay, port, isKilled) {
  opened.length = 0;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  await relay.stop(isKilled ? 'SIGKILL' : 'SIGTERM');
  const again = await startNkt({ PORT: String(port) });
  const up = performance.now();
  while (openCount < CLIENTS && performance.now() - up < 2 * BACK_MS) await sleep(50);
  const times = [...opened].sort((a, b) => a - b);
  delay.disable();
  const stalledMs = Math.round(delay.max / 1e6);
  const back95 = times[Math.ceil(CLIENTS * 0.95) - 1];
  return {
    relay: again,
    how: isKilled ? 'SIGKILL' : 'SIGTERM',
    share: busiestSecond(times) / CLIENTS,
    back95: back95 === undefined ? Infinity : (back95 - up) / 1000,
    all: openCount,
    stalledMs,
    noisy: stalledMs > STALL_MS,
  };
}

export async function measureSwarm() {
  progress(`swarm: ${CLIENTS} clients`);
  const port = await freePort();
  let relay = await startNkt({ PORT: String(port) });
  const peers = [];
  for (let i = 0; i < CLIENTS; i++) {
    const nkt = new Nkt();
    peers.push(nkt);
    await nkt.init({
      nick: `n${i}`,
      room: `bench-${Math.floor(i / ROOM_SIZE)}`,
      relays: [`ws://127.0.0.1:${port}/relay`],
      trackers: [],
      storage: 'none',
      WebSocket: CountedSocket,
    });
    if (i % 100 === 99) progress(`  ${i + 1}`);
  }
  for (let i = 0; i < 600 && openCount < CLIENTS; i++) await sleep(100);
  const established = ({ userList }) =>
    Object.values(userList).filter((one) => one.session === 'established').length;
  const sessions = () => peers.reduce((sum, nkt) => sum + established(nkt), 0);
  for (let i = 0; i < 300 && sessions() < CLIENTS * (ROOM_SIZE - 1); i++) await sleep(200);
  const restarts = [];
  const calm = () => restarts.filter((one) => !one.noisy);
  for (let i = 0; i < RESTARTS || (calm().length < RESTARTS && i < RESTARTS + EXTRA_MAX); i++) {
    const { relay: again, ...figure } = await restart(relay, port, i % 2 === 1);
    relay = again;
    restarts.push(figure);
    progress(`  ${JSON.stringify(figure)}`);
  }
  const figures = {
    /** Of those that are not noisy; `restarts` has all. */
    restart_busiest_second: bar(Math.max(...calm().map(({ share }) => share)), '<=', 0.2),
    restart_busiest_second_of_all: round(Math.max(...restarts.map(({ share }) => share)), 3),
    restart_95_back_s: bar(Math.max(...restarts.map(({ back95 }) => back95)), '<=', 30),
    swarm: {
      clients: CLIENTS,
      sessions: sessions(),
      restarts: restarts.map((one) => ({ ...one, share: round(one.share, 3), back95: round(one.back95, 1) })),
      machine_load: machineLoad(),
    },
  };
  await relay.stop();
  return figures;
}

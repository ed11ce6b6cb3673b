// SPDX-License-Identifier: GPL-3.0-or-later
// Two relays as one over NATS: what it adds, who hears whom, and what happens while NATS is dead.
import { WebSocket } from 'ws';
import { load, machineLoad, startNats, startNkt } from './relay_support.mjs';
import { freePort } from '../../tests/support/ports.mjs';
import { bar, median, progress, round, sleep, within } from './support.mjs';

const CLIENTS = 100;
const SAY_EVERY_MS = 10;
const DEAD_MS = 4_000;

/** A client of the relay by hand: calls back with the number in each broadcast. */
function join(port, who, onNumber) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/relay`);
  return new Promise((done, fail) => {
    ws.on('error', fail);
    ws.on('open', () => ws.send(Buffer.concat([Buffer.from([1, 2]), Buffer.alloc(20, 7), Buffer.alloc(20, who)])));
    ws.on('message', (bytes) => {
      if (bytes[0] === 0x81) done({ say: (number) => ws.send(frame(number)), close: () => ws.terminate() });
      if (bytes[0] === 2 && bytes.length === 305) onNumber(bytes.readUInt32BE(1));
    });
  });
}

function frame(number) {
  const bytes = Buffer.alloc(305, 2);
  bytes.writeUInt32BE(number, 1);
  return bytes;
}

async function until(condition, what) {
  await within(
    (async () => {
      while (!condition()) await sleep(10);
    })(),
    20_000,
    what,
  );
}

const hasSaid = (relay, text) => relay.said.some((line) => line.includes(text));

/** The longest time without anything between two moments. */
function longestGap(times, from, to) {
  const inside = [from, ...times.filter((at) => at >= from && at <= to), to];
  return Math.max(...inside.slice(1).map((at, i) => at - inside[i]));
}

/** One says a number every 10 ms; one beside it and one at the other relay listen while NATS dies and comes back. */
async function killAndReturn(a, b, nats, natsPort) {
  const here = [];
  const there = [];
  const talker = await join(a.port, 1, () => {});
  const near = await join(a.port, 2, () => here.push(performance.now()));
  const far = await join(b.port, 3, () => there.push(performance.now()));
  let number = 0;
  const talk = setInterval(() => talker.say(number++), SAY_EVERY_MS);
  const start = performance.now();
  await until(() => there.length > 50, 'hearing over NATS');
  await nats.kill();
  await sleep(DEAD_MS);
  const again = await startNats(natsPort);
  const back = performance.now();
  await until(() => there.at(-1) > back, 'hearing again');
  const gapMs = there.find((at) => at > back) - back;
  await sleep(1_000);
  clearInterval(talk);
  const end = performance.now();
  for (const one of [talker, near, far]) one.close();
  return { gapMs, localGapMs: longestGap(here, start + 200, end - 50), saysSo: hasSaid(a, 'NATS is gone'), again };
}

/** @param {string} path of the generator */
export async function measureNats(path) {
  progress('nats');
  const natsPort = await freePort();
  const nats = await startNats(natsPort);
  const env = { NATS_URL: `nats://127.0.0.1:${natsPort}` };
  const [single, a, b] = await Promise.all([startNkt(), startNkt(env), startNkt(env)]);
  await until(() => [a, b].every((one) => hasSaid(one, 'NATS is there')), 'NATS');
  const calm = { dialect: 'nkt', clients: CLIENTS, mode: 'rate', rate: 50, seconds: 2 };
  const added = [];
  let worst = 1;
  for (let i = 0; i < 5; i++) {
    const alone = await load(path, { ...calm, ports: single.port });
    const two = await load(path, { ...calm, ports: `${a.port},${b.port}` });
    added.push((two.p50_us - alone.p50_us) / 1000);
    worst = Math.min(worst, two.received / two.expected);
  }
  const { gapMs, localGapMs, saysSo, again } = await killAndReturn(a, b, nats, natsPort);
  await Promise.all([single, a, b].map((one) => one.stop()));
  await again.kill();
  return {
    nats_everybody_hears: bar(worst, '>=', 1),
    nats_added_p50_ms: bar(median(added), '<=', 0.4),
    nats_gap_after_return_s: bar(gapMs / 1000, '<=', 2),
    nats_says_it_is_gone: saysSo,
    /** Of messages 10 ms apart, while NATS was dead and came back. */
    nats_local_longest_gap_ms: round(localGapMs),
    nats: { added_p50_ms: added.map((ms) => round(ms, 3)), dead_ms: DEAD_MS, machine_load: machineLoad() },
  };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// 1 KiB messages between two tabs over WebRTC: time there and back through an echo by the application, and how many go
// through when the sender awaits the promise of each send. nkt encrypts and acknowledges, trystero does not. In the same run a bare data
// channel, with JSON and nothing else: the limit.
import { attempt, bar, median, progress, quantile, ratio, round, sleep, spread, within } from './support.mjs';

const WAIT_MS = 20_000;
const ROUND_TRIPS = 200;
const WARM_UP = 50;
const MESSAGES = 3_000;
const BYTES = 1024;

/** In the receiver: counts and echoes. */
function serve() {
  window.count = 0;
  window.ids = new Set();
  window.oneWay = [];
  window.bench.on((value, from) => {
    if (value.at) return void window.oneWay.push(window.bench.clock() - value.at);
    if (value.echo) return void window.bench.send({ ...value, echo: false }, from);
    window.count++;
    window.ids.add(value.i);
    window.last = window.bench.clock();
  });
}

/** In the sender: round trips one after the other, ms each. */
async function echo({ count, bytes }) {
  const body = 'x'.repeat(bytes - 30);
  const times = [];
  for (let i = 0; i < count; i++) {
    const from = performance.now();
    const back = new Promise((done) => window.bench.on((value) => value.i === i && done()));
    await window.bench.send({ i, echo: true, body });
    await back;
    times.push(performance.now() - from);
  }
  await window.bench.settled();
  return times;
}

/** In the sender: one message after the other, each with the time it was sent at; nothing is answered. */
async function drip({ count, bytes }) {
  const body = 'x'.repeat(bytes - 50);
  for (let i = 0; i < count; i++) {
    await window.bench.send({ i, at: window.bench.clock(), body });
    await new Promise((done) => setTimeout(done, 8));
  }
  await window.bench.settled();
}

/** In the sender: as many as back-pressure lets through; the time of the first send. */
async function flood({ count, bytes }) {
  const body = 'x'.repeat(bytes - 30);
  const from = window.bench.clock();
  for (let i = 0; i < count; i++) await window.bench.send({ i, echo: false, body });
  window.sent = window.bench.clock();
  window.done = window.bench.settled().then(() => (window.acknowledged = window.bench.clock()));
  return from;
}

async function arrived(tab, count) {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end && (await tab.evaluate(() => window.count)) < count) await sleep(50);
  await sleep(200); // whatever comes twice
  return tab.evaluate(() => ({ count: window.count, distinct: window.ids.size, last: window.last }));
}

const KINDS = { trystero: 'trystero', bare: 'bare', memory: 'nkt', webrtc: 'nkt' };

/** Starts both; they find each other. */
async function join(bench, mode, room, [a, b]) {
  if (mode === 'bare') {
    const answer = await b.evaluate((offer) => window.bench.answer(offer), await a.evaluate(() => window.bench.offer()));
    return a.evaluate((description) => window.bench.accept(description), answer);
  }
  for (const tab of [a, b]) {
    await tab.evaluate((c) => void window.bench.join(c), bench.config(mode, room, tab === a ? 'a' : 'b'));
  }
}

async function once(bench, mode, room) {
  const { tabs, close } = await bench.newTabs(KINDS[mode], 2);
  try {
    const [a, b] = tabs;
    await join(bench, mode, room, tabs);
    const up = tabs.map((tab) => tab.evaluate(() => Promise.all([window.bench.connected, window.bench.direct()])));
    await within(Promise.all(up), WAIT_MS, `${mode} connecting`);
    await sleep(500);
    await b.evaluate(serve);
    await within(a.evaluate(echo, { count: WARM_UP, bytes: BYTES }), WAIT_MS, `${mode} warm-up`);
    const commitsOf = (tab) => tab.evaluate(() => window.bench.commits?.() ?? 0);
    const commits = async () => await commitsOf(a) + await commitsOf(b);
    const before = await commits();
    const times = await within(a.evaluate(echo, { count: ROUND_TRIPS, bytes: BYTES }), WAIT_MS, `${mode} echo`);
    const commitsPerTrip = (await commits() - before) / ROUND_TRIPS;
    await within(a.evaluate(drip, { count: ROUND_TRIPS, bytes: BYTES }), WAIT_MS, `${mode} drip`);
    const oneWay = await b.evaluate(() => window.oneWay);
    const from = await within(a.evaluate(flood, { count: MESSAGES, bytes: BYTES }), 3 * WAIT_MS, `${mode} flood`);
    const got = await arrived(b, MESSAGES);
    const settled = await within(a.evaluate(() => window.done), WAIT_MS, `${mode} settling`);
    return {
      p50: median(times),
      p95: quantile(times, 0.95),
      commitsPerTrip,
      oneWay: median(oneWay),
      rate: got.count / ((got.last - from) / 1000),
      acknowledgedRate: MESSAGES / ((settled - from) / 1000),
      lost: MESSAGES - got.distinct,
      repeated: got.count - got.distinct,
    };
  } finally {
    await close();
  }
}

function summary(runs) {
  const good = runs.filter((run) => typeof run === 'object');
  const of = (key, digits = 2) => spread(good.map((run) => run[key]), digits);
  return {
    round_trip_p50_ms: of('p50'),
    round_trip_p95_ms: of('p95'),
    transactions_per_round_trip: of('commitsPerTrip'), // of both tabs
    one_way_p50_ms: of('oneWay'),
    messages_per_s: of('rate', 0),
    megabytes_per_s: good.length ? round((median(good.map((run) => run.rate)) * BYTES) / 1e6, 2) : null,
    settled_per_s: of('acknowledgedRate', 0),
    lost: good.reduce((sum, run) => sum + run.lost, 0),
    repeated: good.reduce((sum, run) => sum + run.repeated, 0),
    failed_tries: runs.length - good.length,
  };
}

export async function measureMessages(bench, tries) {
  const modes = Object.keys(KINDS).filter((mode) => KINDS[mode] === 'bare' || bench.has.has(KINDS[mode]));
  const runs = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (let i = 0; i < tries; i++) {
    for (let k = 0; k < modes.length; k++) {
      const mode = modes[(i + k) % modes.length];
      runs[mode].push(await attempt(mode, () => once(bench, mode, `messages-${i}-${Date.now()}`)));
    }
    const text = (run) => (run.rate ? `${round(run.oneWay, 2)} ms, back ${round(run.p50, 2)} ms, ${Math.round(run.rate)}/s` : 'failed');
    progress(`messages ${i + 1}/${tries}: ${modes.map((m) => `${m} ${text(runs[m].at(-1))}`).join('; ')}`);
  }
  const sides = Object.fromEntries(modes.map((mode) => [mode, summary(runs[mode])]));
  const to = (side, other) => (key) => ratio(sides[side]?.[key].median ?? NaN, sides[other]?.[key].median);
  const of = to('memory', 'trystero');
  const stored = to('webrtc', 'trystero');
  return {
    bytes: BYTES,
    messages: MESSAGES,
    ...sides,
    one_way_to_trystero: bar(of('one_way_p50_ms'), '<=', 1),
    round_trip_to_trystero: bar(of('round_trip_p50_ms'), '<=', 1.5),
    round_trip_to_bare: bar(to('memory', 'bare')('round_trip_p50_ms'), '<=', 2),
    rate_to_trystero: bar(of('messages_per_s'), '>=', 1.5),
    stored_one_way_to_trystero: bar(stored('one_way_p50_ms'), '<=', 1.2),
    stored_round_trip_to_trystero: bar(stored('round_trip_p50_ms'), '<=', 2),
    stored_rate_to_trystero: bar(stored('messages_per_s'), '>=', 1.2),
    nkt_lost: sides.memory ? bar(sides.memory.lost + sides.webrtc.lost, '<=', 0) : null,
  };
}

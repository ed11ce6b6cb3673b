// SPDX-License-Identifier: GPL-3.0-or-later
// One file from tab to tab, on loopback: how quick, what it takes of both machines, whether page and messages stay quick meanwhile.
import { createHash } from 'node:crypto';
import { People, sides } from './content_people.mjs';
import { attempt, bar, progress, quantile, ratio, round, sleep, spread, within } from './support.mjs';

const IDLE_MS = 6_000;
const EVERY_MS = 20;
const PER_MB_MS = 1_000; // slower than this, it hangs

/** In the one who asks: there and back, ms each, until `window.isOver`. */
async function pings({ ms, everyMs }) {
  const times = [];
  const sent = new Map();
  window.bench.on((value) => {
    if (value.pong === undefined) return;
    times.push(performance.now() - sent.get(value.pong));
    sent.delete(value.pong);
  });
  const end = performance.now() + ms;
  for (let i = 0; performance.now() < end && !window.isOver; i++) {
    sent.set(i, performance.now());
    window.bench.send({ ping: i }); // what waits before it is sent, waits as well
    await new Promise((done) => setTimeout(done, everyMs));
  }
  const late = performance.now() + 2_000;
  while (sent.size > 0 && performance.now() < late) await new Promise((done) => setTimeout(done, 20));
  for (const at of sent.values()) times.push(performance.now() - at);
  return times;
}

const answer = () => window.bench.on((value, from) => value.ping !== undefined && void window.bench.send({ pong: value.ping }, from));

/** Of what that tab has, in hex. */
export async function hashOf(tab) {
  return tab.evaluate(async () => {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await window.bench.bytes()));
    return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  });
}

async function showProgress(tab, side, file, done) {
  let before = 0;
  while (!done.isDone) {
    await sleep(1_000);
    const loaded = await tab.evaluate((size) => window.bench.loaded?.() ?? window.bench.share() * size, file.size).catch(() => 0);
    if (!done.isDone) progress(`  ${side}: ${round(loaded / 1e6)} of ${round(file.size / 1e6)} MB, ${round((loaded - before) / 1e6)} MB/s`);
    before = loaded;
  }
}

/** With messages meanwhile: only these are timed, since they cost something themselves. */
async function once(side, file, isTalking) {
  const people = await People.open(side, ['a', 'b']);
  try {
    await people.meet(side);
    const [a, b] = people.tabs;
    await a.setInputFiles('#bench-file', file.path);
    await b.evaluate((size) => window.bench.take(size), file.size);
    await sleep(500);
    let idle = [];
    let talk = Promise.resolve([]);
    if (isTalking) {
      await b.evaluate(answer);
      await a.evaluate(pings, { ms: 1_000, everyMs: EVERY_MS });
      idle = await a.evaluate(pings, { ms: IDLE_MS, everyMs: EVERY_MS });
    }
    await Promise.all(people.tabs.map((tab) => tab.evaluate(() => Object.assign(window, { longest: 0, longTasks: 0 }))));
    const before = people.processes.map((one) => one.cpu);
    const most = people.processes.map((one) => one.watchMemory());
    const done = { isDone: false };
    const shown = showProgress(b, side, file, done);
    const giving = a.evaluate(() => window.bench.give(document.getElementById('bench-file').files[0]));
    if (isTalking) talk = a.evaluate(pings, { ms: 1e6, everyMs: EVERY_MS });
    const taken = b.evaluate(() => window.bench.taken());
    taken.catch(() => {});
    const { from, said } = await giving;
    const at = await within(taken, 10_000 + file.size / 1e6 * PER_MB_MS, side).finally(() => (done.isDone = true));
    const memory = most.map((of) => of() / 1e6);
    const cpu = people.processes.map((one, i) => ({ all: one.cpu.all - before[i].all, page: one.cpu.page - before[i].page }));
    await a.evaluate(() => (window.isOver = true));
    const busy = await talk;
    await shown;
    const longest = await Promise.all(people.tabs.map((tab) => tab.evaluate(() => [window.longest, window.longTasks])));
    if (await hashOf(b) !== file.hash) throw new Error('not what was sent');
    const mb = file.size / 1e6;
    return {
      rate: mb / ((at - from) / 1000), linkRate: mb / ((at - said) / 1000), shareRate: said > from ? mb / ((said - from) / 1000) : NaN,
      cpu: cpu.map(({ all }) => all / mb), page: cpu.map(({ page }) => page / mb), memory, longest,
      idle: idle.length ? quantile(idle, 0.99) : NaN, busy: busy.length ? quantile(busy, 0.99) : NaN, pings: busy.length,
      idle50: idle.length ? quantile(idle, 0.5) : NaN, busy50: busy.length ? quantile(busy, 0.5) : NaN,
    };
  } finally {
    await people.close();
  }
}

function summary(runs, talks) {
  const good = runs.filter((run) => typeof run === 'object');
  const spoken = talks.filter((run) => typeof run === 'object');
  const of = (pick, digits = 1, from = good) => spread(from.map(pick), digits);
  const both = (key) => ({ sender: of((run) => run[key][0]), receiver: of((run) => run[key][1]) });
  return {
    megabytes_per_s: of(({ rate }) => rate),
    after_sealing: of(({ linkRate }) => linkRate),
    sealing: of(({ shareRate }) => shareRate),
    cpu_ms_per_megabyte: both('cpu'),
    cpu_ms_per_megabyte_in_pages: both('page'),
    peak_memory_mb: both('memory'),
    longest_task_ms: { sender: of((run) => run.longest[0][0], 0), receiver: of((run) => run.longest[1][0], 0) },
    messages: {
      idle_p50_ms: of(({ idle50 }) => idle50, 1, spoken), idle_p99_ms: of(({ idle }) => idle, 1, spoken),
      meanwhile_p50_ms: of(({ busy50 }) => busy50, 1, spoken), meanwhile_p99_ms: of(({ busy }) => busy, 1, spoken),
      count: of(({ pings: n }) => n, 0, spoken),
    },
    failed_tries: runs.length - good.length + talks.length - spoken.length,
  };
}

function say(run) {
  if (typeof run !== 'object') return 'failed';
  const each = (list, digits = 1) => list.map((x) => round(x, digits)).join(' + ');
  return `${round(run.rate)} MB/s (${round(run.linkRate)} after sealing), CPU ${each(run.cpu)} ms/MB, memory ${each(run.memory, 0)} MB, `
    + `longest tasks ${each(run.longest.map(([ms]) => ms), 0)} ms`;
}

export async function measurePair({ file, tries, only }) {
  const all = sides().filter((side) => !only || only.includes(side));
  const runs = Object.fromEntries(all.map((side) => [side, []]));
  const talks = Object.fromEntries(all.map((side) => [side, []]));
  for (let i = 0; i < tries; i++) {
    for (let k = 0; k < all.length; k++) { // in turn
      const side = all[(i + k) % all.length];
      runs[side].push(await attempt(side, () => once(side, file, false)));
      progress(`pair ${i + 1}/${tries}: ${side} ${say(runs[side].at(-1))}`);
      talks[side].push(await attempt(side, () => once(side, file, true)));
      const { idle, busy, pings: count } = talks[side].at(-1);
      progress(`pair ${i + 1}/${tries}: ${side} messages p99 ${round(idle)} ms idle, ${round(busy)} ms of ${count} meanwhile`);
    }
  }
  const result = Object.fromEntries(all.map((side) => [side, summary(runs[side], talks[side])]));
  const rate = (side) => result[side]?.megabytes_per_s.median ?? NaN;
  const { nkt } = result;
  return {
    megabytes: file.size / 1e6,
    ...result,
    rate_to_trystero: bar(ratio(rate('nkt'), rate('trystero')), '>=', 1.2),
    rate_to_bare: bar(ratio(rate('nkt'), rate('bare')), '>=', 0.7),
    sender_memory_mb: bar(nkt?.peak_memory_mb.sender.median, '<=', 64),
    receiver_memory_mb: bar(nkt?.peak_memory_mb.receiver.median, '<=', 64),
    receiver_longest_task_ms: bar(nkt?.longest_task_ms.receiver.median, '<=', 50),
    messages_p99_to_idle: bar(ratio(nkt?.messages.meanwhile_p99_ms.median, nkt?.messages.idle_p99_ms.median), '<=', 3),
  };
}

/** @param {import('node:crypto').BinaryLike} bytes */
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

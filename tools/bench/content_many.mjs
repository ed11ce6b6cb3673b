// SPDX-License-Identifier: GPL-3.0-or-later
// One file to nine others, each behind a line of its own, and the same with its author killed on the way: what a swarm is for.
import { Network } from '../../tests/support/network.mjs';
import { hashOf } from './content_pair.mjs';
import { People, sides } from './content_people.mjs';
import { attempt, bar, progress, ratio, round, sleep, spread, within } from './support.mjs';

export const LINE = { mbit: 50, delayMs: 20 };
const NAMES = Array.from({ length: 10 }, (_, i) => `p${i}`);
const KILLED_AT = 1.2;
const LOOK_MS = 20;

/** @returns {{network: Network, isDelayed: boolean}} */
export function shapedNetwork(names) {
  const network = new Network(names);
  try {
    return { network, isDelayed: names.map((name) => network.shape(name, LINE)).every(Boolean) };
  } catch (error) {
    network.close();
    throw error;
  }
}

/** What all have, each second. */
export async function show(tabs, what, size, done) {
  while (!done.isDone) {
    await sleep(1_000);
    const share = (all) => window.bench.share?.() ?? window.bench.loaded() / all;
    const shares = await Promise.all(tabs.map((tab) => tab.evaluate(share, size).catch(() => 0)));
    if (!done.isDone) progress(`  ${what}: ${shares.map((share) => `${Math.round(share * 100)} %`).join(', ')}`);
  }
}

async function once(side, file, isKilled) {
  const { network, isDelayed } = shapedNetwork(NAMES);
  let people;
  try {
    people = await People.open(side, NAMES, network);
    await people.meet(side);
    const [author, ...others] = people.tabs;
    await author.setInputFiles('#bench-file', file.path);
    for (const tab of others) await tab.evaluate((size) => window.bench.take(size), file.size);
    await sleep(1_000);
    const before = await network.sent(NAMES[0]);
    const cpu = () => people.processes.reduce((sum, one) => sum + one.cpu.all, 0);
    const cpuBefore = cpu();
    const done = { isDone: false };
    const shown = show(others, side, file.size, done);
    const patience = 60_000 + file.size * 9 * 8 / LINE.mbit / 1e3 * 4;
    const taken = Promise.all(others.map((tab) => tab.evaluate(() => window.bench.taken())));
    taken.catch(() => {});
    const { from, said } = await author.evaluate(() => window.bench.give(document.getElementById('bench-file').files[0]));
    let killed = NaN;
    if (isKilled) {
      while ((killed = (await network.sent(NAMES[0]) - before) / file.size) < KILLED_AT) await sleep(LOOK_MS);
      people.processes[0].kill();
    }
    const times = await within(taken, patience, side).finally(() => (done.isDone = true));
    const uploaded = (await network.sent(NAMES[0]) - before) / file.size;
    const cpuAll = cpu() - cpuBefore;
    await shown;
    for (const tab of others) if (await hashOf(tab) !== file.hash) throw new Error('not what was sent');
    return {
      seconds: (Math.max(...times) - from) / 1000, first: (Math.min(...times) - from) / 1000, sealing: (said - from) / 1000,
      uploaded, killed, cpu: cpuAll / 1000, isDelayed,
    };
  } finally {
    await people?.close();
    network.close();
  }
}

function summary(runs) {
  const good = runs.filter((run) => typeof run === 'object');
  const of = (key, digits = 2) => spread(good.map((run) => run[key]), digits);
  return {
    last_done_s: of('seconds'), first_done_s: of('first'), of_it_sealing_s: of('sealing'), uploaded_by_author: of('uploaded'),
    cpu_s_of_all: of('cpu'), failed_tries: runs.length - good.length,
  };
}

const say = (run) => (typeof run !== 'object' ? 'failed'
  : `all done after ${round(run.seconds)} s, the author sent ${round(run.uploaded, 2)} times the size, CPU ${round(run.cpu)} s`);

function line(runs) {
  const { isDelayed } = runs.find((run) => typeof run === 'object') ?? {};
  return { ...LINE, delayMs: isDelayed ? LINE.delayMs : 'none: no sch_netem here' };
}

export async function measureMany({ file, tries, only }) {
  const all = sides().filter((side) => side !== 'bare' && (!only || only.includes(side)));
  const runs = Object.fromEntries(all.map((side) => [side, []]));
  for (let i = 0; i < tries; i++) {
    for (let k = 0; k < all.length; k++) {
      const side = all[(i + k) % all.length];
      runs[side].push(await attempt(side, () => once(side, file, false)));
      progress(`many ${i + 1}/${tries}: ${side} ${say(runs[side].at(-1))}`);
    }
  }
  const result = Object.fromEntries(all.map((side) => [side, summary(runs[side])]));
  const seconds = (side) => result[side]?.last_done_s.median ?? NaN;
  return {
    megabytes: file.size / 1e6, receivers: NAMES.length - 1, line: line(Object.values(runs).flat()), ...result,
    time_to_trystero: bar(ratio(seconds('nkt'), seconds('trystero')), '<=', 0.35),
    author_uploads: bar(result.nkt?.uploaded_by_author.median, '<=', 2.5),
  };
}

/** nkt alone: of the others nobody goes on when the author is gone. */
export async function measureKilled({ file, tries, only }) {
  if (!sides().includes('nkt') || (only && !only.includes('nkt'))) return 'skipped';
  const runs = [];
  for (let i = 0; i < tries; i++) {
    runs.push(await attempt('author killed', () => once('nkt', file, true)));
    progress(`author killed ${i + 1}/${tries}: ${say(runs.at(-1))}`);
  }
  const good = runs.filter((run) => typeof run === 'object');
  return {
    megabytes: file.size / 1e6, line: line(runs), killed_at: spread(good.map(({ killed }) => killed), 2), ...summary(runs),
    all_finished: bar(good.length / runs.length, '>=', 1),
  };
}

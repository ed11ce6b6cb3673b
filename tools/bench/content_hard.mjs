// SPDX-License-Identifier: GPL-3.0-or-later
// All at once: a receiver is reloaded midway, then page, relay and tracker die, and one of those who have the file sends every tenth piece
// with a byte changed.
import { show, shapedNetwork } from './content_many.mjs';
import { hashOf } from './content_pair.mjs';
import { load, People, sides } from './content_people.mjs';
import { attempt, bar, progress, round, sleep, spread, within } from './support.mjs';

const NAMES = ['author', 'honest', 'hostile', 'reloaded'];
const BAD_OF = 10;
const RELOADED_AT = 0.2;
const WAIT_MS = 60_000;
const PIECE = 65_520;

/** In the hostile one: DATA frames (docs/protocol.md: 2b 06, tag 16, index u32, part u8, bytes) of every tenth piece are changed. */
function corrupt(every) {
  window.corrupted = new Set();
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function bad(data) {
    if (!ArrayBuffer.isView(data) || data[0] !== 0x2b || data[1] !== 0x06) return send.call(this, data);
    const index = new DataView(data.buffer, data.byteOffset).getUint32(18);
    if (index % every !== 0) return send.call(this, data);
    window.corrupted.add(index);
    const changed = data.slice();
    changed[changed.length - 1] ^= 1;
    return send.call(this, changed);
  };
}

const loadedOf = (tab) => tab.evaluate(() => window.bench.loaded());

async function until(what, condition) {
  const end = Date.now() + WAIT_MS;
  while (!await condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${WAIT_MS} ms`);
    await sleep(20);
  }
}

async function once(file) {
  const { network, isDelayed } = shapedNetwork(NAMES);
  let people;
  try {
    people = await People.open('nkt', NAMES, network);
    const { room } = await people.meet('nkt');
    const [author, honest, hostile, reloaded] = people.tabs;
    await author.setInputFiles('#bench-file', file.path);
    await hostile.evaluate(corrupt, BAD_OF);
    for (const tab of [honest, hostile]) await tab.evaluate((size) => window.bench.take(size), file.size);
    await reloaded.evaluate(() => window.bench.take());
    const { from } = await author.evaluate(() => window.bench.give(document.getElementById('bench-file').files[0]));
    await until('some of it', async () => await loadedOf(reloaded) > RELOADED_AT * file.size);
    const first = await reloaded.evaluate(() => window.bench.pieces());
    await load(reloaded, 'nkt', people.servers.url);
    await reloaded.evaluate((c) => void window.bench.join(c), people.config('nkt', room, NAMES[3]));
    const left = 1 - await within(reloaded.evaluate(() => window.bench.again()), WAIT_MS, 'what was there') / file.size;
    await within(reloaded.evaluate(() => window.bench.direct()), WAIT_MS, 'a link again');
    people.servers.stop();
    const done = { isDone: false };
    const shown = show([honest, hostile, reloaded], 'reloaded', file.size, done);
    const taken = Promise.all([honest, hostile, reloaded].map((tab) => tab.evaluate(() => window.bench.taken())));
    const times = await within(taken, WAIT_MS, 'after the reload').finally(() => (done.isDone = true));
    await shown;
    for (const tab of [honest, hostile, reloaded]) if (await hashOf(tab) !== file.hash) throw new Error('not what was sent');
    const count = Math.ceil(file.size / PIECE);
    const came = first + await reloaded.evaluate(() => window.bench.pieces());
    return {
      seconds: (Math.max(...times) - from) / 1000, left, corrupted: await hostile.evaluate(() => window.corrupted.size),
      again: Math.max(0, came - count) / count, isDelayed,
      bad: await Promise.all([honest, reloaded].map((tab) => tab.evaluate(() => window.bench.bad()))),
    };
  } finally {
    await people?.close();
    network.close();
  }
}

function say(run) {
  if (typeof run !== 'object') return 'failed';
  return `done after ${round(run.seconds)} s, ${round(run.left * 100)} % were missing after the reload, ${run.corrupted} pieces corrupted, `
    + `${run.bad.join(' and ')} seen, ${round(run.again * 100, 2)} % came again`;
}

export async function measureHard({ file, tries, only }) {
  if (!sides().includes('nkt') || (only && !only.includes('nkt'))) return 'skipped';
  const runs = [];
  for (let i = 0; i < tries; i++) {
    const run = await attempt('hard', () => once(file));
    runs.push(run);
    progress(`hard ${i + 1}/${tries}: ${say(run)}`);
  }
  const good = runs.filter((run) => typeof run === 'object');
  const of = (key, digits = 2) => spread(good.map((run) => run[key]), digits);
  return {
    megabytes: file.size / 1e6, all_done_s: of('seconds'), missing_after_reload: of('left'), pieces_sent_corrupted: of('corrupted', 0),
    came_again: of('again', 4), finished: bar(good.length / runs.length, '>=', 1),
    came_again_share: bar(good.length ? Math.max(...good.map(({ again }) => again)) : NaN, '<=', 0.01),
  };
}

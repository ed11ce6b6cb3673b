// SPDX-License-Identifier: GPL-3.0-or-later
// Ten tabs in one room: when every tab has a session with every other, then one message from each to all.
import { attempt, bar, progress, sleep, spread, within } from './support.mjs';

const TABS = 10;
const WAIT_MS = 30_000;

/** In a tab: joins; window.ready is the time at which it has a session with `others` users. */
function enter({ config, others }) {
  window.got = [];
  window.bench.on((value, from) => window.got.push(`${from} ${value.text}`));
  window.ready = new Promise((done) => {
    const look = () => {
      if (window.bench.sessions() < others) return;
      window.removeEventListener('nktsession', look);
      done(window.bench.clock());
    };
    window.addEventListener('nktsession', look);
  });
  return window.bench.join(config);
}

async function once(bench, room) {
  const { tabs, close } = await bench.newTabs('nkt', TABS);
  try {
    const args = tabs.map((_, i) => ({ config: bench.config('relay', room, `tab ${i}`), others: TABS - 1 }));
    const starts = await Promise.all(tabs.map((tab, i) => tab.evaluate(enter, args[i])));
    const wait = Promise.all(tabs.map((tab) => tab.evaluate(() => window.ready)));
    const ready = await within(wait, WAIT_MS, 'sessions').catch(() => null);
    const sessions = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.bench.sessions())));
    const result = {
      sessions: sessions.reduce((a, b) => a + b, 0),
      fromFirst: ready ? Math.max(...ready) - Math.min(...starts) : NaN,
      fromLast: ready ? Math.max(...ready) - Math.max(...starts) : NaN,
    };
    const say = (i) => void window.nkt.sendEncryptedMessage({ text: `from ${i}` });
    await Promise.all(tabs.map((tab, i) => tab.evaluate(say, i)));
    const got = await receive(tabs);
    const distinct = got.map((list) => new Set(list).size);
    return {
      ...result,
      arrived: distinct.reduce((a, b) => a + b, 0),
      repeated: got.reduce((sum, list, i) => sum + list.length - distinct[i], 0),
    };
  } finally {
    await close();
  }
}

/** What each tab got once all have enough and a second passed for what comes twice. */
async function receive(tabs) {
  const read = () => Promise.all(tabs.map((tab) => tab.evaluate(() => window.got)));
  const end = Date.now() + WAIT_MS / 2;
  while (Date.now() < end && (await read()).some((list) => list.length < TABS - 1)) await sleep(100);
  await sleep(1_000);
  return read();
}

export async function measureTen(bench, tries) {
  if (!bench.has.has('nkt')) return 'skipped';
  const runs = [];
  for (let i = 0; i < tries; i++) {
    const run = await attempt('ten tabs', () => once(bench, `ten-${i}-${Date.now()}`));
    if (run) runs.push(run);
    progress(`ten tabs ${i + 1}/${tries}: ${JSON.stringify(run)}`);
  }
  const all = TABS * (TABS - 1);
  const fromFirst = spread(runs.map((run) => run.fromFirst), 0);
  return {
    tabs: TABS,
    ready_from_first_init_ms: fromFirst,
    ready_from_last_init_ms: spread(runs.map((run) => run.fromLast), 0),
    sessions: runs.map((run) => `${run.sessions} of ${all}`),
    messages: runs.map((run) => `${run.arrived} of ${all}, ${run.repeated} repeated`),
    all_once: runs.length === tries && runs.every((run) => run.arrived === all && run.repeated === 0),
    ready_within_4000_ms: bar(fromFirst.median ?? NaN, '<=', 4000),
  };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A cold page on a slow processor: when its form can be used, and what its main thread worked for it; and on a slow line.
import { slowLine } from './slow_line.mjs';
import { attempt, bar, progress, sleep, spread, within } from './support.mjs';
import { taskTrace } from './trace.mjs';

const SLOWER = 4; // times: an old telephone
const CALM_MS = 1000; // without a long task: whatever there was to do is done
const WAIT_MS = 120_000;
const CPU_MS_MAX = 1000;
const LINE = { mbit: 10, rttMs: 100 };
const LINE_MS_MAX = 1200;
const NOT_SEEN = { clock: NaN, usable: NaN, rest: NaN };

/** In the page, before its own scripts: every task of more than 50 ms, and when the field for the nick is there. */
function watch() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });
  window.usable = new Promise((done) => {
    const look = () => (document.activeElement?.id === 'nick' ? done(performance.mark('usable').startTime) : requestAnimationFrame(look));
    look();
  });
}

/**
 * ms: until the form can be used and no long task is left, by the clock; and what the main thread worked until the form could be used,
 * and until the page was at rest.
 */
async function interactive(bench) {
  const context = await bench.browser.newContext();
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.addInitScript(watch);
    let [usable, long] = [NaN, []];
    const { tasks, marks } = await taskTrace(page, 'interactive', async () => {
      await page.goto(bench.url.nkt, { waitUntil: 'commit' });
      usable = await within(page.evaluate(() => window.usable), WAIT_MS, 'the form');
      await sleep(CALM_MS);
      long = await page.evaluate(() => window.longTasks);
    });
    const ready = marks.findLast(({ name }) => name === 'usable')?.at ?? NaN;
    const begun = ready - usable;
    const worked = (until) => tasks.filter(({ at }) => at >= begun && at <= until).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    return { clock: Math.max(usable, ...long.map(({ at, ms }) => at + ms)), usable: worked(ready), rest: worked(Infinity) };
  } finally {
    await context.close();
  }
}

/** ms by the clock until the form can be used, with nothing known of the server. @param {any} bench @param {number} port */
async function overLine(bench, port) {
  const context = await bench.browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(`http://localhost:${port}/`, { waitUntil: 'commit' });
    return await within(page.evaluate(() => window.usable), WAIT_MS, 'the form');
  } finally {
    await context.close();
  }
}

async function measureLine(bench, tries) {
  const line = await slowLine(Number(new URL(bench.url.nkt).port), LINE);
  const times = [];
  try {
    for (let i = 0; i < tries; i++) {
      times.push(await attempt('line', () => overLine(bench, line.port)));
      progress(`line ${i + 1}/${tries}: usable after ${Math.round(times.at(-1))} ms, ${LINE.mbit} Mbit/s and ${LINE.rttMs} ms`);
    }
  } finally {
    line.close();
  }
  const result = spread(times, 0);
  return { ...LINE, usable_ms: result, usable_within: bar(result.median ?? NaN, '<=', LINE_MS_MAX) };
}

export async function measureCold(bench, tries) {
  if (!bench.has.has('nkt')) return 'skipped';
  const seen = [];
  for (let i = 0; i < tries; i++) {
    const one = await attempt('cold', () => interactive(bench));
    seen.push(Number.isNaN(one) ? NOT_SEEN : one);
    const [clock, usable, rest] = Object.values(seen.at(-1)).map(Math.round);
    progress(`cold ${i + 1}/${tries}: at rest after ${clock} ms; worked ${usable} ms until usable, ${rest} in all, ${SLOWER} times slower`);
  }
  const of = (what) => spread(seen.map((one) => one[what]), 0);
  return {
    slower: SLOWER, at_rest_ms: of('clock'), usable_cpu_ms: of('usable'), at_rest_cpu_ms: of('rest'),
    usable_within: bar(of('usable').median ?? NaN, '<=', CPU_MS_MAX),
    line: await measureLine(bench, tries),
  };
}

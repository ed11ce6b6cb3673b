// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks of a page, by Chromium's own trace. NKT_TRACE=1: what the long ones are made of, on stderr; 2: of which functions, too (slower).
import { progress } from './support.mjs';

const LONG_US = 50_000;
const PART_US = 2000; // what took less is not told
const CATEGORIES = ['toplevel', 'blink.user_timing']; // which cost next to nothing
const MORE = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'blink'];
const SAMPLES = ['disabled-by-default-v8.cpu_profiler'];
const LEVEL = Number(process.env.NKT_TRACE ?? 0);
const TASK = 'ThreadControllerImpl::RunTask';
const OWN = 'nkt-trace'; // a mark in the page, for the browser's own pages (its new tab) have main threads as well

/**
 * Calls act, and tells how much processor time the longest task of a page took meanwhile, in ms: on a busy machine a task takes much longer
 * than it works. @param {any} page @param {string} name @param {() => Promise<unknown>} act @returns {Promise<number>}
 */
export async function traced(page, name, act) {
  const { tasks } = await taskTrace(page, name, act);
  return tasks.reduce((most, { cpuMs }) => Math.max(most, cpuMs), 0);
}

/**
 * Calls act, and tells what the main thread of the page did meanwhile; with Chromium's throttling of processors on, processor time is that
 * of the slower one. `marks` are those of `performance.mark()`, in ms of the same clock.
 * @param {any} page @param {string} name @param {() => Promise<unknown>} act
 * @returns {Promise<{tasks: {at: number, ms: number, cpuMs: number}[], marks: {name: string, at: number}[]}>}
 */
export async function taskTrace(page, name, act) {
  const session = await page.context().browser().newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const includedCategories = [...CATEGORIES, ...LEVEL > 0 ? MORE : [], ...LEVEL > 1 ? SAMPLES : []];
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  await act();
  await page.evaluate((mark) => { performance.mark(mark); }, OWN);
  const done = new Promise((resolve) => { session.once('Tracing.tracingComplete', resolve); });
  await session.send('Tracing.end');
  await done;
  await session.detach();
  const own = events.findLast(({ name: what }) => what === OWN);
  if (!own) throw new Error('the trace does not tell which process the page is in');
  const main = new Set([`${own.pid} ${own.tid}`]);
  if (LEVEL) tell(name, events, main);
  const ours = events.filter(({ pid, tid }) => main.has(`${pid} ${tid}`));
  return {
    tasks: ours.filter(({ name: what }) => what === TASK)
      .map(({ ts, dur = 0, tdur = 0 }) => ({ at: ts / 1000, ms: dur / 1000, cpuMs: tdur / 1000 })),
    marks: ours.filter(({ cat }) => cat === 'blink.user_timing').map(({ name: what, ts }) => ({ name: what, at: ts / 1000 })),
  };
}

function tell(name, events, main) {
  const ours = events.filter(({ pid, tid }) => main.has(`${pid} ${tid}`));
  const samples = samplesOf(events, main);
  for (const task of ours.filter(({ name: what, dur }) => what === TASK && dur > LONG_US)) {
    const end = task.ts + task.dur;
    const within = ours.filter((one) => one.ph === 'X' && one !== task && one.pid === task.pid && one.tid === task.tid
      && one.ts >= task.ts && one.ts + one.dur <= end);
    const self = new Map();
    const stack = [];
    for (const one of within.sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
      while (stack.length && stack.at(-1).ts + stack.at(-1).dur <= one.ts) stack.pop();
      if (stack.length) add(self, stack.at(-1).name, -one.dur);
      add(self, one.name, one.dur);
      stack.push(one);
    }
    progress(`  ${name}: ${Math.round(task.dur / 1000)} ms (CPU ${Math.round(task.tdur / 1000)}): ${top(self)}`);
    const script = new Map();
    for (const { at, us, what } of samples) if (at >= task.ts && at <= end) add(script, what, us);
    if (script.size) progress(`    script: ${top(script)}`);
  }
}

const add = (map, key, more) => map.set(key, (map.get(key) ?? 0) + more);
const top = (map) => [...map].filter(([, us]) => us > PART_US).sort((a, b) => b[1] - a[1]).slice(0, 14)
  .map(([key, us]) => `${key} ${Math.round(us / 1000)}`).join(', ');

/** [{at, us, what}]: which function ran when. */
function samplesOf(events, main) {
  const owners = new Map(events.filter(({ name, pid, tid }) => name === 'Profile' && main.has(`${pid} ${tid}`))
    .map(({ pid, id, args }) => [`${pid} ${id}`, args.data.startTime]));
  const nodes = new Map();
  const times = new Map(owners);
  const found = [];
  for (const { name, pid, id, args } of events) {
    const key = `${pid} ${id}`;
    if (name !== 'ProfileChunk' || !owners.has(key)) continue;
    const { cpuProfile = {}, timeDeltas = [] } = args.data;
    for (const { id: node, callFrame } of cpuProfile.nodes ?? []) nodes.set(`${key} ${node}`, callFrame);
    (cpuProfile.samples ?? []).forEach((node, i) => {
      times.set(key, times.get(key) + timeDeltas[i]);
      const { functionName, url = '', lineNumber = 0, columnNumber = 0 } = nodes.get(`${key} ${node}`) ?? {};
      if (['(idle)', '(program)', '(root)'].includes(functionName)) return;
      const place = url && `@${url.split('/').at(-1)}:${lineNumber + 1}:${columnNumber}`;
      found.push({ at: times.get(key), us: timeDeltas[i], what: `${functionName || '()'}${place}` });
    });
  }
  return found;
}

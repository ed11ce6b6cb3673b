// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks of a page, by Chromium's own trace. NKT_TRACE=1: what the long ones are made of, on stderr; 2: of which functions, too (slower).
import { progress } from './support.mjs';

const LONG_US = 50_000;
const PART_US = 2000; // what took less is not told
const CATEGORIES = ['toplevel']; // which cost next to nothing
const MORE = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'blink'];
const SAMPLES = ['disabled-by-default-v8.cpu_profiler'];
const LEVEL = Number(process.env.NKT_TRACE ?? 0);
const TASK = 'ThreadControllerImpl::RunTask';

/**
 * Calls act, and tells how much processor time the longest task of a page took meanwhile, in ms: on a busy machine a task takes much longer
 * than it works. @param {any} page @param {string} name @param {() => Promise<unknown>} act @returns {Promise<number>}
 */
export async function traced(page, name, act) {
  const session = await page.context().browser().newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const includedCategories = [...CATEGORIES, ...LEVEL > 0 ? MORE : [], ...LEVEL > 1 ? SAMPLES : []];
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  await act();
  const done = new Promise((resolve) => { session.once('Tracing.tracingComplete', resolve); });
  await session.send('Tracing.end');
  await done;
  await session.detach();
  const main = new Set(events.filter(({ name: what, args }) => what === 'thread_name' && args.name === 'CrRendererMain')
    .map(({ pid, tid }) => `${pid} ${tid}`));
  if (LEVEL) tell(name, events, main);
  const tasks = events.filter(({ name: what, pid, tid }) => what === TASK && main.has(`${pid} ${tid}`));
  return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000;
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

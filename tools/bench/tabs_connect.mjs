// SPDX-License-Identifier: GPL-3.0-or-later
// From init in the second of two loaded tabs to the first encrypted message in the other (nkt), or to onPeerJoin in the
// second (trystero, which encrypts nothing of its own and so is timed to the connection only).
import { attempt, bar, progress, ratio, sleep, spread, within } from './support.mjs';

const WAIT_MS = 15_000;
// The first tab has joined, and in trystero still announces once more (at 2.1 s): later than that, about half of the
// joins wait for the first tab's next announce, a tracker interval away.
const SETTLE_MS = 1_500;
const MODES = { trystero: 'trystero', relay: 'nkt', webrtc: 'nkt' };

async function once(bench, mode, room) {
  const { tabs, close } = await bench.newTabs(MODES[mode], 2);
  try {
    const [first, second] = tabs;
    await first.evaluate((config) => window.bench.join(config), bench.config(mode, room, 'first'));
    await sleep(SETTLE_MS);
    const seen = mode === 'trystero' ? second : first;
    const done = within(seen.evaluate(() => window.bench.firstMessage()), WAIT_MS, mode);
    done.catch(() => {});
    const config = { ...bench.config(mode, room, 'second'), ...(mode !== 'trystero' && { greet: true }) };
    const from = await second.evaluate((c) => window.bench.join(c), config);
    return (await done) - from;
  } finally {
    await close();
  }
}

export async function measureConnect(bench, tries) {
  const modes = Object.keys(MODES).filter((mode) => bench.has.has(MODES[mode]));
  const times = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (let i = 0; i < tries; i++) {
    for (let k = 0; k < modes.length; k++) {
      const mode = modes[(i + k) % modes.length];
      times[mode].push(await attempt(mode, () => once(bench, mode, `connect-${i}-${Date.now()}`)));
    }
    const text = modes.map((m) => `${m} ${Math.round(times[m].at(-1))} ms`).join(', ');
    progress(`connect ${i + 1}/${tries}: ${text}`);
  }
  const result = Object.fromEntries(modes.map((mode) => [`${mode}_ms`, spread(times[mode])]));
  // trystero's times fall into two heaps by the outcome of its tie-break: the quickest quarter is the stricter measure
  for (const [key, of] of [['', 'median'], ['_quickest_quarter', 'quarter']]) {
    const to = (mode) => ratio(result[`${mode}_ms`]?.[of] ?? NaN, result.trystero_ms?.[of]);
    result[`relay_to_trystero${key}`] = bar(to('relay'), '<=', 0.5);
    result[`webrtc_to_trystero${key}`] = bar(to('webrtc'), '<=', 1.2);
  }
  return result;
}

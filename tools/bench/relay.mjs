// SPDX-License-Identifier: GPL-3.0-or-later
// The relay beside the original's design, socket.io broadcasting JSON: `npm run bench:relay`.
//   node tools/bench/relay.mjs [pairs] [idle] [stall] [swarm] [nats] [ROW ...] [--rounds=5] [--nice=-10]
// Prints JSON. Ratios are medians over pairs of runs, one right after the other; a point whose ratios
// differ by more than a third is taken again and, if it stays so, marked noisy.
import { machine } from './machine.mjs';
import { measureIdle, measureStall } from './relay_hold.mjs';
import { measureNats } from './relay_nats.mjs';
import { measurePairs } from './relay_pairs.mjs';
import { buildLoad, machineLoad, options } from './relay_support.mjs';
import { measureSwarm } from './relay_swarm.mjs';
import { attempt } from './support.mjs';

const parts = {
  pairs: (path, names) => measurePairs(path, Number(options.rounds ?? 5), names),
  idle: measureIdle,
  stall: measureStall,
  nats: measureNats,
  swarm: measureSwarm,
};

const wanted = process.argv.slice(2).filter((one) => !one.startsWith('--'));
const rows = wanted.filter((one) => !Object.hasOwn(parts, one));
const names = wanted.filter((one) => Object.hasOwn(parts, one));
if (rows.length > 0 && !names.includes('pairs')) names.push('pairs');

const path = buildLoad();
const figures = { machine: machine(), machine_load_before: machineLoad() };
for (const name of names.length > 0 ? names : Object.keys(parts)) {
  const part = await attempt(name, () => parts[name](path, rows));
  Object.assign(figures, Number.isNaN(part) ? { [name]: 'failed' } : part);
}
figures.machine_load_after = machineLoad();
console.log(JSON.stringify(figures, null, 2));
process.exit(0);

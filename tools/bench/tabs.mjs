// SPDX-License-Identifier: GPL-3.0-or-later
// Real tabs, nkt beside trystero in one run. Usage: node tabs.mjs [connect] [load] [messages] [ten] [cold] [page] [smooth] [--tries=10]
// JSON on stdout, progress on stderr.
import { openBench } from './browser.mjs';
import { machine } from './machine.mjs';
import { progress } from './support.mjs';
import { measureCold } from './tabs_cold.mjs';
import { measureConnect } from './tabs_connect.mjs';
import { measureLoad } from './tabs_load.mjs';
import { measureMessages } from './tabs_messages.mjs';
import { measurePage } from './tabs_page.mjs';
import { measureSmooth } from './tabs_smooth.mjs';
import { measureTen } from './tabs_ten.mjs';

const MEASURES = {
  connect: [measureConnect, 10],
  load: [measureLoad, 10],
  messages: [measureMessages, 10],
  ten: [measureTen, 3],
  cold: [measureCold, 5],
  page: [measurePage, 1],
  smooth: [measureSmooth, 1],
};

const args = process.argv.slice(2);
const wanted = args.filter((arg) => arg in MEASURES);
const tries = Number(args.find((arg) => arg.startsWith('--tries='))?.slice(8)) || 0;

const bench = await openBench();
const result = { machine: machine() };
try {
  for (const side of ['nkt', 'trystero']) {
    if (bench.has.has(side)) continue;
    progress(`${side}: skipped (${side === 'nkt' ? 'not built' : 'npm --prefix tools/bench ci'})`);
    result[side] = 'skipped';
  }
  for (const name of wanted.length ? wanted : Object.keys(MEASURES)) {
    const [measure, count] = MEASURES[name];
    result[name] = await measure(bench, tries || count);
  }
} finally {
  await bench.close();
}
console.log(JSON.stringify(result, null, 1));
process.exit(0);

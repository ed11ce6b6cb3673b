// SPDX-License-Identifier: GPL-3.0-or-later
// What each thing that a peer does costs. Usage: node cost.mjs [native] [tab] [--accept] [--rounds=5] [--only=ACTION of tab]
// native: instructions of the core (cost_native.mjs); tab: CPU time of a tab's wasm and JavaScript (cost_tab.mjs).
// A table on stderr, JSON on stdout.
import { accept, compare, CURE, grouped, measureNative, readAccepted } from './cost_native.mjs';
import { measureTab } from './cost_tab.mjs';
import { machine } from './machine.mjs';
import { progress } from './support.mjs';

const args = process.argv.slice(2);
const wanted = ['native', 'tab'].filter((name) => args.includes(name));
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
const result = { machine: machine() };

const sharesText = (shares) => Object.entries(shares).filter(([, share]) => share >= 0.01)
  .map(([name, share]) => `${name} ${Math.round(share * 100)} %`).join(', ');

if (isWanted('native')) {
  const accepted = readAccepted();
  const measured = measureNative();
  progress(`instructions of the core, by ${measured.made_with}`);
  for (const [name, { instructions, functions }] of Object.entries(measured.actions)) {
    const was = accepted.actions[name];
    const change = was === undefined ? '' : `${(100 * (instructions / was - 1)).toFixed(1)} %`;
    progress(`${name.padEnd(28)}${grouped(instructions).padStart(12)}${change.padStart(9)}  ${sharesText(functions)}`);
  }
  const { isComparable, faults, cheaper } = compare(accepted, measured);
  if (!isComparable) progress(`not compared: what was accepted was counted with ${accepted.made_with}`);
  for (const text of [...faults, ...cheaper]) progress(text);
  if (faults.length > 0) progress(CURE);
  if (args.includes('--accept')) accept(measured);
  result.native = { ...measured, isComparable, faults, cheaper };
}

if (isWanted('tab')) {
  const rounds = Number(args.find((arg) => arg.startsWith('--rounds='))?.slice(9)) || 5;
  const measured = await measureTab(rounds, args.filter((arg) => arg.startsWith('--only=')).map((arg) => arg.slice(7)));
  progress(`CPU time of whole peers in Node, us (least to most of ${rounds} rounds), timers set, frames sent`);
  for (const [name, { cpu_us, least_us, most_us, timers, frames, shares, functions }] of Object.entries(measured)) {
    const spread = `(${Math.round(least_us)}-${Math.round(most_us)})`.padEnd(16);
    const counts = `${String(timers).padStart(7)}${String(frames).padStart(8)}`;
    progress(`${name.padEnd(24)}${grouped(cpu_us).padStart(8)} ${spread}${counts}  ${sharesText({ ...shares, ...functions })}`);
  }
  result.tab = measured;
}

console.log(JSON.stringify(result, null, 1));
process.exit(0);

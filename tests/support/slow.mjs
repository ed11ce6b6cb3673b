// SPDX-License-Identifier: GPL-3.0-or-later
// A slow machine on purpose, for tests that are right only on a quick one: NKT_TEST_SLOW=4 node --test tests/e2e/x.test.mjs. Pages of
// Chromium compute at a fourth of their speed; app.js and tracker.js, which load this file before their own (servers.mjs), answer each
// HTTP request 4 * DELAY_MS later, and see the end of each socket so much later than its other side.
import { Server } from 'node:http';
import { Socket } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { argv } from 'node:process';

/** How many times as slow; 0: no slower. */
export const SLOW = Number(process.env.NKT_TEST_SLOW || 0);
const DELAY_MS = 100;

/** A bar of time, for a machine that is as slow. @param {number} ms */
export const slowly = (ms) => ms * Math.max(SLOW, 1);

const TIMES_MAX = 4; // whoever waits for something that never comes is to learn of it

/**
 * How long to wait before one gives up, where nobody said how long it may take: so long where a processor is free at most times, and longer
 * where so many compute that each has less than half of one. It is no bar of time, which is the same on every machine.
 * @param {number} ms @param {number} [load] how many computed, or would have, in the last minute @param {number} [count] of processors
 */
export function patiently(ms, load = loadavg()[0], count = availableParallelism()) {
  return ms * Math.min(Math.max(load / count / 2, 1), TIMES_MAX);
}

/** @param {import('playwright-core').Page} page */
export async function slowDown(page) {
  if (SLOW === 0 || page.context === undefined) return; // Firefox has no such thing
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
}

/** @param {{prototype: import('node:events').EventEmitter}} type @param {string} late one of its events */
function delay({ prototype }, late) {
  const { emit } = prototype;
  prototype.emit = function emitLater(event, ...args) {
    if (event !== late) return emit.call(this, event, ...args);
    setTimeout(() => emit.call(this, event, ...args), SLOW * DELAY_MS);
    return true;
  };
}

if (SLOW > 0 && /\b(app|tracker)\.js$/.test(argv[1] ?? '')) {
  delay(Server, 'request');
  delay(Socket, 'close');
}
